#include "config.h"

#include <stdio.h>

#include "store/link.h"
#include "store/person.h"
#include "store/sql.h"

#define COLUMNS                                                                                              \
	"e.seq, e.id, e.time_ms, e.label, e.replaces, coalesce(r.label, 2), e.site, e.scope, e.origin, "     \
	"e.who, "                                                                                            \
	"e.verdict_id, "                                                                                     \
	"e.source, e.fingerprint, " SQL_COMMENT("e.") ", " SQL_GONE("e.")
#define TABLES "example e LEFT JOIN example r ON r.seq = e.replaces"
#define IN_FORCE "e.label <> 2 AND NOT EXISTS (SELECT 1 FROM example n WHERE n.replaces = e.seq)"
_Static_assert(LABEL_HAM == 0 && LABEL_SPAM == 1 && LABEL_NONE == 2, "these numbers are on disk");
_Static_assert(SCOPE_ALL == 0 && SCOPE_OWN == 1 && SCOPE_BOTH == 2, "these numbers are on disk");
_Static_assert(VERDICT_HAM == 0 && VERDICT_UNSURE == 1 && VERDICT_SPAM == 2, "these numbers are on disk");

static int
add(struct store *st, const struct example_row *row, int64_t *seq, struct err *err)
{
	static const char text[] =
	    "INSERT INTO example (id, time_ms, label, replaces, site, fingerprint, origin, "
	    "who, verdict_id, source, " SQL_COMMENT(
		"") ", scope, content_seal, person_seal, address_seal, fingerprint_seal) "
		    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " SQL_COMMENT_VALUES ", ?, ?, ?, ?, ?)";
	struct record *r = chain_record(st, RECORD_EXAMPLE);
	struct sql q;

	sql_start(&q, st, text);
	sql_record(&q, r);
	sql_str(&q, row->id);
	sql_int(&q, row->time_ms);
	sql_int(&q, row->label);
	sql_ref(&q, row->replaces);
	sql_ref(&q, row->site);
	sql_int(&q, (int64_t)row->fingerprint);
	sql_str(&q, row->origin);
	sql_str(&q, row->who);
	sql_opt(&q, row->verdict_id);
	sql_str(&q, row->source);
	sql_comment(&q, &row->comment);
	sql_int(&q, row->scope);
	chain_bind_seals(&q, r);
	if (sql_run(&q, err) == -1)
		return -1;
	*seq = sql_last_seq(st);
	return chain_append(st, *seq, err);
}

int
store_example_add(struct store *st, const struct example_row *row, int64_t *seq, struct err *err)
{
	bool own;

	if (chain_begin_own(st, &own, err) == -1)
		return -1;
	return chain_end_own(st, own, add(st, row, seq, err), err);
}

/* Fill *ROW from this row of Q, borrowing from it. */
static int
read_row(struct sql *q, struct example_row *row, struct err *err)
{
	row->seq = sql_get_int(q);
	snprintf(row->id, sizeof(row->id), "%s", sql_get_str(q));
	row->time_ms = sql_get_int(q);
	row->label = (enum label)sql_get_enum(q, LABEL_NONE);
	row->replaces = sql_get_int(q);
	row->replaced_label = (enum label)sql_get_enum(q, LABEL_NONE);
	row->site = sql_get_int(q);
	row->scope = (enum scope)sql_get_enum(q, SCOPE_BOTH);
	row->origin = sql_get_str(q);
	row->who = sql_get_str(q);
	row->verdict_id = sql_get_str(q);
	row->source = sql_get_str(q);
	row->fingerprint = (uint64_t)sql_get_int(q);
	sql_get_comment(q, &row->comment);
	row->gone = (unsigned)sql_get_int(q);
	return sql_row_ok(q, err);
}

