#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/timetext.h"
#include "base/utf8.h"
#include "engine/site_key.h"
#include "engine/sites.h"
#include "store/chain.h"

#define NAME_MAX_CHARS 64
#define URL_MAX_BYTES 2048
#define RATE_MAX 1000000
#define SHARE_MIN 0.01
#define SHARE_MAX 0.99
#define ROWS_MAX ((size_t)256 << 20) /* bytes for the list of sites */

static int
check_name(const char *name, struct err *err)
{
	size_t n = strlen(name);

	if (n == 0 || n > NAME_MAX_CHARS || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") != n)
		return err_set(err, ERR_INPUT, "site '%.80s': a site's name has 1 to %d of a-z 0-9 . _ -",
		    name, NAME_MAX_CHARS);
	return 0;
}

static int
check_url(const char *url, struct err *err)
{
	struct slice s = slice_of(url);

	if (s.n > URL_MAX_BYTES || !utf8_valid(s))
		return err_set(
		    err, ERR_INPUT, "a site's address must be UTF-8 of at most %d bytes", URL_MAX_BYTES);
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return err_set(
			    err, ERR_INPUT, "a site's address can't hold spaces or control characters");
	}
	return 0;
}

/* Make a key for ROW and keep its digest there. */
static int
make_key(struct store *st, struct site_row *row, char key[SITE_KEY_CHARS + 1], struct err *err)
{
	unsigned char salt[SITE_SALT_BYTES], random[SITE_KEY_CHARS / 2];
	struct digest digest;

	if (site_salt_make(st, salt, err) == -1)
		return -1;
	crypto_random(random, sizeof(random));
	hex_encode(key, random, sizeof(random));
	site_key_digest(&digest, slice_of(key), salt);
	memcpy(row->key_digest, digest.bytes, DIGEST_BYTES);
	row->has_key = true;
	return 0;
}

#define DIGITS 17

/* Set *ROW to the site NAME, in use or removed; ERR_NOT_FOUND. */
static int
find(struct store *st, const char *name, struct arena *a, struct site_row *row, struct err *err)
{
	struct site_row *rows;
	size_t n;

	if (store_sites(st, true, a, &rows, &n, err) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			*row = rows[i];
			return 0;
		}
	}
	return err_set(err, ERR_NOT_FOUND, "site %.80s: there is none of this name", name);
}

/* What a change of the sites is about; it is made inside a transaction. */
struct change {
	const char *what; /* the event's kind */
	const char *name, *url;
	char *key; /* where a new key goes */
	const struct site_change *settings;
};

static int
add(struct store *st, const struct change *c, struct arena *a, struct err *err)
{
	struct site_row row = { .name = c->name, .url = c->url, .created_ms = time_now_ms() }, old;
	struct err why;
	int64_t id;

	if (find(st, c->name, a, &old, &why) == 0)
		return err_set(err, ERR_REFUSED, "site %s: %s", c->name,
		    old.removed_ms != 0
			? "there was one of this name; its record stays, so a new one needs another"
			: "there is one of this name already");
	if (why.code != ERR_NOT_FOUND)
		return err_set(err, why.code, "%s", why.text);
	return make_key(st, &row, c->key, err) == -1 ? -1 : store_site_add(st, &row, &id, err);
}

/* As find(), but a removed site is not found. */
static int
find_used(struct store *st, const char *name, struct arena *a, struct site_row *row, struct err *err)
{
	if (find(st, name, a, row, err) == -1)
		return -1;
	if (row->removed_ms != 0)
		return err_set(err, ERR_NOT_FOUND, "site %s: it is no longer in use", name);
	return 0;
}

static int
rotate(struct store *st, const struct change *c, struct arena *a, struct err *err)
{
	struct site_row row;

	if (find_used(st, c->name, a, &row, err) == -1 || make_key(st, &row, c->key, err) == -1)
		return -1;
	return store_site_update(st, &row, err);
}

static int
check_settings(const struct site_change *c, struct err *err)
{
	if (c->has_threshold && c->spam_threshold != 0 &&
	    !(c->spam_threshold >= 0.5 && c->spam_threshold < 1))
		return err_set(
		    err, ERR_INPUT, "a site's threshold must be 0 (the model's own) or from 0.5 to under 1");
	if (c->has_rate && (c->rate_per_minute < 0 || c->rate_per_minute > RATE_MAX))
		return err_set(err, ERR_INPUT, "a site's rate must be 0 (any) to %d a minute", RATE_MAX);
	if (c->has_share && c->spam_share != 0 && !(c->spam_share >= SHARE_MIN && c->spam_share <= SHARE_MAX))
		return err_set(err, ERR_INPUT, "a site's share of spam must be 0 (estimated) or %g to %g",
		    SHARE_MIN, SHARE_MAX);
	return c->url != NULL ? check_url(c->url, err) : 0;
}

