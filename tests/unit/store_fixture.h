#ifndef HAMLET_TESTS_UNIT_STORE_FIXTURE_H
#define HAMLET_TESTS_UNIT_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store/store.h"

/* What the tests of store/ share: a database in a folder of its own, a second way in, rows to start from. */
#define DAY INT64_C(86400000)
#define NOW (20000 * DAY + 43200000)

struct fixture {
	char dir[64], path[96];
	struct store *st;
	struct arena *a;
	int ids;
};

static inline int
open_store(struct store **st, const char *path, enum store_mode mode, struct err *err)
{
	const struct store_options o = { .mode = mode, .busy_ms = 50 };

	*st = NULL;
	*err = (struct err){ 0 };
	return store_open(st, path, &o, err);
}

static inline int
setup_dir(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/hamlet-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/hamlet.db", f->dir);
	f->a = arena_new(1 << 24);
	*state = f;
	return 0;
}

static inline int
setup(void **state)
{
	struct fixture *f;
	struct err err;

	setup_dir(state);
	f = *state;
	if (open_store(&f->st, f->path, STORE_WRITE, &err) == -1)
		fail_msg("%s", err.text);
	return 0;
}

static inline int
teardown(void **state)
{
	static const char *const names[] = { "hamlet.db", "hamlet.db-wal", "hamlet.db-shm", "moved.db",
		"chain.key" };
	struct fixture *f = *state;
	char path[160];

	store_close(f->st);
	arena_free(f->a);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static inline sqlite3 *
raw_open(const struct fixture *f)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	return db;
}

static inline void
raw(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static inline void
raw_once(const struct fixture *f, const char *sql)
{
	sqlite3 *db = raw_open(f);

	raw(db, sql);
	sqlite3_close(db);
}

/* Return the first column of the first row of SQL as text, to be freed. */
static inline char *
raw_text(const struct fixture *f, const char *sql)
{
	sqlite3 *db = raw_open(f);
	sqlite3_stmt *s;
	char *out = NULL;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	if (sqlite3_step(s) == SQLITE_ROW)
		out = strdup((const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	sqlite3_close(db);
	return out;
}

static inline void
assert_raw(const struct fixture *f, const char *sql, const char *expected)
{
	char *text = raw_text(f, sql);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static inline struct slice
bytes(const char *p, size_t n)
{
	return (struct slice){ p, n };
}

static inline struct verdict_row
verdict_of(struct fixture *f, int64_t time_ms, enum verdict v)
{
	struct verdict_row row = {
		.time_ms = time_ms,
		.site = SITE_DEFAULT,
		.client = "native",
		.model = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		.probability = 0.25,
		.prior = -0.5,
		.verdict = v,
		.forced = "",
		.fingerprint = 77,
	};

	snprintf(row.id, sizeof(row.id), "01J%023d", ++f->ids);
	row.comment.field[COMMENT_CONTENT] = slice_of("Hello");
	return row;
}

static inline void
add_verdict(struct fixture *f, const struct verdict_row *row)
{
	struct err err = { 0 };

	if (store_verdict_add(f->st, row, &err) == -1)
		fail_msg("%s", err.text);
}

static inline struct example_row
example_of(struct fixture *f, int64_t time_ms, enum label label, int64_t replaces)
{
	struct example_row row = {
		.time_ms = time_ms,
		.label = label,
		.replaces = replaces,
		.site = SITE_DEFAULT,
		.origin = "mark",
		.who = "root",
		.verdict_id = "",
		.source = "",
		.fingerprint = 99,
	};

	snprintf(row.id, sizeof(row.id), "01K%023d", ++f->ids);
	row.comment.field[COMMENT_CONTENT] = slice_of("Buy");
	return row;
}

static inline int64_t
add_example(struct fixture *f, const struct example_row *row)
{
	struct err err = { 0 };
	int64_t seq = 0;

	if (store_example_add(f->st, row, &seq, &err) == -1)
		fail_msg("%s", err.text);
	return seq;
}

static inline void
assert_comment_equal(const struct comment *a, const struct comment *b)
{
	for (int i = 0; i < COMMENT_FIELDS; i++) {
		assert_int_equal(a->field[i].p == NULL, b->field[i].p == NULL);
		assert_true(slice_equal(a->field[i], b->field[i]));
	}
}

/* A comment whose fields are absent, empty, UTF-8, other bytes and with NUL in turn. */
static inline void
odd_comment(struct comment *c)
{
	static const char latin[] = "caf\xe9", nul[] = "a\0b\0", surrogate[] = "\xed\xa0\x80",
			  only_nul[] = "";
	const struct slice odd[] = { { NULL, 0 }, { "", 0 }, { "h\xc3\xa9llo", 6 }, { latin, 4 }, { nul, 4 },
		{ surrogate, 3 }, { only_nul, 1 } };

	for (int i = 0; i < COMMENT_FIELDS; i++)
		c->field[i] = odd[i % 7];
}

/* Let no file grow past MAX bytes; RLIM_INFINITY: as before. */
static inline void
limit_files(rlim_t max)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = max == RLIM_INFINITY ? limit.rlim_max : max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define EMPTY(test) cmocka_unit_test_setup_teardown(test, setup_dir, teardown)

#endif
