#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/timetext.h"
#include "engine/folders.h"
#include "engine/import.h"
#include "engine/init.h"
#include "engine/learn.h"
#include "engine/shipped.h"

#define BUSY_MS 10000
#define ORIGIN "corpus" /* of the examples that are recorded here */
#define IMPORT_SHARE 0.1 /* of the time */
#define SCRATCH_MAX ((size_t)256 << 20)

struct init {
	struct engine_paths paths;
	int lock; /* the publish lock; -1: not held, and nothing made but the folder */
	struct init_before before;
	struct engine *engine;
	void (*progress)(double share, void *arg);
	void *arg;
};

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void
unlink_with(const char *path, const char *suffix)
{
	char *whole;

	if (asprintf(&whole, "%s%s", path, suffix) == -1)
		return;
	unlink(whole);
	free(whole);
}

static void
unlink_database(const struct engine_paths *paths)
{
	unlink_with(paths->db, "");
	unlink_with(paths->db, "-journal"); /* before there is a log */
	unlink_with(paths->db, "-wal");
	unlink_with(paths->db, "-shm");
}

/* Remove the keys, and what a writing of them that was interrupted has left. */
static void
unlink_keys(const struct engine_paths *paths)
{
	unlink(paths->chain_key);
	file_remove_leftovers(paths->chain_key, NULL);
}

static void
look(const struct engine_paths *paths, struct init_before *before)
{
	before->db = exists(paths->db);
	before->models = exists(paths->models);
	before->key = exists(paths->chain_key);
}

/* Take away again what was made, under the lock that it was made under. */
static void
undo(const struct init *in)
{
	if (in->lock != -1 && !in->before.db) {
		unlink_database(&in->paths);
		if (!in->before.key)
			unlink_keys(&in->paths);
		if (!in->before.models)
			folders_clear(in->paths.models);
		unlink(in->paths.publish_lock);
	}
	folders_unmake(in->paths.dir, in->before.made_from);
}

static int
read_corpus(struct corpus *c, const char *const *specs, size_t n, struct err *err)
{
	const struct corpus_options options = { .format = CORPUS_JSONL, .label = LABEL_NONE };

	if (n == 0)
		return shipped_corpus_read(c, err);
	for (size_t i = 0; i < n; i++) {
		if (corpus_read(c, specs[i], &options, err) == -1)
			return -1;
	}
	return 0;
}

/* Refuse a database that has a model, whether or not its file can be read. */
static int
refuse_second(struct engine *e, struct arena *a, struct err *err)
{
	struct model_row *rows;
	size_t n;

	if (store_models(e->store, a, &rows, &n, err) == -1)
		return -1;
	if (n > 0)
		return err_set(
		    err, ERR_REFUSED, "%s: has been initialised already: there is a model", e->paths.dir);
	return 0;
}

static void
report_import(double share, void *arg)
{
	const struct init *in = arg;

	if (in->progress != NULL)
		in->progress(share * IMPORT_SHARE, in->arg);
}

static void
report_training(double share, void *arg)
{
	const struct init *in = arg;

	if (in->progress != NULL)
		in->progress(IMPORT_SHARE + share * (1 - IMPORT_SHARE), in->arg);
}

struct left_over {
	size_t n; /* examples */
	size_t others; /* of them those that no initialisation made */
};

static int
count_left_over(const struct example_row *row, void *arg)
{
	struct left_over *l = arg;

	l->n++;
	l->others += strcmp(row->origin, ORIGIN) != 0;
	return 0;
}

/* Count the examples that an initialisation which was interrupted has left; what else was put there since is
 * not to be cleared away. */
static int
find_left_over(struct engine *e, struct arena *a, struct left_over *l, struct err *err)
{
	struct site_row *sites;
	size_t nsites;

	*l = (struct left_over){ 0 };
	if (store_example_walk(e->store, LABEL_NONE, 0, count_left_over, l, err) == -1 ||
	    store_sites(e->store, true, a, &sites, &nsites, err) == -1)
		return -1;
	if (l->others == 0 && (l->n == 0 || nsites == 1))
		return 0;
	return err_set(err, ERR_REFUSED,
	    "%s: has rows of an initialisation that was interrupted, and examples or sites that were added "
	    "since; "
	    "begin in another directory",
	    e->paths.dir);
}

