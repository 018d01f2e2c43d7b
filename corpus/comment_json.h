#ifndef HAMLET_CORPUS_COMMENT_JSON_H
#define HAMLET_CORPUS_COMMENT_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "classifier/comment.h"

/*
 * The native comment object of interface.md: all members strings but context[], all optional but "content".
 * Unknown members are ignored, null is absent, a member of another type (or no content) is ERR_INPUT and a
 * text that begins with
 * "'NAME' is ".  The slices borrow from J; context is joined in A, line ends inside its items made spaces.
 * *OUT is written only on success.
 */
int comment_from_json(struct comment *out, const struct json *j, struct arena *a, struct err *err);

/*
 * Set *OUT to the optional string KEY of J, absent when it is missing or null.  Another type is ERR_INPUT and
 * a text as above.
 */
int comment_json_text(struct slice *out, const struct json *j, const char *key, struct err *err);

/*
 * Return the column, in characters from 1, of the member that WHY, a text that begins with "'NAME' ", is
 * about in the object LINE; 1 if it is about none, or one that isn't there.
 */
size_t comment_json_column(struct slice line, const char *why);

/* Append the members of COMMENT that are there, without braces, to an object being written. */
void comment_to_json(const struct comment *comment, struct buf *b);

#endif
