#include "config.h"

#include <getopt.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "tests/bench/tools.h"

/*
 * What SQLite takes for rows like those of the record: a bare loop, one thread, synchronous=FULL.
 *
 *   anchor_sqlite [-b ROWS] [-s SECONDS] DB FILE.jsonl...   appends comments to DB, ROWS (1) a transaction
 *   anchor_sqlite -m TOKENS DB                              makes a table of tokens there
 *   anchor_sqlite -r DB                                     opens it and reads all of them
 */
#define COLUMNS 13
#define EVIDENCE_BYTES 1200 /* of the 20 tokens that a record names */
#define ROWS_MAX 100000000.0

static const char pragmas[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS verdict (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " time_ms INTEGER NOT NULL, verdict INTEGER NOT NULL, probability REAL NOT NULL, author TEXT, email TEXT,"
    " url TEXT, content TEXT, ip TEXT, user_agent TEXT, permalink TEXT, evidence TEXT NOT NULL)";
static const char insert[] = "INSERT INTO verdict VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

struct anchor {
	sqlite3 *db;
	sqlite3_stmt *insert;
	struct corpus corpus;
	uint64_t rows;
	uint64_t seed;
	char evidence[EVIDENCE_BYTES];
	struct times times;
};

static int
fail(struct anchor *a, struct err *err)
{
	return err_set(err, ERR_IO, "%s", sqlite3_errmsg(a->db));
}

static int
exec(struct anchor *a, const char *sql, struct err *err)
{
	return sqlite3_exec(a->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(a, err);
}

static void
bind_text(struct anchor *a, int column, struct slice s)
{
	sqlite3_bind_text(a->insert, column, s.p, (int)s.n, SQLITE_STATIC);
}

/* Add one row: the next comment of the corpus, with an id that ascends. */
static int
add_row(struct anchor *a, struct err *err)
{
	const struct slice *f = a->corpus.rows[a->rows % a->corpus.n].comment.field;
	char id[40];

	snprintf(id, sizeof(id), "01%08llX%016llX", (unsigned long long)(a->seed + a->rows) & 0xffffffff,
	    (unsigned long long)hash_mix(a->rows, a->seed));
	sqlite3_bind_text(a->insert, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(a->insert, 2, clock_ns() / 1000000);
	sqlite3_bind_int(a->insert, 3, a->rows % 3 == 0);
	sqlite3_bind_double(a->insert, 4, 0.25);
	bind_text(a, 5, f[COMMENT_AUTHOR]);
	bind_text(a, 6, f[COMMENT_EMAIL]);
	bind_text(a, 7, f[COMMENT_URL]);
	bind_text(a, 8, f[COMMENT_CONTENT]);
	bind_text(a, 9, f[COMMENT_IP]);
	bind_text(a, 10, f[COMMENT_USER_AGENT]);
	bind_text(a, 11, f[COMMENT_PERMALINK]);
	bind_text(a, 12, (struct slice){ a->evidence, EVIDENCE_BYTES });
	a->rows++;
	if (sqlite3_step(a->insert) != SQLITE_DONE)
		return fail(a, err);
	return sqlite3_reset(a->insert) == SQLITE_OK ? 0 : fail(a, err);
}

static int
add_batch(struct anchor *a, int rows, struct err *err)
{
	if (exec(a, "BEGIN IMMEDIATE", err) == -1)
		return -1;
	for (int i = 0; i < rows; i++) {
		if (add_row(a, err) == -1)
			return -1;
	}
	return exec(a, "COMMIT", err);
}

static int
add_rows(struct anchor *a, int batch, double seconds, struct err *err)
{
	int64_t start, now, began;

	memset(a->evidence, 'e', sizeof(a->evidence));
	a->seed = (uint64_t)clock_ns() >> 20;
	if (exec(a, pragmas, err) == -1 || exec(a, schema, err) == -1)
		return -1;
	if (sqlite3_prepare_v2(a->db, insert, -1, &a->insert, NULL) != SQLITE_OK)
		return fail(a, err);
	start = now = clock_ns();
	while (now - start < (int64_t)(seconds * 1e9)) {
		began = now;
		if (add_batch(a, batch, err) == -1)
			return -1;
		now = clock_ns();
		times_add(&a->times, now - began);
	}
	printf("rows_per_s=%.1f p50_us=%.1f p99_us=%.1f transactions=%llu\n",
	    (double)a->rows / ((double)(now - start) / 1e9), (double)times_quantile(&a->times, 0.5) / 1000,
	    (double)times_quantile(&a->times, 0.99) / 1000, (unsigned long long)a->times.n);
	return 0;
}

static int
make_tokens(struct anchor *a, int64_t n, struct err *err)
{
	sqlite3_stmt *q;

	if (exec(a,
		"CREATE TABLE token (hash INTEGER PRIMARY KEY, spam INTEGER, ham INTEGER) WITHOUT ROWID;"
		"BEGIN",
		err) == -1)
		return -1;
	if (sqlite3_prepare_v2(a->db,
		"WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < ?1) "
		"INSERT OR IGNORE INTO token SELECT random(), n % 3, n % 5 FROM i",
		-1, &q, NULL) != SQLITE_OK)
		return fail(a, err);
	sqlite3_bind_int64(q, 1, n);
	sqlite3_step(q);
	if (sqlite3_finalize(q) != SQLITE_OK)
		return fail(a, err);
	return exec(a, "COMMIT", err);
}

static int
read_tokens(struct anchor *a, int64_t start, struct err *err)
{
	sqlite3_stmt *q;
	uint64_t n = 0, sum = 0;

	if (sqlite3_prepare_v2(a->db, "SELECT hash, spam, ham FROM token", -1, &q, NULL) != SQLITE_OK)
		return fail(a, err);
	while (sqlite3_step(q) == SQLITE_ROW) {
		n++;
		sum += (uint64_t)sqlite3_column_int64(q, 0) + (uint64_t)sqlite3_column_int64(q, 1) +
		    (uint64_t)sqlite3_column_int64(q, 2);
	}
	if (sqlite3_finalize(q) != SQLITE_OK)
		return fail(a, err);
	printf("ms=%.3f tokens=%llu sum=%llu\n", (double)(clock_ns() - start) / 1e6, (unsigned long long)n,
	    (unsigned long long)sum);
	return 0;
}

struct settings {
	double batch, seconds, make;
	bool read;
};

static int
read_options(struct settings *s, int argc, char **argv, struct err *err)
{
	int option, rc = 0;

	*s = (struct settings){ .batch = 1, .seconds = 1 };
	while (rc == 0 && (option = getopt(argc, argv, "b:s:m:r")) != -1) {
		if (option == 'b')
			rc = number_parse(&s->batch, "b", optarg, 1, 100000, err);
		else if (option == 's')
			rc = number_parse(&s->seconds, "s", optarg, 0.01, 600, err);
		else if (option == 'm')
			rc = number_parse(&s->make, "m", optarg, 1, ROWS_MAX, err);
		else if (option == 'r')
			s->read = true;
		else
			rc = err_set(err, ERR_INPUT, "unknown option");
	}
	if (rc == 0 && optind >= argc)
		rc = err_set(err, ERR_INPUT, "no database named");
	return rc;
}

static int
run(struct anchor *a, const struct settings *s, char **args, int n, struct err *err)
{
	int64_t start = clock_ns();

	if (sqlite3_open(args[0], &a->db) != SQLITE_OK)
		return fail(a, err);
	if (s->read)
		return read_tokens(a, start, err);
	if (s->make > 0)
		return make_tokens(a, (int64_t)s->make, err);
	if (comments_read(&a->corpus, args + 1, n - 1, err) == -1)
		return -1;
	return add_rows(a, (int)s->batch, s->seconds, err);
}

int
main(int argc, char **argv)
{
	static struct anchor a;
	struct settings s;
	struct err err;
	int rc;

	corpus_init(&a.corpus);
	rc = read_options(&s, argc, argv, &err);
	if (rc == 0)
		rc = run(&a, &s, argv + optind, argc - optind, &err);
	if (rc == -1)
		fprintf(stderr, "anchor_sqlite: %s\n", err.text);
	sqlite3_finalize(a.insert);
	sqlite3_close(a.db);
	corpus_fini(&a.corpus);
	return rc == -1 ? 1 : 0;
}
