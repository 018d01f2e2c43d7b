#ifndef HAMLET_BASE_HASH_HERE_H
#define HAMLET_BASE_HASH_HERE_H

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL /* most of what is hashed has a few bytes: a call would cost more than the work */
#include <xxhash.h>

/* As hash_bytes(), compiled where it stands: for loops that hash hundreds of pieces of a few bytes each, best
 * with an N that the compiler knows. */
static inline uint64_t
hash_here(const void *p, size_t n, uint64_t seed)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

#endif
