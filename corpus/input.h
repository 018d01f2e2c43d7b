#ifndef HAMLET_CORPUS_INPUT_H
#define HAMLET_CORPUS_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * The bytes of a file or of standard input, a line or a piece at a time.  A UTF-8 byte-order mark at the
 * start is left out. Use either input_line() or input_piece() on one input.
 */
struct input {
	const char *name; /* for messages; borrowed */
	int fd;
	char *chunk;
	size_t at, n; /* what of the chunk is still to be given out: at <= n */
	struct buf text; /* a line that spans chunks */
	size_t line; /* number of the line given out last, from 1 */
	bool started; /* the byte-order mark has been dealt with */
	bool overlong; /* the line given out last is cut */
	bool inside; /* the piece given out last didn't end its line */
};

/* Open PATH, or standard input if it is "-".  ERR_IO, ERR_NOMEM. */
int input_open(struct input *in, const char *path, struct err *err);
void input_close(struct input *in);

/*
 * Set *LINE to the next line without its end (LF or CRLF), valid until the next call, and return 1; 0 at the
 * end of the file, -1 on failure.  Of a line over CORPUS_MAX_LINE the rest is dropped, and in->overlong set.
 */
int input_line(struct input *in, struct slice *line, struct err *err);

/* Return whether the next line is there in full, so that input_line() needn't read. */
bool input_has_line(const struct input *in);

/* Set *PIECE to some more bytes, up to and with the end of a line where it has one; returns as input_line().
 */
int input_piece(struct input *in, struct slice *piece, struct err *err);

/* Set *PIECE to as many bytes as are at hand; returns as input_line().  Lines are not counted. */
int input_chunk(struct input *in, struct slice *piece, struct err *err);

#endif
