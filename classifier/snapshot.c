#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/tree.h"
#include "classifier/snapshot.h"

static uint64_t
align(uint64_t n)
{
	return (n + SNAPSHOT_ALIGN - 1) / SNAPSHOT_ALIGN * SNAPSHOT_ALIGN;
}

static uint64_t
buckets_of(const struct snapshot_header *h)
{
	return h->section[SNAPSHOT_TABLE].bytes / sizeof(struct lookup_bucket);
}

/* Put the tokens into F. */
static void
put_tokens(struct lookup_filling *f, const struct count *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		lookup_put(
		    f, list[i].hash, (struct lookup_counts){ (uint32_t)list[i].spam, (uint32_t)list[i].ham });
}

static void
put_halves(unsigned char *to, const struct count *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t half = (uint32_t)(list[i].hash >> 32);

		memcpy(to + i * sizeof(half), &half, sizeof(half));
	}
}

/* Return how many bytes the name of E takes, its two leading bytes included. */
static size_t
name_size(const struct count *e, struct slice names)
{
	return e->name == 0 ? 2 : 2 + (size_t)(unsigned char)names.p[e->name - 1];
}

static uint64_t
names_size(const struct count *list, size_t n, struct slice names)
{
	uint64_t size = 0;

	for (size_t i = 0; i < n && names.n > 0; i++)
		size += name_size(&list[i], names);
	return size;
}

/* Write the names in the order of LIST to bytes that are zero. */
static void
put_names(unsigned char *to, const struct count *list, size_t n, struct slice names)
{
	for (size_t i = 0; i < n && names.n > 0; i++) {
		if (list[i].name != 0)
			memcpy(to, names.p + list[i].name - 1, name_size(&list[i], names));
		to += name_size(&list[i], names);
	}
}

/* Give PART N bytes behind the one before it. */
static void
place_part(struct snapshot_header *h, enum snapshot_part part, uint64_t n)
{
	h->section[part].at = part == 0 ? align(sizeof(*h)) : snapshot_part_end(h, part - 1);
	h->section[part].bytes = n;
}

void
snapshot_lay_out(struct snapshot_header *h, const struct lookup_filling *f, uint64_t names_bytes)
{
	const uint64_t buckets = (f->next + LOOKUP_WAYS - 1) / LOOKUP_WAYS;

	memcpy(h->magic, SNAPSHOT_MAGIC, sizeof(h->magic));
	h->version = SNAPSHOT_VERSION;
	h->header_bytes = sizeof(*h);
	h->homes = f->homes;
	place_part(h, SNAPSHOT_TABLE,
	    ((buckets > h->homes ? buckets : h->homes) + 1) * sizeof(struct lookup_bucket));
	place_part(h, SNAPSHOT_LARGE, f->nlarge * sizeof(struct lookup_large));
	place_part(h, SNAPSHOT_HALVES, h->tokens * sizeof(uint32_t));
	snapshot_set_names_bytes(h, names_bytes);
}

void
snapshot_set_names_bytes(struct snapshot_header *h, uint64_t n)
{
	place_part(h, SNAPSHOT_NAMES, n);
	h->digest_at = snapshot_part_end(h, SNAPSHOT_NAMES);
}

uint64_t
snapshot_part_end(const struct snapshot_header *h, enum snapshot_part part)
{
	return align(h->section[part].at + h->section[part].bytes);
}

struct lookup
snapshot_lookup(const void *p)
{
	const struct snapshot_header *h = p;
	const unsigned char *bytes = p;

	return (struct lookup){
		.bucket = (const void *)(bytes + h->section[SNAPSHOT_TABLE].at),
		.large = (const void *)(bytes + h->section[SNAPSHOT_LARGE].at),
		.homes = h->homes,
		.nlarge = h->section[SNAPSHOT_LARGE].bytes / sizeof(struct lookup_large),
	};
}

struct lookup_filling
snapshot_filling(void *p)
{
	const struct snapshot_header *h = p;
	unsigned char *bytes = p;

	return (struct lookup_filling){
		.bucket = (void *)(bytes + h->section[SNAPSHOT_TABLE].at),
		.large = (void *)(bytes + h->section[SNAPSHOT_LARGE].at),
		.homes = h->homes,
		.places = (buckets_of(h) - 1) * LOOKUP_WAYS,
		.larges = h->section[SNAPSHOT_LARGE].bytes / sizeof(struct lookup_large),
	};
}

static int
check_counts(const struct count *list, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].spam < 0 || list[i].ham < 0)
			return err_set(err, ERR_DAMAGED, "a token would be counted fewer than 0 times");
	}
	return 0;
}

