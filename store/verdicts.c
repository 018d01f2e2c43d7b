#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store/link.h"
#include "store/person.h"
#include "store/sql.h"

#define HOUR_MS 3600000
#define MATCH_SHIFT 9 /* as in the index verdict_match */

#define COLUMNS                                                                                              \
	"v.seq, v.id, v.time_ms, v.site, s.name, m.name, v.verdict, v.discard, v.test, v.fingerprint, "      \
	"v.probability, "                                                                                    \
	"v.prior, v.known, v.client, v.forced, v.occasion, " SQL_COMMENT("v.") ", v.evidence, " SQL_GONE(    \
	    "v.") " + (length(v.evidence_seal) > 16) * 16"
#define TABLES "verdict v CROSS JOIN site s ON s.id = v.site CROSS JOIN model_name m ON m.id = v.model"

/* -- Adding -- */

static int
find_model(struct store *st, const char *name, int64_t *ref, struct err *err)
{
	static const char text[] = "SELECT id FROM model_name WHERE name = ?1";
	struct sql q;
	int rc;

	*ref = 0;
	sql_start(&q, st, text);
	sql_str(&q, name);
	rc = sql_next(&q, err);
	if (rc == 1)
		*ref = sql_get_int(&q);
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

/* Set *REF to the number that stands for model NAME in rows. */
static int
name_ref(struct store *st, const char *name, int64_t *ref, struct err *err)
{
	static const char text[] = "INSERT INTO model_name (name) VALUES (?1)";
	struct sql q;

	*ref = st->model_ref;
	if (*ref != 0 && strcmp(st->model, name) == 0)
		return 0;
	if (find_model(st, name, ref, err) == -1)
		return -1;
	if (*ref == 0) {
		sql_start(&q, st, text);
		sql_record(&q, chain_record(st, RECORD_MODEL_NAME));
		sql_str(&q, name);
		if (sql_run(&q, err) == -1)
			return -1;
		*ref = sql_last_seq(st);
		if (chain_append(st, *ref, err) == -1)
			return -1;
	}
	if (strlen(name) < sizeof(st->model)) {
		memcpy(st->model, name, strlen(name) + 1);
		st->model_ref = *ref;
	}
	return 0;
}

/*
 * Note from which seq on verdicts are of which hour and model.  A new note is due when one of them changes (a
 * clock may go back too), or when we can't know it: after the first insertion of this handle, and after one
 * by another.
 */
static int
note_run(struct store *st, int64_t seq, int64_t time_ms, int64_t model, struct err *err)
{
	static const char text[] =
	    "INSERT OR REPLACE INTO verdict_run (seq, hour, model) VALUES (?1, ?2, ?3)";
	int64_t hour = time_ms / HOUR_MS;
	struct sql q;

	if (st->run_seq == 0 || seq != st->run_seq + 1 || hour != st->run_hour || model != st->run_model) {
		sql_start(&q, st, text);
		sql_int(&q, seq);
		sql_int(&q, hour);
		sql_int(&q, model);
		if (sql_run(&q, err) == -1)
			return -1;
	}
	st->run_seq = seq;
	st->run_hour = hour;
	st->run_model = model;
	return 0;
}

static int
add(struct store *st, const struct verdict_row *row, struct err *err)
{
	static const char text[] =
	    "INSERT INTO verdict (id, time_ms, site, model, verdict, discard, test, fingerprint, "
	    "probability, prior, client, forced, " SQL_COMMENT(
		"") ", evidence, known, content_seal, person_seal, address_seal, fingerprint_seal, "
		    "evidence_seal, occasion) "
		    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " SQL_COMMENT_VALUES
		    ", ?, ?, ?, ?, ?, ?, ?, ?)";
	struct record *r;
	struct sql q;
	int64_t ref, seq;

	if (name_ref(st, row->model == NULL ? "" : row->model, &ref, err) == -1)
		return -1;
	r = chain_record(st, RECORD_VERDICT);
	sql_start(&q, st, text);
	sql_record(&q, r);
	sql_str(&q, row->id);
	sql_int(&q, row->time_ms);
	sql_int(&q, row->site);
	sql_int(&q, ref);
	sql_int(&q, row->verdict);
	sql_int(&q, row->discard);
	sql_int(&q, row->test);
	sql_int(&q, (int64_t)row->fingerprint);
	sql_real(&q, row->probability);
	sql_real(&q, row->prior);
	sql_str(&q, row->client);
	sql_str(&q, row->forced);
	sql_comment(&q, &row->comment);
	sql_blob(&q, row->evidence.p == NULL ? "" : row->evidence.p, row->evidence.n);
	sql_real(&q, row->known); /* NaN is NULL */
	chain_bind_seals(&q, r);
	sql_str(&q, row->occasion);
	if (sql_run(&q, err) == -1)
		return -1;
	seq = sql_last_seq(st);
	if (chain_append(st, seq, err) == -1)
		return -1;
	return note_run(st, seq, row->time_ms, ref, err);
}

int
store_verdict_add(struct store *st, const struct verdict_row *row, struct err *err)
{
	bool own;

	if (chain_begin_own(st, &own, err) == -1)
		return -1;
	return chain_end_own(st, own, add(st, row, err), err);
}

/* -- Reading -- */

/* Fill *ROW from this row of Q, borrowing from it. */
static int
read_row(struct sql *q, struct verdict_row *row, struct err *err)
{
	row->seq = sql_get_int(q);
	snprintf(row->id, sizeof(row->id), "%s", sql_get_str(q));
	row->time_ms = sql_get_int(q);
	row->site = sql_get_int(q);
	row->site_name = sql_get_str(q);
	row->model = sql_get_str(q);
	row->verdict = (enum verdict)sql_get_enum(q, VERDICT_SPAM);
	row->discard = sql_get_int(q) != 0;
	row->test = sql_get_int(q) != 0;
	row->fingerprint = (uint64_t)sql_get_int(q);
	row->probability = sql_get_real(q);
	row->prior = sql_get_real(q);
	row->known = sql_get_real_or(q, NAN);
	row->client = sql_get_str(q);
	row->forced = sql_get_str(q);
	row->occasion = sql_get_str(q);
	sql_get_comment(q, &row->comment);
	row->evidence = sql_get_slice(q);
	row->gone = (unsigned)sql_get_int(q);
	return sql_row_ok(q, err);
}

/* Read the one row that Q gives into A, and end it: 1, 0 if there is none, -1. */
static int
read_one(struct sql *q, struct arena *a, struct verdict_row *row, struct err *err)
{
	const char **const strings[] = { &row->site_name, &row->client, &row->model, &row->forced,
		&row->occasion };
	int rc = sql_next(q, err);

	if (rc == 1 &&
	    (read_row(q, row, err) == -1 || sql_keep_strings(a, strings, 5, err) == -1 ||
		sql_keep_comment(a, &row->comment, err) == -1 || arena_keep(a, &row->evidence) == -1))
		rc = -1;
	sql_end(q);
	return rc;
}

int
store_verdict_get(struct store *st, const char *id, struct arena *a, struct verdict_row *row, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM " TABLES " WHERE v.id = ?1";
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_str(&q, id);
	rc = read_one(&q, a, row, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "verdict %.40s: there is none with this id", id);
	return rc == 1 ? 0 : -1;
}

/* -- Ranges -- */

int
sql_verdict_range(struct store *st, int64_t since_ms, int64_t until_ms, struct sql_range *r, struct err *err)
{
	static const char text[] = "WITH hit AS (SELECT min(seq) AS first, max(seq) AS last FROM verdict_run "
				   "WHERE hour BETWEEN ?1 AND ?2) "
				   "SELECT coalesce(first, 1), coalesce((SELECT min(seq) - 1 FROM "
				   "verdict_run WHERE seq > last), ?3), "
				   "first IS NULL FROM hit";
	struct sql q;
	int rc;

	*r = (struct sql_range){ INT64_MIN, INT64_MAX };
	if (since_ms == 0 && until_ms == 0)
		return 0;
	sql_start(&q, st, text);
	sql_int(&q, since_ms == 0 ? INT64_MIN : since_ms / HOUR_MS);
	sql_int(&q, until_ms == 0 ? INT64_MAX : until_ms / HOUR_MS);
	sql_int(&q, INT64_MAX);
	rc = sql_next(&q, err);
	if (rc == 1) {
		r->first = sql_get_int(&q);
		r->last = sql_get_int(&q);
		if (sql_get_int(&q) != 0)
			*r = (struct sql_range){ 1, 0 };
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

/* -- Matching -- */

/* Narrow *R to the newest STORE_MATCH_MAX verdicts. */
static int
clip_range(struct store *st, struct sql_range *r, struct err *err)
{
	static const char text[] = "SELECT (SELECT min(seq) FROM verdict), (SELECT max(seq) FROM verdict)";
	int64_t first = 1, last = 0;
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	rc = sql_next(&q, err);
	if (rc == 1) {
		first = sql_get_int(&q);
		last = sql_get_int(&q);
	}
	sql_end(&q);
	if (first < last - STORE_MATCH_MAX)
		first = last - STORE_MATCH_MAX;
	if (r->first < first)
		r->first = first;
	if (r->last > last)
		r->last = last;
	return rc == -1 ? -1 : 0;
}

/* What is looked for. */
struct match {
	struct sql_range range;
	int64_t site, since_ms;
	uint64_t fingerprint;
	bool tests; /* among them too */
};

/* Set *RUN to the newest run that has a verdict as M says: 1, 0 if none has, -1. */
static int
find_run(struct store *st, const struct match *m, int64_t *run, struct err *err)
{
	static const char text[] =
	    "WITH RECURSIVE run (n) AS (SELECT ?1 UNION ALL SELECT n - 1 FROM run WHERE n > ?2) "
	    "SELECT n FROM run CROSS JOIN verdict v ON v.seq >> 9 = n AND v.fingerprint = ?3 "
	    "WHERE (?4 = 0 OR v.site = ?4) AND v.time_ms >= ?5 AND v.test <= ?6 LIMIT 1";
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, m->range.last >> MATCH_SHIFT);
	sql_int(&q, m->range.first >> MATCH_SHIFT);
	sql_int(&q, (int64_t)m->fingerprint);
	sql_int(&q, m->site);
	sql_int(&q, m->since_ms);
	sql_int(&q, m->tests);
	rc = sql_next(&q, err);
	if (rc == 1)
		*run = sql_get_int(&q);
	sql_end(&q);
	return rc;
}

/* Set *ROW to the newest verdict as M says of the newest run that has one, a test if there is no other in it:
 * 1, 0 if none has, -1. */
static int
find_match(struct store *st, const struct match *m, struct arena *a, struct verdict_row *row, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM " TABLES
				   " WHERE v.seq >> 9 = ?1 AND v.fingerprint = ?2 AND "
				   "(?3 = 0 OR v.site = ?3) AND v.time_ms >= ?4 AND v.test <= ?5 "
				   "ORDER BY v.test, v.seq DESC LIMIT 1";
	int64_t run;
	struct sql q;
	int rc;

	rc = find_run(st, m, &run, err);
	if (rc != 1)
		return rc;
	sql_start(&q, st, text);
	sql_int(&q, run);
	sql_int(&q, (int64_t)m->fingerprint);
	sql_int(&q, m->site);
	sql_int(&q, m->since_ms);
	sql_int(&q, m->tests);
	return read_one(&q, a, row, err);
}

/* *ROW is a test: take a verdict that is none in its place where there is one; 1, or -1. */
static int
prefer_real(struct store *st, struct match *m, struct arena *a, struct verdict_row *row, struct err *err)
{
	struct verdict_row real;
	int rc;

	m->tests = false;
	rc = find_match(st, m, a, &real, err);
	if (rc == 1)
		*row = real;
	return rc == -1 ? -1 : 1;
}

int
store_verdict_match(struct store *st, int64_t site, uint64_t fingerprint, int64_t since_ms, struct arena *a,
    struct verdict_row *row, struct err *err)
{
	struct match m = {
		.site = site,
		.since_ms = since_ms == 0 ? INT64_MIN : since_ms,
		.fingerprint = fingerprint,
		.tests = true,
	};
	int rc;

	if (sql_verdict_range(st, since_ms, 0, &m.range, err) == -1 || clip_range(st, &m.range, err) == -1)
		return -1;
	rc = m.range.first > m.range.last ? 0 : find_match(st, &m, a, row, err);
	if (rc == 1 && row->test)
		rc = prefer_real(st, &m, a, row, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no verdict on this comment");
	return rc == 1 ? 0 : -1;
}

/* -- Walking -- */

#define WALK                                                                                                 \
	"SELECT " COLUMNS " FROM " TABLES " WHERE v.seq > ?1 AND v.seq BETWEEN ?2 AND ?3 AND "               \
	"v.time_ms >= ?4 AND v.time_ms < ?5 AND (?6 = 0 OR v.site = ?6) AND (?7 < 0 OR v.verdict = ?7) AND " \
	"(?8 IS NULL OR words_in(?8, v.content, v.author, v.email, v.url)) ORDER BY v.seq "

int
store_verdict_walk(struct store *st, const struct verdict_filter *filter,
    int (*each)(const struct verdict_row *row, void *arg), void *arg, struct err *err)
{
	static const char forward[] = WALK "ASC LIMIT ?9";
	static const char backward[] = WALK "DESC LIMIT ?9";
	struct verdict_row row;
	struct sql_range r;
	struct sql q;
	int rc;

	if (sql_verdict_range(st, filter->since_ms, filter->until_ms, &r, err) == -1)
		return -1;
	sql_start(&q, st, filter->newest_first ? backward : forward);
	sql_int(&q, filter->after_seq);
	sql_int(&q, r.first);
	sql_int(&q, r.last);
	sql_int(&q, filter->since_ms == 0 ? INT64_MIN : filter->since_ms);
	sql_int(&q, filter->until_ms == 0 ? INT64_MAX : filter->until_ms);
	sql_int(&q, filter->site);
	sql_int(&q, filter->verdict);
	sql_slice(&q, slice_of(filter->search));
	sql_int(&q, filter->limit == 0 ? -1 : filter->limit);
	while ((rc = sql_next(&q, err)) == 1) {
		if (read_row(&q, &row, err) == -1)
			return -1;
		if (each(&row, arg) != 0)
			break;
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

int
store_person_verdicts(struct store *st, const struct person *who, int64_t first, int64_t last,
    int (*each)(const struct verdict_row *row, void *arg), void *arg, struct err *err)
{
	static const char text[] =
	    "SELECT " COLUMNS " FROM " TABLES " WHERE v.seq BETWEEN ?4 AND ?5 AND ((" SQL_PERSON(
		"v.") ") OR v.id IN (SELECT e.verdict_id FROM example e WHERE e.verdict_id IS NOT NULL AND "
		      "(" SQL_PERSON("e.") "))) ORDER BY v.seq";
	struct verdict_row row;
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_person(&q, who);
	sql_int(&q, first);
	sql_int(&q, last);
	while ((rc = sql_next(&q, err)) == 1) {
		if (read_row(&q, &row, err) == -1)
			return -1;
		if (each(&row, arg) != 0)
			break;
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}
