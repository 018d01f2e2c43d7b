#ifndef HAMLET_CLASSIFIER_MARKUP_H
#define HAMLET_CLASSIFIER_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* HTML and BBCode as they stand in comments.  A TAG is what stands between its brackets. */
#define MARKUP_MAX_BYTES 4096 /* of a tag and its brackets */

/* The search for the ends of tags through one text, zero at first: however many '<' stand before one '>', no
 * byte is looked at twice. */
struct markup {
	const char *no_tag_end, *no_bbcode_end; /* up to here, from the last tag's beginning on, is none */
	size_t looked_at; /* bytes */
};

/* Return where the tag that IN begins with, a '<' or a '[', has its '>' or ']'; NULL if it has none within
 * MARKUP_MAX_BYTES.  M is of the text that IN is part of, and IN begins later in it each time. */
const char *markup_end(struct markup *m, struct slice in);

/* Return whether TAG begins with the text WITH, in letters of either case. */
bool markup_begins(struct slice tag, const char *with);

/* Return the value of attribute NAME ("href=") in TAG, quoted or not; the absent slice if there is none. */
struct slice markup_attribute(struct slice tag, const char *name);

/* Return whether TAG is one of BBCode's, opening or closing. */
bool markup_is_bbcode(struct slice tag);

#endif
