#include "config.h"

#include <csv.h>
#include <string.h>
#include <strings.h>

#include "corpus/reader.h"

/* By how much room for a field grows; by libcsv's 128 bytes a long one would be copied thousands of times. */
#ifndef FIELD_STEP
#define FIELD_STEP 65536
#endif
#define CSV_MAX_FIELDS 256

/* What a column can be besides a field of the comment. */
enum {
	MEMBER_LABEL = COMMENT_FIELDS,
	MEMBER_APPROVED, /* WordPress's comment_approved */
	MEMBER_SOURCE,
	MEMBER_SPLIT,
	MEMBER_ID,
	MEMBERS
};

/* Names of columns.  When a file has several for one member, the one named first here is it. */
static const struct {
	const char *name;
	int member;
} synonyms[] = {
	{ "content", COMMENT_CONTENT },
	{ "comment_content", COMMENT_CONTENT },
	{ "comment", COMMENT_CONTENT },
	{ "text", COMMENT_CONTENT },
	{ "message", COMMENT_CONTENT },
	{ "body", COMMENT_CONTENT },
	{ "label", MEMBER_LABEL },
	{ "class", MEMBER_LABEL },
	{ "spam", MEMBER_LABEL },
	{ "is_spam", MEMBER_LABEL },
	{ "category", MEMBER_LABEL },
	{ "comment_approved", MEMBER_APPROVED },
	{ "author", COMMENT_AUTHOR },
	{ "comment_author", COMMENT_AUTHOR },
	{ "author_name", COMMENT_AUTHOR },
	{ "name", COMMENT_AUTHOR },
	{ "email", COMMENT_EMAIL },
	{ "comment_author_email", COMMENT_EMAIL },
	{ "author_email", COMMENT_EMAIL },
	{ "e-mail", COMMENT_EMAIL },
	{ "mail", COMMENT_EMAIL },
	{ "url", COMMENT_URL },
	{ "comment_author_url", COMMENT_URL },
	{ "author_url", COMMENT_URL },
	{ "website", COMMENT_URL },
	{ "ip", COMMENT_IP },
	{ "comment_author_ip", COMMENT_IP },
	{ "author_ip", COMMENT_IP },
	{ "user_ip", COMMENT_IP },
	{ "user_agent", COMMENT_USER_AGENT },
	{ "comment_agent", COMMENT_USER_AGENT },
	{ "useragent", COMMENT_USER_AGENT },
	{ "agent", COMMENT_USER_AGENT },
	{ "referrer", COMMENT_REFERRER },
	{ "referer", COMMENT_REFERRER },
	{ "permalink", COMMENT_PERMALINK },
	{ "link", COMMENT_PERMALINK },
	{ "post_url", COMMENT_PERMALINK },
	{ "page", COMMENT_PERMALINK },
	{ "type", COMMENT_TYPE },
	{ "comment_type", COMMENT_TYPE },
	{ "date", COMMENT_DATE },
	{ "comment_date_gmt", COMMENT_DATE },
	{ "comment_date", COMMENT_DATE },
	{ "created_at", COMMENT_DATE },
	{ "created", COMMENT_DATE },
	{ "time", COMMENT_DATE },
	{ "timestamp", COMMENT_DATE },
	{ "lang", COMMENT_LANG },
	{ "language", COMMENT_LANG },
	{ "title", COMMENT_TITLE },
	{ "post_title", COMMENT_TITLE },
	{ "honeypot", COMMENT_HONEYPOT },
	{ "user_role", COMMENT_USER_ROLE },
	{ "source", MEMBER_SOURCE },
	{ "split", MEMBER_SPLIT },
	{ "id", MEMBER_ID },
	{ "comment_id", MEMBER_ID },
};

#define SYNONYMS (sizeof(synonyms) / sizeof(synonyms[0]))

/* A field of the current row, in table.text; absent when empty and not quoted. */
struct field {
	size_t start, n;
	bool absent;
};

struct table {
	struct reader *r;
	struct buf text;
	struct field fields[CSV_MAX_FIELDS];
	size_t n;
	struct slice names[CSV_MAX_FIELDS]; /* of the columns, in the corpus's arena */
	size_t n_names;
	int column[MEMBERS]; /* -1: there is none */
	size_t row_line; /* where the current row begins */
	size_t row_bytes; /* of it, seen so far */
	int rc;
	struct err *err;
};

static struct slice
field_slice(const struct table *t, size_t i)
{
	if (i >= t->n || t->fields[i].absent)
		return (struct slice){ NULL, 0 };
	return (struct slice){ t->text.p == NULL ? "" : t->text.p + t->fields[i].start, t->fields[i].n };
}

static struct slice
member_slice(const struct table *t, int member)
{
	return t->column[member] == -1 ? (struct slice){ NULL, 0 }
				       : field_slice(t, (size_t)t->column[member]);
}

