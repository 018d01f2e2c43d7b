#ifndef HAMLET_TESTS_FUZZ_H
#define HAMLET_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/slice.h"

/* What each target defines: judge one input, and abort when something that must hold does not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void __attribute__((noreturn)) fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

#define CHECK(condition)                                                                                     \
	do {                                                                                                 \
		if (!(condition))                                                                            \
			fuzz_fail(__FILE__, __LINE__, #condition);                                           \
	} while (0)

#define FUZZ_ARENA_BYTES (8u << 20)
#define FUZZ_PATH_BYTES 64

static inline struct slice
fuzz_slice(const uint8_t *data, size_t size)
{
	return (struct slice){ (const char *)data, size };
}

/* Return a copy of S in memory that ends where it does, so that a byte too far is seen; the caller frees it.
 */
static inline char *
fuzz_copy(struct slice s)
{
	char *p = malloc(s.n == 0 ? 1 : s.n);

	CHECK(p != NULL);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

/* The same as a string; it ends at the first NUL byte that S holds. */
static inline char *
fuzz_string(struct slice s)
{
	size_t n = s.n == 0 ? 0 : strnlen(s.p, s.n);
	char *p = malloc(n + 1);

	CHECK(p != NULL);
	if (n > 0)
		memcpy(p, s.p, n);
	p[n] = '\0';
	return p;
}

/* Cut *REST at the first byte END: return what stands before it, and leave what stands after. */
static inline struct slice
fuzz_cut(struct slice *rest, char end)
{
	const char *at = rest->n == 0 ? NULL : memchr(rest->p, end, rest->n);
	struct slice first = { rest->p, at == NULL ? rest->n : (size_t)(at - rest->p) };
	size_t used = first.n + (at != NULL);

	if (used > 0)
		*rest = (struct slice){ rest->p + used, rest->n - used };
	return first;
}

static inline struct arena *
fuzz_arena(void)
{
	struct arena *a = arena_new(FUZZ_ARENA_BYTES);

	CHECK(a != NULL);
	return a;
}

/* Return whether S lies within the N bytes at P; an absent or empty one does. */
static inline bool
fuzz_within(struct slice s, const void *p, size_t n)
{
	uintptr_t from = (uintptr_t)p, at = (uintptr_t)s.p;

	return s.n == 0 || (at >= from && at - from <= n && s.n <= n - (at - from));
}

/* Have a file in memory hold S until the next call, which has the same file hold something else; return its
 * descriptor.  It keeps its pages, as new ones cost more than what most formats do with a kilobyte. */
static inline int
fuzz_fd(struct slice s)
{
	static int fd = -1;

	if (fd == -1)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	CHECK(fd != -1 && ftruncate(fd, (off_t)s.n) == 0);
	CHECK(s.n == 0 || pwrite(fd, s.p, s.n, 0) == (ssize_t)s.n);
	return fd;
}

/* The same with a PATH for a name. */
static inline void
fuzz_file(struct slice s, char path[FUZZ_PATH_BYTES])
{
	snprintf(path, FUZZ_PATH_BYTES, "/proc/self/fd/%d", fuzz_fd(s));
}

#endif
