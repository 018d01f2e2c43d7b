#ifndef HAMLET_DAEMON_CHARSET_H
#define HAMLET_DAEMON_CHARSET_H

#include "base/arena.h"
#include "base/slice.h"

/*
 * Turning what a blog sent into UTF-8.  Only the encodings that blogs have had are converted (a fixed list,
 * by iconv); anything else, and whatever a conversion can't read, is taken as UTF-8 with stray bytes read as
 * ISO 8859-1.
 */
struct charset;

/* Return the encoding that NAME ("ISO-8859-1", in any case; absent: UTF-8) names, made in A; NULL for UTF-8
 * or when it isn't known. */
struct charset *charset_open(struct slice name, struct arena *a);
void charset_close(struct charset *cs); /* NULL is allowed */

/*
 * Return VALUE in well-formed UTF-8, NUL bytes as U+FFFD: itself when nothing had to change, else in A.
 * Absent stays absent.  When memory runs out the result is absent and *FAILED is set.
 */
struct slice charset_text(struct charset *cs, struct slice value, struct arena *a, bool *failed);

#endif
