#include "config.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/background.h"
#include "base/together.h"
#include "base/tree.h"
#include "classifier/snapshot.h"

/* Places a token: load 0.7.  At 0.8 there is an eighth less to read at the start, but judging takes a tenth
 * longer, since more look-ups go on to a second or third line of the cache. */
#define PLACES_PER_TOKEN(n) ((n) + (n)*3 / 7 + 8)

#define LOOK_PARTS 256 /* that a table is looked through in */
#define LOOK_LEAST 65536 /* slots that a thread is worth */

#define BIAS_MAX 20.0 /* what a judgement can show */
#define WEIGHT_MAX 1e6

static uint64_t
align(uint64_t n)
{
	return (n + SNAPSHOT_ALIGN - 1) / SNAPSHOT_ALIGN * SNAPSHOT_ALIGN;
}

static uint64_t
home_of(uint64_t hash, uint64_t homes)
{
	return (uint64_t)((unsigned __int128)hash * homes >> 64);
}

/* Put the tokens into their slots, in order of hash; return how many slots the last one needs. */
static uint64_t
place(struct snapshot_slot *slots, const struct count *list, size_t n, uint64_t homes)
{
	uint64_t next = 0, home;

	for (size_t i = 0; i < n; i++) {
		home = home_of(list[i].hash, homes);
		next = next > home ? next : home;
		if (slots != NULL)
			slots[next] = (struct snapshot_slot){ list[i].hash, (uint32_t)list[i].spam,
				(uint32_t)list[i].ham };
		next++;
	}
	return next;
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

void
snapshot_set_homes(struct snapshot_header *h)
{
	h->homes = PLACES_PER_TOKEN(h->tokens);
}

void
snapshot_lay_out(struct snapshot_header *h, uint64_t used, uint64_t names_bytes)
{
	memcpy(h->magic, SNAPSHOT_MAGIC, sizeof(h->magic));
	h->version = SNAPSHOT_VERSION;
	h->header_bytes = sizeof(*h);
	h->slots = (used > h->homes ? used : h->homes) + SNAPSHOT_EMPTY_LAST;
	h->slots_at = align(sizeof(*h));
	h->names_at = align(h->slots_at + h->slots * sizeof(struct snapshot_slot));
	snapshot_set_names_bytes(h, names_bytes);
}

void
snapshot_set_names_bytes(struct snapshot_header *h, uint64_t n)
{
	h->names_bytes = n;
	h->digest_at = align(h->names_at + n);
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

int
snapshot_seal_without_names(void *p, const struct digest *names, struct digest *id, struct err *err)
{
	struct snapshot_header *h = p;
	unsigned char *bytes = p;

	h->names_digest = *names;
	if (tree_digest(&h->slots_digest, bytes + h->slots_at, h->names_at - h->slots_at, err) == -1)
		return -1;
	digest_bytes(id, p, h->slots_at, NULL, 0);
	return 0;
}

int
snapshot_seal(void *p, struct err *err)
{
	const struct snapshot_header *h = p;
	unsigned char *bytes = p;
	struct digest names, id;

	if (tree_digest(&names, bytes + h->names_at, h->digest_at - h->names_at, err) == -1 ||
	    snapshot_seal_without_names(p, &names, &id, err) == -1)
		return -1;
	memcpy(bytes + h->digest_at, id.bytes, DIGEST_BYTES);
	return 0;
}

int
snapshot_encode(const struct snapshot_header *header, const struct count *list, size_t n, struct slice names,
    void **out, size_t *size, struct err *err)
{
	struct snapshot_header h = *header;
	unsigned char *p;

	if (check_counts(list, n, err) == -1)
		return -1;
	h.tokens = n;
	snapshot_set_homes(&h);
	snapshot_lay_out(&h, place(NULL, list, n, h.homes), names_size(list, n, names));
	p = calloc(1, h.digest_at + DIGEST_BYTES);
	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	memcpy(p, &h, sizeof(h));
	place((struct snapshot_slot *)(void *)(p + h.slots_at), list, n, h.homes);
	put_names(p + h.names_at, list, n, names);
	if (snapshot_seal(p, err) == -1) {
		free(p);
		return -1;
	}
	*out = p;
	*size = h.digest_at + DIGEST_BYTES;
	return 0;
}

/* Return what is wrong with the layout that H claims for N bytes, or NULL. */
static const char *
layout_fault(const struct snapshot_header *h, size_t n)
{
	const uint64_t slot = sizeof(struct snapshot_slot);

	if (memcmp(h->magic, SNAPSHOT_MAGIC, sizeof(h->magic)) != 0)
		return "not a model snapshot";
	if (h->version != SNAPSHOT_VERSION || h->header_bytes != sizeof(*h))
		return "made by another version of Hamlet, this one can't read it";
	if (h->digest_at > n || n - h->digest_at != DIGEST_BYTES)
		return "cut off or too long";
	if (h->slots_at != align(sizeof(*h)) || h->slots <= SNAPSHOT_EMPTY_LAST || h->slots > n / slot ||
	    h->homes == 0 || h->homes > h->slots - SNAPSHOT_EMPTY_LAST || h->tokens >= h->slots ||
	    h->names_at != align(h->slots_at + h->slots * slot) || h->names_at > h->digest_at ||
	    h->names_bytes > h->digest_at - h->names_at)
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
		if (!(fabs(w[i]) <= WEIGHT_MAX))
			return false;
	}
	return fabs(h->weights.bias) <= BIAS_MAX && h->weights.totals.spam >= 0 &&
	    h->weights.totals.spam <= 1 && h->weights.totals.ham >= 0 && h->weights.totals.ham <= 1 &&
	    h->spam_share > 0 && h->spam_share < 1 && h->spam_threshold >= 0 && h->spam_threshold <= 1 &&
	    h->unsure_threshold >= 0 && h->unsure_threshold <= 1 && h->blocked_ham_budget >= 0 &&
	    h->blocked_ham_budget <= 1;
}

/* The slots being looked through, part after part. */
struct look {
	const struct snapshot_header *h;
	const struct snapshot_slot *slots;
	atomic_size_t next; /* part that nobody has taken yet */
	struct look_part {
		uint64_t first, last, tokens; /* hashes, 0 if there is none */
		bool bad;
	} part[LOOK_PARTS];
};

/* Look through the slots from FIRST to END: in order, none before its home, none counted more often than
 * there are comments. */
static struct look_part
look_at(const struct snapshot_header *h, const struct snapshot_slot *slots, uint64_t first, uint64_t end)
{
	const uint64_t spam = h->spam + h->own_spam, ham = h->ham + h->own_ham;
	struct look_part p = { 0 };

	for (uint64_t i = first; i < end; i++) { /* millions of them: no branch to be mispredicted */
		const struct snapshot_slot s = slots[i];
		bool used = s.hash != 0;

		p.bad |= used &
		    ((s.hash <= p.last) | (home_of(s.hash, h->homes) > i) | (s.spam > spam) | (s.ham > ham));
		p.last = used ? s.hash : p.last;
		p.first = p.first == 0 ? s.hash : p.first;
		p.tokens += used;
	}
	return p;
}

static void *
look_on(void *arg)
{
	struct look *l = arg;
	const uint64_t n = l->h->slots, each = n / LOOK_PARTS + 1;
	size_t i;

	while ((i = atomic_fetch_add(&l->next, 1)) < LOOK_PARTS && i * each < n) {
		l->part[i] = look_at(l->h, l->slots, i * each, (i + 1) * each < n ? (i + 1) * each : n);
		background_breath();
	}
	return NULL;
}

/* Return whether the slots hold as many tokens as H says, in order, none before its home, and end with
 * empty ones. */
static bool
sane_slots(const struct snapshot_header *h, const struct snapshot_slot *slots)
{
	struct look l = { .h = h, .slots = slots };
	uint64_t tokens = 0, last = 0;
	bool bad = false;

	for (uint64_t i = h->slots - SNAPSHOT_EMPTY_LAST; i < h->slots; i++)
		bad |= slots[i].hash != 0;
	together(h->slots / LOOK_LEAST + 1, look_on, &l);
	for (size_t i = 0; i < LOOK_PARTS; i++) {
		const struct look_part *p = &l.part[i];

		bad |= p->bad || (p->tokens > 0 && p->first <= last);
		last = p->tokens > 0 ? p->last : last;
		tokens += p->tokens;
	}
	return !bad && tokens == h->tokens;
}

/* Return whether there are no names, or one for each token. */
static bool
sane_names(const struct snapshot_header *h, const unsigned char *names)
{
	uint64_t at = 0;

	for (uint64_t i = 0; i < h->tokens && h->names_bytes > 0; i++) {
		if (h->names_bytes - at < 2 || h->names_bytes - at - 2 < names[at])
			return false;
		at += 2u + names[at];
	}
	return at == h->names_bytes;
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

	digest_bytes(&digest, p, h->slots_at, NULL, 0);
	if (check_digest(&digest, at_end, err) == -1)
		return -1;
	return sane_numbers(h) ? 0 : err_set(err, ERR_DAMAGED, "impossible numbers in its header");
}

int
snapshot_check_slots(const void *p, const struct digest *found, struct err *err)
{
	const struct snapshot_header *h = p;
	const unsigned char *bytes = p;

	if (check_digest(&h->slots_digest, found, err) == -1)
		return -1;
	return sane_slots(h, (const struct snapshot_slot *)(const void *)(bytes + h->slots_at))
	    ? 0
	    : err_set(err, ERR_DAMAGED, "its token table is broken");
}

int
snapshot_check_names(const void *p, const struct digest *found, struct err *err)
{
	const struct snapshot_header *h = p;

	if (check_digest(&h->names_digest, found, err) == -1)
		return -1;
	return sane_names(h, (const unsigned char *)p + h->names_at)
	    ? 0
	    : err_set(err, ERR_DAMAGED, "its token table is broken");
}

int
snapshot_verify(const void *p, size_t n, struct err *err)
{
	const struct snapshot_header *h = p;
	const unsigned char *bytes = p;
	struct digest slots, names, at_end;

	if (n < sizeof(*h) + DIGEST_BYTES)
		return err_set(err, ERR_DAMAGED, "too short for a model snapshot");
	if (snapshot_check_layout(h, n, err) == -1)
		return -1;
	memcpy(&at_end, bytes + h->digest_at, sizeof(at_end));
	if (snapshot_check_header(p, &at_end, err) == -1 ||
	    tree_digest(&slots, bytes + h->slots_at, h->names_at - h->slots_at, err) == -1 ||
	    tree_digest(&names, bytes + h->names_at, h->digest_at - h->names_at, err) == -1)
		return -1;
	return snapshot_check_slots(p, &slots, err) == -1 ? -1 : snapshot_check_names(p, &names, err);
}
