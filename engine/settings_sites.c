#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "engine/settings_impl.h"

#define NAME_MAX_CHARS 64

void
settings_sites_free(struct config_sites *sites)
{
	size_t nkeys;
	const struct config_key *keys = config_site_keys(&nkeys);

	for (size_t i = 0; i < sites->n; i++) {
		for (size_t k = 0; k < nkeys; k++)
			settings_free(&sites->v[i], &keys[k]);
		free(sites->v[i].name);
	}
	free(sites->v);
	*sites = (struct config_sites){ NULL, 0 };
}

/* Return a new last section for NAME, or NULL when memory ran out. */
static struct config_site *
append(struct config_sites *sites, const char *name)
{
	struct config_site *v = realloc(sites->v, (sites->n + 1) * sizeof(*v));

	if (v == NULL)
		return NULL;
	sites->v = v;
	v += sites->n;
	*v = (struct config_site){ .name = strdup(name) };
	if (v->name == NULL)
		return NULL;
	for (size_t i = 0; i < RETAINED_PARTS; i++)
		v->privacy.retain_ms[i] = RETAIN_AS_ALL;
	sites->n++;
	return v;
}

static const struct config_site *
find(const struct config_sites *sites, const char *name)
{
	for (size_t i = 0; i < sites->n; i++) {
		if (strcmp(sites->v[i].name, name) == 0)
			return &sites->v[i];
	}
	return NULL;
}

struct config_site *
settings_site(struct config_sites *sites, const char *name, struct err *err)
{
	const struct config_site *there = find(sites, name);
	size_t n = strlen(name);
	struct config_site *site;

	if (there != NULL)
		return &sites->v[there - sites->v];
	if (n == 0 || n > NAME_MAX_CHARS || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") != n) {
		err_set(err, ERR_INPUT, "site: \"%.80s\" can't be a site's name: 1 to %d of a-z 0-9 . _ -",
		    name, NAME_MAX_CHARS);
		return NULL;
	}
	if (sites->n == SETTINGS_SITES_MAX) {
		err_set(err, ERR_LIMIT, "site: more than %d sections", SETTINGS_SITES_MAX);
		return NULL;
	}
	site = append(sites, name);
	if (site == NULL)
		err_set(err, ERR_NOMEM, "out of memory");
	return site;
}

int
settings_sites_copy(struct config_sites *to, const struct config_sites *from, struct err *err)
{
	size_t nkeys;
	const struct config_key *keys = config_site_keys(&nkeys);
	struct config_sites copy = { NULL, 0 };
	const struct config_site *site;

	for (size_t i = 0; i < from->n; i++) {
		site = append(&copy, from->v[i].name);
		for (size_t k = 0; k < nkeys && site != NULL; k++) {
			if (settings_copy(&copy.v[i], &from->v[i], &keys[k], err) == -1)
				site = NULL;
		}
		if (site == NULL) {
			settings_sites_free(&copy);
			return err_set(err, ERR_NOMEM, "out of memory");
		}
	}
	settings_sites_free(to);
	*to = copy;
	return 0;
}

/* Return whether the section SITE says something of KEY. */
static bool
is_set(const struct config_site *site, const struct config_key *key)
{
	const void *p = (const char *)site + key->offset;

	if (key->type == CONFIG_SPAN)
		return *(const int64_t *)p != RETAIN_AS_ALL;
	return *(char *const *)p != NULL;
}

void
settings_sites_put(const struct config_sites *sites, struct buf *b)
{
	size_t nkeys;
	const struct config_key *keys = config_site_keys(&nkeys);

	for (size_t i = 0; i < sites->n; i++) {
		buf_addf(b, "site \"%s\" {\n", sites->v[i].name);
		for (size_t k = 0; k < nkeys; k++) {
			if (!is_set(&sites->v[i], &keys[k]))
				continue;
			buf_addf(b, "\t%s = ", keys[k].name);
			settings_put(&sites->v[i], &keys[k], b);
			buf_add_char(b, '\n');
		}
		buf_add_str(b, "}\n");
	}
}

void
config_privacy_of(const struct config *c, const char *name, struct config_privacy *out)
{
	const struct config_site *site = find(&c->sites, name);

	*out = c->privacy;
	if (site == NULL)
		return;
	for (size_t i = 0; i < RETAINED_PARTS; i++) {
		if (site->privacy.retain_ms[i] != RETAIN_AS_ALL)
			out->retain_ms[i] = site->privacy.retain_ms[i];
	}
	if (site->privacy.contact != NULL)
		out->contact = site->privacy.contact;
}
