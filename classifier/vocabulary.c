#include "config.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/large.h"
#include "classifier/vocabulary.h"

#define FIRST_BITS 12
#define NAME_MAX_BYTES 120
#define FEW 32 /* of a bucket: sorted in place */
#define BUCKET_BITS_MAX 18

void
vocabulary_init(struct vocabulary *v, bool with_names)
{
	*v = (struct vocabulary){ .with_names = with_names };
	crypto_random(&v->secret, sizeof(v->secret));
	v->secret |= 1;
	buf_init(&v->names, UINT32_MAX - 1);
}

void
vocabulary_fini(struct vocabulary *v)
{
	large_free(v->v, v->size * sizeof(*v->v));
	free(v->name);
	free(v->hash);
	free(v->order);
	buf_fini(&v->names);
	vocabulary_init(v, v->with_names);
}

static size_t
place_of(const struct vocabulary *v, uint64_t hash)
{
	size_t i = vocabulary_home(v, hash);

	while (v->v[i].hash != 0 && v->v[i].hash != hash)
		i = (i + 1) & (v->size - 1);
	return i;
}

static int
grow(struct vocabulary *v)
{
	struct vocabulary bigger = *v;

	bigger.shift = v->size == 0 ? 64 - FIRST_BITS : v->shift - 1;
	bigger.size = (size_t)1 << (64 - bigger.shift);
	bigger.v = large_alloc(bigger.size * sizeof(*bigger.v));
	if (bigger.v == NULL)
		return -1;
	for (size_t i = 0; i < v->size; i++) {
		if (v->v[i].hash != 0)
			bigger.v[place_of(&bigger, v->v[i].hash)] = v->v[i];
	}
	large_free(v->v, v->size * sizeof(*v->v));
	*v = bigger;
	return 0;
}

/* Make room for the name of one more token. */
static int
grow_names(struct vocabulary *v)
{
	size_t cap = v->name_cap == 0 ? 4096 : 2 * v->name_cap;
	uint32_t *name;

	if (!v->with_names || v->used < v->name_cap)
		return 0;
	name = realloc(v->name, cap * sizeof(*name));
	if (name == NULL)
		return -1;
	v->name = name;
	v->name_cap = cap;
	return 0;
}

struct vocabulary_place *
vocabulary_add(struct vocabulary *v, uint64_t hash)
{
	struct vocabulary_place *p;

	if (v->used * 5 >= v->size * 3 && grow(v) == -1)
		return NULL;
	p = &v->v[place_of(v, hash)];
	if (p->hash != 0)
		return p;
	if (v->used == VOCABULARY_ALONE || grow_names(v) == -1)
		return NULL;
	if (v->with_names)
		v->name[v->used] = 0;
	*p = (struct vocabulary_place){ .hash = hash, .number = (uint32_t)v->used++ };
	return p;
}

int
vocabulary_name(struct vocabulary *v, uint32_t number, unsigned field, const char *text, size_t n)
{
	if (n > NAME_MAX_BYTES)
		n = NAME_MAX_BYTES;
	v->name[number] = (uint32_t)v->names.n + 1;
	buf_add_char(&v->names, (char)n);
	buf_add_char(&v->names, (char)field);
	buf_add(&v->names, text, n);
	return buf_ok(&v->names) ? 0 : -1;
}

uint32_t
vocabulary_find(const struct vocabulary *v, uint64_t hash)
{
	const struct vocabulary_place *p;

	if (v->size == 0)
		return VOCABULARY_NONE;
	p = &v->v[place_of(v, hash)];
	return p->hash == 0 ? VOCABULARY_NONE : p->number;
}

static int
by_hash(const void *a, const void *b)
{
	uint64_t x = ((const struct vocabulary_place *)a)->hash,
		 y = ((const struct vocabulary_place *)b)->hash;

	return x < y ? -1 : x > y;
}

/* Sort N tokens by hash: few, unless someone has chosen them. */
static void
sort_bucket(struct vocabulary_place *list, size_t n)
{
	if (n > FEW) {
		qsort(list, n, sizeof(*list), by_hash);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct vocabulary_place moved = list[i];
		size_t k = i;

		for (; k > 0 && list[k - 1].hash > moved.hash; k--)
			list[k] = list[k - 1];
		list[k] = moved;
	}
}

/* Return how many of a hash's first bits choose its bucket: about one for each token. */
static unsigned
bucket_bits(size_t n)
{
	unsigned bits = 1;

	while (bits < BUCKET_BITS_MAX && (size_t)1 << bits < n)
		bits++;
	return bits;
}

/* Return all tokens by hash.  Hashes are spread evenly, so their first bits say where in the list each
 * belongs, to within a few places. */
static struct vocabulary_place *
sorted(const struct vocabulary *v)
{
	const unsigned shift = 64 - bucket_bits(v->used);
	const size_t buckets = (size_t)1 << (64 - shift);
	struct vocabulary_place *list = malloc((v->used + 1) * sizeof(*list));
	size_t *next = calloc(buckets + 1, sizeof(*next));

	if (list == NULL || next == NULL) {
		free(list);
		free(next);
		return NULL;
	}
	for (size_t i = 0; i < v->size; i++)
		next[(v->v[i].hash >> shift) + 1] += v->v[i].hash != 0;
	for (size_t i = 0; i < buckets; i++)
		next[i + 1] += next[i];
	for (size_t i = 0; i < v->size; i++) {
		if (v->v[i].hash != 0)
			list[next[v->v[i].hash >> shift]++] = v->v[i];
	}
	for (size_t i = 0; i < buckets; i++) { /* next[i] is where bucket i ends, by now */
		size_t first = i == 0 ? 0 : next[i - 1];

		sort_bucket(list + first, next[i] - first);
	}
	free(next);
	return list;
}

uint32_t *
vocabulary_unsettle(struct vocabulary *v)
{
	uint32_t *now = malloc((v->used + 1) * sizeof(*now));

	for (size_t i = 0; now != NULL && i < v->size; i++) {
		const struct vocabulary_place *p = &v->v[i];

		if (p->hash == 0)
			continue;
		now[p->number] = p->seen > 1 ? VOCABULARY_NONE : VOCABULARY_ALONE;
		v->common += p->seen > 1;
	}
	return now;
}

/* Put the numbers NOW, by old ones, into all places, and the names in their order, to NAME. */
static void
renumber(struct vocabulary *v, const uint32_t *now, uint32_t *name)
{
	for (size_t i = 0; i < v->size; i++) {
		if (v->v[i].hash != 0)
			v->v[i].number = now[v->v[i].number];
	}
	if (name == NULL)
		return;
	for (size_t i = 0; i < v->used; i++)
		name[now[i]] = v->name[i];
	free(v->name);
	v->name = name;
	v->name_cap = v->used;
}

int
vocabulary_settle(struct vocabulary *v, const uint32_t *now)
{
	struct vocabulary_place *list;
	uint32_t *name = v->name != NULL ? malloc(v->used * sizeof(*name)) : NULL;

	v->hash = malloc((v->used + 1) * sizeof(*v->hash));
	v->order = malloc((v->used + 1) * sizeof(*v->order));
	if (v->hash == NULL || v->order == NULL || (v->name != NULL && name == NULL)) {
		free(name);
		return -1;
	}
	renumber(v, now, name);
	list = sorted(v);
	for (size_t i = 0; list != NULL && i < v->used; i++) {
		v->order[i] = list[i].number;
		v->hash[list[i].number] = list[i].hash;
	}
	free(list);
	return list != NULL ? 0 : -1;
}
