#ifndef HAMLET_CLASSIFIER_HASHED_H
#define HAMLET_CLASSIFIER_HASHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * What is known of tokens, by their hashes: a growing table.  Its entries are structures of one type, whose
 * first member is the token's hash, an uint64_t; the type is the user's, and so is what else it holds.
 */
struct hashed {
	void *v; /* the entries; those whose hash is 0 are empty places */
	size_t width; /* bytes of an entry */
	size_t size, used; /* places (a power of two) and those taken */
	unsigned shift; /* 64 less the binary logarithm of size */
	uint64_t secret; /* odd; chooses the places, so that nobody can write words that all have the same */
};

/* Make H an empty table of entries of WIDTH bytes, a multiple of 8; takes no memory yet. */
void hashed_init(struct hashed *h, size_t width);

/* Free what H holds; H is as after hashed_init(). */
void hashed_fini(struct hashed *h);

/* Return the entry for HASH (not 0), made with zeros if absent, or NULL when memory ran out; valid until the
 * next call. */
void *hashed_entry(struct hashed *h, uint64_t hash);

/* Return the entry for HASH, valid until the next hashed_entry(), or NULL. */
void *hashed_find(const struct hashed *h, uint64_t hash);

/*
 * Return a copy of the entries that KEEP (NULL: all) returns true for, by hash, and their number in *N; the
 * caller frees the list.  NULL when memory ran out.
 */
void *hashed_sorted(const struct hashed *h, bool (*keep)(const void *entry), size_t *n);

/* Private: return the place where a search for HASH begins; there are some. */
static inline size_t
hashed_home(const struct hashed *h, uint64_t hash)
{
	return (size_t)(hash * h->secret >> h->shift);
}

/* Send for the place of HASH, which will be asked for soon: a table of millions is far away.  GCC takes a
 * function that does no more than this for one without effect, and leaves out calls that it hasn't inlined by
 * then. */
__attribute__((always_inline)) static inline void
hashed_prefetch(const struct hashed *h, uint64_t hash)
{
	if (h->size > 0)
		__builtin_prefetch((char *)h->v + hashed_home(h, hash) * h->width);
}

/* How many tokens ahead that pays. */
#define HASHED_AHEAD 16

/*
 * Keep the first 120 of the N bytes at TEXT, which a token of FIELD is read as, in NAMES: a length byte, a
 * field byte, the text.  Return where they are there, counted from 1, or 0 if they don't fit; NAMES' limit is
 * below UINT32_MAX.
 */
uint32_t hashed_name(struct buf *names, unsigned field, const char *text, size_t n);

#endif
