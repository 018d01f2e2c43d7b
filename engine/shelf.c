#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/change.h"
#include "engine/registry.h"
#include "engine/shelf.h"

#define SHELF_MAX ((size_t)512 << 20) /* bytes for the list of models */
#define TRIES 3 /* a file may go between looking and opening */

/* -- Which comes from which -- */

struct named {
	const char *id;
	size_t row;
};

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

struct placed {
	int64_t position;
	size_t row;
};

static int
by_position(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* Return the row that the row I was learnt from, NAMES being all of them in order of id. */
static size_t
find_parent(const struct shelf *s, const struct named *names, size_t i)
{
	const struct model_row *row = &s->rows[i], *parent;
	const struct named key = { .id = row->parent };
	const struct named *found;

	if (strcmp(row->kind, "learn") != 0)
		return SHELF_NONE;
	found = bsearch(&key, names, s->n, sizeof(*names), by_id);
	if (found == NULL)
		return SHELF_NONE;
	parent = &s->rows[found->row];
	return parent->position < row->position ? found->row : SHELF_NONE;
}

static int
find_parents(struct shelf *s)
{
	struct named *names = arena_alloc(s->arena, (s->n + 1) * sizeof(*names));

	if (names == NULL)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		names[i] = (struct named){ s->rows[i].id, i };
	qsort(names, s->n, sizeof(*names), by_id);
	for (size_t i = 0; i < s->n; i++)
		s->places[i].parent = find_parent(s, names, i);
	return 0;
}

static int
put_in_order(struct shelf *s)
{
	struct placed *list = arena_alloc(s->arena, (s->n + 1) * sizeof(*list));

	if (list == NULL)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		list[i] = (struct placed){ s->rows[i].position, i };
	qsort(list, s->n, sizeof(*list), by_position);
	for (size_t i = 0; i < s->n; i++)
		s->order[i] = list[i].row;
	return 0;
}

void
shelf_trace(struct shelf *s, size_t i)
{
	struct shelf_place *p = &s->places[i];

	if (p->parent == SHELF_NONE)
		p->from = SHELF_NONE;
	else if (s->places[p->parent].file)
		p->from = p->parent;
	else if (strcmp(s->rows[p->parent].maker, s->rows[i].maker) == 0)
		p->from = s->places[p->parent].from;
	else
		p->from = SHELF_NONE; /* this program might not make the same of what its parent learnt */
}

/* -- Reading -- */

static int
find_files(struct shelf *s, struct engine *e)
{
	for (size_t i = 0; i < s->n; i++) {
		char *path;

		if (s->rows[i].pruned_ms != 0 || !model_id_valid(s->rows[i].id, strlen(s->rows[i].id)))
			continue;
		path = model_path(&e->paths, s->rows[i].id);
		if (path == NULL)
			return -1;
		s->places[i].file = access(path, F_OK) == 0;
		free(path);
	}
	return 0;
}

int
shelf_find_current(struct shelf *s, struct engine *e, struct err *err)
{
	struct err why = { 0 };

	if (engine_current_id(&e->paths, s->current, &why) == 0)
		return 0;
	s->current[0] = '\0';
	return why.code == ERR_NOT_FOUND ? 0 : err_set(err, why.code, "%s", why.text);
}

int
shelf_read(struct shelf *s, struct engine *e, struct err *err)
{
	*s = (struct shelf){ .arena = arena_new(SHELF_MAX) };
	if (s->arena == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (store_models(e->store, s->arena, &s->rows, &s->n, err) == -1)
		return -1;
	s->places = arena_alloc(s->arena, (s->n + 1) * sizeof(*s->places));
	s->order = arena_alloc(s->arena, (s->n + 1) * sizeof(*s->order));
	if (s->places == NULL || s->order == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the list of models");
	memset(s->places, 0, (s->n + 1) * sizeof(*s->places));
	if (find_parents(s) == -1 || put_in_order(s) == -1 || find_files(s, e) == -1)
		return err_set(err, ERR_NOMEM, "out of memory for the list of models");
	for (size_t k = 0; k < s->n; k++)
		shelf_trace(s, s->order[k]);
	return 0;
}

void
shelf_fini(struct shelf *s)
{
	arena_free(s->arena);
	*s = (struct shelf){ .arena = NULL };
}

size_t
shelf_find(const struct shelf *s, const char *id)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->rows[i].id, id) == 0)
			return i;
	}
	return SHELF_NONE;
}

