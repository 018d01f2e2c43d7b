#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/timetext.h"
#include "engine/flood_impl.h"

#define SLOTS_MIN 64
#define TEXT_BYTES_MIN 48
#define OLD_MS 86400000
#define COUNT_MAX 65535

enum { SEED_TEXT = 1, SEED_HOST, SEED_ADDRESS };

int
flood_new(struct flood **out, size_t slots, int64_t window_ms, struct err *err)
{
	struct flood *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the flood guard");
	for (f->buckets = SLOTS_MIN / FLOOD_WAYS; f->buckets * FLOOD_WAYS < slots; f->buckets *= 2)
		;
	f->window_ms = window_ms < 1 ? 1 : window_ms;
	f->slots = calloc(f->buckets * FLOOD_WAYS, sizeof(*f->slots));
	if (f->slots == NULL) {
		free(f);
		return err_set(err, ERR_NOMEM, "out of memory for the flood guard");
	}
	for (size_t i = 0; i < FLOOD_LOCKS; i++)
		pthread_mutex_init(&f->lock[i], NULL);
	atomic_init(&f->noted, 0);
	*out = f;
	return 0;
}

void
flood_free(struct flood *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < FLOOD_LOCKS; i++)
		pthread_mutex_destroy(&f->lock[i]);
	free(f->slots);
	free(f);
}

void
flood_forget(struct flood *f)
{
	for (size_t i = 0; i < f->buckets; i++) {
		pthread_mutex_lock(&f->lock[i % FLOOD_LOCKS]);
		memset(&f->slots[i * FLOOD_WAYS], 0, FLOOD_WAYS * sizeof(*f->slots));
		pthread_mutex_unlock(&f->lock[i % FLOOD_LOCKS]);
	}
}

int64_t
flood_window_ms(const struct flood *f)
{
	return f->window_ms;
}

/* -- What a comment is known by -- */

static uint64_t
key_of(const void *p, size_t n, uint64_t seed)
{
	uint64_t key = hash_bytes(p, n, seed);

	return key == 0 ? 1 : key;
}

/* Return whether WORD is a web address. */
static bool
is_link(struct slice word)
{
	const char *colon = word.n == 0 ? NULL : memchr(word.p, ':', word.n);

	return (colon != NULL && memmem(colon, word.n - (size_t)(colon - word.p), "://", 3) != NULL) ||
	    (word.n > 4 && memcmp(word.p, "www.", 4) == 0);
}

/* Append the letters of WORD to OUT: no digits, no ASCII punctuation. */
static void
put_letters(struct buf *out, struct slice word)
{
	char *to = buf_reserve(out, word.n);
	size_t n = 0;

	for (size_t i = 0; to != NULL && i < word.n; i++) {
		to[n] = word.p[i];
		n += (unsigned char)word.p[i] >= 0x80 || (word.p[i] >= 'a' && word.p[i] <= 'z');
	}
	if (n > 0)
		out->p[out->n += n] = '\0';
}

/* Append the letters of TEXT, but for those of web addresses. */
static void
put_unlinked(struct buf *out, struct slice text)
{
	struct slice word;

	for (size_t i = 0; i < text.n; i += word.n + 1) {
		const char *end = memchr(text.p + i, ' ', text.n - i);

		word = (struct slice){ text.p + i, end == NULL ? text.n - i : (size_t)(end - text.p) - i };
		if (!is_link(word))
			put_letters(out, word);
	}
}

static uint64_t
text_key(struct slice text)
{
	struct buf letters;
	uint64_t key = 0;

	if (text.n < TEXT_BYTES_MIN)
		return 0;
	buf_init(&letters, BUF_NO_LIMIT);
	buf_reserve(&letters, text.n);
	if (memmem(text.p, text.n, "://", 3) == NULL && memmem(text.p, text.n, "www.", 4) == NULL)
		put_letters(&letters, text);
	else
		put_unlinked(&letters, text);
	if (buf_ok(&letters) && letters.n >= TEXT_BYTES_MIN)
		key = key_of(letters.p, letters.n, SEED_TEXT);
	buf_fini(&letters);
	return key;
}

/* Return HOST without "www." */
static struct slice
bare(struct slice host)
{
	bool www = host.n > 4 && memcmp(host.p, "www.", 4) == 0;

	return www ? (struct slice){ host.p + 4, host.n - 4 } : host;
}

/* Return whether HOST belongs to one of the list OWN, or the other way round. */
static bool
is_own(struct slice host, struct slice own)
{
	struct slice one;

	while (hosts_next(&own, &one)) {
		if (host_within(host, bare(one)) || host_within(bare(one), host))
			return true;
	}
	return false;
}

static void
host_keys(struct flood_keys *k, struct subject *s, const struct site *site)
{
	struct slice hosts = subject_hosts(s), host;
	struct buf own;

	buf_init(&own, BUF_NO_LIMIT);
	hosts_of_url(&own, slice_of(site->url));
	hosts_of_url(&own, s->comment->field[COMMENT_PERMALINK]);
	while (k->nhosts < FLOOD_HOSTS_MAX && hosts_next(&hosts, &host)) {
		host = bare(host);
		if (is_own(host, buf_slice(&own)))
			continue;
		memcpy(k->host_name[k->nhosts], host.p, host.n);
		k->host_name[k->nhosts][host.n] = '\0';
		k->host[k->nhosts++] = key_of(host.p, host.n, SEED_HOST);
	}
	buf_fini(&own);
}

