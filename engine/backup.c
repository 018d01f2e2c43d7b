#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/backup_impl.h"
#include "engine/registry.h"
#include "engine/shelf.h"
#include "store/chain.h"

#define CONFIG_MAX ((size_t)16 << 20)
#define KEYS_BYTES_MAX ((size_t)1 << 20)
#define MODEL_MAX ((size_t)4 << 30)

/* Copy the model ID if it is whole: nobody could restore another. */
static int
copy_model(struct engine *e, const struct engine_paths *to, const char *id, struct backup_result *out,
    struct err *err)
{
	struct err why = { 0 };
	char *source, *target;
	struct model *m;
	int rc;

	if (engine_model(e, id, &m, &why) == -1) {
		out->missing++;
		return why.code == ERR_NOMEM ? err_set(err, ERR_NOMEM, "%s", why.text) : 0;
	}
	model_unref(m);
	source = model_path(&e->paths, id);
	target = model_path(to, id);
	rc = source == NULL || target == NULL ? err_set(err, ERR_NOMEM, "out of memory")
					      : backup_copy_file(source, target, MODEL_MAX, false, err);
	out->models += rc == 0;
	free(source);
	free(target);
	return rc;
}

/* Without the current model a copy would answer nothing. */
static int
check_current(struct engine *e, struct err *err)
{
	struct err why = { 0 };
	struct model *m;

	if (engine_model(e, NULL, &m, &why) == 0) {
		model_unref(m);
		return 0;
	}
	return why.code == ERR_NOT_FOUND
	    ? 0
	    : err_set(err, why.code, "%s; 'hamlet retrain' makes one that can be backed up", why.text);
}

/* Copy the files of the models of S that are kept, and the link to the current one. */
static int
copy_models(struct engine *e, const struct engine_paths *to, const struct shelf *s, struct backup_result *out,
    struct err *err)
{
	char current[MODEL_ID_BYTES], target[MODEL_ID_BYTES + sizeof(".model")];

	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i].pruned_ms != 0 || shelf_rebuilds(s, i) ||
		    !model_id_valid(s->rows[i].id, strlen(s->rows[i].id)))
			continue;
		if (copy_model(e, to, s->rows[i].id, out, err) == -1)
			return -1;
	}
	if (engine_current_id(&e->paths, current, err) == -1)
		return err->code == ERR_NOT_FOUND ? 0 : -1;
	snprintf(target, sizeof(target), "%s.model", current);
	return file_link_swap(to->current, target, true, err);
}

/* Copy the record of E, and the keys that its chain is verified with, to the folder of TO, which is there. */
static int
copy_record(struct engine *e, const struct engine_paths *to, void (*progress)(double share, void *arg),
    void *arg, struct err *err)
{
	if (store_backup(e->store, to->db, progress, arg, err) == -1)
		return -1;
	/* After the database: keys that it doesn't need yet do no harm. */
	return backup_copy_file(e->paths.chain_key, to->chain_key, KEYS_BYTES_MAX, false, err);
}

/* Copy the models that E holds to the folder of TO, as its record names them. */
static int
copy_shelf(struct engine *e, const struct engine_paths *to, struct backup_result *out, struct err *err)
{
	struct shelf s = { .arena = NULL };
	int rc;

	if (mkdir(to->models, 0700) == -1)
		return err_set(err, ERR_IO, "%s: %s", to->models, strerror(errno));
	rc = file_give_folder(to->models, err);
	if (rc == 0)
		rc = shelf_read(&s, e, err);
	if (rc == 0)
		rc = copy_models(e, to, &s, out, err);
	shelf_fini(&s);
	return rc;
}

/* Set *EMPTY to whether nothing is in the folder DIR, or it isn't there. */
static int
look_into(const char *dir, bool *there, bool *empty, struct err *err)
{
	const struct dirent *entry;
	DIR *folder = opendir(dir);

	*there = folder != NULL;
	*empty = true;
	if (folder == NULL)
		return errno == ENOENT ? 0 : err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	while ((entry = readdir(folder)) != NULL)
		*empty = *empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
	closedir(folder);
	return 0;
}

bool
backup_may_fill(const char *dir)
{
	bool there, empty;

	return look_into(dir, &there, &empty, NULL) == 0 && empty;
}

void
backup_remove(const char *dir)
{
	struct engine_paths made;

	if (engine_paths_init(&made, dir, NULL) == -1)
		return;
	backup_clear(&made);
	engine_paths_fini(&made);
}

/* See that no model comes or goes; *LOCK is -1 where nothing can be written anyway. */
static int
lock_models(struct engine *e, int *lock, struct err *err)
{
	struct err why = { 0 };

	if (engine_publish_lock(&e->paths, lock, &why) == 0)
		return 0;
	*lock = -1;
	return why.code == ERR_READ_ONLY ? 0 : err_set(err, why.code, "%s", why.text);
}

