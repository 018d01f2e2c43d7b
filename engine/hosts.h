#ifndef HAMLET_ENGINE_HOSTS_H
#define HAMLET_ENGINE_HOSTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/* The hosts of web addresses in a text. */

#define HOSTS_ONCE 64 /* of one list that aren't put in again */
#define HOST_BYTES_MAX 253

/* Append to OUT the host of each web address in TEXT ("http://...", "//..." and "www..."), in small letters
 * as by fold_domain(), each followed by '\n'; one that is there already among the first HOSTS_ONCE isn't put
 * in again.  There may be as many as the text has room for: were they numbered, so many links could hide what
 * comes after them. */
void hosts_find(struct buf *out, struct slice text);

/*
 * Append to OUT, as hosts_find() does, those hosts of TEXT, which is as somebody sent it (well-formed UTF-8),
 * that have letters beyond ASCII: as they are written, since without its accents a domain is another one. Set
 * REST, which is empty, to TEXT (of a long one those parts that normalise() looks at) with blanks in their
 * places, and return whether there are any.
 */
bool hosts_take_foreign(struct buf *out, struct buf *rest, struct slice text);

/* Append the hosts of URL, all of which is one address, whether with its scheme or not. */
void hosts_of_url(struct buf *out, struct slice url);

/* Take the first of LIST, as the functions above make it, into *HOST; false when there is none left. */
bool hosts_next(struct slice *list, struct slice *host);

/* Return whether HOST is DOMAIN or a part of it ("blog.example.com" of "example.com"). */
bool host_within(struct slice host, struct slice domain);

/*
 * Make SKETCH, which is empty, tell of most domains that no host of LIST is in them, without a walk over
 * LIST: a text may be nothing but links, and there may be a thousand rules.
 */
void hosts_sketch(struct buf *sketch, struct slice list);

/* Return false only if no host of the list that SKETCH was made of is DOMAIN or a part of it. */
bool hosts_may_be_within(const struct buf *sketch, struct slice domain);

/* Take the first label off HOST ("com" is left of "example.com"); false when it has only one. */
bool host_parent(struct slice *host);

#endif
