#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/sql.h"

#define STEP_PAGES 4096

static int
copy_all(struct store *st, sqlite3 *to, void (*progress)(double share, void *arg), void *arg, struct err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", st->db, "main");
	int rc = SQLITE_OK, all;

	if (b == NULL)
		return err_set(err, ERR_IO, "can't write the copy: %s", sqlite3_errmsg(to));
	while (rc == SQLITE_OK) {
		errno = 0;
		rc = sqlite3_backup_step(b, STEP_PAGES);
		all = sqlite3_backup_pagecount(b);
		if (progress != NULL && all > 0)
			progress(1 - (double)sqlite3_backup_remaining(b) / all, arg);
	}
	sqlite3_backup_finish(b);
	if (rc == SQLITE_DONE)
		return 0;
	if (rc ==
	    SQLITE_FULL) /* the copy's disk, and not that of the database, which sql_fail() would name */
		return err_set(err, ERR_LIMIT, "%s", sqlite3_errstr(rc));
	return rc == SQLITE_BUSY || rc == SQLITE_LOCKED ? err_set(err, ERR_BUSY, "the database is locked")
							: sql_fail(st, rc, err);
}

/* Make the file PATH, which must not be there, readable by its owner alone. */
static int
make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), rc;

	if (fd == -1)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	rc = file_give(fd, path, err);
	close(fd);
	return rc;
}

int
store_backup(
    struct store *st, const char *path, void (*progress)(double share, void *arg), void *arg, struct err *err)
{
	static const char begin[] = "SELECT count(*) FROM meta";
	sqlite3 *to = NULL;
	struct sql q;
	int rc;

	if (make_file(path, err) == -1)
		return -1;
	rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
	    ? 0
	    : err_set(err, ERR_IO, "%s: can't be opened", path);
	if (rc == 0 && store_savepoint(st, err) == -1)
		rc = -1;
	if (rc == 0) {
		sql_start(&q, st, begin); /* from here on, it is this moment's database that is copied */
		rc = sql_run(&q, err);
		if (rc == 0)
			rc = copy_all(st, to, progress, arg, err);
		if (rc == 0)
			rc = store_release(st, err);
		else
			store_rollback_to(st);
	}
	/* A file by itself, which can be read from where nothing can be written. */
	if (rc == 0 && sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
		rc = err_set(err, ERR_IO, "%s", sqlite3_errmsg(to));
	if (sqlite3_close(to) != SQLITE_OK && rc == 0)
		rc = err_set(err, ERR_IO, "%s: can't be closed", path);
	return rc == 0 ? 0 : err_prefix(err, "%s", path);
}
