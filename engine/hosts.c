#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "engine/hosts.h"

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

static char
small(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* The hosts of a list, by their hashes: a text may be nothing but links. */
struct found {
	struct {
		uint64_t hash;
		size_t at, n; /* in the list */
	} host[HOSTS_MAX];
	size_t n;
};

static void
note(struct found *f, const struct buf *out, size_t at, size_t n)
{
	if (f->n == HOSTS_MAX || !buf_ok(out))
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
	while (hosts_next(&list, &one))
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
	while (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n == 0 || host.n > HOST_BYTES_MAX || host.p[0] == '.' || memchr(host.p, '.', host.n) == NULL)
		return;
	for (size_t i = 0; i < host.n; i++)
		lower[i] = small(host.p[i]);
	host.p = lower;
	if (f->n == HOSTS_MAX || has(f, out, host))
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

void
hosts_find(struct buf *out, struct slice text)
{
	struct found f;
	size_t n;
	bool begins;

	note_all(&f, out);
	for (size_t i = 0; i < text.n && f.n < HOSTS_MAX; i++) {
		if (text.p[i] != '/' && small(text.p[i]) != 'w')
			continue;
		i += opening(text, i, &begins);
		if (!begins)
			continue;
		n = authority_length(text.p + i, text.n - i);
		put_host(out, (struct slice){ text.p + i, n }, &f);
		i += n > 0 ? n - 1 : 0;
	}
}

void
hosts_of_url(struct buf *out, struct slice url)
{
	size_t before = out->n;
	struct found f;

	hosts_find(out, url);
	if (out->n > before || url.n == 0 || memmem(url.p, url.n, "//", 2) != NULL)
		return;
	note_all(&f, out);
	put_host(out, (struct slice){ url.p, authority_length(url.p, url.n) }, &f);
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
