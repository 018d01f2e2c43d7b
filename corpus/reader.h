#ifndef HAMLET_CORPUS_READER_H
#define HAMLET_CORPUS_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "corpus/corpus.h"
#include "corpus/input.h"

/* What the readers of the formats share; for the files of this folder only. */
struct filter {
	struct slice key, value;
};

struct reader {
	struct corpus *corpus;
	const struct corpus_options *options;
	struct input in;
	const char *file; /* in the corpus's arena */
	struct filter filters[CORPUS_MAX_FILTERS];
	size_t n_filters;
};

/* Append all rows of R's input to its corpus.  On failure some may have been added: the caller takes them
 * back. */
int jsonl_read(struct reader *r, struct err *err);
int csv_read(struct reader *r, struct err *err);
int wxr_read(struct reader *r, struct err *err);
int mbox_read(struct reader *r, struct err *err);
int text_read(struct reader *r, struct err *err);

/* Return whether the row that ARG stands for has VALUE as its member KEY. */
typedef bool row_has(const void *arg, struct slice key, struct slice value);

/* Return whether every filter is met. */
bool reader_wants(const struct reader *r, row_has *has, const void *arg);

/* A row_has for a struct example. */
bool example_has(const void *example, struct slice key, struct slice value);

/*
 * Append a copy of ROW, which begins on LINE, with what isn't UTF-8 in it read as windows-1252.
 */
int reader_add(struct reader *r, const struct example *row, size_t line, struct err *err);

/*
 * A row is bad: count it and return 0 if bad rows are to be skipped, else set *ERR to ERR_INPUT with file,
 * line, column and the formatted reason, and return -1.
 */
int reader_bad(struct reader *r, size_t line, size_t column, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* The same for what can't be skipped: always -1. */
int reader_fatal(struct reader *r, size_t line, size_t column, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Return whether S is nothing but white space. */
bool slice_blank(struct slice s);

/* Return -1 with ERR_NOMEM. */
int reader_nomem(const struct reader *r, struct err *err);

/*
 * Set *LABEL for a row that doesn't say it, from the options; -1 if they don't say it either.
 */
int reader_default_label(const struct reader *r, enum label *label);

#endif
