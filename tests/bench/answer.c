#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/bench/answer.h"

void
answer_init(struct answer *a)
{
	a->n = a->body_n = 0;
	a->left = 0;
	a->in_body = a->sized = a->closes = false;
	a->status = 0;
}

/* Set *STATUS from "HTTP/1.1 200 OK", or spamd's "SPAMD/1.1 0 EX_OK". */
static int
read_status(struct answer *a)
{
	char *space = strchr(a->head, ' ');
	long status;

	if (space == NULL || (strncmp(a->head, "HTTP/1.", 7) != 0 && strncmp(a->head, "SPAMD/", 6) != 0))
		return -1;
	status = strtol(space, NULL, 10);
	if (status < 0 || status > 999)
		return -1;
	a->status = (int)status;
	a->closes = a->head[0] == 'S';
	return 0;
}

static void
read_field(struct answer *a, const char *line)
{
	if (strncasecmp(line, "Content-Length:", 15) == 0) {
		a->left = strtoull(line + 15, NULL, 10);
		a->sized = a->head[0] != 'S'; /* spamd's isn't to be relied on, and it closes anyway */
	} else if (strncasecmp(line, "Connection: close", 17) == 0) {
		a->closes = true;
	}
}

/* The head is whole: read it. */
static int
read_head(struct answer *a)
{
	const char *line = a->head;

	if (read_status(a) == -1)
		return -1;
	while ((line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		read_field(a, line);
	}
	a->in_body = true;
	return 0;
}

/* Move bytes to the head until it is whole; return how many were taken. */
static size_t
fill_head(struct answer *a, const char *p, size_t n)
{
	const char *end = a->n == 0 ? memmem(p, n, "\r\n\r\n", 4) : NULL;
	size_t i = 0;

	if (end != NULL && (size_t)(end - p) + 4 < ANSWER_HEAD_MAX) { /* as nearly all come: in one piece */
		a->n = (size_t)(end - p) + 4;
		memcpy(a->head, p, a->n);
		a->head[a->n] = '\0';
		return a->n;
	}
	while (i < n && a->n < ANSWER_HEAD_MAX - 1) {
		a->head[a->n++] = p[i++];
		if (a->n >= 4 && memcmp(a->head + a->n - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	a->head[a->n] = '\0';
	return i;
}

static void
fill_body(struct answer *a, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (a->body_n < ANSWER_BODY_KEPT)
			a->body[a->body_n] = p[i];
		a->body_n++;
	}
	a->left -= n < a->left ? n : a->left;
}

enum answer_state
answer_read(struct answer *a, const char *p, size_t n)
{
	size_t used = 0;

	if (n == 0)
		return a->in_body && !a->sized ? ANSWER_COMPLETE : ANSWER_BROKEN;
	if (!a->in_body) {
		used = fill_head(a, p, n);
		if (a->n < 4 || memcmp(a->head + a->n - 4, "\r\n\r\n", 4) != 0)
			return a->n == ANSWER_HEAD_MAX - 1 ? ANSWER_BROKEN : ANSWER_MORE;
		if (read_head(a) == -1)
			return ANSWER_BROKEN;
	}
	fill_body(a, p + used, n - used);
	return a->sized && a->left == 0 ? ANSWER_COMPLETE : ANSWER_MORE;
}
