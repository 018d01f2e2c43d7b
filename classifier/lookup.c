#include "config.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/background.h"
#include "base/together.h"
#include "classifier/lookup.h"

/* Tokens of a home: load 0.6.  At 0.7 there is a seventh less to read at the start, but one token in 16
 * instead of one in 40 stands behind its home, in a bucket that nobody has sent for in time. */
#define HOME_TOKENS(ways) ((ways)*6 / 10.0)

#define LOOK_PARTS 256 /* that a table is looked through in */
#define LOOK_LEAST 8192 /* buckets that a thread is worth */

uint64_t
lookup_homes(uint64_t n)
{
	return (uint64_t)((double)n / HOME_TOKENS(LOOKUP_WAYS)) + 1;
}

struct lookup_counts
lookup_find_large(const struct lookup *t, uint64_t hash)
{
	uint64_t first = 0, end = t->nlarge, middle;

	while (first < end) {
		middle = first + (end - first) / 2;
		if (t->large[middle].hash == hash)
			return t->large[middle].counts;
		if (t->large[middle].hash < hash)
			first = middle + 1;
		else
			end = middle;
	}
	return (struct lookup_counts){ 0, 0 };
}

bool
lookup_put(struct lookup_filling *f, uint64_t hash, struct lookup_counts counts)
{
	const uint64_t home = lookup_home(hash, f->homes) * LOOKUP_WAYS, at = f->next > home ? f->next : home;
	const bool large = lookup_counts_large(counts);
	struct lookup_bucket *b;

	f->next = at + 1;
	f->nlarge += large;
	if (f->bucket == NULL)
		return true;
	if (at >= f->places || f->nlarge > f->larges)
		return false;
	b = &f->bucket[at / LOOKUP_WAYS];
	b->tag[at % LOOKUP_WAYS] = (uint32_t)hash;
	b->place[at % LOOKUP_WAYS] = large
	    ? (struct lookup_place){ LOOKUP_LARGE, LOOKUP_LARGE }
	    : (struct lookup_place){ (uint16_t)counts.spam, (uint16_t)counts.ham };
	if (large)
		f->large[f->nlarge - 1] = (struct lookup_large){ hash, counts };
	return true;
}

/* -- Whether it is one -- */

/* The buckets being looked through, part after part. */
struct look {
	const struct lookup *table;
	uint64_t buckets;
	struct lookup_counts most;
	atomic_size_t next; /* part that nobody has taken yet */
	struct look_part {
		uint64_t tokens, larges;
		bool bad;
	} part[LOOK_PARTS];
};

typedef uint16_t counts_of_four __attribute__((vector_size(16)));

/*
 * Look through the buckets from FIRST to END: in none of them a place behind a free one, or with a count that
 * there aren't as many comments for.  There are hundreds of thousands: all counts of four places at once.
 */
static struct look_part
look_at(const struct look *l, uint64_t first, uint64_t end)
{
	const uint16_t spam = l->most.spam < LOOKUP_LARGE ? (uint16_t)l->most.spam : LOOKUP_LARGE - 1,
		       ham = l->most.ham < LOOKUP_LARGE ? (uint16_t)l->most.ham : LOOKUP_LARGE - 1;
	const counts_of_four most = { spam, ham, spam, ham, spam, ham, spam, ham };
	struct look_part part = { 0 };

	for (uint64_t i = first; i < end; i++) {
		const lookup_four *places = (const lookup_four *)(const void *)l->table->bucket[i].place;
		const lookup_four a = places[0], b = places[1], large_a = (lookup_four)(a == UINT32_MAX),
				  large_b = (lookup_four)(b == UINT32_MAX);
		const lookup_four over_a = (lookup_four)((counts_of_four)a > most) & ~large_a,
				  over_b = (lookup_four)((counts_of_four)b > most) & ~large_b;
		const unsigned used = lookup_lanes((lookup_four)(a != 0), (lookup_four)(b != 0)),
			       large = lookup_lanes(large_a, large_b);

		part.bad |= (used & (used + 1)) != 0 ||
		    lookup_lanes((lookup_four)(over_a != 0), (lookup_four)(over_b != 0)) != 0;
		part.tokens += (unsigned)__builtin_ctz(
		    ~used); /* those in use are the first ones, or it is bad */
		if (large != 0)
			part.larges += (unsigned)__builtin_popcount(large);
	}
	return part;
}

static void *
look_on(void *arg)
{
	struct look *l = arg;
	const uint64_t n = l->buckets, each = n / LOOK_PARTS + 1;
	size_t i;

	while ((i = atomic_fetch_add(&l->next, 1)) < LOOK_PARTS && i * each < n) {
		l->part[i] = look_at(l, i * each, (i + 1) * each < n ? (i + 1) * each : n);
		background_breath();
	}
	return NULL;
}

static bool
sane_larges(const struct lookup *t, struct lookup_counts most)
{
	for (uint64_t i = 0; i < t->nlarge; i++) {
		const struct lookup_large *l = &t->large[i];

		if ((i > 0 && l->hash <= l[-1].hash) || !lookup_counts_large(l->counts) ||
		    l->counts.spam > most.spam || l->counts.ham > most.ham)
			return false;
	}
	return true;
}

static bool
is_empty(const struct lookup_bucket *b)
{
	bool empty = true;

	for (unsigned i = 0; i < LOOKUP_WAYS; i++)
		empty &= lookup_is_free(b->place[i]);
	return empty;
}

bool
lookup_is_sane(const struct lookup *t, uint64_t buckets, uint64_t tokens, struct lookup_counts most)
{
	struct look l = { .table = t, .buckets = buckets, .most = most };
	uint64_t found = 0, larges = 0;
	bool bad = t->homes >= buckets || !is_empty(&t->bucket[buckets - 1]);

	together(buckets / LOOK_LEAST + 1, look_on, &l);
	for (size_t i = 0; i < LOOK_PARTS; i++) {
		bad |= l.part[i].bad;
		found += l.part[i].tokens;
		larges += l.part[i].larges;
	}
	return !bad && found == tokens && larges == t->nlarge && sane_larges(t, most);
}
