#ifndef HAMLET_CLASSIFIER_PHRASES_H
#define HAMLET_CLASSIFIER_PHRASES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Finding whether any of many phrases occurs in a text.  The phrases are sorted into classes by length, and
 * in each class by a prefix of 1, 2, 3, 4 or 8 bytes.  At each place of the text and for each class, one bit
 * tells whether a phrase may begin there (as in Wu and Manber's algorithm, "A fast algorithm for
 * multi-pattern searching", 1994, without its shifts, which the shortest phrase would make useless); only
 * then the few with that prefix are compared.  62,000 phrases take some 3 MB, and 1 kB of text some
 * microseconds.
 */
struct phrases;

#define PHRASE_MAX 1024 /* bytes */

/* Make an empty set; with WHOLE_WORDS a phrase that begins or ends with a letter or digit only counts where
 * no other is next to it (in scripts that are written with spaces). */
int phrases_new(struct phrases **out, bool whole_words, struct err *err);
void phrases_free(struct phrases *p); /* NULL is allowed */

/* Add TEXT, which must be 1 to PHRASE_MAX bytes long and in the form in which texts will be searched. */
int phrases_add(struct phrases *p, struct slice text, struct err *err);

/* Make P ready; nothing can be added any more. */
int phrases_seal(struct phrases *p, struct err *err);

size_t phrases_count(const struct phrases *p);

/* Return whether one of P occurs in TEXT (UTF-8), and set *WHICH (NULL is allowed; borrowed from P) to the
 * first.  Threads may share a sealed P. */
bool phrases_find(const struct phrases *p, struct slice text, struct slice *which);

/* Append to OUT, which is empty, the normal form of S (classifier/normal.h), words set apart by one space
 * each; SCRATCH is working memory. */
void phrases_normalise(struct buf *out, struct slice s, struct buf *scratch);

/* The same of B, which holds the normal form as it is. */
void phrases_squeeze(struct buf *b);

/* Append S to OUT with its capitals made small, what isn't UTF-8 read as windows-1252. */
void phrases_fold(struct buf *out, struct slice s);

#endif