int
backup_make(struct engine *e, const char *dir, void (*progress)(double share, void *arg), void *arg,
    struct backup_result *out, struct err *err)
{
	struct engine_paths to;
	bool there, empty;
	int lock, rc;

	*out = (struct backup_result){ 0 };
	if (look_into(dir, &there, &empty, err) == -1)
		return -1;
	if (!empty)
		return err_set(err, ERR_REFUSED, "%s: there is something in it already", dir);
	if (check_current(e, err) == -1 || engine_paths_init(&to, dir, err) == -1)
		return -1;
	rc = lock_models(e, &lock, err);
	if (rc == 0) {
		if ((there ? chmod(dir, 0700) : mkdir(dir, 0700)) == -1)
			rc = err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
		else if (copy_record(e, &to, progress, arg, err) == -1 ||
		    copy_shelf(e, &to, out, err) == -1 ||
		    backup_copy_file(e->paths.config, to.config, CONFIG_MAX, true, err) == -1 ||
		    backup_copy_rules(&e->paths, &to, out, err) == -1) {
			backup_clear(&to);
			rc = -1;
		}
		if (lock != -1)
			close(lock);
	}
	engine_paths_fini(&to);
	return rc;
}

/* -- Restoring -- */

struct restoration {
	const char *state, *who;
	const char *beside; /* where the copy is made */
	int lock; /* the daemon's, of what is there now; -1: none */
	bool there, empty;
	struct engine_paths old;
	void (*progress)(double share, void *arg);
	void *arg;
};

/* See that every file of a model of E is what its name says, and the current one with them. */
static int
verify_models(struct engine *e, struct err *err)
{
	struct shelf s;
	struct model *m;
	int rc;

	rc = shelf_read(&s, e, err);
	for (size_t i = 0; rc == 0 && i < s.n; i++) {
		if (!s.places[i].file)
			continue;
		rc = registry_open(e, s.rows[i].id, false, &m, err);
		if (rc == 0)
			model_unref(m);
	}
	shelf_fini(&s);
	if (rc == -1)
		return -1;
	if (engine_model(e, NULL, &m, err) == -1)
		return err->code == ERR_NOT_FOUND ? 0 : -1;
	model_unref(m);
	return 0;
}

/* Verify the copy, and record in it that it is one. */
static int
verify_copy(const struct restoration *r, struct backup_result *out, struct err *err)
{
	const struct chain_verify how = { .progress = r->progress, .arg = r->arg };
	struct chain_report report;
	struct engine *e;
	int rc;

	if (engine_open(&e, r->beside, STORE_WRITE, 0, err) == -1)
		return -1;
	rc = store_chain_verify(e->store, &how, &report, err);
	if (rc == 0 && report.fault != CHAIN_WHOLE)
		rc = err_set(err, ERR_DAMAGED, "the backup's record is broken: %s", report.text);
	out->records = report.records;
	if (rc == 0)
		rc = verify_models(e, err);
	if (rc == 0)
		rc = store_event_add(e->store, "restored", r->who, NULL, err);
	engine_close(e);
	return rc;
}

/* Give the copy the mode MODE of the state directory: whoever could pass through that must get to the socket.
 */
