#include "config.h"

#include <stdio.h>

#include "daemon/hamletd.h"
#include "daemon/options.h"

int
main(int argc, char **argv)
{
	struct options options;
	struct err err;

	if (options_parse(&options, argc, argv, &err) == -1) {
		fprintf(stderr, "hamletd: %s\ntry 'hamletd --help'\n", err.text);
		return 2;
	}
	return hamletd_run(&options);
}
