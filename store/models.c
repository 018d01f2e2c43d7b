#include "config.h"

#include "store/link.h"
#include "store/sql.h"

#define FIELDS                                                                                               \
	"id, parent, kind, created_ms, who, spam, ham, tokens, bytes, position, spam_threshold, "            \
	"unsure_threshold, blocked_ham_budget, figures, corpus, withheld, maker"

static int
add(struct store *st, const struct model_row *row, struct err *err)
{
	static const char text[] = "INSERT INTO model (" FIELDS
				   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	struct sql q;

	sql_start(&q, st, text);
	sql_record(&q, chain_record(st, RECORD_MODEL));
	sql_str(&q, row->id);
	sql_str(&q, row->parent);
	sql_str(&q, row->kind);
	sql_int(&q, row->created_ms);
	sql_str(&q, row->who);
	sql_int(&q, row->spam);
	sql_int(&q, row->ham);
	sql_int(&q, row->tokens);
	sql_int(&q, row->bytes);
	sql_int(&q, row->position);
	sql_real(&q, row->spam_threshold);
	sql_real(&q, row->unsure_threshold);
	sql_real(&q, row->blocked_ham_budget);
	sql_str(&q, row->figures);
	sql_str(&q, row->corpus);
	sql_str(&q, row->withheld);
	sql_str(&q, row->maker);
	if (sql_run(&q, err) == -1)
		return -1;
	return chain_append(st, sql_last_seq(st), err);
}

int
store_model_add(struct store *st, const struct model_row *row, struct err *err)
{
	bool own;

	if (chain_begin_own(st, &own, err) == -1)
		return -1;
	return chain_end_own(st, own, add(st, row, err), err);
}

/* Set *SEQ to the newest row of the model ID. */
static int
find_model(struct store *st, const char *id, int64_t *seq, bool *pruned, struct err *err)
{
	static const char text[] =
	    "SELECT m.seq, p.seq IS NOT NULL FROM model m LEFT JOIN pruning p ON p.model = m.seq "
	    "WHERE m.id = ?1 ORDER BY m.seq DESC LIMIT 1";
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_str(&q, id);
	rc = sql_next(&q, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "%s: no such model", st->path);
	if (rc == 1) {
		*seq = sql_get_int(&q);
		*pruned = sql_get_int(&q) != 0;
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

static int
prune(struct store *st, const char *id, int64_t when_ms, struct err *err)
{
	static const char text[] = "INSERT INTO pruning (model, time_ms) VALUES (?1, ?2)";
	bool pruned = false;
	int64_t seq = 0;
	struct sql q;

	if (find_model(st, id, &seq, &pruned, err) == -1)
		return -1;
	if (pruned)
		return 0;
	sql_start(&q, st, text);
	sql_record(&q, chain_record(st, RECORD_PRUNING));
	sql_int(&q, seq);
	sql_int(&q, when_ms);
	if (sql_run(&q, err) == -1)
		return -1;
	return chain_append(st, sql_last_seq(st), err);
}

int
store_model_pruned(struct store *st, const char *id, int64_t when_ms, struct err *err)
{
	bool own;

	if (chain_begin_own(st, &own, err) == -1)
		return -1;
	return chain_end_own(st, own, prune(st, id, when_ms, err), err);
}

static int
read_model(struct sql *q, struct arena *a, struct model_row *row, struct err *err)
{
	const char **const strings[] = { &row->id, &row->parent, &row->kind, &row->who, &row->figures,
		&row->corpus, &row->withheld, &row->maker };

	row->id = sql_get_str(q);
	row->parent = sql_get_str(q);
	row->kind = sql_get_str(q);
	row->created_ms = sql_get_int(q);
	row->who = sql_get_str(q);
	row->spam = sql_get_int(q);
	row->ham = sql_get_int(q);
	row->tokens = sql_get_int(q);
	row->bytes = sql_get_int(q);
	row->position = sql_get_int(q);
	row->spam_threshold = sql_get_real(q);
	row->unsure_threshold = sql_get_real(q);
	row->blocked_ham_budget = sql_get_real(q);
	row->figures = sql_get_str(q);
	row->corpus = sql_get_str(q);
	row->withheld = sql_get_str(q);
	row->maker = sql_get_str(q);
	row->pruned_ms = sql_get_int(q);
	if (sql_row_ok(q, err) == -1)
		return -1;
	return sql_keep_strings(a, strings, 8, err);
}

#define FROM "SELECT " FIELDS ", coalesce(p.time_ms, 0) FROM model m LEFT JOIN pruning p ON p.model = m.seq "

int
store_model_get(struct store *st, const char *id, struct arena *a, struct model_row *row, struct err *err)
{
	static const char text[] = FROM "WHERE m.id = ?1 ORDER BY m.seq DESC LIMIT 1";
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_str(&q, id);
	rc = sql_next(&q, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no such model: %.64s", id);
	if (rc == 1 && read_model(&q, a, row, err) == -1)
		return -1;
	sql_end(&q);
	return rc == 1 ? 0 : -1;
}

int
store_models(struct store *st, struct arena *a, struct model_row **rows, size_t *n, struct err *err)
{
	static const char text[] = FROM
	    "WHERE NOT EXISTS (SELECT 1 FROM model n WHERE n.id = m.id AND n.seq > m.seq) "
	    "ORDER BY created_ms DESC, m.seq DESC";
	void *list = NULL;
	size_t cap = 0;
	struct sql q;
	int rc;

	*n = 0;
	sql_start(&q, st, text);
	while ((rc = sql_next(&q, err)) == 1) {
		if (sql_grow(a, &list, *n, &cap, sizeof(**rows), err) == -1 ||
		    read_model(&q, a, (struct model_row *)list + *n, err) == -1) {
			rc = -1;
			break;
		}
		++*n;
	}
	sql_end(&q);
	*rows = list;
	return rc;
}

int
store_model_needed(struct store *st, const char *id, bool *needed, struct err *err)
{
	/* From run to run of the model; the last verdict of a run mostly tells, for the first are erased
	 * first.  The signs keep SQLite from making an index for this of all verdicts. */
	static const char text[] =
	    "SELECT EXISTS (SELECT 1 FROM model_name n CROSS JOIN verdict_run r "
	    "WHERE n.name = ?1 AND (r.model = n.id OR r.model IS NULL) AND "
	    "EXISTS (SELECT 1 FROM verdict v WHERE v.seq >= r.seq AND "
	    "v.seq < coalesce((SELECT min(seq) FROM verdict_run WHERE seq > r.seq), ?2) AND "
	    "+v.model = n.id AND length(v.content_seal) = 16 AND "
	    "(+v.forced = '' OR +v.forced GLOB '" FORCED_RULE "*') "
	    "ORDER BY v.seq DESC LIMIT 1))";
	struct sql q;
	int rc;

	*needed = false;
	sql_start(&q, st, text);
	sql_str(&q, id);
	sql_int(&q, INT64_MAX);
	rc = sql_next(&q, err);
	if (rc == 1)
		*needed = sql_get_int(&q) != 0;
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}
