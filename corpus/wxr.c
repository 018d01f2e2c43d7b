#include "config.h"

#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "corpus/reader.h"

/*
 * WordPress's export: RSS whose items (posts) hold wp:comment elements.  Expat limits what entities may blow
 * up to; on top of that an entity may not be external, long, or made of other entities, which no export
 * needs.
 */
#define MAX_DEPTH 64
#define MAX_ENTITIES 256
#define MAX_ENTITY_BYTES 1024

enum part {
	PART_TITLE, /* of the post */
	PART_LINK,
	PART_AUTHOR,
	PART_EMAIL,
	PART_URL,
	PART_IP,
	PART_DATE,
	PART_CONTENT,
	PART_APPROVED,
	PART_TYPE,
	PART_AGENT,
	PART_ID,
	PARTS,
	PART_NONE = PARTS
};

static const struct {
	const char *element;
	int field; /* of the comment; -1 for none */
} parts[PARTS] = {
	[PART_TITLE] = { "title", COMMENT_TITLE },
	[PART_LINK] = { "link", COMMENT_PERMALINK },
	[PART_AUTHOR] = { "wp:comment_author", COMMENT_AUTHOR },
	[PART_EMAIL] = { "wp:comment_author_email", COMMENT_EMAIL },
	[PART_URL] = { "wp:comment_author_url", COMMENT_URL },
	[PART_IP] = { "wp:comment_author_IP", COMMENT_IP },
	[PART_DATE] = { "wp:comment_date_gmt", COMMENT_DATE },
	[PART_CONTENT] = { "wp:comment_content", COMMENT_CONTENT },
	[PART_APPROVED] = { "wp:comment_approved", -1 },
	[PART_TYPE] = { "wp:comment_type", COMMENT_TYPE },
	[PART_AGENT] = { "wp:comment_agent", COMMENT_USER_AGENT },
	[PART_ID] = { "wp:comment_id", -1 },
};

struct wxr {
	struct reader *r;
	XML_Parser parser;
	int depth, item, comment; /* depths; 0: not inside one */
	enum part taking; /* what character data belongs to, */
	int taking_depth; /* directly inside the element at this depth */
	struct buf text[PARTS];
	size_t line; /* where the comment begins */
	int entities;
	int rc;
	struct err *err;
};

static size_t
here(const struct wxr *x)
{
	return XML_GetCurrentLineNumber(x->parser);
}

static size_t
here_column(const struct wxr *x)
{
	return XML_GetCurrentColumnNumber(x->parser) + 1;
}

static void
stop(struct wxr *x, int rc)
{
	if (rc != -1)
		return;
	x->rc = -1;
	XML_StopParser(x->parser, XML_FALSE);
}

/* Return the member that element NAME gives, between FIRST and LAST. */
static enum part
find_part(const char *name, enum part first, enum part last)
{
	for (enum part p = first; p <= last; p++) {
		if (strcmp(parts[p].element, name) == 0)
			return p;
	}
	return PART_NONE;
}

static void
clear_parts(struct wxr *x, enum part first)
{
	for (enum part p = first; p < PARTS; p++)
		buf_clear(&x->text[p]);
}

static void
on_start(void *arg, const char *name, const char **attributes)
{
	struct wxr *x = arg;

	(void)attributes;
	if (x->rc != 0)
		return;
	if (++x->depth > MAX_DEPTH) {
		stop(x,
		    reader_fatal(
			x->r, here(x), here_column(x), x->err, "elements nested deeper than %d", MAX_DEPTH));
	} else if (x->comment != 0 && x->depth == x->comment + 1) {
		x->taking = find_part(name, PART_AUTHOR, PART_ID);
		x->taking_depth = x->depth;
	} else if (x->comment == 0 && x->item != 0 && strcmp(name, "wp:comment") == 0) {
		x->comment = x->depth;
		x->line = here(x);
		clear_parts(x, PART_AUTHOR);
	} else if (x->comment == 0 && x->item != 0 && x->depth == x->item + 1) {
		x->taking = find_part(name, PART_TITLE, PART_LINK);
		x->taking_depth = x->depth;
	} else if (x->item == 0 && strcmp(name, "item") == 0) {
		x->item = x->depth;
		clear_parts(x, PART_TITLE);
	}
}

static void
on_text(void *arg, const char *s, int n)
{
	struct wxr *x = arg;

	if (x->rc == 0 && x->taking != PART_NONE && x->depth == x->taking_depth)
		buf_add(&x->text[x->taking], s, (size_t)n);
}

/* Write DATE, "2024-03-14 03:57:50" in UTC, as the rest of the world does; absent when WordPress has none. */
static struct slice
iso_date(struct buf *date)
{
	if (date->n != 19 || date->p[10] != ' ')
		return buf_slice(date);
	if (strncmp(date->p, "0000", 4) == 0)
		return (struct slice){ NULL, 0 };
	date->p[10] = 'T';
	buf_add_char(date, 'Z');
	return buf_slice(date);
}