/* Make the digest of PART of the snapshot at P right. */
static int
seal_part(void *p, enum snapshot_part part, struct err *err)
{
	struct snapshot_header *h = p;
	struct snapshot_section *s = &h->section[part];

	return tree_digest(
	    &s->digest, (const unsigned char *)p + s->at, snapshot_part_end(h, part) - s->at, err);
}

int
snapshot_seal_to_judge(void *p, struct digest *id, struct err *err)
{
	const struct snapshot_header *h = p;

	if (seal_part(p, SNAPSHOT_TABLE, err) == -1 || seal_part(p, SNAPSHOT_LARGE, err) == -1)
		return -1;
	digest_bytes(id, p, h->section[SNAPSHOT_TABLE].at, NULL, 0);
	return 0;
}

int
snapshot_seal(void *p, struct err *err)
{
	const struct snapshot_header *h = p;
	struct digest id;

	if (seal_part(p, SNAPSHOT_HALVES, err) == -1 || seal_part(p, SNAPSHOT_NAMES, err) == -1 ||
	    snapshot_seal_to_judge(p, &id, err) == -1)
		return -1;
	memcpy((unsigned char *)p + h->digest_at, id.bytes, DIGEST_BYTES);
	return 0;
}

int
snapshot_encode(const struct snapshot_header *header, const struct count *list, size_t n, struct slice names,
    void **out, size_t *size, struct err *err)
{
	struct lookup_filling f = { .homes = lookup_homes(n) };
	struct snapshot_header h = *header;
	unsigned char *p;

	if (check_counts(list, n, err) == -1)
		return -1;
	put_tokens(&f, list, n);
	h.tokens = n;
	snapshot_lay_out(&h, &f, names_size(list, n, names));
	p = calloc(1, h.digest_at + DIGEST_BYTES);
	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	memcpy(p, &h, sizeof(h));
	f = snapshot_filling(p);
	put_tokens(&f, list, n);
	put_halves(p + h.section[SNAPSHOT_HALVES].at, list, n);
	put_names(p + h.section[SNAPSHOT_NAMES].at, list, n, names);
	if (snapshot_seal(p, err) == -1) {
		free(p);
		return -1;
	}
	*out = p;
	*size = h.digest_at + DIGEST_BYTES;
	return 0;
}

/* -- Whether it is one -- */

/* Return whether the sections follow one another up to the digest, and are made of whole pieces. */
static bool
sane_sections(const struct snapshot_header *h)
{
	static const uint64_t piece[] = { sizeof(struct lookup_bucket), sizeof(struct lookup_large),
		sizeof(uint32_t), 1 };
	uint64_t at = align(sizeof(*h));

	for (size_t i = 0; i < SNAPSHOT_PARTS; i++) {
		const struct snapshot_section *s = &h->section[i];

		if (s->at != at || s->bytes > h->digest_at - at || s->bytes % piece[i] != 0)
			return false;
		at = snapshot_part_end(h, (enum snapshot_part)i);
		if (at > h->digest_at)
			return false;
	}
	return at == h->digest_at;
}

/* Return what is wrong with the layout that H claims for N bytes, or NULL. */
static const char *
layout_fault(const struct snapshot_header *h, size_t n)
{
	if (memcmp(h->magic, SNAPSHOT_MAGIC, sizeof(h->magic)) != 0)
		return "not a model snapshot";
	if (h->version != SNAPSHOT_VERSION || h->header_bytes != sizeof(*h))
		return "made by another version of Hamlet, this one can't read it";
	if (h->digest_at > n || n - h->digest_at != DIGEST_BYTES)
		return "cut off or too long";
	if (h->digest_at < align(sizeof(*h)) || !sane_sections(h) || h->homes == 0 ||
	    h->homes >= buckets_of(h) || h->section[SNAPSHOT_HALVES].bytes / sizeof(uint32_t) != h->tokens)
		return "impossible sizes in its header";
	return NULL;
}

/* Return whether all numbers of H that judging reckons with are ones that training can have chosen. */
static bool
sane_numbers(const struct snapshot_header *h)
{
	const double *w = (const double *)(const void *)&h->weights;

	if (h->spam > SNAPSHOT_COMMENTS_MAX || h->ham > SNAPSHOT_COMMENTS_MAX ||
	    h->own_spam > SNAPSHOT_COMMENTS_MAX || h->own_ham > SNAPSHOT_COMMENTS_MAX)
		return false;
	for (size_t i = 0; i < sizeof(h->weights) / sizeof(*w); i++) {
		if (!(fabs(w[i]) <= WEIGH_MAX))
			return false;
	}
	return fabs(h->weights.bias) <= WEIGH_BIAS_MAX && h->weights.totals.spam >= 0 &&
	    h->weights.totals.spam <= 1 && h->weights.totals.ham >= 0 && h->weights.totals.ham <= 1 &&
	    h->spam_share > 0 && h->spam_share < 1 && h->spam_threshold >= 0 && h->spam_threshold <= 1 &&
	    h->unsure_threshold >= 0 && h->unsure_threshold <= 1 && h->blocked_ham_budget >= 0 &&
	    h->blocked_ham_budget <= 1;
}

