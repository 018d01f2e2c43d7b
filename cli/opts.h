#ifndef HAMLET_CLI_OPTS_H
#define HAMLET_CLI_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The options and arguments of one verb, read by getopt_long: "--opt value" and "--opt=value", in any order
 * with the arguments; "--" ends the options.  What begins with "-:" is an argument: standard input with row
 * filters, "-:key=value".
 */
struct opt {
	const char *name; /* NULL ends a list of options */
	const char *value; /* what it takes, for people ("FILE"); NULL: it takes nothing */
	const char *help;
	bool several; /* the arguments that follow it, up to the next option, are its values too */
};

struct opts {
	const struct opt *defs;
	size_t ndefs;
	size_t cap; /* room of each list */
	const char **lists; /* ndefs + 1 lists, the last one holds the arguments; the strings are argv's */
	size_t *counts; /* how often each option was given, or how many values it has; then the arguments */
	const char *state; /* --state, or NULL */
	bool json, help; /* --json, --help */
};

/*
 * Read ARGV after its first element into *O.  Returns 0, or -1 with ERR_INPUT for an unknown option, a
 * missing or an unwanted value; ERR_NOMEM.  The caller gives *O back in both cases.
 */
int opts_parse(struct opts *o, const struct opt *defs, int argc, char **argv, struct err *err);
void opts_fini(struct opts *o);

/* Return whether option K (its place in the list) was given. */
bool opts_given(const struct opts *o, size_t k);

/* Return the last value given to option K, or NULL. */
const char *opts_value(const struct opts *o, size_t k);

/* Return all values of option K and set *N to how many. */
const char *const *opts_values(const struct opts *o, size_t k, size_t *n);

/* Return the arguments that belong to no option, and set *N to how many. */
const char *const *opts_arguments(const struct opts *o, size_t *n);

/* Set *OUT to option K read as a whole number from MIN to MAX; left alone when it wasn't given.  ERR_INPUT.
 */
int opts_integer(const struct opts *o, size_t k, int64_t min, int64_t max, int64_t *out, struct err *err);

/* Set *OUT to option K read as a share over 0 and under 1 ("0.005", "0.5%"); left alone when not given.
 * ERR_INPUT. */
int opts_share(const struct opts *o, size_t k, double *out, struct err *err);

/* Set *OUT to option K read as a time or an age before NOW_MS; left alone when it wasn't given.  ERR_INPUT.
 */
int opts_time(const struct opts *o, size_t k, int64_t now_ms, int64_t *out, struct err *err);

/* The same with two of them, SINCE and UNTIL; ERR_INPUT too when nothing lies between. */
int opts_period(const struct opts *o, size_t since, size_t until, int64_t now_ms, int64_t *since_ms,
    int64_t *until_ms, struct err *err);

#endif
