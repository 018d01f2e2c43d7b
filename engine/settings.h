#ifndef HAMLET_ENGINE_SETTINGS_H
#define HAMLET_ENGINE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

/*
 * The settings of both programs.  One table in settings.c holds each key's type, default, range, unit and
 * meaning; reading a file, its checks, the sample that `hamletd --print-config` prints and the manual's list
 * all come from it. The only file that sees libconfuse is config.c, which keeps one parse at a time to
 * itself: call config_load() and config_find() from one thread.
 */
#define CONFIG_LISTEN_MAX 16

struct config_list {
	char *item[CONFIG_LISTEN_MAX];
	size_t n;
};

/* What of a comment is kept, each for a time of its own; see engine/retention.h. */
enum retained { RETAINED_CONTENT, RETAINED_PERSON, RETAINED_ADDRESS, RETAINED_EVIDENCE, RETAINED_PARTS };

#define RETAIN_FOREVER INT64_MAX
#define RETAIN_AS_ALL (-1) /* of a site: as long as for all sites */

struct config_privacy {
	int64_t retain_ms[RETAINED_PARTS]; /* how long after its comment came in, or RETAIN_FOREVER */
	char *contact; /* whom people ask about their data; "": not told; of a site NULL: as for all sites */
};

/* What the file says for one site, in a section of its own. */
struct config_site {
	char *name;
	struct config_privacy privacy;
};

struct config_sites {
	struct config_site *v;
	size_t n;
};

struct config {
	/* where and who */
	struct config_list listen; /* "ADDR:PORT", TCP */
	int64_t socket_mode; /* permissions of hamlet.sock */
	char *socket_group; /* "": the daemon's own */
	struct config_list
	    blogspam_listen; /* TCP addresses open to blogspam.net's clients, which have no key */
	char *blogspam_site; /* whose calls those are */
	struct config_list metrics_listen; /* TCP addresses that answer /metrics, without a key */

	/* requests */
	int64_t workers; /* 0: one a core */
	int64_t max_body, max_header_bytes, max_headers, max_form_fields, max_connections;
	int64_t idle_timeout_ms, request_timeout_ms, write_timeout_ms;

	/* the record */
	int64_t queue_max, batch_max;
	int64_t busy_timeout_ms;
	int synchronous; /* enum config_synchronous */

	/* judging and learning */
	bool strict_fields;
	int unsure_as; /* enum config_unsure */
	double discard_threshold; /* 0: never */
	double max_blocked_ham;
	double max_flips; /* 0: any */
	int64_t learn_interval_ms;
	bool flood_guard;
	int64_t flood_slots, flood_window_ms;

	int log_level; /* enum log_level */

	/* privacy */
	struct config_privacy privacy;
	struct config_sites sites;
};

enum config_synchronous { CONFIG_FULL, CONFIG_NORMAL };
enum config_unsure { CONFIG_UNSURE_HAM, CONFIG_UNSURE_SPAM };

enum config_type {
	CONFIG_INT,
	CONFIG_OCTAL,
	CONFIG_SECONDS, /* held in milliseconds */
	CONFIG_SPAN, /* "36h", "90d", "forever"; held in milliseconds */
	CONFIG_REAL,
	CONFIG_BOOL,
	CONFIG_CHOICE, /* held as the place in "a|b|c" */
	CONFIG_TEXT,
	CONFIG_LIST,
	CONFIG_SITES /* sections, each with a site's name and keys of its own */
};

struct config_key {
	const char *name;
	enum config_type type;
	size_t offset; /* in struct config, or in struct config_site */
	const char *value; /* the default, as it would be written */
	const char *choices; /* CONFIG_CHOICE */
	double min, max; /* numbers, in the unit */
	const char *unit; /* "" if none */
	bool reloadable; /* SIGHUP applies a change */
	const char *help; /* whole sentences */
};

/* Return the table, *N keys long. */
const struct config_key *config_keys(size_t *n);

/* Return the keys that a site's section may hold, *N of them; their default is what holds for all sites. */
const struct config_key *config_site_keys(size_t *n);

/* Set *C to the defaults; ERR_NOMEM. */
int config_defaults(struct config *c, struct err *err);
void config_fini(struct config *c);

/* Set KEY of C from TEXT, as a file would; a list gets one more item.  ERR_INPUT says what is wrong,
 * ERR_NOT_FOUND for no such key. */
int config_set(struct config *c, const char *key, const char *text, struct err *err);

/*
 * Set KEY of the site NAME (NULL: of all sites alike, as config_set()); an empty KEY only notes that the site
 * has a section. ERR_INPUT, ERR_NOT_FOUND.
 */
int config_set_for(struct config *c, const char *name, const char *key, const char *text, struct err *err);

/* Set *OUT to what holds for the site NAME; its contact is C's. */
void config_privacy_of(const struct config *c, const char *name, struct config_privacy *out);

/* Empty KEY of C if it is a list. */
void config_clear(struct config *c, const char *key);

/*
 * Set *C to the defaults and then to what the file PATH says.  ERR_INPUT names file, line and key; ERR_IO
 * when the file can't be read.  On failure *C holds nothing to be freed.
 */
int config_load(struct config *c, const char *path, struct err *err);

/*
 * Load the configuration that applies: FILE if not NULL, else hamlet.conf in the state directory DIR, else
 * /etc/hamlet/hamlet.conf, else the defaults.  *USED (NULL is allowed) gets the path that was read, which the
 * caller frees, or NULL for none.
 */
int config_find(struct config *c, const char *file, const char *dir, char **used, struct err *err);

/* Append the value of KEY in C as a file would have it. */
void config_value(const struct config *c, const struct config_key *key, struct buf *b);

/* Return the first key at or after *I whose value differs between A and B, and set *I past it; NULL when
 * there is none. */
const struct config_key *config_difference(const struct config *a, const struct config *b, size_t *i);

/* Set *OUT to a copy of C, to be given back on its own; ERR_NOMEM. */
int config_copy(struct config *out, const struct config *c, struct err *err);

/* Copy to NOW what LATER has for every key that can be reloaded; ERR_NOMEM. */
int config_apply_reloadable(struct config *now, const struct config *later, struct err *err);

/* Append a commented configuration file with every key at its default. */
void config_sample(struct buf *b);

#endif
