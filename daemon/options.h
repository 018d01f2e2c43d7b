#ifndef HAMLET_DAEMON_OPTIONS_H
#define HAMLET_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "engine/settings.h"

/* The command line of hamletd. */
struct options {
	const char *state; /* --state; NULL: the default */
	const char *config; /* --config; NULL: looked for */
	const char *listen[CONFIG_LISTEN_MAX];
	size_t nlisten;
	bool check_config, print_config, help, version;
};

/* Fill *O from the arguments, which it points into.  ERR_INPUT says what is wrong with them. */
int options_parse(struct options *o, int argc, char **argv, struct err *err);

/* Return the text for --help. */
const char *options_help(void);

#endif
