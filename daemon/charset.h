#ifndef HAMLET_DAEMON_CHARSET_H
#define HAMLET_DAEMON_CHARSET_H

#include "base/arena.h"
#include "base/slice.h"

/*
 * Turning what a blog sent into UTF-8.  Only the encodings that blogs have had are converted (a fixed list,
 * by iconv), each as browsers understand its name, for it is a browser that wrote the text: ISO 8859-1 is
 * windows-1252, GB 2312 is GB 18030.  Bytes that a conversion can't read become U+FFFD.  Anything else is
 * taken as UTF-8 with stray bytes read as windows-1252.
 */
struct charset;

/* Return the encoding that NAME ("ISO-8859-1", "latin1", in any case; absent: UTF-8) names, made in A; NULL
 * for UTF-8 or when it isn't known. */
struct charset *charset_open(struct slice name, struct arena *a);
void charset_close(struct charset *cs); /* NULL is allowed */

/*
 * Return VALUE in well-formed UTF-8, NUL bytes as U+FFFD: itself when nothing had to change, else in A.
 * Absent stays absent.  When memory runs out the result is absent and *FAILED is set.
 */
struct slice charset_text(struct charset *cs, struct slice value, struct arena *a, bool *failed);

#endif
