#include "config.h"

#include <errno.h>
#include <stdbool.h>
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

int
engine_paths_init(struct engine_paths *paths, const char *dir, struct err *err)
{
	const struct {
		char **path;
		const char *name;
	} all[] = {
		{ &paths->db, "hamlet.db" },
		{ &paths->models, "models" },
		{ &paths->current, "models/current" },
		{ &paths->service_socket, "hamlet.sock" },
		{ &paths->admin_socket, "admin.sock" },
		{ &paths->config, "hamlet.conf" },
		{ &paths->rules, "rules.conf" },
		{ &paths->rules_folder, "rules" },
		{ &paths->flood, "flood.state" },
		{ &paths->flood_forget, "flood.forget" },
		{ &paths->chain_key, "chain.key" },
		{ &paths->daemon_lock, "hamletd.lock" },
		{ &paths->publish_lock, "publish.lock" },
		{ &paths->retrain_lock, "retrain.lock" },
	};
	bool whole = true;

	paths->dir = strdup(dir);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		*all[i].path = path_join(dir, all[i].name);
		whole = whole && *all[i].path != NULL;
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
	free(paths->db);
	free(paths->models);
	free(paths->current);
	free(paths->service_socket);
	free(paths->admin_socket);
	free(paths->config);
	free(paths->rules);
	free(paths->rules_folder);
	free(paths->flood);
	free(paths->flood_forget);
	free(paths->chain_key);
	free(paths->daemon_lock);
	free(paths->publish_lock);
	free(paths->retrain_lock);
	*paths = (struct engine_paths){ 0 };
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
