#ifndef HAMLET_CLI_COMMENT_INPUT_H
#define HAMLET_CLI_COMMENT_INPUT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "classifier/comment.h"

/* One comment from a file or standard input, as plain text or as a JSON object. */
#define COMMENT_INPUT_MAX ((size_t)16 << 20)

/* Make B hold what PATH ("-": standard input) does; the caller gives B back in both cases. */
int comment_input_read(struct buf *b, const char *path, struct err *err);

/* Return whether S begins as a JSON object does. */
bool comment_input_is_object(struct slice s);

/* Append TEXT, a comment's text, to B as UTF-8, without the line end after it. */
void comment_input_text(struct buf *b, struct slice text);

#endif
