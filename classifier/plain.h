#ifndef HAMLET_CLASSIFIER_PLAIN_H
#define HAMLET_CLASSIFIER_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "classifier/normal.h"

/*
 * Private to normal.c: what most text is made of, done at once.  Append to OUT the normal form of whole words
 * and what stands between them, as long as it is ASCII and, with MARKUP, no '<' or '[' comes; count it in
 * *COUNTS and note words with capitals in CASES (NULL: don't).  No word may be open before IN, and none is
 * after it: a word that goes on in other characters is left.  Return how many bytes of IN that was.
 */
size_t plain_fold(
    struct buf *out, struct slice in, bool markup, struct normal_counts *counts, struct buf *cases);

#endif
