#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/timetext.h"
#include "classifier/fold.h"
#include "engine/registry.h"
#include "engine/shelf.h"
#include "store/person.h"

#define ID_CHARS (MODEL_ID_BYTES - 1)
#define ID_PREFIX_MIN 6
#define SUFFIX ".model"
#define PUBLISH_WAIT_MS 30000
#define ROWS_MAX ((size_t)256 << 20) /* bytes for the list of models */

static size_t
hex_run(const char *s)
{
	return strspn(s, "0123456789abcdef");
}

bool
model_id_valid(const char *name, size_t n)
{
	return n == ID_CHARS && hex_run(name) >= n;
}

char *
model_path(const struct engine_paths *paths, const char *id)
{
	char *path;

	return asprintf(&path, "%s/%s" SUFFIX, paths->models, id) == -1 ? NULL : path;
}

int
engine_current_id(const struct engine_paths *paths, char id[MODEL_ID_BYTES], struct err *err)
{
	char target[MODEL_ID_BYTES + sizeof(SUFFIX)];
	ssize_t n = readlink(paths->current, target, sizeof(target) - 1);

	if (n == -1 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(
		    err, ERR_NOT_FOUND, "%s: there is no current model; run 'hamlet init'", paths->dir);
	if (n == -1)
		return err_set(err, ERR_IO, "%s: %s", paths->current, strerror(errno));
	target[n] = '\0';
	if (hex_run(target) != ID_CHARS || strcmp(target + ID_CHARS, SUFFIX) != 0)
		return err_set(
		    err, ERR_DAMAGED, "%s: doesn't point to a model of this folder", paths->current);
	memcpy(id, target, ID_CHARS);
	id[ID_CHARS] = '\0';
	return 0;
}

enum use { WHOLE, TO_JUDGE, TO_LEARN };

static int
open_path(const char *path, enum use use, struct model **out, struct err *err)
{
	if (access(path, F_OK) == -1 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "%s: its file is no longer kept", path);
	return use == TO_LEARN ? model_open_to_learn(out, path, err)
			       : model_open_copy(out, path, use == TO_JUDGE, err);
}

static int
open_file(struct engine *e, const char *id, enum use use, struct model **out, struct err *err)
{
	char *path = model_path(&e->paths, id);
	struct model *m;
	int rc;

	if (path == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", id);
	rc = open_path(path, use, &m, err);
	if (rc == 0 && strcmp(model_info(m)->id, id) != 0) {
		rc = err_set(err, ERR_DAMAGED, "%s: holds another model, %s", path, model_info(m)->id);
		model_unref(m);
	}
	if (rc == 0)
		*out = m;
	free(path);
	return rc;
}

int
registry_open(struct engine *e, const char *id, bool judges_only, struct model **out, struct err *err)
{
	return open_file(e, id, judges_only ? TO_JUDGE : WHOLE, out, err);
}

int
registry_open_to_learn(struct engine *e, const char *id, struct model **out, struct err *err)
{
	return open_file(e, id, TO_LEARN, out, err);
}

/* Look for the one model still kept whose id begins with PREFIX. */
static int
complete_id(struct engine *e, const char *prefix, char id[MODEL_ID_BYTES], struct err *err)
{
	struct arena *a = arena_new(ROWS_MAX);
	struct model_row *rows;
	size_t n, found = 0;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (store_models(e->store, a, &rows, &n, err) == -1) {
		arena_free(a);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (rows[i].pruned_ms != 0 || strncmp(rows[i].id, prefix, strlen(prefix)) != 0 ||
		    !model_id_valid(rows[i].id, strlen(rows[i].id)))
			continue;
		memcpy(id, rows[i].id, MODEL_ID_BYTES);
		found++;
	}
	arena_free(a);
	if (found == 0)
		return err_set(
		    err, ERR_NOT_FOUND, "no model that is kept has an id beginning with %s", prefix);
	return found == 1 ? 0 : err_set(err, ERR_NOT_FOUND, "%s: %zu models' ids begin so", prefix, found);
}

static int
open_or_rebuild(struct engine *e, const char *id, bool judges_only, struct model **out, struct err *err)
{
	struct err why = { 0 };

	if (registry_open(e, id, judges_only, out, &why) == 0)
		return 0;
	if (why.code == ERR_NOT_FOUND) {
		if (shelf_rebuild_id(e, id, out, err) == 0)
			return 0;
		if (err == NULL || err->code != ERR_NOT_FOUND)
			return -1;
	}
	return err_set(err, why.code, "%s", why.text);
}

int
registry_promised(struct err *err)
{
	if (err != NULL && (err->code == ERR_NOT_FOUND || err->code == ERR_DAMAGED)) {
		const struct err why = *err;

		return err_set(err, ERR_DAMAGED, "%s; 'hamlet retrain' makes a new one", why.text);
	}
	return -1;
}

static int
open_model(struct engine *e, const char *id, bool judges_only, struct model **out, struct err *err)
{
	char whole[MODEL_ID_BYTES];
	size_t n;

	if (id == NULL) {
		if (engine_current_id(&e->paths, whole, err) == -1)
			return -1;
		return open_or_rebuild(e, whole, judges_only, out, err) == 0 ? 0 : registry_promised(err);
	}
	n = strlen(id);
	if (model_id_valid(id, n))
		return open_or_rebuild(e, id, judges_only, out, err);
	if (n < ID_PREFIX_MIN || n > ID_CHARS || hex_run(id) != n)
		return err_set(err, ERR_NOT_FOUND,
		    "'%.80s' is not a model's id: at least %d of its 64 hexadecimal digits", id,
		    ID_PREFIX_MIN);
	return complete_id(e, id, whole, err) == -1 ? -1 : open_or_rebuild(e, whole, judges_only, out, err);
}

int
engine_model(struct engine *e, const char *id, struct model **out, struct err *err)
{
	return open_model(e, id, false, out, err);
}

int
engine_model_to_judge(struct engine *e, const char *id, struct model **out, struct err *err)
{
	return open_model(e, id, true, out, err);
}

int
engine_publish_lock(const struct engine_paths *paths, int *fd, struct err *err)
{
	return file_lock(fd, paths->publish_lock, PUBLISH_WAIT_MS, err);
}

int
registry_make_current(const struct engine_paths *paths, const char *id, bool lasting, struct err *err)
{
	char target[MODEL_ID_BYTES + sizeof(SUFFIX)];

	snprintf(target, sizeof(target), "%s" SUFFIX, id);
	return file_link_swap(paths->current, target, lasting, err);
}

void
registry_maker(char maker[MAKER_BYTES])
{
	snprintf(maker, MAKER_BYTES, "hamlet %s, utf8proc %s", PACKAGE_VERSION, fold_tables());
}

static int
add_row(struct engine *e, const struct model_info *info, const struct model_row *given, struct err *err)
{
	char maker[MAKER_BYTES];
	const struct model_row row = {
		.id = info->id,
		.parent = info->parent,
		.kind = given->kind,
		.created_ms = given->created_ms != 0 ? given->created_ms : time_now_ms(),
		.who = given->who != NULL ? given->who : "",
		.spam = (int64_t)info->spam,
		.ham = (int64_t)info->ham,
		.tokens = (int64_t)info->tokens,
		.bytes = (int64_t)info->bytes,
		.position = (int64_t)info->position,
		.spam_threshold = info->spam_threshold,
		.unsure_threshold = info->unsure_threshold,
		.blocked_ham_budget = info->blocked_ham_budget,
		.figures = given->figures != NULL ? given->figures : "",
		.corpus = given->corpus != NULL ? given->corpus : "",
		.withheld = given->withheld != NULL ? given->withheld : "",
		.maker = maker,
	};
	bool lost;

	registry_maker(maker);
	if (store_examples_lost(e->store, row.position, &lost, err) == -1)
		return -1;
	if (lost)
		return err_set(
		    err, ERR_BUSY, "examples that it has learnt from were erased meanwhile; train again");
	return store_model_add(e->store, &row, err);
}

struct writing {
	const struct model *m;
	const char *path;
	bool made;
	struct err *err;
	int rc;
};

static void
write_model(void *arg)
{
	struct writing *w = arg;
	struct slice bytes = model_bytes(w->m);
	struct model *there;

	if (access(w->path, F_OK) == 0 && model_open(&there, w->path, NULL) == 0) {
		bool same = strcmp(model_info(there)->id, model_info(w->m)->id) == 0;

		model_unref(there);
		if (same)
			return;
	}
	w->rc = file_write_whole(w->path, bytes.p, bytes.n, w->err);
	w->made = w->rc == 0;
}

int
registry_write(const struct engine *e, const struct model *m, const char *path, bool *made, struct err *err)
{
	struct writing w = { .m = m, .path = path, .err = err };

	engine_give_way(e, write_model, &w);
	*made = w.made;
	return w.rc;
}

/* Return whether ID is current: a swap can have happened and yet not be known to be on disk. */
static bool
is_current(const struct engine_paths *paths, const char *id)
{
	char now[MODEL_ID_BYTES];

	return engine_current_id(paths, now, NULL) == 0 && strcmp(now, id) == 0;
}

int
engine_publish(struct engine *e, const struct model *m, const struct model_row *row, struct err *err)
{
	const struct model_info *info = model_info(m);
	char *path = model_path(&e->paths, info->id);
	bool made = false;

	if (path == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", info->id);
	if (registry_write(e, m, path, &made, err) == -1 || add_row(e, info, row, err) == -1)
		goto fail;
	if (registry_make_current(&e->paths, info->id, true, err) == -1 && !is_current(&e->paths, info->id)) {
		if (made)
			store_model_pruned(e->store, info->id, time_now_ms(), NULL);
		goto fail;
	}
	free(path);
	/* The new model is current whatever becomes of the old ones; what stays is cleared away the next
	 * time. */
	registry_prune(e, ENGINE_LEARN_KEPT, NULL);
	return 0;

fail:
	if (made)
		unlink(path);
	free(path);
	return err_prefix(err, "can't publish model %.12s", info->id);
}

int
engine_publish_unfiled(struct engine *e, const struct model *m, const struct model_row *row, struct err *err)
{
	const struct model_info *info = model_info(m);

	/* A row that nothing points to stays: it may be there from before a crash, and named by verdicts.  A
	 * link that points to the old model after a power cut costs learning it again, the journal's sync of
	 * it every request that waits for its own; it lasts when the file comes. */
	if (add_row(e, info, row, err) == -1 ||
	    (registry_make_current(&e->paths, info->id, false, err) == -1 &&
		!is_current(&e->paths, info->id)))
		return err_prefix(err, "can't publish model %.12s", info->id);
	return 0;
}

int
engine_withhold(struct engine *e, const struct model *m, const struct model_row *row, struct err *err)
{
	char *path = model_path(&e->paths, model_info(m)->id);
	bool made = false;
	int rc;

	if (path == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", model_info(m)->id);
	rc = registry_write(e, m, path, &made, err);
	if (rc == 0)
		rc = add_row(e, model_info(m), row, err);
	if (rc == -1 && made)
		unlink(path);
	free(path);
	if (rc == -1)
		return err_prefix(err, "can't keep model %.12s", model_info(m)->id);
	registry_prune(e, ENGINE_LEARN_KEPT, NULL);
	return 0;
}

#define PINNED "pinned_model"

/* Fill *ROW (in A) with what is on record of the model ID; *FOUND tells whether anything is. */
static int
find_row(
    struct engine *e, const char *id, struct arena *a, struct model_row *row, bool *found, struct err *err)
{
	struct err why = { 0 };

	*found = store_model_get(e->store, id, a, row, &why) == 0;
	return *found || why.code == ERR_NOT_FOUND ? 0 : err_set(err, why.code, "%s", why.text);
}

/* Raise *POSITION to the greatest of the models on record that were ever current. */
static int
find_farthest(struct engine *e, struct arena *a, int64_t *position, struct err *err)
{
	struct model_row *rows;
	size_t n;

	if (store_models(e->store, a, &rows, &n, err) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].withheld[0] == '\0' && rows[i].position > *position)
			*position = rows[i].position;
	}
	return 0;
}

/*
 * Pin M if it is a step back to one that knows less than the model it takes the place of; else let the pin
 * go.  Of a model that is pinned itself it takes the place of what that one was a step back from: who went
 * back too far, and goes on to the right one, still doesn't want what came after it.
 */
static int
pin(struct engine *e, const struct model *m, bool withheld, struct arena *a, struct err *err)
{
	struct model *current;
	int64_t position = 0;
	bool pinned = false;
	int rc = 0;

	if (!withheld && engine_model(e, NULL, &current, NULL) == 0) {
		position = (int64_t)model_info(current)->position;
		rc = engine_pinned(e, model_info(current)->id, &pinned, err);
		model_unref(current);
	}
	if (rc == -1 || (pinned && find_farthest(e, a, &position, err) == -1))
		return -1;
	return store_meta_set(
	    e->store, PINNED, (int64_t)model_info(m)->position < position ? model_info(m)->id : "", err);
}

/* See that M, which may have been made again just now, has its file. */
static int
keep_file(struct engine *e, const struct model *m, struct err *err)
{
	char *path = model_path(&e->paths, model_info(m)->id);
	bool made;
	int rc;

	rc = path != NULL ? registry_write(e, m, path, &made, err) : err_set(err, ERR_NOMEM, "out of memory");
	free(path);
	return rc;
}

/* Make M current.  One that was withheld gets a new row: it is published after all. */
static int
use(struct engine *e, const struct model *m, struct arena *a, struct err *err)
{
	const char *id = model_info(m)->id;
	struct model_row row;
	bool found, withheld;

	if (find_row(e, id, a, &row, &found, err) == -1)
		return -1;
	withheld = found && row.withheld[0] != '\0';
	row.withheld = "";
	if (keep_file(e, m, err) == -1 ||
	    pin(e, m, withheld, a, err) == -1 || /* first: nobody may learn into it between the two */
	    (withheld && store_model_add(e->store, &row, err) == -1))
		return -1;
	return registry_make_current(&e->paths, id, true, err);
}

int
engine_use(struct engine *e, const char *id, struct err *err)
{
	struct arena *a = arena_new(ROWS_MAX);
	struct model *m;
	int lock, rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = engine_publish_lock(&e->paths, &lock, err);
	if (rc == 0) {
		rc = engine_model(e, id, &m, err);
		if (rc == 0) {
			rc = use(e, m, a, err);
			model_unref(m);
		}
		close(lock);
	}
	arena_free(a);
	return rc;
}

int
engine_pinned(struct engine *e, const char *model, bool *pinned, struct err *err)
{
	struct arena *a = arena_new(4096);
	char *id;
	int rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_meta_get(e->store, PINNED, a, &id, err);
	*pinned = rc == 0 && id != NULL && strcmp(id, model) == 0;
	arena_free(a);
	return rc;
}