/* Return whether the hashes that the halves at P make whole are in order, no token before its home, and the
 * large counts those of the tokens that have some. */
static bool
sane_halves(const void *p)
{
	const struct snapshot_header *h = p;
	const unsigned char *half_at = (const unsigned char *)p + h->section[SNAPSHOT_HALVES].at;
	const struct lookup t = snapshot_lookup(p);
	const struct lookup_large *large = t.large;
	uint64_t hash, last = 0;
	uint32_t half;
	bool bad = false;

	for (uint64_t at = 0; at < buckets_of(h) * LOOKUP_WAYS; at++) {
		const struct lookup_bucket *b = &t.bucket[at / LOOKUP_WAYS];
		const struct lookup_place place = b->place[at % LOOKUP_WAYS];

		if (lookup_is_free(place))
			continue;
		memcpy(&half, half_at, sizeof(half));
		half_at += sizeof(half);
		hash = (uint64_t)half << 32 | b->tag[at % LOOKUP_WAYS];
		bad |= (hash <= last) | (lookup_home(hash, h->homes) * LOOKUP_WAYS > at);
		if (lookup_is_large(place))
			bad |= large++->hash != hash;
		last = hash;
	}
	return !bad;
}

/* Return whether there are no names, or one for each token. */
static bool
sane_names(const void *p)
{
	const struct snapshot_header *h = p;
	const unsigned char *names = (const unsigned char *)p + h->section[SNAPSHOT_NAMES].at;
	const uint64_t bytes = h->section[SNAPSHOT_NAMES].bytes;
	uint64_t at = 0;

	for (uint64_t i = 0; i < h->tokens && bytes > 0; i++) {
		if (bytes - at < 2 || bytes - at - 2 < names[at])
			return false;
		at += 2u + names[at];
	}
	return at == bytes;
}

int
snapshot_check_layout(const struct snapshot_header *h, size_t n, struct err *err)
{
	const char *fault = layout_fault(h, n);

	return fault == NULL ? 0 : err_set(err, ERR_DAMAGED, "%s", fault);
}

static int
check_digest(const struct digest *a, const struct digest *b, struct err *err)
{
	if (memcmp(a, b, sizeof(*a)) == 0)
		return 0;
	return err_set(err, ERR_DAMAGED, "its digest doesn't match its content");
}

int
snapshot_check_header(const void *p, const struct digest *at_end, struct err *err)
{
	const struct snapshot_header *h = p;
	struct digest digest;

	digest_bytes(&digest, p, h->section[SNAPSHOT_TABLE].at, NULL, 0);
	if (check_digest(&digest, at_end, err) == -1)
		return -1;
	return sane_numbers(h) ? 0 : err_set(err, ERR_DAMAGED, "impossible numbers in its header");
}

int
snapshot_check_digest(
    const struct snapshot_header *h, enum snapshot_part part, const struct digest *found, struct err *err)
{
	return check_digest(&h->section[part].digest, found, err);
}

int
snapshot_check_content(const void *p, enum snapshot_part last, struct err *err)
{
	const struct snapshot_header *h = p;
	const struct lookup t = snapshot_lookup(p);
	const struct lookup_counts most = { (uint32_t)(h->spam + h->own_spam),
		(uint32_t)(h->ham + h->own_ham) };

	/* the halves are only gone through beside a table that has as many tokens */
	if (lookup_is_sane(&t, buckets_of(h), h->tokens, most) &&
	    (last < SNAPSHOT_HALVES || sane_halves(p)) && (last < SNAPSHOT_NAMES || sane_names(p)))
		return 0;
	return err_set(err, ERR_DAMAGED, "its token table is broken");
}

int
snapshot_verify(const void *p, size_t n, struct err *err)
{
	const struct snapshot_header *h = p;
	const unsigned char *bytes = p;
	struct digest found;

	if (n < sizeof(*h) + DIGEST_BYTES)
		return err_set(err, ERR_DAMAGED, "too short for a model snapshot");
	if (snapshot_check_layout(h, n, err) == -1)
		return -1;
	memcpy(&found, bytes + h->digest_at, sizeof(found));
	if (snapshot_check_header(p, &found, err) == -1)
		return -1;
	for (enum snapshot_part i = 0; i < SNAPSHOT_PARTS; i++) {
		const uint64_t at = h->section[i].at;

		if (tree_digest(&found, bytes + at, snapshot_part_end(h, i) - at, err) == -1 ||
		    snapshot_check_digest(h, i, &found, err) == -1)
			return -1;
	}
	return snapshot_check_content(p, SNAPSHOT_NAMES, err);
}
