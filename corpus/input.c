#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "corpus/corpus.h"
#include "corpus/input.h"

#ifndef CHUNK_BYTES /* fuzzed with small ones: many a line then spans two */
#define CHUNK_BYTES 65536
#endif

static int
fail(const struct input *in, struct err *err)
{
	return err_set(err, errno == ENOMEM ? ERR_NOMEM : ERR_IO, "%s: %s", in->name, strerror(errno));
}

int
input_open(struct input *in, const char *path, struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;

	*in = (struct input){ .name = is_stdin ? "standard input" : path, .fd = STDIN_FILENO };
	buf_init(&in->text, CORPUS_MAX_LINE + 2);
	in->chunk = malloc(CHUNK_BYTES);
	if (in->chunk == NULL)
		return fail(in, err);
	if (!is_stdin)
		in->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd == -1) {
		fail(in, err);
		free(in->chunk);
		in->chunk = NULL;
		return -1;
	}
	return 0;
}

void
input_close(struct input *in)
{
	if (in->chunk == NULL)
		return;
	free(in->chunk);
	in->chunk = NULL;
	buf_fini(&in->text);
	if (in->fd != STDIN_FILENO)
		close(in->fd);
}

/* Read until the chunk holds at least LEAST bytes or the file ends. */
static int
fill(struct input *in, size_t least, struct err *err)
{
	ssize_t got;

	in->at = in->n = 0;
	while (in->n < least) {
		got = read(in->fd, in->chunk + in->n, CHUNK_BYTES - in->n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return fail(in, err);
		if (got == 0)
			break;
		in->n += (size_t)got;
	}
	return 0;
}

/* Make sure that the chunk has something to give: 1, 0 at the end of the file, -1. */
static int
refill(struct input *in, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (in->at < in->n)
		return 1;
	if (fill(in, in->started ? 1 : sizeof(mark) - 1, err) == -1)
		return -1;
	if (!in->started && in->n >= sizeof(mark) - 1 && memcmp(in->chunk, mark, sizeof(mark) - 1) == 0)
		in->at = sizeof(mark) - 1;
	if (in->started || in->at < in->n) {
		in->started = true;
		return in->at < in->n;
	}
	in->started = true; /* nothing but the mark so far */
	return refill(in, err);
}

int
input_chunk(struct input *in, struct slice *piece, struct err *err)
{
	int more = refill(in, err);

	if (more != 1)
		return more;
	*piece = (struct slice){ in->chunk + in->at, in->n - in->at };
	in->at = in->n;
	return 1;
}

bool
input_has_line(const struct input *in)
{
	return in->at < in->n && memchr(in->chunk + in->at, '\n', in->n - in->at) != NULL;
}

/* Take what the chunk has of the current line, its '\n' included. */
static struct slice
take_piece(struct input *in)
{
	struct slice piece = { in->chunk + in->at, in->n - in->at };
	const char *end = memchr(piece.p, '\n', piece.n);

	if (end != NULL)
		piece.n = (size_t)(end - piece.p) + 1;
	in->at += piece.n;
	return piece;
}

static bool
ends_line(struct slice s)
{
	return s.n > 0 && s.p[s.n - 1] == '\n';
}

int
input_piece(struct input *in, struct slice *piece, struct err *err)
{
	int more = refill(in, err);

	if (more != 1)
		return more;
	if (!in->inside)
		in->line++;
	*piece = take_piece(in);
	in->inside = !ends_line(*piece);
	return 1;
}

static struct slice
without_end(struct slice s)
{
	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

/* Add PIECE to the line that spans chunks, as far as it fits. */
static int
add_piece(struct input *in, struct slice piece, struct err *err)
{
	size_t room = in->text.max - in->text.n;

	if (piece.n > room)
		in->overlong = true;
	buf_add(&in->text, piece.p, piece.n < room ? piece.n : room);
	return buf_ok(&in->text) ? 0 : err_set(err, ERR_NOMEM, "%s: out of memory", in->name);
}

int
input_line(struct input *in, struct slice *line, struct err *err)
{
	int more = refill(in, err);
	struct slice piece;

	if (more != 1)
		return more;
	in->line++;
	in->overlong = false;
	piece = take_piece(in);
	if (ends_line(piece)) {
		*line = without_end(piece);
		return 1;
	}
	buf_clear(&in->text);
	if (add_piece(in, piece, err) == -1)
		return -1;
	while (!ends_line(piece)) {
		more = refill(in, err);
		if (more == -1)
			return -1;
		if (more == 0)
			break;
		piece = take_piece(in);
		if (add_piece(in, piece, err) == -1)
			return -1;
	}
	*line = without_end(buf_slice(&in->text));
	in->overlong |= line->n > CORPUS_MAX_LINE;
	return 1;
}