/* Return whether the comment of S says that it was written long ago. */
static bool
is_old(const struct subject *s, int64_t now_ms)
{
	struct slice date = s->comment->field[COMMENT_DATE];
	char text[TIME_TEXT_BYTES];
	int64_t ms;

	if (date.n == 0 || date.n >= sizeof(text))
		return false;
	memcpy(text, date.p, date.n);
	text[date.n] = '\0';
	return time_parse(&ms, text, now_ms, NULL) == 0 && ms < now_ms - OLD_MS;
}

void
flood_keys(struct flood_keys *k, struct subject *s, const struct site *site, int64_t now_ms)
{
	struct address a;

	k->site = (uint64_t)site->id;
	k->text = k->address = 0;
	k->nhosts = 0;
	k->none = is_old(s, now_ms);
	if (k->none)
		return;
	k->text = text_key(subject_normal(s));
	host_keys(k, s, site);
	if (subject_address(s, &a) == 0 && address_is_public(&a)) {
		a = address_customer(&a);
		k->address = key_of(a.b, sizeof(a.b), SEED_ADDRESS);
	}
}

/* -- The table -- */

uint32_t
flood_window(const struct flood *f, int64_t now_ms)
{
	return (uint32_t)((now_ms < 0 ? 0 : now_ms) / f->window_ms);
}

/* Return whether what SLOT counted tells nothing at NOW: too old, or from a clock that was far ahead and has
 * been put right since; it would be there until that time comes. */
static bool
is_over(const struct flood_slot *slot, uint32_t now)
{
	return slot->window + 1 < now || slot->window > now + 1;
}

/* Bring SLOT to window NOW. */
static void
roll(struct flood_slot *slot, uint32_t now)
{
	bool next = now == slot->window + 1;

	if (now <= slot->window && !is_over(slot, now)) /* a clock that was put back a little */
		return;
	slot->all[1] = next ? slot->all[0] : 0;
	slot->suspect[1] = next ? slot->suspect[0] : 0;
	slot->sites[1] = next ? slot->sites[0] : 0;
	slot->others[1] = next ? slot->others[0] : 0;
	slot->all[0] = slot->suspect[0] = 0;
	slot->sites[0] = slot->others[0] = 0;
	slot->window = now;
}

struct flood_slot *
flood_bucket(struct flood *f, uint64_t key, pthread_mutex_t **lock)
{
	size_t i = (size_t)(key ^ key >> 32) & (f->buckets - 1);

	*lock = &f->lock[i % FLOOD_LOCKS];
	return &f->slots[i * FLOOD_WAYS];
}

/* Return how much SLOT would be missed at NOW: not at all when it is free or over, then by what it counted.
 */
static unsigned
worth(const struct flood_slot *slot, uint32_t now)
{
	if (slot->key == 0 || is_over(slot, now))
		return 0;
	return 1u + slot->all[0] + slot->all[1];
}

struct flood_slot *
flood_take(struct flood_slot *bucket, uint64_t key, uint32_t now)
{
	struct flood_slot *least = bucket;

	for (size_t i = 0; i < FLOOD_WAYS; i++) {
		if (bucket[i].key == key) {
			roll(&bucket[i], now);
			return &bucket[i];
		}
		if (worth(&bucket[i], now) < worth(least, now))
			least = &bucket[i];
	}
	*least = (struct flood_slot){ .key = key, .window = now };
	return least;
}

/* Copy what is known of KEY to *OUT; false when nothing is. */
static bool
look(struct flood *f, uint64_t key, uint32_t now, struct flood_slot *out)
{
	pthread_mutex_t *lock;
	struct flood_slot *bucket = flood_bucket(f, key, &lock);
	bool found = false;

	pthread_mutex_lock(lock);
	for (size_t i = 0; i < FLOOD_WAYS && !found; i++) {
		found = bucket[i].key == key;
		if (found)
			*out = bucket[i];
	}
	pthread_mutex_unlock(lock);
	if (found)
		roll(out, now);
	return found;
}

static uint64_t
bit(uint64_t member)
{
	return member == 0 ? 0 : (uint64_t)1 << (hash_mix(member, 0) & 63);
}

static void
count(uint16_t *n)
{
	*n = *n < COUNT_MAX ? (uint16_t)(*n + 1) : COUNT_MAX;
}

/* Note KEY on SITE with OTHER; its members only if MEMBERS. */
static void
note(struct flood *f, uint64_t key, uint64_t site, uint64_t other, bool suspect, bool members, uint32_t now)
{
	pthread_mutex_t *lock;
	struct flood_slot *bucket = flood_bucket(f, key, &lock), *slot;

	pthread_mutex_lock(lock);
	slot = flood_take(bucket, key, now);
	count(&slot->all[0]);
	if (suspect)
		count(&slot->suspect[0]);
	if (members) {
		slot->sites[0] |= bit(site);
		slot->others[0] |= bit(other);
	}
	pthread_mutex_unlock(lock);
}

