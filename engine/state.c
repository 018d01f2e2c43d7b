#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/background.h"
#include "base/file.h"
#include "engine/engine.h"
#include "engine/folders.h"

static int
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Return the value of environment variable NAME, or NULL when it isn't set or is empty. */
static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

char *
engine_default_dir(void)
{
	const char *dir = environment("HAMLET_STATE");

	if (dir != NULL)
		return strdup(dir);
	if (geteuid() == 0 || is_folder(HAMLET_STATE_DIR))
		return strdup(HAMLET_STATE_DIR);
	dir = environment("XDG_STATE_HOME");
	if (dir != NULL)
		return path_join(dir, "hamlet");
	dir = environment("HOME");
	return dir != NULL ? path_join(dir, ".local/state/hamlet") : strdup(HAMLET_STATE_DIR);
}

/* What a state directory holds. */
static const struct {
	size_t at; /* of its path in struct engine_paths */
	const char *name;
	bool owners; /* else what the programs make */
} contents[] = {
	{ offsetof(struct engine_paths, db), "hamlet.db", false },
	{ offsetof(struct engine_paths, models), "models", false },
	{ offsetof(struct engine_paths, current), "models/current", false },
	{ offsetof(struct engine_paths, service_socket), "hamlet.sock", false },
	{ offsetof(struct engine_paths, admin_socket), "admin.sock", false },
	{ offsetof(struct engine_paths, config), "hamlet.conf", true },
	{ offsetof(struct engine_paths, rules), "rules.conf", true },
	{ offsetof(struct engine_paths, rules_folder), "rules", true },
	{ offsetof(struct engine_paths, flood), "flood.state", false },
	{ offsetof(struct engine_paths, flood_forget), "flood.forget", false },
	{ offsetof(struct engine_paths, chain_key), "chain.key", false },
	{ offsetof(struct engine_paths, daemon_lock), "hamletd.lock", false },
	{ offsetof(struct engine_paths, publish_lock), "publish.lock", false },
	{ offsetof(struct engine_paths, retrain_lock), "retrain.lock", false },
};

#define CONTENTS (sizeof(contents) / sizeof(contents[0]))

/* Return where PATHS has the Ith of them. */
static char **
path_of(struct engine_paths *paths, size_t i)
{
	return (char **)(void *)((char *)paths + contents[i].at);
}

int
engine_paths_init(struct engine_paths *paths, const char *dir, struct err *err)
{
	bool whole = true;

	paths->dir = strdup(dir);
	for (size_t i = 0; i < CONTENTS; i++) {
		*path_of(paths, i) = path_join(dir, contents[i].name);
		whole = whole && *path_of(paths, i) != NULL;
	}
	if (paths->dir != NULL && whole)
		return 0;
	engine_paths_fini(paths);
	return err_set(err, ERR_NOMEM, "%s: out of memory", dir);
}

void
engine_paths_fini(struct engine_paths *paths)
{
	free(paths->dir);
	for (size_t i = 0; i < CONTENTS; i++)
		free(*path_of(paths, i));
	*paths = (struct engine_paths){ 0 };
}

bool
engine_makes(const char *name)
{
	/* beside the database are its log, the log's index, and where there is no log a journal */
	static const char *const database[] = { "hamlet.db-wal", "hamlet.db-shm", "hamlet.db-journal" };

	for (size_t i = 0; i < CONTENTS; i++) {
		if (!contents[i].owners && strcmp(name, contents[i].name) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof(database) / sizeof(database[0]); i++) {
		if (strcmp(name, database[i]) == 0)
			return true;
	}
	return false;
}

/*
 * Refuse to begin a record where there was one.  A model in use was made with a database; where that is gone,
 * or empty, a fresh one would hide that all verdicts are lost.
 */
static int
check_not_lost(const struct engine_paths *paths, struct err *err)
{
	struct stat db, link;
	const bool there = stat(paths->db, &db) == 0;

	if ((there && db.st_size > 0) || lstat(paths->current, &link) == -1)
		return 0;
	return err_set(err, ERR_DAMAGED, "%s: it is %s, though models/current is there: restore a backup",
	    paths->db, there ? "empty" : "gone");
}

/* Open the database of the state directory DIR, which is there. */
static int
open_at(struct engine **out, const char *dir, enum store_mode mode, int busy_ms, struct err *err)
{
	const struct store_options options = { .mode = mode, .busy_ms = busy_ms };
	struct engine *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", dir);
	e->rebuild_events = ENGINE_REBUILD_EVENTS;
	e->unfiled_bytes = ENGINE_UNFILED_BYTES;
	if (engine_paths_init(&e->paths, dir, err) == -1 || file_check_own(e->paths.db, err) == -1 ||
	    file_check_own(e->paths.models, err) == -1 || check_not_lost(&e->paths, err) == -1 ||
	    store_open(&e->store, e->paths.db, &options, err) == -1) {
		engine_close(e);
		return -1;
	}
	*out = e;
	return 0;
}

int
engine_look(const char *dir, struct err *err)
{
	struct engine_paths paths;
	int there, why;

	if (engine_paths_init(&paths, dir, err) == -1)
		return -1;
	there = access(paths.db, F_OK);
	why = errno;
	engine_paths_fini(&paths);
	if (there == -1 && (why == ENOENT || why == ENOTDIR))
		return err_set(err, ERR_NOT_FOUND, "%s: no hamlet.db there; run 'hamlet init'", dir);
	if (there == -1)
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(why));
	return 0;
}

int
engine_open(struct engine **out, const char *dir, enum store_mode mode, int busy_ms, struct err *err)
{
	return engine_look(dir, err) == -1 ? -1 : open_at(out, dir, mode, busy_ms, err);
}

int
engine_create(struct engine **out, const char *dir, int busy_ms, struct err *err)
{
	struct engine_paths paths;
	int rc;

	if (engine_paths_init(&paths, dir, err) == -1)
		return -1;
	rc = folders_make(paths.models, FOLDERS_CLOSED, NULL, err);
	engine_paths_fini(&paths);
	return rc == -1 ? -1 : open_at(out, dir, STORE_WRITE, busy_ms, err);
}

void
engine_close(struct engine *e)
{
	if (e == NULL)
		return;
	store_close(e->store);
	engine_paths_fini(&e->paths);
	free(e);
}

void
engine_give_way(const struct engine *e, void (*work)(void *arg), void *arg)
{
	if (e->alone)
		work(arg);
	else
		background_run(work, arg);
}
