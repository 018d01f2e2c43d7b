#ifndef HAMLET_CLI_TABLE_H
#define HAMLET_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"
#include "cli/output.h"

/* Rows and columns for people.  The cells are made safe on their way in; no room for one is a sticky error.
 */
struct column {
	const char *title;
	size_t min; /* at least this many columns of the terminal, so that later batches line up */
	bool right; /* numbers */
	bool flex; /* cut so that the row fits the terminal; at most one of a table */
};

struct cell {
	size_t at, n, width;
	enum style style;
};

struct table {
	const struct column *columns;
	size_t ncolumns;
	struct cell *cells; /* row after row */
	size_t n, cap;
	struct buf text;
	bool failed;
};

/* Make T an empty table of N columns; COLUMNS is borrowed. */
void table_init(struct table *t, const struct column *columns, size_t n);
void table_fini(struct table *t);

/* Put the next cell; the first of a row follows the last of the one before. */
void table_cell(struct table *t, enum style style, struct slice s);
void table_cell_str(struct table *t, enum style style, const char *s);
void table_cellf(struct table *t, enum style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Write the rows, below a line of titles if HEADER, and empty T.  0, or -1 when memory had run out. */
int table_print(struct table *t, const struct out *out, bool header);

#endif
