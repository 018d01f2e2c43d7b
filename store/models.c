#include "config.h"

#include "store/sql.h"

int
store_model_add(struct store *st, const struct model_row *row, struct err *err)
{
	static const char text[] =
	    "INSERT INTO model (id, parent, kind, created_ms, who, spam, ham, tokens, bytes, position, "
	    "spam_threshold, "
	    "unsure_threshold, blocked_ham_budget, figures, pruned_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "?, ?, ?, ?, ?) "
	    "ON CONFLICT (id) DO UPDATE SET parent = excluded.parent, kind = excluded.kind, "
	    "created_ms = excluded.created_ms, who = excluded.who, spam = excluded.spam, ham = excluded.ham, "
	    "tokens = excluded.tokens, bytes = excluded.bytes, position = excluded.position, "
	    "spam_threshold = excluded.spam_threshold, unsure_threshold = excluded.unsure_threshold, "
	    "blocked_ham_budget = excluded.blocked_ham_budget, figures = excluded.figures, pruned_ms = "
	    "excluded.pruned_ms";
	struct sql q;

	sql_start(&q, st, text);
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
	sql_int(&q, row->pruned_ms);
	return sql_run(&q, err);
}

int
store_model_pruned(struct store *st, const char *id, int64_t when_ms, struct err *err)
{
	static const char text[] = "UPDATE model SET pruned_ms = ?1 WHERE id = ?2";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, when_ms);
	sql_str(&q, id);
	return sql_run_on(&q, "model", err);
}

static int
read_model(struct sql *q, struct arena *a, struct model_row *row, struct err *err)
{
	const char **const strings[] = { &row->id, &row->parent, &row->kind, &row->who, &row->figures };

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
	row->pruned_ms = sql_get_int(q);
	if (sql_row_ok(q, err) == -1)
		return -1;
	return sql_keep_strings(a, strings, 5, err);
}

int
store_models(struct store *st, struct arena *a, struct model_row **rows, size_t *n, struct err *err)
{
	static const char text[] =
	    "SELECT id, parent, kind, created_ms, who, spam, ham, tokens, bytes, position, "
	    "spam_threshold, unsure_threshold, blocked_ham_budget, figures, pruned_ms "
	    "FROM model ORDER BY created_ms DESC, rowid DESC";
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
