#ifndef HAMLET_BASE_ULID_H
#define HAMLET_BASE_ULID_H

#include <stdbool.h>
#include <stdint.h>

/*
 * ULIDs (github.com/ulid/spec): 48 bits of milliseconds since 1970, 80 random bits, as 26 characters of
 * Crockford's base 32.  Ids from one source are strictly increasing, also when its clock goes back.
 */
#define ULID_CHARS 26

#define ULID_RANDOM 10 /* bytes */

struct ulid_source {
	uint64_t last_ms;
	unsigned char last[ULID_RANDOM]; /* the random part of the last id */
	unsigned char ahead[32][ULID_RANDOM]; /* what one system call fetches; of which are left: */
	unsigned left;
};

/* Write the next id for NOW_MS and a NUL to OUT.  One thread per source; start with a zeroed one. */
void ulid_next(struct ulid_source *src, uint64_t now_ms, char out[ULID_CHARS + 1]);

/*
 * Have SRC, a zeroed one, write only ids greater than ID, a ULID ("": any): those of a program that starts
 * when its clock has gone back.  Sources that start from one ID don't meet.
 */
void ulid_start_after(struct ulid_source *src, const char *id);

/* Have SRC write only ids of MS and later. */
void ulid_not_before(struct ulid_source *src, uint64_t ms);

/* Return whether the N characters at S are a ULID in its canonical (upper-case) form. */
bool ulid_valid(const char *s, unsigned long n);

#endif
