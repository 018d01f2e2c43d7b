#include "config.h"

#define XXH_INLINE_ALL /* most of what is hashed has a few bytes: a call would cost more than the work */
#include <xxhash.h>

#include "base/hash.h"

uint64_t
hash_bytes(const void *p, size_t n, uint64_t seed)
{
	return XXH3_64bits_withSeed(p, n, seed);
}
