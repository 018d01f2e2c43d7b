#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/large.h"
#include "classifier/hashed.h"

#define FIRST_BITS 12
#define NAME_MAX_BYTES 120
#define FEW 32 /* of a bucket: sorted in place */
#define WIDTH_MAX 32
#define BUCKET_BITS_MAX 18

void
hashed_init(struct hashed *h, size_t width)
{
	*h = (struct hashed){ .width = width };
	crypto_random(&h->secret, sizeof(h->secret));
	h->secret |= 1;
}

void
hashed_fini(struct hashed *h)
{
	large_free(h->v, h->size * h->width);
	hashed_init(h, h->width);
}

static inline uint64_t
hash_of(const void *entry)
{
	return *(const uint64_t *)entry;
}

static inline char *
nth(const struct hashed *h, size_t i)
{
	return (char *)h->v + i * h->width;
}

static inline void *
place_of(const struct hashed *h, uint64_t hash)
{
	size_t i = hashed_home(h, hash);

	while (hash_of(nth(h, i)) != 0 && hash_of(nth(h, i)) != hash)
		i = (i + 1) & (h->size - 1);
	return nth(h, i);
}

static int
grow(struct hashed *h)
{
	struct hashed bigger = *h;

	bigger.shift = h->size == 0 ? 64 - FIRST_BITS : h->shift - 1;
	bigger.size = (size_t)1 << (64 - bigger.shift);
	bigger.v = large_alloc(bigger.size * h->width);
	if (bigger.v == NULL)
		return -1;
	for (size_t i = 0; i < h->size; i++) {
		const char *p = nth(h, i);

		if (hash_of(p) != 0)
			memcpy(place_of(&bigger, hash_of(p)), p, h->width);
	}
	large_free(h->v, h->size * h->width);
	*h = bigger;
	return 0;
}

void *
hashed_entry(struct hashed *h, uint64_t hash)
{
	void *p;

	/* no fuller than that: training searches for many tokens that aren't there */
	if (h->used * 4 >= h->size * 3 && grow(h) == -1)
		return NULL;
	p = place_of(h, hash);
	h->used += hash_of(p) == 0;
	*(uint64_t *)p = hash;
	return p;
}

void *
hashed_find(const struct hashed *h, uint64_t hash)
{
	void *p = h->size > 0 ? place_of(h, hash) : NULL;

	return p == NULL || hash_of(p) == 0 ? NULL : p;
}

static int
by_hash(const void *a, const void *b)
{
	uint64_t x = hash_of(a), y = hash_of(b);

	return x < y ? -1 : x > y;
}

/* Sort N entries by hash: few, unless someone has chosen them. */
static void
sort_bucket(char *list, size_t n, size_t width)
{
	char moved[WIDTH_MAX];

	if (n > FEW || width > sizeof(moved)) {
		qsort(list, n, width, by_hash);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		char *from = list + i * width, *to = from;

		while (to > list && hash_of(to - width) > hash_of(from))
			to -= width;
		if (to == from)
			continue;
		memcpy(moved, from, width);
		memmove(to + width, to, (size_t)(from - to));
		memcpy(to, moved, width);
	}
}

/* Return how many of a hash's first bits choose its bucket: about one for each entry. */
static unsigned
bucket_bits(size_t n)
{
	unsigned bits = 1;

	while (bits < BUCKET_BITS_MAX && (size_t)1 << bits < n)
		bits++;
	return bits;
}

static inline bool
is_kept(const void *entry, bool (*keep)(const void *entry))
{
	return hash_of(entry) != 0 && (keep == NULL || keep(entry));
}

/* Copy the entries to keep to LIST, by their hashes' bits above SHIFT alone.  NEXT, which comes with zeros,
 * says then where each of these buckets ends. */
static void
fill_buckets(
    const struct hashed *h, bool (*keep)(const void *entry), unsigned shift, char *list, size_t *next)
{
	const size_t buckets = (size_t)1 << (64 - shift);

	for (size_t i = 0; i < h->size; i++) {
		const char *p = nth(h, i);

		if (is_kept(p, keep))
			next[(hash_of(p) >> shift) + 1]++;
	}
	for (size_t i = 0; i < buckets; i++)
		next[i + 1] += next[i];
	for (size_t i = 0; i < h->size; i++) {
		const char *p = nth(h, i);

		if (is_kept(p, keep))
			memcpy(list + next[hash_of(p) >> shift]++ * h->width, p, h->width);
	}
}

/* Hashes are spread evenly, so their first bits say where in the list each belongs, to within a few places.
 */
void *
hashed_sorted(const struct hashed *h, bool (*keep)(const void *entry), size_t *n)
{
	const unsigned bits = bucket_bits(h->used);
	const size_t buckets = (size_t)1 << bits;
	char *list = malloc((h->used + 1) * h->width);
	size_t *next = calloc(buckets + 1, sizeof(*next)), first = 0;

	*n = 0;
	if (list == NULL || next == NULL) {
		free(list);
		free(next);
		return NULL;
	}
	fill_buckets(h, keep, 64 - bits, list, next);
	*n = next[buckets];
	for (size_t i = 0; i < buckets; first = next[i++])
		sort_bucket(list + first * h->width, next[i] - first, h->width);
	free(next);
	return list;
}

uint32_t
hashed_name(struct buf *names, unsigned field, const char *text, size_t n)
{
	size_t at = names->n + 1;

	if (n > NAME_MAX_BYTES)
		n = NAME_MAX_BYTES;
	buf_add_char(names, (char)n);
	buf_add_char(names, (char)field);
	buf_add(names, text, n);
	return buf_ok(names) ? (uint32_t)at : 0;
}
