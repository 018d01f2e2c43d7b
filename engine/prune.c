#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/timetext.h"
#include "engine/registry.h"

#define ROWS_MAX ((size_t)256 << 20) /* bytes for the list of models */

struct prune {
	struct model_row *rows;
	size_t n;
	char current[MODEL_ID_BYTES]; /* "" when there is none */
};

/* Return the row of the model whose id is the first 64 characters of NAME, if its file is to be there; else
 * NULL. */
static const struct model_row *
kept_row(const struct prune *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->rows[i].pruned_ms == 0 && strncmp(p->rows[i].id, name, MODEL_ID_BYTES - 1) == 0)
			return &p->rows[i];
	}
	return NULL;
}

/* Return whether the file NAME of the models folder is ours and of no use: see registry.h. */
static bool
is_leftover(const struct prune *p, const char *name)
{
	const char *rest;

	if (strncmp(name, "current.", 8) == 0) /* a link not yet swapped in */
		return name[8] != '\0' && name[8 + strspn(name + 8, "0123456789")] == '\0';
	if (strlen(name) < MODEL_ID_BYTES || !model_id_valid(name, MODEL_ID_BYTES - 1))
		return false;
	rest = name + MODEL_ID_BYTES - 1;
	if (strncmp(rest, ".model", 6) != 0)
		return false;
	if (rest[6] == '.') /* not yet renamed */
		return strlen(rest + 7) == 6;
	if (rest[6] != '\0' || strncmp(name, p->current, MODEL_ID_BYTES - 1) == 0)
		return false;
	return kept_row(p, name) == NULL;
}

static int
clear_leftovers(struct engine *e, const struct prune *p, struct err *err)
{
	DIR *folder = opendir(e->paths.models);
	const struct dirent *entry;
	int rc = 0;

	if (folder == NULL)
		return err_set(err, ERR_IO, "%s: %s", e->paths.models, strerror(errno));
	while ((entry = readdir(folder)) != NULL) {
		if (is_leftover(p, entry->d_name) && unlinkat(dirfd(folder), entry->d_name, 0) == -1 &&
		    errno != ENOENT)
			rc = err_set(
			    err, ERR_IO, "%s/%s: %s", e->paths.models, entry->d_name, strerror(errno));
	}
	closedir(folder);
	return rc;
}

/* Return whether ROW is one of many that come and go: learnt from a few corrections, or never current. */
static bool
is_passing(const struct model_row *row)
{
	return strcmp(row->kind, "learn") == 0 || row->withheld[0] != '\0';
}

/* Mark as pruned what is over the KEEP newest of kind "learn"; the rows come newest first. */
/*
 * Set *KEPT to whether the snapshot ROW, one of the old ones, stays: a verdict can still be computed again
 * with it, and the newer ones that stay for that reason, of *BYTES together, leave room for it.
 */
static int
stays(struct engine *e, const struct model_row *row, int64_t *bytes, bool *kept, struct err *err)
{
	if (store_model_needed(e->store, row->id, kept, err) == -1)
		return -1;
	*kept = *kept && *bytes + row->bytes <= ENGINE_NEEDED_BYTES;
	if (*kept)
		*bytes += row->bytes;
	return 0;
}

/* Mark as pruned what is over the KEEP newest of kind "learn" and not needed; the rows come newest first. */
static int
mark_old(struct engine *e, struct prune *p, size_t keep, struct err *err)
{
	int64_t bytes = 0;
	size_t seen = 0;
	bool kept;

	for (size_t i = 0; i < p->n; i++) {
		struct model_row *row = &p->rows[i];

		if (row->pruned_ms != 0 || !is_passing(row) || seen++ < keep ||
		    strcmp(row->id, p->current) == 0)
			continue;
		if (stays(e, row, &bytes, &kept, err) == -1)
			return -1;
		if (kept)
			continue;
		row->pruned_ms = time_now_ms();
		if (store_model_pruned(e->store, row->id, row->pruned_ms, err) == -1)
			return -1;
	}
	return 0;
}

int
registry_prune(struct engine *e, size_t keep, struct err *err)
{
	struct arena *a = arena_new(ROWS_MAX);
	struct prune p = { 0 };
	struct err why = { 0 };
	int rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = engine_current_id(&e->paths, p.current, &why);
	if (rc == -1 && why.code != ERR_NOT_FOUND) { /* not knowing what is in use, leave all of it */
		arena_free(a);
		return err_set(err, why.code, "%s", why.text);
	}
	rc = store_models(e->store, a, &p.rows, &p.n, err);
	if (rc == 0)
		rc = mark_old(e, &p, keep, err);
	if (rc == 0)
		rc = clear_leftovers(e, &p, err);
	arena_free(a);
	return rc;
}

/* -- What an admin asks for -- */

/* Choose what can go into *OUT; the rows come newest first. */
static int
choose(struct engine *e, const struct prune *p, size_t keep, struct arena *a, struct cleared *out,
    struct err *err)
{
	size_t seen = 0;
	bool needed;

	out->ids = arena_alloc(a, (p->n + 1) * sizeof(*out->ids));
	if (out->ids == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < p->n; i++) {
		if (p->rows[i].pruned_ms != 0)
			continue;
		needed = seen++ < keep || strcmp(p->rows[i].id, p->current) == 0;
		if (!needed && store_model_needed(e->store, p->rows[i].id, &needed, err) == -1)
			return -1;
		if (needed) {
			out->kept++;
			continue;
		}
		out->ids[out->n++] = p->rows[i].id;
		out->bytes += p->rows[i].bytes;
	}
	return 0;
}

/* Mark what *OUT names as pruned, then remove the files. */
static int
carry_out(struct engine *e, struct prune *p, const struct cleared *out, struct err *err)
{
	int64_t now = time_now_ms();

	for (size_t i = 0, k = 0; k < out->n; i++) {
		if (p->rows[i].id != out->ids[k])
			continue;
		if (store_model_pruned(e->store, out->ids[k++], now, err) == -1)
			return -1;
		p->rows[i].pruned_ms = now;
	}
	return clear_leftovers(e, p, err);
}

int
registry_clear(
    struct engine *e, size_t keep, bool dry_run, struct arena *a, struct cleared *out, struct err *err)
{
	struct prune p = { 0 };
	int lock, rc;

	*out = (struct cleared){ .n = 0 };
	if (engine_publish_lock(&e->paths, &lock, err) == -1)
		return -1;
	rc = engine_current_id(&e->paths, p.current, err);
	if (rc == 0)
		rc = store_models(e->store, a, &p.rows, &p.n, err);
	if (rc == 0)
		rc = choose(e, &p, keep, a, out, err);
	if (rc == 0 && !dry_run)
		rc = carry_out(e, &p, out, err);
	close(lock);
	return rc;
}
