#ifndef HAMLET_CORPUS_MIME_H
#define HAMLET_CORPUS_MIME_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/* As much of mail's formats as it takes to read what a message says; lines end in '\n'.  Nothing here can
 * fail but for memory. */

/* Cut MESSAGE at its first empty line. */
void mime_split(struct slice message, struct slice *head, struct slice *body);

/* Set OUT to the value of the first header NAME in HEAD, unfolded; return whether there is one. */
bool mime_header(struct buf *out, struct slice head, const char *name);

/* Append IN, a header's value, with its encoded words (=?utf-8?q?...?=) decoded. */
void mime_words(struct buf *out, struct slice in);

/*
 * Append the text of the message or part HEAD, BODY: the first text/plain part, else the first text/html one,
 * else nothing, decoded; in UTF-8 where its charset is UTF-8, ISO 8859-1 (read as windows-1252) or
 * windows-1252, else as it is.
 */
void mime_text(struct buf *out, struct slice head, struct slice body);

#endif
