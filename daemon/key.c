#include "config.h"

#include <string.h>
#include <strings.h>

#include "daemon/key.h"

/* Return KEY's site; an absent or empty key has none. */
static const struct site *
lookup(struct call *call, struct slice key)
{
	return key.n == 0 ? NULL : sites_by_key(call->world->sites, key);
}

/* Return the token of "Authorization: Bearer TOKEN"; absent if it isn't there. */
static struct slice
bearer(struct slice header)
{
	if (header.n < 7 || strncasecmp(header.p, "Bearer ", 7) != 0)
		return (struct slice){ NULL, 0 };
	header.p += 7;
	header.n -= 7;
	while (header.n > 0 && *header.p == ' ') {
		header.p++;
		header.n--;
	}
	return header;
}

/* Return the site whose key is the first of several labels of the host. */
static const struct site *
by_host(struct call *call)
{
	struct slice host = call->rq->host;
	const char *dot = host.n == 0 ? NULL : memchr(host.p, '.', host.n);
	char label[SITE_KEY_CHARS];

	if (dot == NULL || dot - host.p != SITE_KEY_CHARS)
		return NULL;
	for (int i = 0; i < SITE_KEY_CHARS; i++)
		label[i] = (char)(host.p[i] >= 'A' && host.p[i] <= 'Z' ? host.p[i] + 32 : host.p[i]);
	return lookup(call, (struct slice){ label, SITE_KEY_CHARS });
}

/* Return the first of the two slices that says something. */
static struct slice
either(struct slice a, struct slice b)
{
	return a.n > 0 ? a : b;
}

const struct site *
key_of_request(struct call *call, bool *given)
{
	struct slice key = bearer(call->rq->header[HTTP_AUTHORIZATION]);
	const struct site *site;

	if (key.n == 0)
		key = either(call_query(call, "api_key"), call_query(call, "key"));
	*given = key.n > 0;
	site = lookup(call, key);
	return site != NULL || *given ? site : by_host(call);
}

const struct site *
key_of_form(struct call *call, const struct form *form, bool key_first)
{
	struct slice api_key = form_get(form, "api_key"), key = form_get(form, "key");
	const struct site *site;
	bool given;

	key = key_first ? either(key, api_key) : either(api_key, key);
	if (key.n > 0)
		return lookup(call, key);
	site = key_of_request(call, &given);
	return site;
}
