#ifndef HAMLET_BASE_ARENA_H
#define HAMLET_BASE_ARENA_H

#include <stddef.h>

#include "base/slice.h"

/* Memory of one request: taken piece by piece, given back at once, with a ceiling. */
struct arena;

/* Make an arena that hands out at most MAX bytes in all between two resets; NULL when memory ran out. */
struct arena *arena_new(size_t max);

/* Free A and all it handed out; NULL is allowed. */
void arena_free(struct arena *a);

/* Take back all A handed out; the first block is kept for the next request. */
void arena_reset(struct arena *a);

/* Return N bytes, zeroed, aligned for any type; NULL past the ceiling or when memory ran out. */
void *arena_alloc(struct arena *a, size_t n);

/* Return a copy of the N bytes at P with a NUL after it, or NULL as arena_alloc(). */
char *arena_copy(struct arena *a, const void *p, size_t n);

/* Copy *S into A and let it point there; absent stays absent.  0, or -1 as arena_alloc(). */
int arena_keep(struct arena *a, struct slice *s);

#endif
