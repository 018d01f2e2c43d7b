#ifndef HAMLET_CLI_PROGRESS_H
#define HAMLET_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* A progress bar on standard error, shown only on a terminal and only for work that takes over a second. */
struct progress {
	const char *what;
	bool terminal, shown;
	int64_t started_ms, drawn_ms;
};

/* Begin work called WHAT ("training"), borrowed. */
void progress_start(struct progress *p, const char *what);

/* Show that SHARE (0 to 1) is done; ARG is a struct progress.  Fits the callbacks of the libraries. */
void progress_update(double share, void *arg);

/* Take the bar away. */
void progress_end(struct progress *p);

#endif