static int
set(struct store *st, const struct change *c, struct arena *a, struct err *err)
{
	const struct site_change *s = c->settings;
	struct site_row row;

	if (check_settings(s, err) == -1 || find_used(st, c->name, a, &row, err) == -1)
		return -1;
	row.spam_threshold = s->has_threshold ? s->spam_threshold : row.spam_threshold;
	row.rate_per_minute = s->has_rate ? s->rate_per_minute : row.rate_per_minute;
	row.spam_share = s->has_share ? s->spam_share : row.spam_share;
	row.shares = s->has_shares ? s->shares : row.shares;
	row.url = s->url != NULL ? s->url : row.url;
	return store_site_update(st, &row, err);
}

static int
take_out(struct store *st, const struct change *c, struct arena *a, struct err *err)
{
	struct site_row row;

	if (find_used(st, c->name, a, &row, err) == -1)
		return -1;
	if (row.id == SITE_DEFAULT)
		return err_set(err, ERR_REFUSED, "site default: it can't be removed");
	row.removed_ms = time_now_ms();
	row.has_key = false;
	memset(row.key_digest, 0, sizeof(row.key_digest));
	return store_site_update(st, &row, err);
}

/* Append the settings that C changes. */
static void
put_settings(struct buf *b, const struct site_change *s)
{
	if (s->has_threshold) {
		json_key(b, "spam_threshold");
		json_put_double(b, s->spam_threshold, DIGITS);
	}
	if (s->has_rate) {
		json_key(b, "rate_per_minute");
		json_put_int(b, s->rate_per_minute);
	}
	if (s->has_share) {
		json_key(b, "spam_share");
		json_put_double(b, s->spam_share, DIGITS);
	}
	if (s->has_shares) {
		json_key(b, "share_corrections");
		json_put_bool(b, s->shares);
	}
	if (s->url != NULL) {
		json_key(b, "url");
		json_put_str(b, s->url);
	}
}

/* Record the change among the events. */
static int
tell(struct engine *e, const struct change *c, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "site");
	json_put_str(&b, c->name);
	if (c->settings != NULL)
		put_settings(&b, c->settings);
	json_close(&b, '}');
	rc = store_event_json(e->store, c->what, e->who, &b, err);
	buf_fini(&b);
	return rc;
}

static int
carry_out(struct engine *e, int (*step)(struct store *, const struct change *, struct arena *, struct err *),
    const struct change *c, struct err *err)
{
	struct arena *a = arena_new(ROWS_MAX);
	int rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_begin(e->store, err);
	if (rc == 0) {
		rc = step(e->store, c, a, err);
		if (rc == 0)
			rc = tell(e, c, err);
		if (rc == 0)
			rc = store_commit(e->store, err);
		if (rc == -1)
			store_rollback(e->store);
	}
	arena_free(a);
	if (rc == -1 && c->key != NULL)
		c->key[0] = '\0';
	return rc;
}

int
sites_add(struct engine *e, const char *name, const char *url, char key[SITE_KEY_CHARS + 1], struct err *err)
{
	const struct change c = {
		.what = "site-added", .name = name, .url = url != NULL ? url : "", .key = key
	};

	if (check_name(name, err) == -1 || check_url(c.url, err) == -1)
		return -1;
	return carry_out(e, add, &c, err);
}

int
sites_rotate(struct engine *e, const char *name, char key[SITE_KEY_CHARS + 1], struct err *err)
{
	const struct change c = { .what = "site-key-rotated", .name = name, .key = key };

	return carry_out(e, rotate, &c, err);
}

int
sites_remove(struct engine *e, const char *name, struct err *err)
{
	const struct change c = { .what = "site-removed", .name = name };

	return carry_out(e, take_out, &c, err);
}

int
sites_set(struct engine *e, const char *name, const struct site_change *change, struct err *err)
{
	const struct change c = { .what = "site-set", .name = name, .settings = change };

	return carry_out(e, set, &c, err);
}
