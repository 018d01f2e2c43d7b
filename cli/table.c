#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"

#define COLUMNS_MAX 16
#define GAP 2
#define FLEX_MIN 8

void
table_init(struct table *t, const struct column *columns, size_t n)
{
	memset(t, 0, sizeof(*t));
	t->columns = columns;
	t->ncolumns = n < COLUMNS_MAX ? n : COLUMNS_MAX;
	buf_init(&t->text, BUF_NO_LIMIT);
}

void
table_fini(struct table *t)
{
	buf_fini(&t->text);
	free(t->cells);
	t->cells = NULL;
	t->n = t->cap = 0;
}

void
table_cell(struct table *t, enum style style, struct slice s)
{
	size_t cap = t->cap == 0 ? 64 : t->cap * 2;
	struct cell *cells;
	struct cell *c;

	if (t->n == t->cap) {
		cells = reallocarray(t->cells, cap, sizeof(*cells));
		if (cells == NULL) {
			t->failed = true;
			return;
		}
		t->cells = cells;
		t->cap = cap;
	}
	c = &t->cells[t->n++];
	c->at = t->text.n;
	text_safe(&t->text, s);
	c->n = t->text.n - c->at;
	c->width = c->n == 0 ? 0 : text_width((struct slice){ t->text.p + c->at, c->n });
	c->style = style;
}

void
table_cell_str(struct table *t, enum style style, const char *s)
{
	table_cell(t, style, slice_of(s));
}

void
table_cellf(struct table *t, enum style style, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	table_cell_str(t, style, text);
}

static void
measure(const struct table *t, size_t limit, bool header, size_t widths[COLUMNS_MAX])
{
	size_t i, total = 0, over;

	for (i = 0; i < t->ncolumns; i++) {
		widths[i] = header ? strlen(t->columns[i].title) : 0;
		if (widths[i] < t->columns[i].min)
			widths[i] = t->columns[i].min;
	}
	for (i = 0; i < t->n; i++)
		if (t->cells[i].width > widths[i % t->ncolumns])
			widths[i % t->ncolumns] = t->cells[i].width;
	for (i = 0; i < t->ncolumns; i++)
		total += widths[i] + (i > 0 ? GAP : 0);
	if (limit == 0 || total <= limit)
		return;
	over = total - limit;
	for (i = 0; i < t->ncolumns; i++)
		if (t->columns[i].flex)
			widths[i] = widths[i] > over + FLEX_MIN ? widths[i] - over : FLEX_MIN;
}

static void
put_cell(const struct table *t, const struct out *out, size_t column, size_t width, enum style style,
    struct slice text)
{
	bool last = column + 1 == t->ncolumns;
	struct buf b;
	size_t taken, pad;

	if (last && text.n == 0)
		return; /* no spaces at the end of a line */
	buf_init(&b, BUF_NO_LIMIT);
	taken = text_cut(&b, text, width);
	pad = width > taken ? width - taken : 0;
	if (column > 0)
		fprintf(out->file, "%*s", GAP, "");
	if (t->columns[column].right)
		fprintf(out->file, "%*s", (int)pad, "");
	out_printf(out, style, "%s", buf_str(&b));
	if (!t->columns[column].right && !last)
		fprintf(out->file, "%*s", (int)pad, "");
	buf_fini(&b);
}

int
table_print(struct table *t, const struct out *out, bool header)
{
	size_t widths[COLUMNS_MAX], i, column;
	bool failed = t->failed || !buf_ok(&t->text);

	measure(t, out->width, header, widths);
	for (i = 0; header && i < t->ncolumns; i++)
		put_cell(t, out, i, widths[i], STYLE_BOLD, slice_of(t->columns[i].title));
	if (header)
		fputc('\n', out->file);
	for (i = 0; !failed && i < t->n; i++) {
		column = i % t->ncolumns;
		put_cell(t, out, column, widths[column], t->cells[i].style,
		    (struct slice){ t->text.p + t->cells[i].at, t->cells[i].n });
		if (column + 1 == t->ncolumns)
			fputc('\n', out->file);
	}
	buf_clear(&t->text);
	t->n = 0;
	t->failed = false;
	return failed ? -1 : 0;
}
