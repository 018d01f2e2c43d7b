#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "corpus/corpus.h"
#include "corpus/reader.h"

static const struct {
	const char *name;
	int (*read)(struct reader *r, struct err *err);
} formats[] = {
	[CORPUS_JSONL] = { "jsonl", jsonl_read },
	[CORPUS_CSV] = { "csv", csv_read },
	[CORPUS_WXR] = { "wxr", wxr_read },
	[CORPUS_MBOX] = { "mbox", mbox_read },
	[CORPUS_TEXT] = { "text", text_read },
};

int
corpus_format_parse(enum corpus_format *format, const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i].name, name) == 0) {
			*format = (enum corpus_format)i;
			return 0;
		}
	}
	return -1;
}

void
corpus_init(struct corpus *c)
{
	*c = (struct corpus){ 0 };
}

void
corpus_fini(struct corpus *c)
{
	free(c->rows);
	arena_free(c->arena);
	corpus_init(c);
}

/* Return the length of the "key" that S begins with if "=" follows it, else 0. */
static size_t
key_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '-')
		n++;
	return s[n] == '=' ? n : 0;
}

static bool
exists(const char *path)
{
	return strcmp(path, "-") == 0 || access(path, F_OK) == 0;
}

/*
 * Cut SPEC, a private copy, where its filters begin and return them; NULL if it has none.  When several
 * places would do, it is the first that leaves the name of a file.
 */
static char *
cut_filters(char *spec)
{
	char *first = NULL;

	if (exists(spec))
		return NULL;
	for (char *p = strchr(spec, ':'); p != NULL; p = strchr(p + 1, ':')) {
		bool found;

		if (key_length(p + 1) == 0)
			continue;
		*p = '\0';
		found = exists(spec);
		*p = ':';
		if (found || first == NULL)
			first = p;
		if (found)
			break;
	}
	if (first == NULL)
		return NULL;
	*first = '\0';
	return first + 1;
}

/* Read the filters of "key=value:key=value", all in LIST; a ":" that no key follows is part of the value. */
static int
parse_filters(struct reader *r, const char *list, struct err *err)
{
	while (list != NULL) {
		size_t n = key_length(list);
		const char *value = list + n + 1, *end = strchr(value, ':');

		while (end != NULL && key_length(end + 1) == 0)
			end = strchr(end + 1, ':');
		if (r->n_filters == CORPUS_MAX_FILTERS)
			return err_set(
			    err, ERR_LIMIT, "%s: more than %d filters", r->in.name, CORPUS_MAX_FILTERS);
		r->filters[r->n_filters++] = (struct filter){
			{ list, n },
			{ value, end == NULL ? strlen(value) : (size_t)(end - value) },
		};
		list = end == NULL ? NULL : end + 1;
	}
	return 0;
}

/* Read the file PATH, whose rows must meet FILTERS. */
static int
read_path(struct reader *r, const char *path, const char *filters, struct err *err)
{
	int rc;

	if (input_open(&r->in, path, err) == -1)
		return -1;
	r->file = arena_copy(r->corpus->arena, r->in.name, strlen(r->in.name));
	if (r->file == NULL)
		rc = reader_nomem(r, err);
	else if ((rc = parse_filters(r, filters, err)) == 0)
		rc = formats[r->options->format].read(r, err);
	input_close(&r->in);
	return rc;
}

int
corpus_read(struct corpus *c, const char *spec, const struct corpus_options *options, struct err *err)
{
	struct reader r = { .corpus = c, .options = options };
	size_t n = c->n, skipped = c->skipped;
	char *copy = strdup(spec), *filters;
	int rc;

	if (c->arena == NULL)
		c->arena = arena_new(CORPUS_MAX_BYTES);
	if (copy == NULL || c->arena == NULL) {
		free(copy);
		return err_set(err, ERR_NOMEM, "%s: out of memory", spec);
	}
	filters = cut_filters(copy);
	rc = read_path(&r, copy, filters, err);
	free(copy);
	if (rc == -1) {
		c->n = n;
		c->skipped = skipped;
		if (n == 0)
			arena_reset(c->arena);
	}
	return rc;
}
