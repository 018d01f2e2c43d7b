#include "config.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/record.h"
#include "store/sql.h"

int64_t
sql_get_int(struct sql *q)
{
	return sqlite3_column_int64(q->stmt, q->at++);
}

int
sql_get_enum(struct sql *q, int max)
{
	int64_t v = sql_get_int(q);

	if (v >= 0 && v <= max)
		return (int)v;
	q->rc = SQLITE_CORRUPT;
	return 0;
}

double
sql_get_real(struct sql *q)
{
	return sqlite3_column_double(q->stmt, q->at++);
}

double
sql_get_real_or(struct sql *q, double otherwise)
{
	if (sqlite3_column_type(q->stmt, q->at) != SQLITE_NULL)
		return sql_get_real(q);
	q->at++;
	return otherwise;
}

const char *
sql_get_str(struct sql *q)
{
	const char *s = (const char *)sqlite3_column_text(q->stmt, q->at);

	if (s == NULL && sqlite3_column_type(q->stmt, q->at) != SQLITE_NULL)
		q->rc = SQLITE_NOMEM;
	q->at++;
	return s == NULL ? "" : s;
}

struct slice
sql_get_slice(struct sql *q)
{
	int i = q->at++;
	struct slice s = { NULL, 0 };

	if (sqlite3_column_type(q->stmt, i) == SQLITE_NULL)
		return s;
	s.p = sqlite3_column_blob(q->stmt, i);
	s.n = (size_t)sqlite3_column_bytes(q->stmt, i);
	if (s.p == NULL && s.n > 0)
		q->rc = SQLITE_NOMEM;
	if (s.p == NULL)
		s = (struct slice){ "", 0 }; /* no bytes, but there */
	return s;
}

void
sql_get_comment(struct sql *q, struct comment *c)
{
	for (int i = 0; i < COMMENT_FIELDS; i++)
		c->field[i] = sql_get_slice(q);
}

void
sql_get_record(struct sql *q, int n, struct record *r)
{
	const void *p;

	for (int i = 1; i < n && i < sqlite3_column_count(q->stmt); i++) {
		switch (sqlite3_column_type(q->stmt, i)) {
		case SQLITE_INTEGER:
			record_int(r, sqlite3_column_int64(q->stmt, i));
			break;
		case SQLITE_FLOAT:
			record_real(r, sqlite3_column_double(q->stmt, i));
			break;
		case SQLITE_NULL:
			record_null(r);
			break;
		default: /* text or bytes */
			p = sqlite3_column_blob(q->stmt, i);
			record_bytes(r, sqlite3_column_type(q->stmt, i) == SQLITE_TEXT, p,
			    (size_t)sqlite3_column_bytes(q->stmt, i));
		}
	}
}

int
sql_row_ok(struct sql *q, struct err *err)
{
	if (q->rc == SQLITE_OK)
		return 0;
	sql_fail(q->st, q->rc, err);
	sql_end(q);
	return -1;
}

/* Return whether column I of Q is what the SQL literal DEFAULT says; absent: NULL. */
static bool
is_default(struct sql *q, int i, struct slice literal)
{
	int type = sqlite3_column_type(q->stmt, i);
	struct slice value;
	char number[32];

	if (type == SQLITE_NULL || literal.p == NULL)
		return type == SQLITE_NULL && (literal.p == NULL || slice_is(literal, "NULL"));
	if (literal.n < 2 || literal.p[0] != '\'') {
		snprintf(number, sizeof(number), "%.*s", (int)literal.n, literal.p);
		return (type == SQLITE_INTEGER || type == SQLITE_FLOAT) &&
		    sqlite3_column_double(q->stmt, i) == strtod(number, NULL);
	}
	value.p = sqlite3_column_blob(q->stmt, i);
	value.n = (size_t)sqlite3_column_bytes(q->stmt, i);
	return type == SQLITE_TEXT && slice_equal(value, (struct slice){ literal.p + 1, literal.n - 2 });
}

bool
sql_rest_is_default(struct sql *q, const char *table, int n, struct err *err)
{
	static const char text[] = "SELECT dflt_value FROM pragma_table_info(?1) WHERE cid = ?2";
	int count = sqlite3_column_count(q->stmt);
	struct slice literal = { NULL, 0 };
	struct sql d;
	bool same = true;

	for (int i = n; i < count && same; i++) {
		sql_start(&d, q->st, text);
		sql_str(&d, table);
		sql_int(&d, i);
		switch (sql_next(&d, err)) {
		case -1:
			return false;
		case 1:
			literal = sql_get_slice(&d);
		}
		same = is_default(q, i, literal);
		sql_end(&d);
	}
	return same;
}
