#ifndef HAMLET_CLI_EVAL_PAGE_H
#define HAMLET_CLI_EVAL_PAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "classifier/classify.h"
#include "corpus/corpus.h"
#include "engine/evaluate.h"
#include "engine/findings.h"

/*
 * The page that `hamlet eval --html` writes: one file that needs no other and runs nothing.  Its size is
 * bounded (under half a megabyte), whatever was tested and whatever commenters wrote.
 */
struct eval_page {
	const struct evaluation *figures;
	const struct findings *findings;
	const struct corpus *tested; /* what the findings' rows are rows of */
	/* Files, as they were given; those trained on in two lists. */
	const char *const *trained_on, *const *more_trained_on, *const *tested_on;
	size_t ntrained_on, nmore_trained_on, ntested_on;
	const char *model; /* what was given as the model; NULL: it was trained, or is the current one */
	int64_t folds; /* 0: none */
	enum fields fields;
	double budget; /* of blocked ham, that was trained for */
	int64_t now_ms; /* when */
};

/* Append the page to B; the caller asks buf_ok(). */
void eval_page(struct buf *b, const struct eval_page *p);

/* Append one part of it each. */
void eval_page_style(struct buf *b);
void eval_page_plots(struct buf *b, const struct eval_page *p);
void eval_page_mistakes(struct buf *b, const struct eval_page *p);

/* Look whether a page could be written to PATH, before much work is done.  0, or -1 with ERR_IO. */
int eval_page_check(const char *path, struct err *err);

/* Write the page to PATH, whole or not at all, for nobody else to read.  ERR_IO, ERR_NOMEM. */
int eval_page_write(const char *path, const struct eval_page *p, struct err *err);

#endif
