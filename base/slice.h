#ifndef HAMLET_BASE_SLICE_H
#define HAMLET_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

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

/* Return whether S begins with WITH, whatever the case of its ASCII letters. */
static inline bool
slice_begins(struct slice s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && strncasecmp(s.p, with, n) == 0;
}

/* Return whether C is white space of ASCII, in every locale. */
static inline bool
slice_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Return S without white space at both ends. */
static inline struct slice
slice_trim(struct slice s)
{
	while (s.n > 0 && slice_is_blank(*s.p)) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && slice_is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Take what stands before the first STOP off *S, and STOP; all of it if there is none. */
static inline struct slice
slice_take(struct slice *s, char stop)
{
	const char *end = s->n == 0 ? NULL : (const char *)memchr(s->p, stop, s->n);
	struct slice head = { s->p, end == NULL ? s->n : (size_t)(end - s->p) };

	s->p += head.n + (end != NULL);
	s->n -= head.n + (end != NULL);
	return head;
}

#endif
