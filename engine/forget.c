#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/timetext.h"
#include "engine/forget.h"
#include "engine/registry.h"
#include "engine/shelf.h"

static int
look(struct shelf *s, struct engine *e, struct err *err)
{
	return shelf_read(s, e, err) == -1 ? -1 : shelf_find_current(s, e, err);
}

int
forget_known(struct engine *e, int64_t *position, struct err *err)
{
	struct shelf s;
	int rc = look(&s, e, err);

	*position = s.current[0] == '\0' ? INT64_MAX : 0; /* 0: a model that isn't on record */
	for (size_t i = 0; i < s.n && rc == 0; i++) {
		if (strcmp(s.rows[i].id, s.current) == 0)
			*position = s.rows[i].position;
	}
	shelf_fini(&s);
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
	int rc = look(&s, e, err);

	*count = 0;
	for (size_t i = 0; i < s.n && rc == 0; i++)
		*count += s.rows[i].pruned_ms == 0 && is_within(s.rows[i].position, ranges, n);
	shelf_fini(&s);
	return rc;
}

/* Mark the model as pruned and remove its file, in this order: see registry.h. */
static int
let_go(struct engine *e, const char *id, struct err *err)
{
	return store_model_pruned(e->store, id, time_now_ms(), err) == -1 ? -1 : registry_remove(e, id, err);
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

/* -- Models that are made from what goes -- */

/* Give the model of row I a file again, made from the one that goes. */
static int
give_file(struct shelf *s, struct engine *e, size_t i, struct err *err)
{
	char *path = model_path(&e->paths, s->rows[i].id);
	struct model *m;
	bool made;
	int rc;

	if (path == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = shelf_rebuild(s, e, i, &m, err);
	if (rc == 0) {
		rc = registry_write(e, m, path, &made, err);
		s->places[i].file = rc == 0;
		model_unref(m);
	}
	free(path);
	return rc;
}

/*
 * Keep the model of row I, which has no file, if it is in use or a verdict needs it, and what it is made from
 * goes: make it from an ancestor that stays, or else give it a file.  *KEPT tells whether it can still be
 * had.
 */
static int
save(struct shelf *s, struct engine *e, size_t i, bool *kept, struct err *err)
{
	const size_t from = s->places[i].from;
	struct err why = { 0 };

	shelf_trace(s, i);
	if (s->places[i].from != SHELF_NONE && shelf_distance(s, i) <= e->rebuild_events)
		return 0;
	if (!is_current(s, &s->rows[i]) && store_model_needed(e->store, s->rows[i].id, kept, err) == -1)
		return -1;
	if (!*kept)
		return 0;
	s->places[i].from = from;
	if (give_file(s, e, i, &why) == 0)
		return 0;
	if (is_current(s, &s->rows[i]))
		return err_set(err, why.code, "%s", why.text);
	*kept = false; /* broken before: nothing that keeps texts from being forgotten */
	return why.code == ERR_DAMAGED || why.code == ERR_NOT_FOUND ? 0
								    : err_set(err, why.code, "%s", why.text);
}

/* Take from the shelf what is to go, and save what else was made from it. */
static int
rearrange(struct shelf *s, struct engine *e, const struct forget_range *ranges, size_t n, bool *going,
    struct err *err)
{
	for (size_t k = 0; k < s->n; k++) {
		size_t i = s->order[k];
		bool kept = true;

		going[i] = is_to_go(s, &s->rows[i], ranges, n);
		if (shelf_rebuilds(s, i) && !going[i]) {
			if (save(s, e, i, &kept, err) == -1)
				return -1;
			going[i] = !kept;
		} else {
			s->places[i].file = s->places[i].file && !going[i];
			shelf_trace(s, i);
		}
	}
	return 0;
}

static int
let_all_go(struct shelf *s, struct engine *e, const struct forget_range *ranges, size_t n, size_t *gone,
    struct err *err)
{
	bool *going = arena_alloc(s->arena, (s->n + 1) * sizeof(*going));

	if (going == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the list of models");
	if (rearrange(s, e, ranges, n, going, err) == -1)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		if (!going[i])
			continue;
		if (let_go(e, s->rows[i].id, err) == -1)
			return -1;
		++*gone;
	}
	return 0;
}

int
forget_models(struct engine *e, const struct forget_range *ranges, size_t n, size_t *gone, struct err *err)
{
	size_t removed = 0;
	struct shelf s;
	int rc = look(&s, e, err);

	if (rc == 0)
		rc = check_current(&s, ranges, n, err);
	if (rc == 0)
		rc = let_all_go(&s, e, ranges, n, &removed, err);
	shelf_fini(&s);
	if (gone != NULL)
		*gone = removed;
	/* what an interrupted publication left may hold as much */
	return rc == -1 ? -1 : registry_prune(e, ENGINE_LEARN_KEPT, err);
}
