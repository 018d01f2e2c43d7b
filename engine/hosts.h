#ifndef HAMLET_ENGINE_HOSTS_H
#define HAMLET_ENGINE_HOSTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/* The hosts of web addresses in a text. */

#define HOSTS_MAX 64 /* of one text */
#define HOST_BYTES_MAX 253

/* Append to OUT the host of each web address in TEXT ("http://...", "//..." and "www..."), in small letters,
 * each followed by '\n'; one that is there already isn't put in again. */
void hosts_find(struct buf *out, struct slice text);

/* The same for URL, all of which is one address, whether with its scheme or not. */
void hosts_of_url(struct buf *out, struct slice url);

/* Take the first of LIST, as the functions above make it, into *HOST; false when there is none left. */
bool hosts_next(struct slice *list, struct slice *host);

/* Return whether HOST is DOMAIN or a part of it ("blog.example.com" of "example.com"). */
bool host_within(struct slice host, struct slice domain);

/* Take the first label off HOST ("com" is left of "example.com"); false when it has only one. */
bool host_parent(struct slice *host);

#endif
