#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "classifier/entity.h"
#include "classifier/fold.h"
#include "classifier/normal.h"
#include "engine/hosts.h"

#define URL_BYTES_MAX 16384
#define FOREIGN_BYTES_MAX 384 /* of a host before it is folded */

/* Return how many bytes at P, of N, are the authority part of an address: what ends it isn't one of them. */
static size_t
authority_length(const char *p, size_t n)
{
	static const char ends[] = "/?#<>\"'()[]{}|\\^`,;&";
	size_t i = 0;

	while (i < n && (unsigned char)p[i] > ' ' && memchr(ends, p[i], sizeof(ends) - 1) == NULL)
		i++;
	return i;
}

static bool
is_ascii(struct slice s)
{
	return s.n == 0 || utf8_ascii(s.p, s.n) == s.n;
}

static char
small(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* The first hosts of a list, by their hashes: a text may be nothing but links. */
struct found {
	struct {
		uint64_t hash;
		size_t at, n; /* in the list */
	} host[HOSTS_ONCE];
	size_t n;
};

static void
note(struct found *f, const struct buf *out, size_t at, size_t n)
{
	if (f->n == HOSTS_ONCE || !buf_ok(out))
		return;
	f->host[f->n].hash = hash_bytes(out->p + at, n, 0);
	f->host[f->n].at = at;
	f->host[f->n++].n = n;
}

static void
note_all(struct found *f, const struct buf *out)
{
	struct slice list = buf_slice(out), one;

	f->n = 0;
	while (f->n < HOSTS_ONCE && hosts_next(&list, &one))
		note(f, out, (size_t)(one.p - out->p), one.n);
}

static bool
has(const struct found *f, const struct buf *out, struct slice host)
{
	uint64_t hash = hash_bytes(host.p, host.n, 0);

	for (size_t i = 0; i < f->n; i++) {
		if (f->host[i].hash == hash && f->host[i].n == host.n &&
		    memcmp(out->p + f->host[i].at, host.p, host.n) == 0)
			return true;
	}
	return false;
}

/* Set S, a host with letters beyond ASCII, to its folded form in SCRATCH, or to nothing. */
static void
fold_host(struct slice *s, char scratch[HOST_BYTES_MAX])
{
	struct buf b;

	buf_init(&b, HOST_BYTES_MAX);
	if (s->n <= FOREIGN_BYTES_MAX)
		fold_domain(&b, (struct slice){ s->p, fold_domain_length(*s) });
	*s = (struct slice){ scratch, buf_ok(&b) ? b.n : 0 };
	if (s->n > 0)
		memcpy(scratch, b.p, s->n);
	buf_fini(&b);
}

/* Append the host of AUTHORITY, "user@host:port", if it has a dot. */
static void
put_host(struct buf *out, struct slice authority, struct found *f)
{
	const char *at = authority.n == 0 ? NULL : memrchr(authority.p, '@', authority.n), *colon;
	struct slice host = authority;
	char lower[HOST_BYTES_MAX];

	if (at != NULL)
		host = (struct slice){ at + 1, authority.n - (size_t)(at + 1 - authority.p) };
	colon = host.n == 0 ? NULL : memchr(host.p, ':', host.n);
	if (colon != NULL)
		host.n = (size_t)(colon - host.p);
	if (!is_ascii(host))
		fold_host(&host, lower);
	while (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n == 0 || host.n > HOST_BYTES_MAX || host.p[0] == '.' || memchr(host.p, '.', host.n) == NULL)
		return;
	for (size_t i = 0; i < host.n; i++)
		lower[i] = small(host.p[i]);
	host.p = lower;
	if (has(f, out, host))
		return;
	buf_add_slice(out, host);
	buf_add_char(out, '\n');
	note(f, out, out->n - host.n - 1, host.n);
}

static bool
is_word_character(char c)
{
	c = small(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '@' ||
	    c == '/';
}

/* Return how long the beginning of an address is that stands at I: "//" or nothing before "www."; 0: none is.
 */
static size_t
opening(struct slice text, size_t i, bool *found)
{
	const char *p = text.p + i;
	size_t n = text.n - i;

	*found = true;
	if (p[0] == '/' && n > 2 && p[1] == '/' && (i == 0 || text.p[i - 1] != '/'))
		return 2;
	if (small(p[0]) == 'w' && n > 4 && small(p[1]) == 'w' && small(p[2]) == 'w' && p[3] == '.' &&
	    (i == 0 || !is_word_character(text.p[i - 1])))
		return 0;
	*found = false;
	return 0;
}

/* Set *AUTHORITY to the next that begins at or after *I, and *I to what follows it; false: there is none. */
static bool
next_authority(struct slice text, size_t *i, struct slice *authority)
{
	bool begins = false;

	for (; *i < text.n && !begins; *i += !begins) {
		if (text.p[*i] == '/' || small(text.p[*i]) == 'w')
			*i += opening(text, *i, &begins);
	}
	if (!begins)
		return false;
	*authority = (struct slice){ text.p + *i, authority_length(text.p + *i, text.n - *i) };
	*i += authority->n > 0 ? authority->n : 1;
	return true;
}

void
hosts_find(struct buf *out, struct slice text)
{
	struct slice authority;
	struct found f;
	size_t i = 0;

	note_all(&f, out);
	while (next_authority(text, &i, &authority))
		put_host(out, authority, &f);
}

/* Append TEXT to OUT with the letters beyond ASCII that are written as entities; others stay as they are. */
static void
put_decoded(struct buf *out, struct slice text)
{
	unsigned code;
	size_t n;

	for (size_t i = 0; i < text.n; i += n) {
		n = text.p[i] == '&' ? entity_decode(text.p + i, text.n - i, &code) : 0;
		if (n > 0 && code >= 0x80) {
			utf8_put(out, code);
			continue;
		}
		n = 1;
		buf_add_char(out, text.p[i]);
	}
}

bool
hosts_take_foreign(struct buf *out, struct buf *rest, struct slice text)
{
	struct slice authority, end;
	bool taken = false;
	struct found f;
	size_t i = 0;

	if (normal_parts(&text, &end)) {
		put_decoded(rest, text);
		buf_add_char(rest, '\n');
		text = end;
	}
	put_decoded(rest, text);
	if (!buf_ok(rest) || is_ascii(buf_slice(rest)))
		return false;
	note_all(&f, out);
	while (next_authority(buf_slice(rest), &i, &authority)) {
		/* what is longer is full of what isn't seen: the normal form is without it */
		if (is_ascii(authority) || authority.n > FOREIGN_BYTES_MAX)
			continue;
		put_host(out, authority, &f);
		authority.n = fold_domain_length(authority);
		if (is_ascii(authority))
			continue;
		memset(rest->p + (authority.p - rest->p), ' ', authority.n);
		taken = true;
	}
	return taken;
}

/* Return whether URL says where its host begins, by "//" after a scheme or nothing: "a.example//" doesn't. */
static bool
has_scheme(struct slice url)
{
	for (size_t i = 0; i < url.n; i++) {
		if (memchr("/?#", url.p[i], 3) != NULL)
			return url.p[i] == '/' && i + 1 < url.n && url.p[i + 1] == '/' &&
			    (i == 0 || url.p[i - 1] == ':');
	}
	return false;
}

void
hosts_of_url(struct buf *out, struct slice url)
{
	struct found f;

	if (url.n > URL_BYTES_MAX) /* nobody's address, but as many hosts as one likes */
		url.n = URL_BYTES_MAX;
	if (url.n > 0 && !has_scheme(url)) {
		note_all(&f, out);
		put_host(out, (struct slice){ url.p, authority_length(url.p, url.n) }, &f);
	}
	hosts_find(out, url);
}

bool
hosts_next(struct slice *list, struct slice *host)
{
	const char *end = list->n == 0 ? NULL : memchr(list->p, '\n', list->n);

	if (end == NULL)
		return false;
	*host = (struct slice){ list->p, (size_t)(end - list->p) };
	list->n -= host->n + 1;
	list->p = end + 1;
	return true;
}

bool
host_within(struct slice host, struct slice domain)
{
	do {
		if (slice_equal(host, domain))
			return true;
	} while (host_parent(&host));
	return false;
}

bool
host_parent(struct slice *host)
{
	const char *dot = host->n == 0 ? NULL : memchr(host->p, '.', host->n);

	if (dot == NULL)
		return false;
	host->n -= (size_t)(dot + 1 - host->p);
	host->p = dot + 1;
	return true;
}

#define SKETCH_BITS ((size_t)1 << 19) /* for the 30,000 domains that 64 kB of links can be in */

static size_t
bit_of(struct slice domain)
{
	return (size_t)hash_bytes(domain.p, domain.n, 0) % SKETCH_BITS;
}

void
hosts_sketch(struct buf *sketch, struct slice list)
{
	unsigned char *bits = (unsigned char *)buf_reserve(sketch, SKETCH_BITS / 8);
	struct slice host;

	if (bits == NULL)
		return;
	memset(bits, 0, SKETCH_BITS / 8);
	while (hosts_next(&list, &host)) {
		do
			bits[bit_of(host) / 8] |= (unsigned char)(1 << bit_of(host) % 8);
		while (host_parent(&host));
	}
	sketch->n += SKETCH_BITS / 8;
	sketch->p[sketch->n] = '\0';
}

bool
hosts_may_be_within(const struct buf *sketch, struct slice domain)
{
	size_t bit = bit_of(domain);

	return sketch->n == 0 || ((unsigned char)sketch->p[bit / 8] >> bit % 8 & 1) != 0;
}
