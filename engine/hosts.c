#include "config.h"

#include <string.h>

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

/* Return whether the list OUT has HOST, whatever its case, and in *COUNT how many it has up to there. */
static bool
has(const struct buf *out, struct slice host, size_t *count)
{
	struct slice list = buf_slice(out), one;

	for (*count = 0; hosts_next(&list, &one); ++*count) {
		size_t i = 0;

		while (i < one.n && i < host.n && one.p[i] == small(host.p[i]))
			i++;
		if (i == one.n && i == host.n)
			return true;
	}
	return false;
}

/* Append the host of AUTHORITY, "user@host:port", if it has a dot. */
static void
put_host(struct buf *out, struct slice authority)
{
	const char *at = authority.n == 0 ? NULL : memrchr(authority.p, '@', authority.n), *colon;
	struct slice host = authority;
	size_t count;

	if (at != NULL)
		host = (struct slice){ at + 1, authority.n - (size_t)(at + 1 - authority.p) };
	colon = host.n == 0 ? NULL : memchr(host.p, ':', host.n);
	if (colon != NULL)
		host.n = (size_t)(colon - host.p);
	while (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n == 0 || host.n > HOST_BYTES_MAX || host.p[0] == '.' ||
	    memchr(host.p, '.', host.n) == NULL || has(out, host, &count) || count >= HOSTS_MAX)
		return;
	for (size_t i = 0; i < host.n; i++)
		buf_add_char(out, small(host.p[i]));
	buf_add_char(out, '\n');
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
	size_t n;
	bool found;

	for (size_t i = 0; i < text.n; i++) {
		i += opening(text, i, &found);
		if (!found)
			continue;
		n = authority_length(text.p + i, text.n - i);
		put_host(out, (struct slice){ text.p + i, n });
		i += n > 0 ? n - 1 : 0;
	}
}

void
hosts_of_url(struct buf *out, struct slice url)
{
	size_t before = out->n;

	hosts_find(out, url);
	if (out->n == before && url.n > 0 && memmem(url.p, url.n, "//", 2) == NULL)
		put_host(out, (struct slice){ url.p, authority_length(url.p, url.n) });
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
