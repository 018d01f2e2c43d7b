#ifndef HAMLET_STORE_SQL_H
#define HAMLET_STORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "classifier/comment.h"
#include "store/store.h"

/*
 * Private to store/: the only way to SQLite.  Statements are prepared once and kept for the life of the
 *handle.  A query is filled from left to right, with a sticky error, and read from left to right:
 *
 *	sql_start(&q, st, "SELECT a, b FROM t WHERE c = ?1");
 *	sql_int(&q, c);
 *	while ((rc = sql_next(&q, err)) == 1)
 *		use(sql_get_int(&q), sql_get_str(&q));
 */
#define SQL_STATEMENTS_MAX 160
#define SQL_MODEL_MAX 80

struct sqlite3;
struct sqlite3_stmt;
struct chain;
struct record;

struct store {
	struct sqlite3 *db;
	char *path; /* as the caller named it, for messages */
	struct {
		const char *text; /* compared by address: always a static array */
		struct sqlite3_stmt *stmt;
	} statements[SQL_STATEMENTS_MAX];
	size_t nstatements;
	int busy_ms; /* how long a call waits for a lock, */
	int64_t busy_until_us; /* and this one, by the monotonic clock */

	/* What verdicts.c knows about its last insertion; forgotten whenever something was or may have been
	 * undone. */
	char model[SQL_MODEL_MAX];
	int64_t model_ref; /* 0: not known */
	int64_t run_seq; /* 0: not known */
	int64_t run_hour, run_model;

	struct chain *chain; /* see link.h; NULL for a handle that only reads */
};

struct sql {
	struct store *st;
	struct sqlite3_stmt *stmt;
	int at; /* next parameter, then next column */
	int rc; /* sticky SQLite code */
	struct record *record; /* what is bound goes into it too; NULL: nowhere */
};

/* Open PATH in ST->db; ST->path is set.  CREATE makes it (mode 0600) if absent. */
int sql_open(struct store *st, const char *path, bool write, int busy_ms, struct err *err);
void sql_close(struct store *st);

/* Set *ERR from SQLite's code RC, and from errno as the failed call left it, naming the file; return -1. */
int sql_fail(struct store *st, int rc, struct err *err);

/* Run all statements of TEXT, which isn't kept. */
int sql_exec(struct store *st, const char *text, struct err *err);

/* Return whether the file was removed or renamed since it was opened. */
bool sql_moved(struct store *st);

/* Move the write-ahead log into the database; *PAGES is how many pages it holds, moved or not. */
int sql_checkpoint(struct store *st, bool truncate, int64_t *pages, struct err *err);

/* Forget what is known of the last insertion. */
void sql_forget(struct store *st);

/* Begin the query TEXT, a static array.  A query that is still being read can't be begun again. */
void sql_start(struct sql *q, struct store *st, const char *text);

void sql_int(struct sql *q, int64_t v);
void sql_ref(struct sql *q, int64_t v); /* 0 is NULL */
void sql_real(struct sql *q, double v);
void sql_str(struct sql *q, const char *s); /* NULL is "" */
void sql_opt(struct sql *q, const char *s); /* NULL and "" are NULL */
void sql_slice(struct sql *q, struct slice s); /* absent is NULL; what isn't clean UTF-8 goes in as a blob */
void sql_blob(struct sql *q, const void *p, size_t n); /* p NULL is NULL */
void sql_comment(struct sql *q, const struct comment *c);

/* Go to the next row: 1; 0 at the end and -1 on an error, the query then being over. */
int sql_next(struct sql *q, struct err *err);

/* End the query before its last row; nothing when it is over. */
void sql_end(struct sql *q);

/* Carry out a query that has no rows. */
int sql_run(struct sql *q, struct err *err);

/* Carry out a query that has no rows; ERR_NOT_FOUND with "no such WHAT" if it changed nothing. */
int sql_run_on(struct sql *q, const char *what, struct err *err);

/* Return the seq that the last insertion was given. */
int64_t sql_last_seq(struct store *st);