void
flood_note(struct flood *f, const struct flood_keys *k, bool suspect, int64_t now_ms)
{
	uint32_t now = flood_window(f, now_ms);

	if (k->none)
		return;
	if (k->text != 0)
		note(f, k->text, k->site, k->address, suspect, true, now);
	if (k->address != 0)
		note(f, k->address, k->site, k->text, suspect, suspect, now);
	for (size_t i = 0; i < k->nhosts; i++)
		note(f, k->host[i], k->site, k->text, suspect, suspect, now);
	atomic_fetch_add_explicit(&f->noted, 1, memory_order_relaxed);
}

unsigned long long
flood_noted(const struct flood *f)
{
	return atomic_load_explicit(&f->noted, memory_order_relaxed);
}

/* -- The evidence -- */

static int
size(uint64_t set)
{
	return __builtin_popcountll(set);
}

/* Return whether the share LEAST of the comments looked like spam, with one more that didn't: few prove
 * little. */
static bool
share_is(const struct flood_slot *slot, double least)
{
	double all = 1 + slot->all[0] + slot->all[1];

	return slot->suspect[0] + slot->suspect[1] >= least * all;
}

static double
text_weight(int sites, int addresses)
{
	if (sites >= 5)
		return 3;
	if (sites >= 3)
		return 2;
	return addresses >= (sites == 2 ? 2 : 5) ? 1 : 0;
}

static double
host_weight(const struct flood_slot *slot)
{
	int sites = size(slot->sites[0] | slot->sites[1]), texts = size(slot->others[0] | slot->others[1]);

	if (!share_is(slot, 0.5))
		return 0;
	return sites >= 4 ? 1.5 : sites >= 2 || texts >= 5 ? 0.75 : 0;
}

static double
address_weight(const struct flood_slot *slot)
{
	int sites = size(slot->sites[0] | slot->sites[1]), texts = size(slot->others[0] | slot->others[1]);

	if (!share_is(slot, 0.8))
		return 0;
	return sites >= 3 ? 1 : texts >= 5 ? 0.5 : 0;
}

/* Add WEIGHT to OUT, unless it is 0; the name follows. */
static char *
add(struct flood_found *out, double weight)
{
	if (weight == 0 || out->n == FLOOD_FOUND_MAX)
		return NULL;
	out->v[out->n] = (struct outside){ "flood", out->name[out->n], weight };
	return out->name[out->n++];
}

static void
find_text(struct flood *f, const struct flood_keys *k, uint32_t now, struct flood_found *out)
{
	struct flood_slot slot;
	int sites, addresses;
	char *name;

	if (k->text == 0 || !look(f, k->text, now, &slot))
		return;
	sites = size(slot.sites[0] | slot.sites[1] | bit(k->site));
	addresses = size(slot.others[0] | slot.others[1] | bit(k->address));
	name = add(out, text_weight(sites, addresses));
	if (name != NULL && addresses > 0)
		snprintf(name, sizeof(out->name[0]), "the same text on %d site%s from %d address%s", sites,
		    sites == 1 ? "" : "s", addresses, addresses == 1 ? "" : "es");
	else if (name != NULL)
		snprintf(name, sizeof(out->name[0]), "the same text on %d sites", sites);
}

/* Of several hosts the one that tells most counts. */
static void
find_host(struct flood *f, const struct flood_keys *k, uint32_t now, struct flood_found *out)
{
	double best = 0, weight;
	struct flood_slot slot;
	size_t at = 0;
	char *name;

	for (size_t i = 0; i < k->nhosts; i++) {
		weight = look(f, k->host[i], now, &slot) ? host_weight(&slot) : 0;
		if (weight > best) {
			best = weight;
			at = i;
		}
	}
	name = add(out, best);
	if (name != NULL)
		snprintf(name, sizeof(out->name[0]), "a burst of links to %s", k->host_name[at]);
}

static void
find_address(struct flood *f, const struct flood_keys *k, uint32_t now, struct flood_found *out)
{
	struct flood_slot slot;
	char *name;

	if (k->address == 0 || !look(f, k->address, now, &slot))
		return;
	name = add(out, address_weight(&slot));
	if (name != NULL)
		snprintf(name, sizeof(out->name[0]), "a burst from the same address");
}

void
flood_find(struct flood *f, const struct flood_keys *k, int64_t now_ms, struct flood_found *out)
{
	uint32_t now = flood_window(f, now_ms);
	double sum = 0;

	out->n = 0;
	if (k->none)
		return;
	find_text(f, k, now, out);
	find_host(f, k, now, out);
	find_address(f, k, now, out);
	for (size_t i = 0; i < out->n; i++)
		sum += out->v[i].weight;
	for (size_t i = 0; i < out->n && sum > FLOOD_WEIGHT_MAX; i++)
		out->v[i].weight *= FLOOD_WEIGHT_MAX / sum;
}
