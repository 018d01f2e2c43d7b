#include "config.h"

#include "base/hash.h"
#include "base/hash_here.h"

uint64_t
hash_bytes(const void *p, size_t n, uint64_t seed)
{
	return hash_here(p, n, seed);
}
