#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/timetext.h"
#include "engine/forget.h"
#include "engine/registry.h"

#define ROWS_MAX ((size_t)256 << 20) /* bytes for the list of models */

struct shelf {
	struct arena *arena;
	struct model_row *rows;
	size_t n;
	char current[MODEL_ID_BYTES]; /* "" when there is none */
};

static int
shelf_read(struct shelf *s, struct engine *e, struct err *err)
{
	struct err why = { 0 };

	*s = (struct shelf){ .arena = arena_new(ROWS_MAX) };
	if (s->arena == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (engine_current_id(&e->paths, s->current, &why) == -1) {
		s->current[0] = '\0';
		if (why.code != ERR_NOT_FOUND)
			return err_set(err, why.code, "%s", why.text);
	}
	return store_models(e->store, s->arena, &s->rows, &s->n, err);
}

int
forget_known(struct engine *e, int64_t *position, struct err *err)
{
	struct shelf s;
	int rc = shelf_read(&s, e, err);

	*position = s.current[0] == '\0' ? INT64_MAX : 0; /* 0: a model that isn't on record */
	for (size_t i = 0; i < s.n && rc == 0; i++) {
		if (strcmp(s.rows[i].id, s.current) == 0)
			*position = s.rows[i].position;
	}
	arena_free(s.arena);
	return rc;
}

static bool
is_within(int64_t position, const struct forget_range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (position >= ranges[i].from && position < ranges[i].to)
			return true;
	}
	return false;
}

static bool
is_current(const struct shelf *s, const struct model_row *row)
{
	return strcmp(row->id, s->current) == 0;
}

static bool
is_to_go(const struct shelf *s, const struct model_row *row, const struct forget_range *ranges, size_t n)
{
	return row->pruned_ms == 0 && !is_current(s, row) && is_within(row->position, ranges, n);
}

int
forget_count(struct engine *e, const struct forget_range *ranges, size_t n, size_t *count, struct err *err)
{
	struct shelf s;
	int rc = shelf_read(&s, e, err);

	*count = 0;
	for (size_t i = 0; i < s.n && rc == 0; i++)
		*count += s.rows[i].pruned_ms == 0 && is_within(s.rows[i].position, ranges, n);
	arena_free(s.arena);
	return rc;
}

/* Mark the model as pruned and remove its file, in this order: see registry.h. */
static int
let_go(struct engine *e, const char *id, struct err *err)
{
	char *path;
	int rc;

	if (store_model_pruned(e->store, id, time_now_ms(), err) == -1)
		return -1;
	path = model_path(&e->paths, id);
	if (path == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", id);
	rc = unlink(path) == 0 || errno == ENOENT ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	free(path);
	return rc;
}

static int
check_current(const struct shelf *s, const struct forget_range *ranges, size_t n, struct err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		if (is_current(s, &s->rows[i]) && is_within(s->rows[i].position, ranges, n))
			return err_set(err, ERR_BUSY,
			    "the model in use, %.12s, counts what is to be forgotten: it was put to use "
			    "meanwhile; "
			    "try again",
			    s->current);
	}
	return 0;
}

int
forget_models(struct engine *e, const struct forget_range *ranges, size_t n, size_t *gone, struct err *err)
{
	size_t removed = 0;
	struct shelf s;
	int rc = shelf_read(&s, e, err);

	if (rc == 0)
		rc = check_current(&s, ranges, n, err);
	for (size_t i = 0; i < s.n && rc == 0; i++) {
		if (!is_to_go(&s, &s.rows[i], ranges, n))
			continue;
		rc = let_go(e, s.rows[i].id, err);
		removed += rc == 0;
	}
	arena_free(s.arena);
	if (gone != NULL)
		*gone = removed;
	/* what an interrupted publication left may hold as much */
	return rc == -1 ? -1 : registry_prune(e, ENGINE_LEARN_KEPT, err);
}