/* Begin anew where an initialisation was interrupted: its rows are no part of this one, which may have
 * another corpus. */
static int
clear_left_over(struct init *in, struct arena *a, struct err *err)
{
	struct left_over l;

	if (refuse_second(in->engine, a, err) == -1 || find_left_over(in->engine, a, &l, err) == -1)
		return -1;
	if (l.n == 0)
		return 0;
	engine_close(in->engine);
	in->engine = NULL;
	unlink_database(&in->paths);
	unlink_keys(&in->paths);
	return engine_create(&in->engine, in->paths.dir, BUSY_MS, err);
}

/* Import C and train the first model of it. */
static int
fill(struct init *in, const struct corpus *c, struct arena *a, struct err *err)
{
	const struct import_options importing = { ORIGIN, "init", report_import, in };
	const struct retrain_options training = {
		.lock_held = true,
		.who = "init",
		.progress = report_training,
		.progress_arg = in,
	};
	struct import_result result;
	struct retrained made;

	if (clear_left_over(in, a, err) == -1)
		return -1;
	in->engine->alone = true; /* where there is no model yet, nobody judges */
	if (engine_import_rows(in->engine, c, &importing, &result, err) == -1 ||
	    retrain(in->engine, &training, a, &made, err) == -1)
		return -1;
	model_unref(made.model);
	return 0;
}

/* Make the directory, lock it, and then its contents: two at once don't take each other's work for their own.
 */
static int
make(struct init *in, const struct corpus *c, struct err *err)
{
	struct arena *a;
	int rc;

	if (folders_make(in->paths.dir, FOLDERS_CLOSED, &in->before.made_from, err) == -1 ||
	    engine_publish_lock(&in->paths, &in->lock, err) == -1)
		return -1;
	look(&in->paths, &in->before);
	if (engine_create(&in->engine, in->paths.dir, BUSY_MS, err) == -1)
		return -1;
	a = arena_new(SCRATCH_MAX);
	rc = a != NULL ? fill(in, c, a, err) : err_set(err, ERR_NOMEM, "%s: out of memory", in->paths.dir);
	arena_free(a);
	engine_close(in->engine);
	return rc;
}

int
engine_init(const char *dir, const char *const *corpus_specs, size_t n,
    void (*progress)(double share, void *arg), void *arg, struct err *err)
{
	struct init in = { .lock = -1, .progress = progress, .arg = arg };
	struct corpus c;
	int rc;

	if (engine_paths_init(&in.paths, dir, err) == -1)
		return -1;
	corpus_init(&c);
	rc = read_corpus(&c, corpus_specs, n, err); /* before anything is made */
	if (rc == 0 && c.n == 0)
		rc = err_set(err, ERR_INPUT, "there is no comment in the corpus");
	if (rc == 0) {
		rc = make(&in, &c, err);
		if (rc == -1)
			undo(&in);
	}
	if (in.lock != -1)
		close(in.lock);
	corpus_fini(&c);
	engine_paths_fini(&in.paths);
	return rc;
}

void
engine_init_look(const char *dir, struct init_before *before)
{
	struct engine_paths paths;

	*before = (struct init_before){ true, true, true, 0 }; /* so that nothing is undone */
	if (engine_paths_init(&paths, dir, NULL) == -1)
		return;
	look(&paths, before);
	before->made_from = folders_missing(dir);
	engine_paths_fini(&paths);
}

void
engine_init_undo(const char *dir, const struct init_before *before)
{
	struct init in = { .lock = -1, .before = *before };
	struct err why = { 0 };

	if (engine_paths_init(&in.paths, dir, NULL) == -1)
		return;
	if (access(in.paths.dir, F_OK) == 0)
		file_lock(&in.lock, in.paths.publish_lock, 0, &why);
	if (why.code == ERR_NONE && !exists(in.paths.current))
		undo(&in);
	if (in.lock != -1)
		close(in.lock);
	engine_paths_fini(&in.paths);
}

int
engine_init_default(const char *dir, const struct log *log, struct err *err)
{
	int64_t start = time_now_ms();

	log_event(log, LOG_INFO, "init", LOG_STR("state", dir));
	if (engine_init(dir, NULL, 0, NULL, NULL, err) == -1)
		return -1;
	log_event(log, LOG_INFO, "initialised", LOG_STR("state", dir), LOG_INT("ms", time_now_ms() - start));
	return 0;
}
