#ifndef HAMLET_BASE_BUF_H
#define HAMLET_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/slice.h"

/*
 * Growable bytes with a cap and a sticky error: append freely, ask buf_ok() once at the end.  After a
 * failure the contents are what had been appended before it.
 */
struct buf {
	char *p; /* NULL while empty; else always NUL-terminated */
	size_t n; /* bytes held, without the NUL */
	size_t cap; /* bytes allocated */
	size_t max; /* most bytes that n may reach */
	bool failed; /* an append did not fit, or memory ran out */
	bool starved; /* it failed for want of memory */
};

#define BUF_NO_LIMIT ((size_t)-2)

/* Make B empty, never to hold more than MAX bytes. */
void buf_init(struct buf *b, size_t max);

/* Free what B holds; B is as after buf_init(). */
void buf_fini(struct buf *b);

/* Empty B but keep its memory; clears the error. */
void buf_clear(struct buf *b);

/* As buf_add(), for when there is no room yet. */
void buf_add_slow(struct buf *b, const void *p, size_t n);

static inline bool
buf_has_room(const struct buf *b, size_t n)
{
	return b->n + n < b->cap && n <= b->max && b->n <= b->max - n && !b->failed;
}

static inline void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || !buf_has_room(b, n)) {
		buf_add_slow(b, p, n);
		return;
	}
	memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

static inline void
buf_add_char(struct buf *b, char c)
{
	if (!buf_has_room(b, 1)) {
		buf_add_slow(b, &c, 1);
		return;
	}
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
}

void buf_add_str(struct buf *b, const char *s);
void buf_add_slice(struct buf *b, struct slice s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Make room for N more bytes and return where to write them (then add to b->n and keep the NUL), or NULL. */
char *buf_reserve(struct buf *b, size_t n);

/* Return whether every append since buf_init() or buf_clear() succeeded. */
bool buf_ok(const struct buf *b);

/* Return the contents as a string, "" while empty; valid until the next append. */
const char *buf_str(const struct buf *b);

/* Return the contents, valid until the next append. */
struct slice buf_slice(const struct buf *b);

/* Give the memory to the caller, who frees it; B is empty after.  NULL on a sticky error or when empty. */
char *buf_detach(struct buf *b);

#endif
