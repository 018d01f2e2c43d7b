#ifndef HAMLET_ENGINE_SETTINGS_IMPL_H
#define HAMLET_ENGINE_SETTINGS_IMPL_H

#include "engine/settings.h"

/* Private to the settings' own files.  BASE is the struct that KEY's offset is in: a config, or a
 * config_site. */

/* Set *MS from "36h", "90d", "4w" or "forever"; ERR_INPUT names KEY. */
int span_parse(int64_t *ms, const char *key, const char *text, struct err *err);

/* Append MS, a whole number of hours, as span_parse() takes it. */
void span_put(int64_t ms, struct buf *b);

/* Append KEY's value as a file would have it. */
void settings_put(const void *base, const struct config_key *key, struct buf *b);

/* Give back what KEY's value owns, if anything, and leave it empty. */
void settings_free(void *base, const struct config_key *key);

/* Copy KEY's value; what TO had is given back.  On failure TO keeps what it had; ERR_NOMEM. */
int settings_copy(void *to, const void *from, const struct config_key *key, struct err *err);

/* Return the section of the site NAME, made with nothing in it if there is none; NULL with ERR_INPUT,
 * ERR_LIMIT, ERR_NOMEM. */
#define SETTINGS_SITES_MAX 4096
struct config_site *settings_site(struct config_sites *sites, const char *name, struct err *err);

void settings_sites_free(struct config_sites *sites);
int settings_sites_copy(struct config_sites *to, const struct config_sites *from, struct err *err);
void settings_sites_put(const struct config_sites *sites, struct buf *b);

#endif
