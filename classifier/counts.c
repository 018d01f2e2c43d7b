#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/large.h"
#include "classifier/counts.h"

#define FIRST_BITS 12
#define NAME_MAX_BYTES 120
#define FEW 32 /* of a bucket: sorted in place */
#define BUCKET_BITS_MAX 18

void
counts_init(struct counts *c, bool with_names)
{
	*c = (struct counts){ .with_names = with_names };
	crypto_random(&c->secret, sizeof(c->secret));
	c->secret |= 1;
	buf_init(&c->names, UINT32_MAX - 1);
}

void
counts_fini(struct counts *c)
{
	large_free(c->v, c->size * sizeof(*c->v));
	buf_fini(&c->names);
	counts_init(c, c->with_names);
}

static size_t
place_of(const struct counts *c, uint64_t hash)
{
	size_t i = counts_home(c, hash);

	while (c->v[i].hash != 0 && c->v[i].hash != hash)
		i = (i + 1) & (c->size - 1);
	return i;
}

static int
grow(struct counts *c)
{
	struct counts bigger = *c;

	bigger.shift = c->size == 0 ? 64 - FIRST_BITS : c->shift - 1;
	bigger.size = (size_t)1 << (64 - bigger.shift);
	bigger.v = large_alloc(bigger.size * sizeof(*bigger.v));
	if (bigger.v == NULL)
		return -1;
	for (size_t i = 0; i < c->size; i++) {
		if (c->v[i].hash != 0)
			bigger.v[place_of(&bigger, c->v[i].hash)] = c->v[i];
	}
	large_free(c->v, c->size * sizeof(*c->v));
	*c = bigger;
	return 0;
}

struct count *
counts_entry(struct counts *c, uint64_t hash)
{
	struct count *e;

	if (c->used * 4 >= c->size * 3 && grow(c) == -1)
		return NULL;
	e = &c->v[place_of(c, hash)];
	if (e->hash == 0) {
		e->hash = hash;
		c->used++;
	}
	return e;
}

const struct count *
counts_find(const struct counts *c, uint64_t hash)
{
	const struct count *e;

	if (c->size == 0)
		return NULL;
	e = &c->v[place_of(c, hash)];
	return e->hash == 0 ? NULL : e;
}

int
counts_name(struct counts *c, struct count *entry, unsigned field, const char *text, size_t n)
{
	if (!c->with_names || entry->name != 0)
		return 0;
	if (n > NAME_MAX_BYTES)
		n = NAME_MAX_BYTES;
	entry->name = (uint32_t)c->names.n + 1;
	buf_add_char(&c->names, (char)n);
	buf_add_char(&c->names, (char)field);
	buf_add(&c->names, text, n);
	return buf_ok(&c->names) ? 0 : -1;
}

static bool
counts(const struct count *e)
{
	return e->hash != 0 && (e->spam != 0 || e->ham != 0);
}

static int
by_hash(const void *a, const void *b)
{
	uint64_t x = ((const struct count *)a)->hash, y = ((const struct count *)b)->hash;

	return x < y ? -1 : x > y;
}

/* Sort the N entries of LIST by hash: few, unless someone has chosen them. */
static void
sort_bucket(struct count *list, size_t n)
{
	if (n > FEW) {
		qsort(list, n, sizeof(*list), by_hash);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct count moved = list[i];
		size_t k = i;

		for (; k > 0 && list[k - 1].hash > moved.hash; k--)
			list[k] = list[k - 1];
		list[k] = moved;
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

/* Hashes are spread evenly, so their first bits say where in the list each belongs, to within a few places.
 */
struct count *
counts_sorted(const struct counts *c, size_t *n)
{
	const unsigned bits = bucket_bits(c->used), shift = 64 - bits;
	const size_t buckets = (size_t)1 << bits;
	struct count *list = malloc((c->used + 1) * sizeof(*list));
	size_t *next = calloc(buckets + 1, sizeof(*next));

	*n = 0;
	if (list == NULL || next == NULL) {
		free(list);
		free(next);
		return NULL;
	}
	for (size_t i = 0; i < c->size; i++) {
		if (counts(&c->v[i]))
			next[(c->v[i].hash >> shift) + 1]++;
	}
	for (size_t i = 0; i < buckets; i++)
		next[i + 1] += next[i];
	*n = next[buckets];
	for (size_t i = 0; i < c->size; i++) {
		if (counts(&c->v[i]))
			list[next[c->v[i].hash >> shift]++] = c->v[i];
	}
	for (size_t i = 0; i < buckets; i++) { /* next[i] is where bucket i ends, by now */
		size_t first = i == 0 ? 0 : next[i - 1];

		sort_bucket(list + first, next[i] - first);
	}
	free(next);
	return list;
}