static bool
same_name(struct slice a, const char *b)
{
	return a.n == strlen(b) && strncasecmp(a.p, b, a.n) == 0;
}

static bool
slice_same_name(struct slice a, struct slice b)
{
	return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

static void
find_columns(struct table *t)
{
	for (int m = 0; m < MEMBERS; m++)
		t->column[m] = -1;
	for (size_t s = 0; s < SYNONYMS; s++) {
		for (size_t i = 0; i < t->n_names && t->column[synonyms[s].member] == -1; i++) {
			if (same_name(t->names[i], synonyms[s].name))
				t->column[synonyms[s].member] = (int)i;
		}
	}
}

/* The first row: what the columns are. */
static int
take_header(struct table *t)
{
	struct reader *r = t->r;
	enum label label;

	for (size_t i = 0; i < t->n; i++) {
		struct slice name = field_slice(t, i);

		t->names[i] = name.p == NULL ? slice_of("") : name;
		if (arena_keep(r->corpus->arena, &t->names[i]) == -1)
			return reader_nomem(r, t->err);
	}
	t->n_names = t->n;
	find_columns(t);
	if (t->column[COMMENT_CONTENT] == -1)
		return reader_fatal(r, t->row_line, 1, t->err,
		    "the header names no column content, comment, text, message or body");
	if (t->column[MEMBER_LABEL] == -1 && t->column[MEMBER_APPROVED] == -1 &&
	    reader_default_label(r, &label) == -1)
		return reader_fatal(
		    r, t->row_line, 1, t->err, "the header names no column label, class or spam");
	return 0;
}

/* Set *LABEL from the ways people write it; -1 for others. */
static int
read_label(enum label *label, struct slice s)
{
	static const char *const spam[] = { "spam", "1", "true", "yes" },
				 *const ham[] = { "ham", "0", "false", "no" };

	for (size_t i = 0; i < sizeof(spam) / sizeof(spam[0]); i++) {
		if (same_name(s, spam[i]) || same_name(s, ham[i])) {
			*label = same_name(s, spam[i]) ? LABEL_SPAM : LABEL_HAM;
			return 0;
		}
	}
	return -1;
}

/* Set *LABEL of the current row: 0, 1 when the row is to be left out, -1 when it is bad, with its COLUMN and
 * WHY. */
static int
take_label(const struct table *t, enum label *label, size_t *column, const char **why)
{
	struct slice said = member_slice(t, MEMBER_LABEL), approved = member_slice(t, MEMBER_APPROVED);

	*label = LABEL_NONE;
	if (said.p != NULL) {
		*column = (size_t)t->column[MEMBER_LABEL] + 1;
		*why = "the label is none of spam, ham, 1, 0";
		return read_label(label, said);
	}
	if (approved.p != NULL) {
		if (slice_is(approved, "1"))
			*label = LABEL_HAM;
		else if (slice_is(approved, "spam"))
			*label = LABEL_SPAM;
		return *label == LABEL_NONE && !t->r->options->unlabelled_ok;
	}
	*column = t->column[MEMBER_LABEL] == -1 ? 1 : (size_t)t->column[MEMBER_LABEL] + 1;
	*why = "the label is missing";
	return reader_default_label(t->r, label);
}

/* For row_has: a row is asked by the names of its columns, then by what they mean. */
struct named_row {
	const struct table *table;
	const struct example *example;
};

static bool
row_has_value(const void *arg, struct slice key, struct slice value)
{
	const struct named_row *row = arg;

	for (size_t i = 0; i < row->table->n_names; i++) {
		struct slice mine = field_slice(row->table, i);

		if (slice_same_name(key, row->table->names[i]) && mine.p != NULL && slice_equal(mine, value))
			return true;
	}
	return example_has(row->example, key, value);
}

static int
take_row(struct table *t)
{
	struct example e = { 0 };
	struct named_row named = { t, &e };
	struct reader *r = t->r;
	const char *why = "";
	size_t column = 1;
	int rc;

	for (int f = 0; f < COMMENT_FIELDS; f++)
		e.comment.field[f] = f == COMMENT_CONTEXT ? (struct slice){ NULL, 0 } : member_slice(t, f);
	if (e.comment.field[COMMENT_CONTENT].p == NULL)
		e.comment.field[COMMENT_CONTENT] = slice_of("");
	e.source = member_slice(t, MEMBER_SOURCE);
	e.split = member_slice(t, MEMBER_SPLIT);
	e.id = member_slice(t, MEMBER_ID);
	rc = take_label(t, &e.label, &column, &why);
	if (!reader_wants(r, row_has_value, &named))
		return 0;
	if (rc == 1) {
		r->corpus->skipped++;
		return 0;
	}
	if (rc == -1)
		return reader_bad(r, t->row_line, column, t->err, "%s", why);
	return reader_add(r, &e, t->row_line, t->err);
}

static int
end_row(struct table *t)
{
	struct reader *r = t->r;

	if (t->n == 1 && t->fields[0].absent) /* a line of spaces */
		return 0;
	if (!buf_ok(&t->text) || t->n > CSV_MAX_FIELDS)
		return (t->n_names == 0 ? reader_fatal : reader_bad)(r, t->row_line, 1, t->err,
		    "the row has over %d fields or %u bytes", CSV_MAX_FIELDS, CORPUS_MAX_LINE);
	if (t->n_names == 0)
		return take_header(t);
	if (t->n != t->n_names)
		return reader_bad(r, t->row_line, t->n < t->n_names ? t->n : t->n_names + 1, t->err,
		    "the row has %zu fields, the header %zu", t->n, t->n_names);
	return take_row(t);
}

static void
on_field(void *p, size_t n, void *arg)
{
	struct table *t = arg;

	if (t->n < CSV_MAX_FIELDS) {
		t->fields[t->n] = (struct field){ t->text.n, n, p == NULL };
		if (p != NULL)
			buf_add(&t->text, p, n);
	}
	t->n++;
}

static void
on_row(int end, void *arg)
{
	struct table *t = arg;

	(void)end;
	if (t->rc == 0)
		t->rc = end_row(t);
	t->n = 0;
	buf_clear(&t->text);
	t->row_bytes = 0;
}

/* The header says which character separates: the one it has most of. */
static unsigned char
find_delimiter(struct slice header)
{
	static const char candidates[] = { ',', ';', '\t' };
	size_t best = 0;
	char found = ',';

	for (size_t c = 0; c < sizeof(candidates); c++) {
		size_t n = 0;

		for (size_t i = 0; i < header.n; i++)
			n += header.p[i] == candidates[c];
		if (n > best) {
			best = n;
			found = candidates[c];
		}
	}
	return (unsigned char)found;
}

static int
parse_failed(struct table *t, struct csv_parser *parser)
{
	if (csv_error(parser) != CSV_EPARSE)
		return reader_nomem(t->r, t->err);
	return reader_fatal(t->r, t->row_line, t->n + 1, t->err, "a quotation mark stands where none can");
}

/*
 * Return whether PIECE, which stands where a row may begin, is no part of one.  A delimiter makes it one, as
 * fields may be empty, and the rest of its line may be in the next piece; before the header nothing has said
 * yet what delimits.
 */
static bool
between_rows(const struct table *t, struct csv_parser *parser, struct slice piece)
{
	bool header_next = t->n_names == 0 && piece.p[piece.n - 1] == '\n';

	return slice_blank(piece) && (header_next || memchr(piece.p, csv_get_delim(parser), piece.n) == NULL);
}

static int
parse_piece(struct table *t, struct csv_parser *parser, struct slice piece)
{
	if (t->row_bytes == 0 && between_rows(t, parser, piece))
		return 0;
	if (t->row_bytes == 0)
		t->row_line = t->r->in.line;
	t->row_bytes += piece.n;
	if (t->row_bytes > CORPUS_MAX_LINE)
		return reader_fatal(t->r, t->row_line, t->n + 1, t->err,
		    "the row is longer than %u bytes; perhaps a quotation mark isn't closed",
		    CORPUS_MAX_LINE);
	if (csv_parse(parser, piece.p, piece.n, on_field, on_row, t) != piece.n)
		return parse_failed(t, parser);
	return t->rc;
}

static int
parse_all(struct table *t, struct csv_parser *parser)
{
	struct slice piece;
	int more;

	while ((more = input_piece(&t->r->in, &piece, t->err)) == 1) {
		if (t->n_names == 0 && t->row_bytes == 0)
			csv_set_delim(parser, find_delimiter(piece));
		if (parse_piece(t, parser, piece) == -1)
			return -1;
	}
	if (more == -1)
		return -1;
	if (csv_fini(parser, on_field, on_row, t) != 0)
		return csv_error(parser) == CSV_EPARSE
		    ? reader_bad(t->r, t->row_line, t->n + 1, t->err, "a quotation mark is never closed")
		    : reader_nomem(t->r, t->err);
	if (t->rc == 0 && t->n_names == 0)
		return reader_fatal(t->r, 1, 1, t->err, "the file has no header line");
	return t->rc;
}

int
csv_read(struct reader *r, struct err *err)
{
	int options = CSV_STRICT_FINI | CSV_EMPTY_IS_NULL | (r->options->skip_bad ? 0 : CSV_STRICT);
	struct table t = { .r = r, .err = err };
	struct csv_parser parser;
	int rc;

	if (csv_init(&parser, (unsigned char)options) != 0)
		return reader_nomem(r, err);
	csv_set_blk_size(&parser, FIELD_STEP);
	buf_init(&t.text, CORPUS_MAX_LINE);
	rc = parse_all(&t, &parser);
	csv_free(&parser);
	buf_fini(&t.text);
	return rc;
}
