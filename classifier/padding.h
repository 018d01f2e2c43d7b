#ifndef HAMLET_CLASSIFIER_PADDING_H
#define HAMLET_CLASSIFIER_PADDING_H

#include "base/buf.h"
#include "classifier/counts.h"
#include "classifier/rows.h"

/*
 * Find the words that speak most for ham by COUNTS, among those of the first PADDING_HAM_MAX ham rows, and
 * append the PADDING_WORDS best to OUT with a space before each: what a spammer who knows the filter puts
 * after his text.  Nothing is appended when there is no such word.  -1 when memory ran out.
 */
#define PADDING_WORDS 20
#define PADDING_HAM_MAX 2000
int padding_find(struct buf *out, struct tokenizer *tk, const struct rows *rows, const struct counts *counts);

#endif
