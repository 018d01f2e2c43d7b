#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/timetext.h"
#include "engine/registry.h"
#include "engine/shelf.h"

/* What becomes of a model. */
enum fate {
	FATE_STAYS, /* as it is */
	FATE_NEEDED, /* it stays, but can do without its file if there is one to make it from */
	FATE_FOLDED, /* it loses its file */
	FATE_GOES /* for good */
};

struct prune {
	struct shelf shelf;
	enum fate *fates; /* of each row */
	bool *bases; /* whether others, which have no files, are made from it */
};

/* -- Deciding -- */

/* Return whether ROW is one of many that come and go: learnt from a few corrections, or never current. */
static bool
is_passing(const struct model_row *row)
{
	return strcmp(row->kind, "learn") == 0 || row->withheld[0] != '\0';
}

/* Find which models nobody asks for any more: none of the KEEP newest; with ALL those of kind "train" too. */
static int
judge(struct engine *e, struct prune *p, size_t keep, bool all, struct err *err)
{
	const struct shelf *s = &p->shelf;
	size_t seen = 0;
	bool needed;

	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i].pruned_ms != 0 || (!all && !is_passing(&s->rows[i])) || seen++ < keep ||
		    strcmp(s->rows[i].id, s->current) == 0)
			continue;
		if (store_model_needed(e->store, s->rows[i].id, &needed, err) == -1)
			return -1;
		p->fates[i] = needed ? FATE_NEEDED : FATE_GOES;
	}
	for (size_t i = 0; i < s->n; i++) {
		if (p->fates[i] != FATE_GOES && shelf_rebuilds(s, i))
			p->bases[s->places[i].from] = true;
	}
	return 0;
}

/* Decide what becomes of the row I, now that it is decided for its ancestors; FAR is the most events to make
 * it from. */
static void
settle(struct prune *p, size_t i, int64_t far)
{
	struct shelf_place *place = &p->shelf.places[i];
	enum fate *fate = &p->fates[i];

	shelf_trace(&p->shelf, i);
	if (p->bases[i])
		*fate = FATE_STAYS;
	if (*fate == FATE_NEEDED)
		*fate = place->file && place->from != SHELF_NONE && shelf_distance(&p->shelf, i) <= far
		    ? FATE_FOLDED
		    : FATE_STAYS;
	if (*fate != FATE_STAYS)
		place->file = false;
}

static int
plan(struct engine *e, struct prune *p, size_t keep, bool all, struct err *err)
{
	struct shelf *s = &p->shelf;

	if (shelf_find_current(s, e, err) == -1) /* not knowing what is in use, leave all of it */
		return -1;
	p->fates = arena_alloc(s->arena, (s->n + 1) * sizeof(*p->fates));
	p->bases = arena_alloc(s->arena, (s->n + 1) * sizeof(*p->bases));
	if (p->fates == NULL || p->bases == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the list of models");
	for (size_t i = 0; i < s->n; i++) {
		p->fates[i] = FATE_STAYS;
		p->bases[i] = false;
	}
	if (judge(e, p, keep, all, err) == -1)
		return -1;
	for (size_t k = 0; k < s->n; k++)
		settle(p, s->order[k], e->rebuild_events);
	return 0;
}

/* -- Carrying it out -- */

/* Return the row of the model whose id is the first 64 characters of NAME, if its file is to be there; else
 * NULL. */
static const struct model_row *
kept_row(const struct shelf *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i].pruned_ms == 0 && strncmp(s->rows[i].id, name, MODEL_ID_BYTES - 1) == 0)
			return &s->rows[i];
	}
	return NULL;
}

/* Return whether the file NAME of the models folder is ours and of no use: see registry.h. */
static bool
is_leftover(const struct shelf *s, const char *name)
{
	const char *rest;

	if (strncmp(name, "current.", 8) == 0) /* a link not yet swapped in */
		return name[8] != '\0' && name[8 + strspn(name + 8, "0123456789")] == '\0';
	if (strlen(name) < MODEL_ID_BYTES || !model_id_valid(name, MODEL_ID_BYTES - 1))
		return false;
	rest = name + MODEL_ID_BYTES - 1;
	if (strncmp(rest, ".model", 6) != 0)
		return false;
	if (rest[6] == '.') /* not yet renamed; ".filing": see unfiled.h */
		return strlen(rest + 7) == 6;
	if (rest[6] != '\0' || strncmp(name, s->current, MODEL_ID_BYTES - 1) == 0)
		return false;
	return kept_row(s, name) == NULL;
}

