#ifndef HAMLET_ENGINE_SITES_H
#define HAMLET_ENGINE_SITES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "engine/engine.h"

/*
 * The sites in memory: an immutable, reference-counted table that threads share, so that a request finds its
 * site without asking the database.
 */
struct site {
	int64_t id;
	const char *name;
	const char *url;
	double spam_threshold; /* 0: the model's own */
	int64_t rate_per_minute;
	double spam_share; /* of its comments, as its owner says or as estimated; 0: the model's own */
	bool shares; /* its corrections count for all sites */
};

struct sites;

int sites_load(struct sites **out, struct engine *e, struct err *err);

/* The same with the sites that were taken out of use, and without keys: for looking back. */
int sites_load_all(struct sites **out, struct engine *e, struct err *err);

struct sites *sites_ref(struct sites *s);
void sites_unref(struct sites *s); /* NULL is allowed */

/* Return the site that KEY (any bytes) belongs to, or NULL; valid as long as S. */
const struct site *sites_by_key(const struct sites *s, struct slice key);
const struct site *sites_by_name(const struct sites *s, struct slice name);
const struct site *sites_by_id(const struct sites *s, int64_t id);
const struct site *sites_default(const struct sites *s);

/* Return how many sites are in use, and the Ith of them, by id. */
size_t sites_count(const struct sites *s);
const struct site *sites_at(const struct sites *s, size_t i);

/* Add a site and write its new key, to be shown once, to KEY.  NAME must be [a-z0-9._-]{1,64} and new. */
int sites_add(
    struct engine *e, const char *name, const char *url, char key[SITE_KEY_CHARS + 1], struct err *err);

/* Give a site a new key; the old one stops working. */
int sites_rotate(struct engine *e, const char *name, char key[SITE_KEY_CHARS + 1], struct err *err);

/* Settings of a site that its owner can change; those that are not given stay. */
struct site_change {
	bool has_threshold, has_rate, has_share, has_shares;
	const char *url; /* NULL: it stays */
	double spam_threshold; /* 0: the model's own; else within 0.5 and 1 */
	int64_t rate_per_minute; /* 0: no limit */
	double spam_share; /* 0: estimated; else within 0.01 and 0.99 */
	bool shares;
};

/* Change the settings of a site; ERR_INPUT for a number out of range or what can't be an address. */
int sites_set(struct engine *e, const char *name, const struct site_change *change, struct err *err);

/* Take a site out of use; its record stays.  "default" is refused. */
int sites_remove(struct engine *e, const char *name, struct err *err);

#endif
