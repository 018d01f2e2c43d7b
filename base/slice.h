#ifndef HAMLET_BASE_SLICE_H
#define HAMLET_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Borrowed bytes: not NUL-terminated, owned by someone else.  An absent value has p == NULL and n == 0. */
struct slice {
	const char *p;
	size_t n;
};

/* Return S as a slice; NULL gives the absent one. */
static inline struct slice
slice_of(const char *s)
{
	return (struct slice){ s, s == NULL ? 0 : strlen(s) };
}

static inline bool
slice_equal(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Return whether A is exactly the string S. */
static inline bool
slice_is(struct slice a, const char *s)
{
	return slice_equal(a, slice_of(s));
}

#endif
