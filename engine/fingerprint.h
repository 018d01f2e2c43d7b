#ifndef HAMLET_ENGINE_FINGERPRINT_H
#define HAMLET_ENGINE_FINGERPRINT_H

#include <stdint.h>

#include "classifier/comment.h"

/*
 * Return a number that stays the same however a client escapes one comment (backslashes before quotes, HTML
 * entities and tags, spaces and line ends, letter case): a correction finds its verdict by it.  Made of
 * author, e-mail, content and url. Never 0, but when memory ran out.
 */
uint64_t comment_fingerprint(const struct comment *comment);

/* The same where TEXT, the content in normal form (classifier/normal.h), is at hand; absent: it isn't. */
uint64_t comment_fingerprint_of(const struct comment *comment, struct slice text);

#endif