/* Read the one row that Q gives into A, and end it; ERR_NOT_FOUND if there is none. */
static int
read_one(struct sql *q, struct arena *a, struct example_row *row, struct err *err)
{
	const char **const strings[] = { &row->origin, &row->who, &row->verdict_id, &row->source };
	int rc = sql_next(q, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no example of this comment");
	if (rc == 1 &&
	    (read_row(q, row, err) == -1 || sql_keep_strings(a, strings, 4, err) == -1 ||
		sql_keep_comment(a, &row->comment, err) == -1))
		rc = -1;
	sql_end(q);
	return rc == 1 ? 0 : -1;
}

int
store_example_match(struct store *st, int64_t site, uint64_t fingerprint, struct arena *a,
    struct example_row *row, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM " TABLES " WHERE e.fingerprint = ?1 AND "
				   "e.site IS ?2 ORDER BY e.seq DESC LIMIT 1";
	struct sql q;

	if (fingerprint == 0) /* erased: what has none left is nothing's like */
		return err_set(err, ERR_NOT_FOUND, "no example of a comment whose fingerprint was erased");
	sql_start(&q, st, text);
	sql_int(&q, (int64_t)fingerprint);
	sql_ref(&q, site);
	return read_one(&q, a, row, err);
}

int
store_example_of_verdict(
    struct store *st, const char *id, struct arena *a, struct example_row *row, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM " TABLES
				   " WHERE e.verdict_id = ?1 ORDER BY e.seq DESC LIMIT 1";
	struct sql q;

	sql_start(&q, st, text);
	sql_str(&q, id);
	return read_one(&q, a, row, err);
}

int
store_example_from(
    struct store *st, int64_t site, const char *ip, enum label label, bool *found, struct err *err)
{
	static const char text[] =
	    "SELECT 1 FROM example e WHERE e.site = ?1 AND e.label = ?3 AND ip_form(e.ip) = ip_form(?2) "
	    "AND NOT EXISTS (SELECT 1 FROM example n WHERE n.replaces = e.seq) LIMIT 1";
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, site);
	sql_str(&q, ip);
	sql_int(&q, label);
	rc = sql_next(&q, err);
	*found = rc == 1;
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

/* Hand the rows of Q to EACH until it has enough. */
static int
walk(struct sql *q, int (*each)(const struct example_row *row, void *arg), void *arg, struct err *err)
{
	struct example_row row;
	int rc;

	while ((rc = sql_next(q, err)) == 1) {
		if (read_row(q, &row, err) == -1)
			return -1;
		if (each(&row, arg) != 0)
			break;
	}
	sql_end(q);
	return rc == -1 ? -1 : 0;
}

int
store_example_walk(struct store *st, enum label label, int64_t since_ms,
    int (*each)(const struct example_row *row, void *arg), void *arg, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM " TABLES " WHERE (?1 = 2 OR e.label = ?1) AND "
				   "e.time_ms >= ?2 AND " IN_FORCE " ORDER BY e.seq";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, label);
	sql_int(&q, since_ms);
	return walk(&q, each, arg, err);
}

int
store_event_walk(struct store *st, int64_t after, int (*each)(const struct example_row *row, void *arg),
    void *arg, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM " TABLES " WHERE e.seq > ?1 ORDER BY e.seq";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, after);
	return walk(&q, each, arg, err);
}

int
store_history_walk(struct store *st, int64_t site, uint64_t fingerprint,
    int (*each)(const struct example_row *row, void *arg), void *arg, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM " TABLES " WHERE e.fingerprint = ?1 AND "
				   "(e.site IS NULL OR e.site = ?2) ORDER BY e.seq";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, (int64_t)fingerprint);
	sql_int(&q, site);
	return walk(&q, each, arg, err);
}

int
store_words_walk(struct store *st, int64_t site, int64_t since_ms, const char *who,
    int (*each)(const struct example_row *row, void *arg), void *arg, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM " TABLES
				   " WHERE e.site = ?1 AND e.time_ms >= ?2 AND "
				   "(?3 IS NULL OR e.who = ?3) AND " IN_FORCE " ORDER BY e.seq";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, site);
	sql_int(&q, since_ms);
	sql_opt(&q, who);
	return walk(&q, each, arg, err);
}

static int
get_count(struct sql *q, int64_t *out, struct err *err)
{
	int rc = sql_next(q, err);

	if (rc == 1)
		*out = sql_get_int(q);
	sql_end(q);
	return rc == -1 ? -1 : 0;
}

int
store_person_examples(struct store *st, const struct person *who,
    int (*each)(const struct example_row *row, void *arg), void *arg, struct err *err)
{
	static const char text[] =
	    "SELECT " COLUMNS " FROM " TABLES
	    " WHERE (" SQL_PERSON("e.") ") OR e.verdict_id IN (SELECT v.id FROM verdict v WHERE " SQL_PERSON(
		"v.") ") ORDER BY e.seq";
	struct sql q;

	sql_start(&q, st, text);
	sql_person(&q, who);
	return walk(&q, each, arg, err);
}

int
store_example_replacement(struct store *st, int64_t seq, int64_t *by, struct err *err)
{
	static const char text[] = "SELECT coalesce((SELECT seq FROM example WHERE replaces = ?1), 0)";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, seq);
	return get_count(&q, by, err);
}

int
store_example_counts(struct store *st, int64_t *last, int64_t *ham, int64_t *spam, struct err *err)
{
	static const char newest[] = "SELECT coalesce(max(seq), 0) FROM example";
	static const char in_force[] = "SELECT count(*) FROM example e WHERE e.label = ?1 AND " IN_FORCE;
	int64_t *const counts[] = { [LABEL_HAM] = ham, [LABEL_SPAM] = spam };
	struct sql q;

	sql_start(&q, st, newest);
	if (get_count(&q, last, err) == -1)
		return -1;
	for (int label = LABEL_HAM; label <= LABEL_SPAM; label++) {
		if (counts[label] == NULL)
			continue;
		sql_start(&q, st, in_force);
		sql_int(&q, label);
		if (get_count(&q, counts[label], err) == -1)
			return -1;
	}
	return 0;
}
