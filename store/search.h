#ifndef HAMLET_STORE_SEARCH_H
#define HAMLET_STORE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/*
 * Return whether each word of WORDS (separated by white space) occurs, as a part of a word too, in at least
 * one of the N FIELDS.  ASCII letters match in either case; any bytes may occur in the fields.  True when
 * WORDS holds no word.
 */
bool search_match(struct slice words, const struct slice *fields, size_t n);

#endif
