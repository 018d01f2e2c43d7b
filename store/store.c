#include "config.h"

#include <stdlib.h>

#include "store/link.h"
#include "store/sql.h"

#define WAL_KEPT "33554432" /* bytes of the log file that are kept for use again: RECORDER_LOG_KEPT */
#define PAGE_BYTES 4096 /* as schema.c sets it */

static int
set_pragmas(struct store *st, const struct store_options *o, struct err *err)
{
	static const char always[] =
	    "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
	    "PRAGMA cache_size = -512; PRAGMA secure_delete = ON;"
	    "PRAGMA journal_size_limit = " WAL_KEPT ";";

	if (sql_exec(st, always, err) == -1)
		return -1;
	if (sql_exec(st, o->synchronous_normal ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL",
		err) == -1)
		return -1;
	if (o->manual_checkpoint)
		return sql_exec(st, "PRAGMA wal_autocheckpoint = 0", err);
	return 0;
}

int
store_open(struct store **out, const char *path, const struct store_options *options, struct err *err)
{
	bool write = options->mode == STORE_WRITE;
	struct store *st = calloc(1, sizeof(*st));

	if (st == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	if (sql_open(st, path, write, options->busy_ms, err) == -1 ||
	    schema_prepare(st, options->mode, options->busy_ms, err) == -1 ||
	    set_pragmas(st, options, err) == -1 || (write && chain_open(st, err) == -1)) {
		store_close(st);
		return -1;
	}
	*out = st;
	return 0;
}

void
store_close(struct store *st)
{
	if (st == NULL)
		return;
	chain_close(st);
	sql_close(st);
	free(st);
}

/* -- Transactions -- */

static int
run(struct store *st, const char *text, struct err *err)
{
	struct sql q;

	sql_start(&q, st, text);
	return sql_run(&q, err);
}

static int
check_there(struct store *st, struct err *err)
{
	return sql_moved(st) ? err_set(err, ERR_IO, "%s: the file was removed or renamed", st->path) : 0;
}

int
store_begin(struct store *st, struct err *err)
{
	static const char text[] = "BEGIN IMMEDIATE";

	if (check_there(st, err) == -1 || run(st, text, err) == -1)
		return -1;
	chain_enter(st);
	return 0;
}

int
store_commit(struct store *st, struct err *err)
{
	static const char text[] = "COMMIT";

	if (chain_leave(st, err) == 0 && run(st, text, err) == 0)
		return 0;
	store_rollback(st);
	return -1;
}

void
store_rollback(struct store *st)
{
	static const char text[] = "ROLLBACK";

	sql_forget(st);
	if (store_in_transaction(st))
		run(st, text, NULL); /* whatever it says, the transaction is over */
}

int
store_savepoint(struct store *st, struct err *err)
{
	static const char text[] = "SAVEPOINT part";

	return run(st, text, err);
}

int
store_release(struct store *st, struct err *err)
{
	static const char text[] = "RELEASE part";

	return run(st, text, err);
}

void
store_rollback_to(struct store *st)
{
	static const char text[] = "ROLLBACK TO part";

	sql_forget(st);
	if (!store_in_transaction(st))
		return;
	/* Not to be undone in part: then not at all. */
	if (run(st, text, NULL) == -1 || store_release(st, NULL) == -1)
		store_rollback(st);
}

int
store_probe(struct store *st, struct err *err)
{
	static const char text[] = "INSERT INTO meta (key, value) VALUES ('probe', '1') "
				   "ON CONFLICT (key) DO UPDATE SET value = value + 1";
	bool own = !store_in_transaction(st);

	if (own && store_begin(st, err) == -1)
		return -1;
	if (run(st, text, err) == -1) {
		if (own)
			store_rollback(st);
		return -1;
	}
	return own ? store_commit(st, err) : 0;
}

int
store_checkpoint(struct store *st, bool truncate, int64_t *log_bytes, struct err *err)
{
	int64_t pages = 0;
	int rc = check_there(st, err);

	if (rc == 0)
		rc = sql_checkpoint(st, truncate, &pages, err);
	if (log_bytes != NULL)
		*log_bytes = pages * PAGE_BYTES;
	return rc;
}

int
store_data_version(struct store *st, int64_t *version, struct err *err)
{
	static const char text[] = "PRAGMA data_version";
	struct sql q;

	if (check_there(st, err) == -1)
		return -1;
	sql_start(&q, st, text);
	if (sql_next(&q, err) != 1)
		return -1;
	*version = sql_get_int(&q);
	sql_end(&q);
	return 0;
}

/* -- Named values -- */

int
store_meta_get(struct store *st, const char *key, struct arena *a, char **out, struct err *err)
{
	static const char text[] = "SELECT value FROM meta WHERE key = ?1";
	struct slice value;
	struct sql q;
	int rc;

	*out = NULL;
	sql_start(&q, st, text);
	sql_str(&q, key);
	rc = sql_next(&q, err);
	if (rc != 1)
		return rc;
	value = sql_get_slice(&q);
	if (sql_row_ok(&q, err) == -1)
		return -1;
	*out = arena_copy(a, value.p, value.n);
	sql_end(&q);
	return *out != NULL ? 0 : err_set(err, ERR_NOMEM, "%s: out of memory", st->path);
}

int
store_meta_set(struct store *st, const char *key, const char *value, struct err *err)
{
	static const char text[] = "INSERT INTO meta (key, value) VALUES (?1, ?2) "
				   "ON CONFLICT (key) DO UPDATE SET value = excluded.value";
	struct sql q;

	sql_start(&q, st, text);
	sql_str(&q, key);
	sql_str(&q, value);
	return sql_run(&q, err);
}
