#ifndef HAMLET_CLASSIFIER_COUNTS_H
#define HAMLET_CLASSIFIER_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Token counts that can still change: a growing hash table.  Counts may be negative in a delta. */
struct count {
	uint64_t hash; /* 0: empty place */
	int32_t spam, ham;
	uint32_t name; /* offset + 1 into names, 0: not kept */
};

struct counts {
	struct count *v;
	size_t size, used; /* places (a power of two) and those taken */
	unsigned shift; /* 64 less the binary logarithm of size */
	uint64_t secret; /* odd; chooses the places, so that nobody can write words that all have the same */
	struct buf names; /* for each: a length byte, a field byte, the text */
	bool with_names;
};

void counts_init(struct counts *c, bool with_names);
void counts_fini(struct counts *c);

/* Return the entry for HASH (not 0), made with zero counts if absent, or NULL when memory ran out; valid
 * until the next call. */
struct count *counts_entry(struct counts *c, uint64_t hash);

/* Private: return the place where a search for HASH begins; there are some. */
static inline size_t
counts_home(const struct counts *c, uint64_t hash)
{
	return (size_t)(hash * c->secret >> c->shift);
}

/* Send for the place of HASH, which will be asked for soon: a table of millions is far away. */
static inline void
counts_prefetch(const struct counts *c, uint64_t hash)
{
	if (c->size > 0)
		__builtin_prefetch(&c->v[counts_home(c, hash)]);
}

/* How many tokens ahead that pays. */
#define COUNTS_AHEAD 16

/* Return the entry for HASH, or NULL. */
const struct count *counts_find(const struct counts *c, uint64_t hash);

/* Remember the text of ENTRY (just got from counts_entry) if names are kept and it has none yet; 0 or -1. */
int counts_name(struct counts *c, struct count *entry, unsigned field, const char *text, size_t n);

/* Return the entries with a count that isn't zero, by hash; the caller frees the list.  NULL when memory ran
 * out. */
struct count *counts_sorted(const struct counts *c, size_t *n);

#endif
