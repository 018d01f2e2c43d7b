#include "config.h"

#include <string.h>

#include "base/timetext.h"
#include "base/ulid.h"
#include "engine/example.h"
#include "engine/take_back.h"

#define ARENA_BYTES ((size_t)4 << 30)

struct said {
	struct said *next;
	struct example_row row;
};

struct collecting {
	struct arena *arena; /* NULL: only count */
	struct said *first, **last;
	int64_t n;
	struct err err;
};

static int
collect(const struct example_row *row, void *arg)
{
	struct collecting *c = arg;
	struct said *said;

	c->n++;
	if (c->arena == NULL)
		return 0;
	said = arena_alloc(c->arena, sizeof(*said));
	if (said == NULL)
		return err_set(&c->err, ERR_NOMEM, "out of memory");
	said->row = *row;
	said->row.verdict_id = arena_copy(c->arena, row->verdict_id, strlen(row->verdict_id));
	if (said->row.verdict_id == NULL)
		return err_set(&c->err, ERR_NOMEM, "out of memory");
	for (int f = 0; f < COMMENT_FIELDS; f++) {
		if (arena_keep(c->arena, &said->row.comment.field[f]) == -1)
			return err_set(&c->err, ERR_NOMEM, "out of memory");
	}
	*c->last = said;
	c->last = &said->next;
	return 0;
}

static int
take_back_all(
    struct engine *e, const struct take_back *what, const struct said *said, int64_t now_ms, struct err *err)
{
	struct ulid_source ids = { 0 };
	enum example_outcome outcome;

	if (store_ids_start(e->store, &ids, err) == -1)
		return -1;
	for (; said != NULL; said = said->next) {
		struct example_row row = said->row;

		row.time_ms = now_ms;
		row.label = LABEL_NONE;
		row.origin = "unlearn";
		row.who = what->who;
		row.source = "";
		ulid_next(&ids, (uint64_t)now_ms, row.id);
		if (example_say(e->store, &row, &said->row, &outcome, err) == -1)
			return -1;
	}
	return 0;
}

/* Inside a transaction, so that nobody says anything between looking and taking back. */
static int
carry_out(struct engine *e, const struct take_back *what, struct collecting *c, struct err *err)
{
	if (store_words_walk(e->store, what->site, what->since_ms, what->speaker, collect, c, err) == -1)
		return -1;
	if (c->err.code != ERR_NONE)
		return err_set(err, c->err.code, "%s", c->err.text);
	return take_back_all(e, what, c->first, time_now_ms(), err);
}

int
take_back(struct engine *e, const struct take_back *what, int64_t *n, struct err *err)
{
	struct collecting c = { .last = &c.first };
	int rc;

	if (what->dry_run) {
		rc = store_words_walk(e->store, what->site, what->since_ms, what->speaker, collect, &c, err);
		*n = c.n;
		return rc;
	}
	c.arena = arena_new(ARENA_BYTES);
	if (c.arena == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_begin(e->store, err);
	if (rc == 0) {
		rc = carry_out(e, what, &c, err);
		if (rc == 0)
			rc = store_commit(e->store, err);
		if (rc == -1)
			store_rollback(e->store);
	}
	*n = rc == 0 ? c.n : 0;
	arena_free(c.arena);
	return rc;
}
