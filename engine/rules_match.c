#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "engine/hosts.h"
#include "engine/rules_impl.h"

#define HOSTS_FEW_BYTES 2048 /* of a list of hosts that is gone through anyway */
#define HOST_BYTES_FEW 64 /* of it for each domain of a rule, too */

int
by_bytes(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int rc = n == 0 ? 0 : memcmp(x->p, y->p, n);

	return rc != 0 ? rc : (x->n > y->n) - (x->n < y->n);
}

static bool
has(const struct condition *c, struct slice text)
{
	return bsearch(&text, c->texts, c->n, sizeof(*c->texts), by_bytes) != NULL;
}

/* Return whether C names HOST or a domain that it is in. */
static bool
has_host(const struct condition *c, struct slice host)
{
	do {
		if (has(c, host))
			return true;
	} while (host_parent(&host));
	return false;
}

/* Return whether C's expression is found: 1, 0, or -1 where a search was given up and no other found it. */
static int
match_holds(const struct condition *c, struct subject *s)
{
	static const enum comment_field any[] = { COMMENT_AUTHOR, COMMENT_EMAIL, COMMENT_URL, COMMENT_CONTENT,
		COMMENT_IP, COMMENT_USER_AGENT };
	int found, all = 0;

	if (c->field != FIELD_ANY)
		return rx_occurs(c->rx, subject_field(s, (enum comment_field)c->field), NULL);
	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++) {
		found = rx_occurs(c->rx, subject_field(s, any[i]), NULL);
		if (found == 1)
			return 1;
		if (found == -1)
			all = -1;
	}
	return all;
}

static bool
address_holds(const struct condition *c, struct subject *s)
{
	struct address a;

	if (subject_address(s, &a) == -1)
		return false;
	for (size_t i = 0; i < c->n; i++) {
		if (address_within(&a, &c->ranges[i]))
			return true;
	}
	return false;
}

static bool
email_holds(const struct condition *c, struct subject *s)
{
	struct slice email = subject_email(s);
	const char *at = email.n == 0 ? NULL : memrchr(email.p, '@', email.n);

	return at != NULL &&
	    (has(c, email) || has_host(c, (struct slice){ at + 1, email.n - (size_t)(at + 1 - email.p) }));
}

/* Return whether C may name one of HOSTS or a domain that it is in.  Where they are few, or C has many
 * domains, it is as quick to look. */
static bool
may_have_one(const struct condition *c, struct subject *s, struct slice hosts)
{
	if (hosts.n < HOSTS_FEW_BYTES || c->n > hosts.n / HOST_BYTES_FEW)
		return true;
	for (size_t i = 0; i < c->n; i++) {
		if (subject_may_have_host(s, c->texts[i]))
			return true;
	}
	return false;
}

static bool
url_holds(const struct condition *c, struct subject *s)
{
	struct slice hosts = subject_hosts(s), host;

	if (!may_have_one(c, s, hosts))
		return false;
	while (hosts_next(&hosts, &host)) {
		if (has_host(c, host))
			return true;
	}
	return false;
}

/* Return whether C holds: 1, 0, or -1 when that would take too long to find out. */
static int
holds(const struct condition *c, struct subject *s, struct slice *matched)
{
	switch (c->kind) {
	case CONDITION_MATCH:
		return match_holds(c, s);
	case CONDITION_WORDS:
		return phrases_find(c->phrases, subject_normal(s), matched) ||
		    phrases_find(c->phrases, subject_author(s), matched);
	case CONDITION_KEYS:
		return phrases_find(c->phrases, subject_fold(s), matched);
	case CONDITION_ADDRESS:
		return address_holds(c, s);
	case CONDITION_EMAIL:
		return email_holds(c, s);
	case CONDITION_URL:
		return url_holds(c, s);
	case CONDITION_AUTHOR:
		return has(c, subject_author(s));
	}
	return 0;
}

/* Return whether RULE fires, as holds(). */
static int
fires(const struct rule *rule, struct subject *s, struct slice *matched)
{
	int rc = 1;

	*matched = (struct slice){ NULL, 0 };
	for (const struct condition *c = rule->conditions; rc == 1 && c != NULL; c = c->next)
		rc = holds(c, s, matched);
	return rc;
}

/* Add to OUT which of the N rules at V fire on S, and of which that isn't known. */
static void
find_among(const struct rule *const *v, size_t n, struct subject *s, struct rule_hits *out)
{
	struct slice matched;
	int rc;

	for (size_t i = 0; i < n; i++) {
		rc = fires(v[i], s, &matched);
		if (rc == -1)
			out->given_up[out->ngiven_up++] = v[i];
		if (rc != 1)
			continue;
		out->v[out->n++] = (struct rule_hit){ v[i], matched };
		if (v[i]->action != RULE_EVIDENCE &&
		    (out->decisive == NULL || v[i]->action < out->decisive->action))
			out->decisive = v[i];
	}
}

static const struct site_rules *
own_rules(const struct rules *r, const char *site)
{
	const struct site_rules wanted = { .site = site };

	return site == NULL || r->nsites == 0
	    ? NULL
	    : bsearch(&wanted, r->sites, r->nsites, sizeof(*r->sites), by_site);
}

int
by_site(const void *a, const void *b)
{
	return strcmp(((const struct site_rules *)a)->site, ((const struct site_rules *)b)->site);
}

int
rules_find(const struct rules *r, const char *site, struct subject *s, struct arena *a, struct rule_hits *out,
    struct err *err)
{
	const struct site_rules *own = own_rules(r, site);
	size_t n = r->nshared + (own != NULL ? own->n : 0);

	*out = (struct rule_hits){ NULL, 0, NULL, NULL, 0 };
	if (n == 0)
		return 0;
	out->v = arena_alloc(a, n * sizeof(*out->v));
	out->given_up = arena_alloc(a, n * sizeof(*out->given_up));
	if (out->v == NULL || out->given_up == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the rules");
	find_among(r->v, r->nshared, s, out);
	if (own != NULL)
		find_among(r->v + own->first, own->n, s, out);
	return subject_ok(s) ? 0 : err_set(err, ERR_NOMEM, "out of memory for the rules");
}