static int
let_through(const struct engine_paths *to, mode_t mode, struct err *err)
{
	/* of a link, put there by another who may write there, nothing is changed */
	int fd = open(to->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc;

	if (fd == -1)
		return err_set(err, ERR_IO, "%s: %s", to->dir, strerror(errno));
	rc = fchmod(fd, mode & 0755);
	if (rc == -1)
		err_set(err, ERR_IO, "%s: %s", to->dir, strerror(errno));
	close(fd);
	return rc;
}

/* Have the copy open to whom the state directory was, and as root, give it to whom that belongs: its daemon
 * must read and write it. */
static int
give_copy(const struct restoration *r, const struct engine_paths *to, struct err *err)
{
	struct stat sb;

	if (!r->there)
		return 0;
	if (stat(r->state, &sb) == -1)
		return err_set(err, ERR_IO, "%s: %s", r->state, strerror(errno));
	if (let_through(to, sb.st_mode, err) == -1)
		return -1;
	return geteuid() == 0 ? backup_give(to, sb.st_uid, sb.st_gid, err) : 0;
}

/*
 * Let FROM, a backup, have its copy's record in place of its own: opening that for writing has brought it to
 * the current schema, and the backup, which may be of an older one, stays as it is.
 */
static int
read_copied(struct engine *from, const struct engine_paths *to, struct err *err)
{
	const struct store_options options = { .mode = STORE_WRITE };

	store_close(from->store);
	from->store = NULL;
	return store_open(&from->store, to->db, &options, err);
}

/* Copy the backup DIR to the folder of TO. */
static int
copy_backup(const char *dir, const struct engine_paths *to, struct backup_result *out, struct err *err)
{
	struct engine *from;
	int rc;

	if (engine_open(&from, dir, STORE_COPY, 0, err) == -1)
		return -1;
	rc = copy_record(from, to, NULL, NULL, err);
	if (rc == 0)
		rc = read_copied(from, to, err);
	if (rc == 0)
		rc = backup_copy_owned(&from->paths, to, out, err);
	if (rc == 0)
		rc = copy_shelf(from, to, out, err);
	engine_close(from);
	return rc;
}

static int
copy_beside(struct restoration *r, const char *dir, struct backup_result *out, struct err *err)
{
	struct engine_paths to;
	int rc;

	if (engine_paths_init(&to, r->beside, err) == -1)
		return -1;
	if (copy_backup(dir, &to, out, err) == -1 || verify_copy(r, out, err) == -1 ||
	    backup_let_in(&to, err) == -1 || give_copy(r, &to, err) == -1) {
		rc = -1;
		backup_clear(&to);
	} else
		rc = 0;
	engine_paths_fini(&to);
	return rc;
}

/* Put the copy in its place, and what is there now aside. */
static int
swap(const struct restoration *r, char **old, struct err *err)
{
	if (r->there && !r->empty) {
		if (asprintf(old, "%s.replaced", r->state) == -1) {
			*old = NULL;
			return err_set(err, ERR_NOMEM, "out of memory");
		}
		if (access(*old, F_OK) == 0)
			return err_set(err, ERR_REFUSED, "%s: is there from an earlier restoration", *old);
		if (rename(r->state, *old) == -1)
			return err_set(err, ERR_IO, "%s: %s", r->state, strerror(errno));
	}
	if (rename(r->beside, r->state) == 0)
		return 0;
	err_set(err, ERR_IO, "%s: %s", r->state, strerror(errno));
	if (*old != NULL)
		rename(*old, r->state);
	return -1;
}

/* The same, and nobody can stop it between the two steps. */
static int
move_in(const struct restoration *r, char **old, struct err *err)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	rc = swap(r, old, err);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}

/* See that STATE may be written over, and keep a daemon from starting in it. */
static int
claim(struct restoration *r, bool force, struct err *err)
{
	if (look_into(r->state, &r->there, &r->empty, err) == -1)
		return -1;
	if (r->empty)
		return 0;
	if (access(r->old.daemon_lock, F_OK) == 0 && file_lock(&r->lock, r->old.daemon_lock, 0, err) == -1)
		return err->code == ERR_BUSY ? err_prefix(err, "a daemon runs in %s", r->state) : -1;
	return force ? 0
		     : err_set(err, ERR_REFUSED,
			   "%s: there is something in it already; --force puts that aside", r->state);
}

static int
restore(struct restoration *r, const char *dir, bool force, struct backup_result *out, char **old,
    struct err *err)
{
	if (claim(r, force, err) == -1 || copy_beside(r, dir, out, err) == -1) {
		rmdir(r->beside);
		return -1;
	}
	if (move_in(r, old, err) == 0) {
		backup_try_rules(r->state, out); /* there: they may name lists by their full path */
		return 0;
	}
	backup_remove(r->beside);
	return -1;
}

void
backup_undo_restore(const char *state, const char *beside, bool there)
{
	char *aside;

	backup_remove(beside);
	if (!there || access(state, F_OK) == 0 || asprintf(&aside, "%s.replaced", state) == -1)
		return;
	rename(aside, state);
	free(aside);
}

char *
backup_place(const char *state, struct err *err)
{
	char *beside;

	if (asprintf(&beside, "%s.restoring-XXXXXX", state) == -1) {
		err_set(err, ERR_NOMEM, "out of memory");
		return NULL;
	}
	if (mkdtemp(beside) != NULL)
		return beside;
	err_set(err, ERR_IO, "%s: %s", beside, strerror(errno));
	free(beside);
	return NULL;
}

int
backup_restore(const char *dir, const char *state, const char *beside, bool force, const char *who,
    void (*progress)(double share, void *arg), void *arg, struct backup_result *out, char **old,
    struct err *err)
{
	struct restoration r = {
		.state = state, .who = who, .beside = beside, .lock = -1, .progress = progress, .arg = arg
	};
	int rc;

	*out = (struct backup_result){ 0 };
	*old = NULL;
	if (engine_paths_init(&r.old, state, err) == -1) {
		rmdir(beside);
		return -1;
	}
	rc = restore(&r, dir, force, out, old, err);
	if (r.lock != -1)
		close(r.lock);
	if (rc == -1) {
		free(*old);
		*old = NULL;
	}
	engine_paths_fini(&r.old);
	return rc;
}
