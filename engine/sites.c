#include "config.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/site_key.h"
#include "engine/sites.h"

#define ROWS_MAX ((size_t)256 << 20) /* bytes for the list of sites */

struct key {
	struct digest digest;
	const struct site *site;
};

struct sites {
	atomic_uint references;
	struct arena *arena; /* holds all below */
	struct site *site;
	size_t n;
	struct key *key; /* by digest */
	size_t nkeys;
	unsigned char salt[SITE_SALT_BYTES];
};

#define SEARCHED_BYTES 8

/* The search goes by the digests' first bytes only; whether a key is right is then seen in constant time. */
static int
by_digest(const void *a, const void *b)
{
	return memcmp(
	    ((const struct key *)a)->digest.bytes, ((const struct key *)b)->digest.bytes, SEARCHED_BYTES);
}

static int
fill(struct sites *s, const struct site_row *rows, size_t n, bool keys, struct err *err)
{
	s->site = arena_alloc(s->arena, (n + 1) * sizeof(*s->site));
	s->key = arena_alloc(s->arena, (n + 1) * sizeof(*s->key));
	if (s->site == NULL || s->key == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the sites");
	for (size_t i = 0; i < n; i++) {
		s->site[i] = (struct site){
			.id = rows[i].id,
			.name = rows[i].name,
			.url = rows[i].url,
			.spam_threshold = rows[i].spam_threshold,
			.rate_per_minute = rows[i].rate_per_minute,
			.spam_share = rows[i].spam_share > 0 ? rows[i].spam_share : rows[i].estimated_share,
			.shares = rows[i].shares,
		};
		if (!keys || !rows[i].has_key)
			continue;
		memcpy(s->key[s->nkeys].digest.bytes, rows[i].key_digest, DIGEST_BYTES);
		s->key[s->nkeys++].site = &s->site[i];
	}
	s->n = n;
	qsort(s->key, s->nkeys, sizeof(*s->key), by_digest);
	return 0;
}

static int
load(struct sites *s, struct engine *e, bool all, struct err *err)
{
	struct site_row *rows;
	struct err why = { 0 };
	size_t n;

	if (store_sites(e->store, all, s->arena, &rows, &n, err) == -1 || fill(s, rows, n, !all, err) == -1)
		return -1;
	if (s->nkeys == 0 || site_salt_read(e->store, s->salt, &why) == 0)
		return 0;
	if (why.code == ERR_NOT_FOUND)
		return err_set(err, ERR_DAMAGED, "%s: sites have keys, but %s", e->paths.db, why.text);
	return err_set(err, why.code, "%s: %s", e->paths.db, why.text);
}

static int
make(struct sites **out, struct engine *e, bool all, struct err *err)
{
	struct sites *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the sites");
	atomic_init(&s->references, 1);
	s->arena = arena_new(ROWS_MAX);
	if (s->arena == NULL)
		err_set(err, ERR_NOMEM, "out of memory for the sites");
	else if (load(s, e, all, err) == 0) {
		*out = s;
		return 0;
	}
	sites_unref(s);
	return -1;
}

int
sites_load(struct sites **out, struct engine *e, struct err *err)
{
	return make(out, e, false, err);
}

int
sites_load_all(struct sites **out, struct engine *e, struct err *err)
{
	return make(out, e, true, err);
}

struct sites *
sites_ref(struct sites *s)
{
	atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
	return s;
}

void
sites_unref(struct sites *s)
{
	if (s == NULL || atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) != 1)
		return;
	arena_free(s->arena);
	free(s);
}

const struct site *
sites_by_key(const struct sites *s, struct slice key)
{
	struct key wanted = { .site = NULL };
	const struct key *found;

	if (key.n == 0 || s->nkeys == 0)
		return NULL;
	site_key_digest(&wanted.digest, key, s->salt);
	found = bsearch(&wanted, s->key, s->nkeys, sizeof(*s->key), by_digest);
	if (found == NULL || !crypto_equal(found->digest.bytes, wanted.digest.bytes, DIGEST_BYTES))
		return NULL;
	return found->site;
}

const struct site *
sites_by_name(const struct sites *s, struct slice name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (slice_is(name, s->site[i].name))
			return &s->site[i];
	}
	return NULL;
}

size_t
sites_count(const struct sites *s)
{
	return s->n;
}

const struct site *
sites_by_id(const struct sites *s, int64_t id)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->site[i].id == id)
			return &s->site[i];
	}
	return NULL;
}

const struct site *
sites_at(const struct sites *s, size_t i)
{
	return &s->site[i];
}

const struct site *
sites_default(const struct sites *s)
{
	return sites_by_id(s, SITE_DEFAULT);
}