/* What removing files is about, which is done in the background: a large one takes a while to be given back.
 */
struct removal {
	const struct engine *e;
	const struct shelf *s;
	const char *path;
	struct err *err;
	int rc;
};

static int
remove_leftovers(const struct engine *e, const struct shelf *s, struct err *err)
{
	DIR *folder = opendir(e->paths.models);
	const struct dirent *entry;
	int rc = 0;

	if (folder == NULL)
		return err_set(err, ERR_IO, "%s: %s", e->paths.models, strerror(errno));
	while ((entry = readdir(folder)) != NULL) {
		char *path;

		if (!is_leftover(s, entry->d_name))
			continue;
		path = path_join(e->paths.models, entry->d_name);
		if (path == NULL || file_remove(path, err) == -1)
			rc = path != NULL ? -1 : err_set(err, ERR_NOMEM, "out of memory");
		free(path);
	}
	closedir(folder);
	return rc;
}

static void
clear_in_background(void *arg)
{
	struct removal *r = arg;

	r->rc = remove_leftovers(r->e, r->s, r->err);
}

static int
clear_leftovers(const struct engine *e, const struct shelf *s, struct err *err)
{
	struct removal r = { .e = e, .s = s, .err = err };

	engine_give_way(e, clear_in_background, &r);
	return r.rc;
}

static void
remove_in_background(void *arg)
{
	struct removal *r = arg;

	r->rc = file_remove(r->path, r->err);
}

int
registry_remove(const struct engine *e, const char *id, struct err *err)
{
	char *path = model_path(&e->paths, id);
	struct removal r = { .path = path, .err = err };

	if (path == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", id);
	engine_give_way(e, remove_in_background, &r);
	free(path);
	return r.rc;
}

/* Mark what goes as pruned, then remove the files. */
static int
carry_out(struct engine *e, struct prune *p, struct err *err)
{
	struct shelf *s = &p->shelf;
	int64_t now = time_now_ms();

	for (size_t i = 0; i < s->n; i++) {
		if (p->fates[i] == FATE_FOLDED && registry_remove(e, s->rows[i].id, err) == -1)
			return -1;
		if (p->fates[i] != FATE_GOES)
			continue;
		if (store_model_pruned(e->store, s->rows[i].id, now, err) == -1)
			return -1;
		s->rows[i].pruned_ms = now;
	}
	return clear_leftovers(e, s, err);
}

int
registry_prune(struct engine *e, size_t keep, struct err *err)
{
	struct prune p = { .fates = NULL };
	int rc;

	rc = shelf_read(&p.shelf, e, err);
	if (rc == 0)
		rc = plan(e, &p, keep, false, err);
	if (rc == 0)
		rc = carry_out(e, &p, err);
	shelf_fini(&p.shelf);
	return rc;
}

/* -- What an admin asks for -- */

/* Fill *OUT, in A, with what is to be done. */
static int
tell(const struct prune *p, struct arena *a, struct cleared *out, struct err *err)
{
	const struct shelf *s = &p->shelf;

	out->ids = arena_alloc(a, (s->n + 1) * sizeof(*out->ids));
	if (out->ids == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i].pruned_ms != 0)
			continue;
		if (p->fates[i] != FATE_GOES) {
			out->kept++;
			out->folded += p->fates[i] == FATE_FOLDED;
		} else {
			out->ids[out->n] = arena_copy(a, s->rows[i].id, strlen(s->rows[i].id));
			if (out->ids[out->n++] == NULL)
				return err_set(err, ERR_NOMEM, "out of memory");
		}
	}
	return 0;
}

int
registry_clear(
    struct engine *e, size_t keep, bool dry_run, struct arena *a, struct cleared *out, struct err *err)
{
	struct prune p = { .fates = NULL };
	struct shelf_sizes before = { 0 }, after;
	int lock, rc;

	*out = (struct cleared){ .n = 0 };
	if (engine_publish_lock(&e->paths, &lock, err) == -1)
		return -1;
	rc = shelf_read(&p.shelf, e, err);
	if (rc == 0) {
		shelf_measure(&p.shelf, &before);
		rc = plan(e, &p, keep, true, err);
	}
	if (rc == 0)
		rc = tell(&p, a, out, err);
	if (rc == 0) {
		shelf_measure(&p.shelf, &after); /* as it is to be */
		out->bytes = before.bytes - after.bytes;
	}
	if (rc == 0 && !dry_run)
		rc = carry_out(e, &p, err);
	shelf_fini(&p.shelf);
	close(lock);
	return rc;
}
