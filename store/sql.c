#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/ip.h"
#include "base/utf8.h"
#include "store/link.h"
#include "store/search.h"
#include "store/sql.h"

#define BUSY_SHORT_US 200 /* between tries for a lock, */
#define BUSY_SHORT_TRIES 100
#define BUSY_LONG_US 5000 /* after so many */

#define FUNCTION_FLAGS (SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY)

/* -- Errors -- */

static enum err_code
code_of_io(int rc, int system)
{
	if (rc == SQLITE_IOERR_NOMEM)
		return ERR_NOMEM;
	if (rc == SQLITE_IOERR_CORRUPTFS || rc == SQLITE_IOERR_DATA)
		return ERR_DAMAGED;
	if (system == ENOSPC || system == EDQUOT || system == EFBIG)
		return ERR_LIMIT;
	if (system == EROFS)
		return ERR_READ_ONLY;
	return ERR_IO;
}

static enum err_code
code_of(int rc, int system)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return ERR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
		return ERR_DAMAGED;
	case SQLITE_FULL:
	case SQLITE_TOOBIG:
		return ERR_LIMIT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return ERR_READ_ONLY;
	case SQLITE_CONSTRAINT:
	case SQLITE_AUTH:
	case SQLITE_MISUSE:
		return ERR_REFUSED;
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_CANTOPEN:
		if (system == ENOENT)
			return ERR_NOT_FOUND;
		return system == EACCES || system == EPERM ? ERR_READ_ONLY : code_of_io(rc, system);
	default: /* SQLite's list of codes grows */
		return code_of_io(rc, system);
	}
}

