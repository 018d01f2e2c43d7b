#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/background.h"
#include "base/file.h"
#include "engine/registry.h"
#include "engine/shelf.h"
#include "engine/unfiled.h"

#define ROW_BYTES ((size_t)1 << 20)

bool
unfiled_current(const struct engine_paths *paths)
{
	char id[MODEL_ID_BYTES], *path;
	bool missing;

	if (engine_current_id(paths, id, NULL) == -1)
		return false;
	path = model_path(paths, id);
	missing = path != NULL && access(path, F_OK) == -1 && errno == ENOENT;
	free(path);
	return missing;
}

/* -- Mending -- */

static int
make_file(struct engine *e, const char *id, struct err *err)
{
	char *path = model_path(&e->paths, id);
	struct model *m;
	bool made;
	int rc;

	if (path == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = shelf_rebuild_id(e, id, &m, err);
	if (rc == 0) {
		rc = registry_write(e, m, path, &made, err);
		model_unref(m);
	}
	free(path);
	return rc;
}

/* Make the nearest ancestor of S's current model that has a sound file current; ERR_NOT_FOUND: there is none.
 */
static int
step_back(struct engine *e, const struct shelf *s, struct err *err)
{
	size_t i = shelf_find(s, s->current);
	struct model *m;

	while (i != SHELF_NONE && (i = s->places[i].parent) != SHELF_NONE) {
		if (!s->places[i].file || registry_open(e, s->rows[i].id, true, &m, NULL) == -1)
			continue;
		model_unref(m);
		return registry_make_current(&e->paths, s->rows[i].id, true, err);
	}
	return err_set(err, ERR_NOT_FOUND, "no model that it was learnt from is there");
}

int
unfiled_mend(struct engine *e, struct err *err)
{
	struct shelf s;
	int rc = shelf_read(&s, e, err);

	if (rc == 0)
		rc = shelf_find_current(&s, e, err);
	if (rc == 0 && unfiled_current(&e->paths)) {
		rc = make_file(e, s.current, err);
		if (rc == -1 && (err->code == ERR_NOT_FOUND || err->code == ERR_DAMAGED))
			rc = step_back(e, &s, NULL);
	}
	shelf_fini(&s);
	return rc;
}

/* -- Learning -- */

/* Open what the current model of S is made from, if this program would make the same of it. */
static int
open_base(struct ground *g, struct engine *e, const struct shelf *s, struct err *err)
{
	size_t i = shelf_find(s, g->current);
	char maker[MAKER_BYTES];

	registry_maker(maker);
	if (i == SHELF_NONE || !shelf_rebuilds(s, i) || strcmp(s->rows[i].maker, maker) != 0)
		return err_set(err, ERR_NOT_FOUND, "model %s: its file is no longer kept", g->current);
	g->position = s->rows[i].position;
	return registry_open_to_learn(e, s->rows[s->places[i].from].id, &g->base, err);
}

static int
find(struct ground *g, struct engine *e, struct err *err)
{
	struct shelf s;
	int rc;

	if (engine_current_id(&e->paths, g->current, err) == -1)
		return -1;
	if (unfiled_current(&e->paths)) {
		rc = shelf_read(&s, e, err);
		if (rc == 0)
			rc = open_base(g, e, &s, err);
		shelf_fini(&s);
		return rc;
	}
	if (registry_open_to_learn(e, g->current, &g->base, err) == -1)
		return -1;
	g->position = (int64_t)model_info(g->base)->position;
	return 0;
}

int
ground_find(struct ground *g, struct engine *e, struct err *err)
{
	struct err why = { 0 }, unmended;

	if (engine_current_id(&e->paths, g->current, err) == -1)
		return -1;
	if (find(g, e, &why) == 0)
		return 0;
	if (unfiled_current(&e->paths) && (why.code == ERR_NOT_FOUND || why.code == ERR_DAMAGED) &&
	    unfiled_mend(e, &unmended) == 0 && find(g, e, &why) == 0)
		return 0;
	err_set(err, why.code, "%s", why.text);
	return registry_promised(err);
}

/* -- Writing the file -- */

struct filing {
	struct engine *e;
	const atomic_bool *hurry;
	char id[MODEL_ID_BYTES];
	char *path, *unfinished;
	int fd; /* of the unfinished file */
	struct model *model; /* NULL: the current one has its file */
	struct err *err;
	int rc;
};

static void
make_again(void *arg)
{
	struct filing *f = arg;

	f->rc = shelf_rebuild_id(f->e, f->id, &f->model, f->err);
}

static int
begin_current(struct filing *f)
{
	if (engine_current_id(&f->e->paths, f->id, f->err) == -1)
		return -1;
	f->path = model_path(&f->e->paths, f->id);
	if (f->path == NULL || asprintf(&f->unfinished, "%s.filing", f->path) == -1) {
		f->unfinished = NULL;
		return err_set(f->err, ERR_NOMEM, "out of memory");
	}
	background_run(make_again, f);
	if (f->rc == 0 && file_create(f->unfinished, &f->fd, f->err) == -1) {
		model_unref(f->model);
		f->rc = -1;
	}
	return f->rc;
}

/*
 * With the publish lock: the memory that this takes is not wanted for learning as well, and who forgets what
 * the model counts finds the file to take away.
 */
static int
begin(struct filing *f)
{
	int lock, rc = 0;

	if (engine_publish_lock(&f->e->paths, &lock, f->err) == -1)
		return -1;
	if (unfiled_current(&f->e->paths))
		rc = begin_current(f);
	close(lock);
	return rc;
}

static void
write_out(void *arg)
{
	struct filing *f = arg;
	struct slice bytes = model_bytes(f->model);

	f->rc = file_write_slowly(f->fd, f->unfinished, bytes.p, bytes.n, f->hurry, f->err);
	model_unref(f->model);
}

/* Tell whether the model is still kept: it may have been forgotten since. */
static int
is_kept(const struct filing *f, bool *kept)
{
	struct arena *a = arena_new(ROW_BYTES);
	struct model_row row;
	int rc;

	if (a == NULL)
		return err_set(f->err, ERR_NOMEM, "out of memory");
	rc = store_model_get(f->e->store, f->id, a, &row, f->err);
	*kept = rc == 0 && row.pruned_ms == 0;
	arena_free(a);
	return rc;
}

static int
finish(struct filing *f)
{
	bool kept = false;
	int lock, rc;

	if (engine_publish_lock(&f->e->paths, &lock, f->err) == -1)
		return -1;
	rc = is_kept(f, &kept);
	if (rc == 0 && kept)
		rc = file_put(f->unfinished, f->path, f->err);
	if (rc == 0)
		registry_prune(f->e, ENGINE_LEARN_KEPT, NULL);
	close(lock);
	return rc;
}

int
unfiled_file(struct engine *e, const atomic_bool *hurry, struct err *err)
{
	struct filing f = { .e = e, .hurry = hurry, .err = err };
	int rc = begin(&f);

	if (rc == 0 && f.model != NULL) {
		background_run(write_out, &f);
		rc = f.rc == 0 ? finish(&f) : -1;
		if (rc == -1)
			unlink(f.unfinished);
	}
	free(f.unfinished);
	free(f.path);
	return rc == -1 ? err_prefix(err, "the file of model %.12s", f.id) : 0;
}
