#ifndef HAMLET_BASE_HASH_H
#define HAMLET_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Return the 64-bit XXH3 hash of the N bytes at P: fast, fixed for ever (models depend on it), not secret. */
uint64_t hash_bytes(const void *p, size_t n, uint64_t seed);

/* Return a well-mixed combination of A and B; hash_mix(a, b) != hash_mix(b, a). */
static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	uint64_t x = a * 0x9e3779b97f4a7c15u ^ (b + 0x632be59bd9b4e019u);

	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
	return x ^ (x >> 32);
}

#endif
