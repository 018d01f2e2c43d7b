#ifndef HAMLET_DAEMON_ACCEPT_H
#define HAMLET_DAEMON_ACCEPT_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * What a client would rather have, of RFC 9110's Accept and Accept-Language: a list of ranges, each with a
 * quality from 0 (not at all) to 1.  Malformed items are skipped.
 */

/* Return the quality that an Accept HEADER gives the media type TYPE ("text/html"): of the most specific
 * range that covers it, 0 if none does; 1 for all when the header is absent or empty. */
double accept_type(struct slice header, const char *type);

/*
 * Return the place among the N languages NAMES ("de") that an Accept-Language HEADER gives the highest
 * quality, the first of equals; -1 if it names none of them.  "de-AT" asks for "de", "*" for the first.
 */
int accept_language(struct slice header, const char *const *names, size_t n);

/* Return whether the language tag TAG ("de-AT", "DE") is of the language NAME ("de"). */
bool language_is(struct slice tag, const char *name);

#endif
