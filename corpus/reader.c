#include "config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "corpus/reader.h"

bool
reader_wants(const struct reader *r, row_has *has, const void *arg)
{
	for (size_t i = 0; i < r->n_filters; i++) {
		if (!has(arg, r->filters[i].key, r->filters[i].value))
			return false;
	}
	return true;
}

bool
example_has(const void *example, struct slice key, struct slice value)
{
	const struct example *e = example;
	enum comment_field field;
	struct slice mine = { NULL, 0 };

	if (slice_is(key, "label") && e->label != LABEL_NONE)
		mine = slice_of(label_name(e->label));
	else if (slice_is(key, "source"))
		mine = e->source;
	else if (slice_is(key, "split"))
		mine = e->split;
	else if (slice_is(key, "id"))
		mine = e->id;
	else if (comment_field_find(&field, key.p, key.n) == 0)
		mine = e->comment.field[field];
	return mine.p != NULL && slice_equal(mine, value);
}

bool
slice_blank(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr(" \t\r\n", s.p[i]) == NULL || s.p[i] == '\0')
			return false;
	}
	return true;
}

int
reader_nomem(const struct reader *r, struct err *err)
{
	return err_set(err, ERR_NOMEM, "%s: out of memory", r->in.name);
}

/* Copy *S into the corpus, made UTF-8. */
static int
keep(struct reader *r, struct slice *s)
{
	struct buf b;
	int rc;

	if (s->p == NULL || utf8_valid(*s))
		return arena_keep(r->corpus->arena, s);
	buf_init(&b, 3 * s->n); /* 0x80 becomes the three bytes of a euro sign */
	utf8_repair(&b, *s);
	*s = buf_slice(&b);
	rc = buf_ok(&b) ? arena_keep(r->corpus->arena, s) : -1;
	buf_fini(&b);
	return rc;
}

static int
make_room(struct reader *r, struct err *err)
{
	struct corpus *c = r->corpus;
	size_t cap = c->cap < 256 ? 256 : c->cap * 2;
	struct example *rows;

	if (c->n < c->cap)
		return 0;
	if (c->n >= CORPUS_MAX_ROWS)
		return err_set(err, ERR_LIMIT, "%s: more than %d rows", r->in.name, CORPUS_MAX_ROWS);
	rows = reallocarray(c->rows, cap, sizeof(*rows));
	if (rows == NULL)
		return reader_nomem(r, err);
	c->rows = rows;
	c->cap = cap;
	return 0;
}

int
reader_add(struct reader *r, const struct example *row, size_t line, struct err *err)
{
	struct example e = *row;
	int rc;

	if (make_room(r, err) == -1)
		return -1;
	rc = keep(r, &e.source) | keep(r, &e.split) | keep(r, &e.id) | keep(r, &e.site) | keep(r, &e.scope);
	for (int f = 0; f < COMMENT_FIELDS; f++)
		rc |= keep(r, &e.comment.field[f]);
	if (rc != 0)
		return reader_nomem(r, err);
	e.file = r->file;
	e.origin.source = e.source.n > 0 ? origin_source(e.source) : origin_source(slice_of(e.file));
	e.line = line;
	r->corpus->rows[r->corpus->n++] = e;
	return 0;
}

/* Messages go to terminals, and may quote the file. */
static void
defuse(char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
	}
}

__attribute__((format(printf, 5, 0))) static int
fail_at(const struct reader *r, size_t line, size_t column, struct err *err, const char *fmt, va_list ap)
{
	char why[ERR_TEXT_MAX];

	vsnprintf(why, sizeof(why), fmt, ap);
	defuse(why);
	return err_set(err, ERR_INPUT, "%s: line %zu column %zu: %s", r->in.name, line, column, why);
}

int
reader_bad(struct reader *r, size_t line, size_t column, struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (r->options->skip_bad) {
		r->corpus->skipped++;
		return 0;
	}
	va_start(ap, fmt);
	fail_at(r, line, column, err, fmt, ap);
	va_end(ap);
	return -1;
}

int
reader_fatal(struct reader *r, size_t line, size_t column, struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_at(r, line, column, err, fmt, ap);
	va_end(ap);
	return -1;
}

int
reader_default_label(const struct reader *r, enum label *label)
{
	*label = r->options->label;
	return *label != LABEL_NONE || r->options->unlabelled_ok ? 0 : -1;
}