int
sql_fail(struct store *st, int rc, struct err *err)
{
	int system = errno; /* SQLite's own copy of it isn't set when a statement fails */
	const char *text = sqlite3_errstr(rc);
	char number[128];

	if (st->db != NULL && sqlite3_extended_errcode(st->db) == rc)
		text = sqlite3_errmsg(st->db);
	sql_forget(st); /* some failures undo the whole transaction */
	if (((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN) && system != 0)
		return err_set(err, code_of(rc, system), "%s: %s: %s", st->path, text,
		    strerror_r(system, number, sizeof(number)));
	return err_set(err, code_of(rc, 0), "%s: %s", st->path, text);
}

void
sql_forget(struct store *st)
{
	st->model_ref = 0;
	st->run_seq = 0;
	chain_forget(st);
}

/* -- Open and close -- */

/* words_in(words, field...): for the search of verdicts; LIKE is blind to blobs and to what stands after a
 * NUL. */
static void
words_in(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct slice s[8];

	if (argc < 1 || argc > 8) {
		sqlite3_result_error(ctx, "words_in: 1 to 8 arguments", -1);
		return;
	}
	for (int i = 0; i < argc; i++) {
		s[i].p = sqlite3_value_blob(argv[i]);
		s[i].n = s[i].p == NULL ? 0 : (size_t)sqlite3_value_bytes(argv[i]);
	}
	sqlite3_result_int(ctx, search_match(s[0], s + 1, (size_t)argc - 1));
}

/* ip_form(text): the form in which addresses are compared (base/ip.h), for records are older than the
 * daemon's writing them so. */
static void
ip_form(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const unsigned char *text = sqlite3_value_text(argv[0]);
	char room[IP_TEXT_BYTES];
	struct slice in, out;

	(void)argc;
	in = (struct slice){ (const char *)text, text == NULL ? 0 : (size_t)sqlite3_value_bytes(argv[0]) };
	out = ip_canonical(in, room);
	if (out.p == in.p)
		sqlite3_result_value(ctx, argv[0]);
	else
		sqlite3_result_text(ctx, out.p, (int)out.n, SQLITE_TRANSIENT);
}

/*
 * SQLite would make the file readable by all.  Only when it isn't there: closing a descriptor of a file that
 * this process has open through SQLite too would drop SQLite's locks.
 */
static int
make_file(struct store *st, struct err *err)
{
	int fd = open(st->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum err_code code;

	if (fd != -1) {
		int rc = file_give(fd, st->path, err);

		close(fd);
		return rc;
	}
	if (errno == EEXIST)
		return 0;
	code = errno == EACCES || errno == EPERM ? ERR_READ_ONLY : code_of_io(SQLITE_IOERR, errno);
	return err_set(err, code, "%s: %s", st->path, strerror(errno));
}

static int64_t
clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/*
 * Wait a little for a lock, at the TRIESth try; 0: no longer.  Whoever has it mostly has it for one sync, a
 * millisecond or two: SQLite's own waiting, for 1, 2, 5 and 10 ms, would mostly be for nothing.
 */
static int
wait_for_lock(void *arg, int tries)
{
	struct store *st = arg;
	int64_t now = clock_us();

	if (tries == 0)
		st->busy_until_us = now + (int64_t)st->busy_ms * 1000;
	if (now >= st->busy_until_us)
		return 0;
	usleep(tries < BUSY_SHORT_TRIES ? BUSY_SHORT_US : BUSY_LONG_US);
	return 1;
}

static int
set_up(struct store *st, int busy_ms)
{
	int rc = sqlite3_busy_handler(st->db, wait_for_lock, st);

	st->busy_ms = busy_ms;

	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(st->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(st->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_create_function_v2(
		    st->db, "words_in", -1, FUNCTION_FLAGS, NULL, words_in, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_create_function_v2(
		    st->db, "ip_form", 1, FUNCTION_FLAGS, NULL, ip_form, NULL, NULL, NULL);
	return rc;
}

static int
open_named(struct store *st, const char *name, bool write, bool uri)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (uri ? SQLITE_OPEN_URI : 0);

	errno = 0;
	return sqlite3_open_v2(
	    name, &st->db, flags | (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY), NULL);
}

int
sql_open(struct store *st, const char *path, bool write, int busy_ms, struct err *err)
{
	bool uri;
	char *name = sql_name(path, write, &uri);
	int rc;

	st->path = strdup(path);
	if (st->path == NULL || name == NULL) {
		free(name);
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	}
	rc = write ? make_file(st, err) : 0;
	if (rc == 0) {
		rc = open_named(st, name, write, uri);
		if (rc == SQLITE_OK)
			rc = set_up(st, busy_ms);
		if (rc != SQLITE_OK)
			rc = sql_fail(st, rc, err);
	}
	free(name);
	if (rc == 0 && write && sqlite3_db_readonly(st->db, "main") == 1)
		return err_set(err, ERR_READ_ONLY, "%s: the file is read-only", st->path);
	return rc;
}

void
sql_close(struct store *st)
{
	for (size_t i = 0; i < st->nstatements; i++)
		sqlite3_finalize(st->statements[i].stmt);
	sqlite3_close(st->db);
	free(st->path);
}

int
sql_exec(struct store *st, const char *text, struct err *err)
{
	int rc;

	errno = 0;
	rc = sqlite3_exec(st->db, text, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : sql_fail(st, rc, err);
}

bool
sql_moved(struct store *st)
{
	int moved = 0;

	return sqlite3_file_control(st->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
	    moved != 0;
}

int
sql_checkpoint(struct store *st, bool truncate, int64_t *pages, struct err *err)
{
	int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
	int frames = 0, rc;

	errno = 0;
	rc = sqlite3_wal_checkpoint_v2(st->db, "main", mode, &frames, NULL);
	*pages = frames;
	return rc == SQLITE_OK ? 0 : sql_fail(st, rc, err);
}

bool
store_in_transaction(const struct store *st)
{
	return sqlite3_get_autocommit(st->db) == 0;
}

/* -- Queries -- */

static int
prepare(struct store *st, const char *text, sqlite3_stmt **stmt)
{
	int rc;

	if (st->nstatements == SQL_STATEMENTS_MAX)
		return SQLITE_MISUSE;
	errno = 0;
	rc = sqlite3_prepare_v3(st->db, text, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
	if (rc != SQLITE_OK)
		return rc;
	st->statements[st->nstatements].text = text;
	st->statements[st->nstatements].stmt = *stmt;
	st->nstatements++;
	return SQLITE_OK;
}

void
sql_start(struct sql *q, struct store *st, const char *text)
{
	size_t i;

	*q = (struct sql){ .st = st, .at = 1, .rc = SQLITE_OK };
	for (i = 0; i < st->nstatements && st->statements[i].text != text; i++)
		;
	if (i == st->nstatements)
		q->rc = prepare(st, text, &q->stmt);
	else if (sqlite3_stmt_busy(st->statements[i].stmt))
		q->rc = SQLITE_MISUSE;
	else
		q->stmt = st->statements[i].stmt;
}

static void
bound(struct sql *q, int rc)
{
	if (q->rc == SQLITE_OK)
		q->rc = rc;
	q->at++;
}

void
sql_record(struct sql *q, struct record *r)
{
	q->record = r;
}

void
sql_int(struct sql *q, int64_t v)
{
	if (q->record != NULL)
		record_int(q->record, v);
	if (q->rc == SQLITE_OK)
		bound(q, sqlite3_bind_int64(q->stmt, q->at, v));
}

void
sql_ref(struct sql *q, int64_t v)
{
	if (v != 0)
		sql_int(q, v);
	else
		sql_blob(q, NULL, 0);
}

void
sql_real(struct sql *q, double v)
{
	if (q->record != NULL)
		record_real(q->record, v);
	if (q->rc == SQLITE_OK)
		bound(q, sqlite3_bind_double(q->stmt, q->at, v));
}

/* Bind the N bytes at P, which isn't NULL, as text. */
static void
bind_text(struct sql *q, const char *p, size_t n)
{
	if (q->record != NULL)
		record_bytes(q->record, true, p, n);
	if (q->rc == SQLITE_OK)
		bound(q, sqlite3_bind_text64(q->stmt, q->at, p, n, SQLITE_STATIC, SQLITE_UTF8));
}

void
sql_str(struct sql *q, const char *s)
{
	bind_text(q, s == NULL ? "" : s, s == NULL ? 0 : strlen(s));
}

void
sql_opt(struct sql *q, const char *s)
{
	if (s != NULL && *s != '\0')
		sql_str(q, s);
	else
		sql_blob(q, NULL, 0);
}

void
sql_blob(struct sql *q, const void *p, size_t n)
{
	if (q->record != NULL && p == NULL)
		record_null(q->record);
	else if (q->record != NULL)
		record_bytes(q->record, false, p, n);
	if (q->rc == SQLITE_OK)
		bound(q, sqlite3_bind_blob64(q->stmt, q->at, p, n, SQLITE_STATIC));
}

void
sql_slice(struct sql *q, struct slice s)
{
	bool text = s.p != NULL && memchr(s.p, '\0', s.n) == NULL && utf8_valid(s);

	if (text)
		bind_text(q, s.p, s.n);
	else
		sql_blob(q, s.p, s.n);
}

void
sql_comment(struct sql *q, const struct comment *c)
{
	for (int i = 0; i < COMMENT_FIELDS; i++)
		sql_slice(q, c->field[i]);
}

void
sql_end(struct sql *q)
{
	if (q->stmt == NULL)
		return;
	sqlite3_reset(q->stmt);
	sqlite3_clear_bindings(q->stmt); /* what they point to is the caller's */
	q->stmt = NULL;
}

/* End Q, whose code is its error. */
static int
fail(struct sql *q, struct err *err)
{
	sql_fail(q->st, q->rc, err);
	sql_end(q);
	return -1;
}

int
sql_next(struct sql *q, struct err *err)
{
	int rc;

	if (q->rc != SQLITE_OK)
		return fail(q, err);
	errno = 0; /* for sql_fail() */
	rc = sqlite3_step(q->stmt);
	q->at = 0;
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE) {
		q->rc = rc;
		return fail(q, err);
	}
	sql_end(q);
	return 0;
}

int
sql_run(struct sql *q, struct err *err)
{
	int rc = sql_next(q, err);

	sql_end(q);
	return rc == -1 ? -1 : 0;
}

int
sql_run_on(struct sql *q, const char *what, struct err *err)
{
	if (sql_run(q, err) == -1)
		return -1;
	if (sqlite3_changes(q->st->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "%s: no such %s", q->st->path, what);
	return 0;
}

int64_t
sql_last_seq(struct store *st)
{
	return sqlite3_last_insert_rowid(st->db);
}