/* The next column.  Strings and slices are SQLite's, valid until the next sql_next() or sql_end(). */
int64_t sql_get_int(struct sql *q);
int sql_get_enum(struct sql *q, int max); /* 0 to MAX; anything else is damage */
double sql_get_real(struct sql *q);
double sql_get_real_or(struct sql *q, double otherwise); /* for NULL */
const char *sql_get_str(struct sql *q); /* NULL is "" */
struct slice sql_get_slice(struct sql *q);
void sql_get_comment(struct sql *q, struct comment *c);

/* Return whether all columns of this row could be read: 0, or -1 with *ERR, the query then being over. */
int sql_row_ok(struct sql *q, struct err *err);

/*
 * Let what is bound to Q from here on fill R too: the values of a chained table's columns in their order,
 * from the second on.
 */
void sql_record(struct sql *q, struct record *r);

/* Fill R with this row's columns from the second on, as many as make it N. */
void sql_get_record(struct sql *q, int n, struct record *r);

/*
 * Return whether the columns of this row of TABLE from N on hold their defaults; false too, with *ERR set,
 * when that can't be found out.
 */
bool sql_rest_is_default(struct sql *q, const char *table, int n, struct err *err);

/* From keep.c.  Copy strings that are SQLite's into A; -1 with ERR_NOMEM. */
int sql_keep_strings(struct arena *a, const char **const strings[], size_t n, struct err *err);
int sql_keep_comment(struct arena *a, struct comment *c, struct err *err);

/* Make room in A for one more of the N items of SIZE bytes at *ITEMS. */
int sql_grow(struct arena *a, void **items, size_t n, size_t *cap, size_t size, struct err *err);

/* From verdicts.c: narrow *R to where verdicts of SINCE_MS <= time < UNTIL_MS (0: open) can be. */
struct sql_range {
	int64_t first, last; /* seq */
};
int sql_verdict_range(
    struct store *st, int64_t since_ms, int64_t until_ms, struct sql_range *r, struct err *err);

/* The comment's columns, each after the prefix T, in the order of enum comment_field. */
#define SQL_COMMENT(t)                                                                                       \
	t "author, " t "email, " t "url, " t "content, " t "ip, " t "user_agent, " t "referrer, " t          \
	  "permalink, " t "type, " t "date, " t "lang, " t "title, " t "honeypot, " t "user_role, " t        \
	  "context"
#define SQL_COMMENT_VALUES "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"

/* Which parts of a row are erased, as a set of PART_SET() in store/chain.h: a seal is then longer than a
 * salt. */
#define SQL_GONE(t)                                                                                          \
	"(length(" t "content_seal) > 16) + (length(" t "person_seal) > 16) * 2 + (length(" t                \
	"address_seal) > 16) * 4 + (length(" t "fingerprint_seal) > 16) * 8"
_Static_assert(COMMENT_FIELDS == 15, "a new comment field needs a migration, and its column here");

/* Whether a row is of the person that sql_person() binds; see store/person.h. */
#define SQL_PERSON(t)                                                                                        \
	"(?1 IS NOT NULL AND trim(CAST(" t "email AS TEXT)) = ?1 COLLATE NOCASE) OR "                        \
	"(?2 IS NOT NULL AND ip_form(trim(CAST(" t "ip AS TEXT))) = ip_form(?2) COLLATE NOCASE) OR "         \
	"(?3 IS NOT NULL AND trim(CAST(" t "author AS TEXT)) = ?3)"
struct person;
void sql_person(struct sql *q, const struct person *who);

/* From schema.c: bring the open database to the current schema (WRITE), or see that it is there.  Where
 * another does the same at this moment it waits up to BUSY_MS a step. */
int schema_prepare(struct store *st, enum store_mode mode, int busy_ms, struct err *err);

/*
 * From name.c: return the name by which SQLite opens the database PATH, to WRITE or to read, and set *URI to
 * whether it is to be read as a URI; the caller frees it.  NULL when memory ran out.
 */
char *sql_name(const char *path, bool write, bool *uri);

#endif
