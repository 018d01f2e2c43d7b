#ifndef HAMLET_BASE_LOG_H
#define HAMLET_BASE_LOG_H

#include <stdint.h>

/*
 * The operator's log: one key=value line an event, on one descriptor, written with a single write(2) so
 * that threads don't mix.  Values are escaped, so no foreign byte can forge a line.  What commenters
 * wrote, site keys and request bodies never go in.
 */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log {
	int fd;
	enum log_level level; /* lines above it are dropped */
};

struct log_field {
	const char *key; /* NULL ends the list */
	const char *text; /* NULL: use number */
	int64_t number;
};

#define LOG_STR(key, value)                                                                                  \
	{                                                                                                    \
		(key), (value), 0                                                                            \
	}
#define LOG_INT(key, value)                                                                                  \
	{                                                                                                    \
		(key), NULL, (int64_t)(value)                                                                \
	}

/* Write "level=... event=EVENT key=value..." for FIELDS, a list ended by a NULL key; long lines are cut. */
void log_write(const struct log *lg, enum log_level level, const char *event, const struct log_field *fields);

/* log_event(lg, LOG_INFO, "listening", LOG_STR("address", a), LOG_INT("port", p)) */
#define log_event(lg, level, event, ...)                                                                     \
	log_write((lg), (level), (event),                                                                    \
	    (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(, ){ NULL, NULL, 0 } })

#endif
