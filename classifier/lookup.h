#ifndef HAMLET_CLASSIFIER_LOOKUP_H
#define HAMLET_CLASSIFIER_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The table of tokens that a snapshot is judged by, made to be looked up in: a bucket is a line of the cache,
 * and most tokens take no more than one.
 *
 * Tokens stand in order of hash.  A token's home is the bucket hash * homes / 2^64; it stands in the first
 * free place from there on, and the last bucket is empty, so that every search ends.  A place has a tag, the
 * lower half of the hash, and the token's counts; both 0: it is free.  Counts of 65,535 and more stand in a
 * list of their own, in order of hash, and the place has LOOKUP_LARGE twice.
 *
 * A token that isn't in the table is taken for another one that is when their tags are the same and their
 * homes are next to each other: of 10^9 look-ups one or two.
 */
#define LOOKUP_WAYS 8
#define LOOKUP_LARGE 0xffffu

struct lookup_place {
	uint16_t spam, ham;
};

struct lookup_bucket {
	uint32_t tag[LOOKUP_WAYS];
	struct lookup_place place[LOOKUP_WAYS];
};
_Static_assert(sizeof(struct lookup_bucket) == 64, "a line of the cache");

/* In how many comments of each class a token was seen; both 0: in none. */
struct lookup_counts {
	uint32_t spam, ham;
};

struct lookup_large {
	uint64_t hash;
	struct lookup_counts counts;
};

struct lookup {
	const struct lookup_bucket *bucket;
	const struct lookup_large *large;
	uint64_t homes, nlarge;
};

/* Return how many homes N tokens have. */
uint64_t lookup_homes(uint64_t n);

/* Return the home of HASH, of as many as there are. */
static inline uint64_t
lookup_home(uint64_t hash, uint64_t homes)
{
	return (uint64_t)((unsigned __int128)hash * homes >> 64);
}

static inline bool
lookup_is_free(struct lookup_place p)
{
	return (p.spam | p.ham) == 0;
}

static inline bool
lookup_is_large(struct lookup_place p)
{
	return (p.spam & p.ham) == LOOKUP_LARGE;
}

static inline bool
lookup_counts_large(struct lookup_counts c)
{
	return c.spam >= LOOKUP_LARGE || c.ham >= LOOKUP_LARGE;
}

/* Return the counts of HASH, whose place says that they are in the list. */
struct lookup_counts lookup_find_large(const struct lookup *t, uint64_t hash);

/* Numbers that the processor handles at once; on one that can't, GCC does it by itself. */
typedef uint32_t lookup_four __attribute__((vector_size(16), aligned(4), may_alias));
typedef uint64_t lookup_two __attribute__((vector_size(16)));

/* Return which of two fours of lanes, each all ones or zero, are ones: the first is the lowest bit. */
static inline unsigned
lookup_lanes(lookup_four first, lookup_four second)
{
	const lookup_four bits = { 1, 2, 4, 8 }, found = (first & bits) | (second & bits << LOOKUP_WAYS / 2);
	const lookup_two halves = (lookup_two)found;
	const uint64_t all = halves[0] | halves[1];

	return (unsigned)(all | all >> 32);
}

/* Return which places of B have this tag. */
static inline unsigned
lookup_match(const struct lookup_bucket *b, uint32_t tag)
{
	const lookup_four *tags = (const lookup_four *)(const void *)b->tag;

	return lookup_lanes((lookup_four)(tags[0] == tag), (lookup_four)(tags[1] == tag));
}
_Static_assert(LOOKUP_WAYS == 8, "two fours");

/*
 * Return the counts of HASH in T.  Where no tag is the right one, the last place of the bucket is free, or
 * the search would go on; so it has the right counts for that too, and nothing branches on what is known.
 */
static inline struct lookup_counts
lookup_find(const struct lookup *t, uint64_t hash)
{
	const struct lookup_bucket *b = &t->bucket[lookup_home(hash, t->homes)];
	unsigned which = lookup_match(b, (uint32_t)hash);
	struct lookup_place p;

	while (which == 0 && !lookup_is_free(b->place[LOOKUP_WAYS - 1]))
		which = lookup_match(++b, (uint32_t)hash);
	p = b->place[__builtin_ctz(which | 1u << (LOOKUP_WAYS - 1))];
	if (lookup_is_large(p))
		return lookup_find_large(t, hash);
	return (struct lookup_counts){ p.spam, p.ham };
}

/*
 * A table being filled, in order of hash: zeroed buckets, of which PLACES are used at most, and room for so
 * many LARGES; or, with no buckets, only how many it takes.
 */
struct lookup_filling {
	struct lookup_bucket *bucket;
	struct lookup_large *large;
	uint64_t homes;
	uint64_t places, larges;
	uint64_t next, nlarge; /* as far as it is filled */
};

/* Add a token with a count; false where it has no room. */
bool lookup_put(struct lookup_filling *f, uint64_t hash, struct lookup_counts counts);

/* Return whether the BUCKETS of T are a table of so many TOKENS that can be searched, none of them counted
 * more often than MOST says. */
bool lookup_is_sane(const struct lookup *t, uint64_t buckets, uint64_t tokens, struct lookup_counts most);

#endif