/*
 * Set *LABEL from WordPress's status of a comment; return whether the row is wanted.  One that waits for its
 * owner's word, or was thrown away, is neither ham nor spam, whatever the others are.
 */
static bool
take_label(const struct wxr *x, enum label *label)
{
	struct slice status = buf_slice(&x->text[PART_APPROVED]);

	if (slice_is(status, "1"))
		*label = LABEL_HAM;
	else if (slice_is(status, "spam"))
		*label = LABEL_SPAM;
	else
		*label = LABEL_NONE;
	return *label != LABEL_NONE || x->r->options->unlabelled_ok;
}

static int
end_comment(struct wxr *x)
{
	struct example row = { .id = buf_slice(&x->text[PART_ID]) };
	bool judged;

	for (enum part p = 0; p < PARTS; p++) {
		if (!buf_ok(&x->text[p]))
			return reader_bad(x->r, x->line, 1, x->err, "%s is longer than %u bytes",
			    parts[p].element, CORPUS_MAX_LINE);
		if (x->text[p].n > 0 && parts[p].field != -1)
			row.comment.field[parts[p].field] = buf_slice(&x->text[p]);
	}
	row.comment.field[COMMENT_DATE] = iso_date(&x->text[PART_DATE]);
	if (row.comment.field[COMMENT_CONTENT].p == NULL)
		row.comment.field[COMMENT_CONTENT] = slice_of("");
	judged = take_label(x, &row.label);
	if (!reader_wants(x->r, example_has, &row))
		return 0;
	if (!judged) {
		x->r->corpus->skipped++;
		return 0;
	}
	return reader_add(x->r, &row, x->line, x->err);
}

static void
on_end(void *arg, const char *name)
{
	struct wxr *x = arg;

	(void)name;
	if (x->rc != 0)
		return;
	if (x->depth == x->taking_depth)
		x->taking = PART_NONE;
	if (x->depth == x->comment) {
		stop(x, end_comment(x));
		x->comment = 0;
	}
	if (x->depth == x->item)
		x->item = 0;
	x->depth--;
}

static void
on_entity(void *arg, const char *name, int is_parameter, const char *value, int n, const char *base,
    const char *system, const char *public, const char *notation)
{
	struct wxr *x = arg;
	const char *why = NULL;

	(void)base;
	(void)public;
	(void)notation;
	if (x->rc != 0)
		return;
	if (is_parameter || value == NULL || system != NULL)
		why = is_parameter ? "is a parameter entity" : "is external";
	else if (n > MAX_ENTITY_BYTES || ++x->entities > MAX_ENTITIES)
		why = "is too long, or one too many";
	else if (memchr(value, '&', (size_t)n) != NULL)
		why = "is made of other entities";
	if (why != NULL)
		stop(x, reader_fatal(x->r, here(x), here_column(x), x->err, "entity '%.40s' %s", name, why));
}

static int
parse_chunk(struct wxr *x, struct slice chunk, bool last)
{
	if (XML_Parse(x->parser, chunk.p, (int)chunk.n, last) == XML_STATUS_OK)
		return 0;
	if (x->rc != 0)
		return -1;
	if (XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY)
		return reader_nomem(x->r, x->err);
	return reader_fatal(x->r, here(x), here_column(x), x->err, "not well-formed XML: %s",
	    XML_ErrorString(XML_GetErrorCode(x->parser)));
}

static int
parse_all(struct wxr *x)
{
	struct slice chunk;
	int more;

	while ((more = input_chunk(&x->r->in, &chunk, x->err)) == 1) {
		if (parse_chunk(x, chunk, false) == -1)
			return -1;
	}
	return more == -1 ? -1 : parse_chunk(x, (struct slice){ "", 0 }, true);
}

int
wxr_read(struct reader *r, struct err *err)
{
	struct wxr x = { .r = r, .err = err, .taking = PART_NONE, .parser = XML_ParserCreate(NULL) };
	int rc;

	if (x.parser == NULL)
		return reader_nomem(r, err);
	for (enum part p = 0; p < PARTS; p++)
		buf_init(&x.text[p], CORPUS_MAX_LINE);
	XML_SetUserData(x.parser, &x);
	XML_SetElementHandler(x.parser, on_start, on_end);
	XML_SetCharacterDataHandler(x.parser, on_text);
	XML_SetEntityDeclHandler(x.parser, on_entity);
	XML_SetParamEntityParsing(x.parser, XML_PARAM_ENTITY_PARSING_NEVER);
	rc = parse_all(&x);
	XML_ParserFree(x.parser);
	for (enum part p = 0; p < PARTS; p++)
		buf_fini(&x.text[p]);
	return rc;
}