bool
shelf_rebuilds(const struct shelf *s, size_t i)
{
	return s->rows[i].pruned_ms == 0 && !s->places[i].file && s->places[i].from != SHELF_NONE;
}

int64_t
shelf_distance(const struct shelf *s, size_t i)
{
	return s->rows[i].position - s->rows[s->places[i].from].position;
}

void
shelf_measure(const struct shelf *s, struct shelf_sizes *sizes)
{
	*sizes = (struct shelf_sizes){ 0 };
	for (size_t i = 0; i < s->n; i++) {
		sizes->files += s->places[i].file;
		sizes->bytes += s->places[i].file ? s->rows[i].bytes : 0;
		sizes->rebuilt += shelf_rebuilds(s, i);
	}
}

/* -- Making one again -- */

static int
rebuild_on(struct engine *e, const struct model *base, const struct model_row *row, struct model **out,
    struct err *err)
{
	struct change c;
	int rc;

	rc = change_find(&c, e, (int64_t)model_info(base)->position, row->position, err);
	if (rc == 0)
		rc = delta_apply(c.delta, base, row->parent, (uint64_t)row->position, false, out, err);
	change_fini(&c);
	if (rc == -1 || strcmp(model_info(*out)->id, row->id) == 0)
		return rc;
	model_unref(*out);
	*out = NULL;
	return err_set(err, ERR_DAMAGED, "what came out is another model");
}

int
shelf_rebuild(const struct shelf *s, struct engine *e, size_t i, struct model **out, struct err *err)
{
	const struct model_row *row = &s->rows[i];
	struct model *base;
	int rc;

	if (s->places[i].from == SHELF_NONE)
		return err_set(err, ERR_NOT_FOUND, "model %s: its file is no longer kept", row->id);
	if (registry_open_to_learn(e, s->rows[s->places[i].from].id, &base, err) == -1)
		return err_prefix(err, "model %s is to be made again from another", row->id);
	rc = rebuild_on(e, base, row, out, err);
	if (rc == -1)
		err_prefix(err, "model %s can't be made again from model %.12s and the examples since",
		    row->id, model_info(base)->id);
	model_unref(base);
	return rc;
}

static int
rebuild_id(struct engine *e, const char *id, struct model **out, struct err *err)
{
	struct shelf s;
	size_t i;
	int rc;

	rc = shelf_read(&s, e, err);
	if (rc == 0) {
		i = shelf_find(&s, id);
		if (i == SHELF_NONE || !shelf_rebuilds(&s, i))
			rc = err_set(err, ERR_NOT_FOUND, "model %s: its file is no longer kept", id);
		else
			rc = shelf_rebuild(&s, e, i, out, err);
	}
	shelf_fini(&s);
	return rc;
}

int
shelf_rebuild_id(struct engine *e, const char *id, struct model **out, struct err *err)
{
	struct err why = { .code = ERR_NOT_FOUND };
	int rc = -1;

	for (int i = 0; i < TRIES && rc == -1 && why.code == ERR_NOT_FOUND; i++) {
		if (store_savepoint(e->store, err) == -1) /* all of the record as of one moment */
			return -1;
		rc = rebuild_id(e, id, out, &why);
		store_release(e->store, NULL);
	}
	return rc == 0 ? 0 : err_set(err, why.code, "%s", why.text);
}
