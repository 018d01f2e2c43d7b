#ifndef HAMLET_TESTS_BENCH_TOOLS_H
#define HAMLET_TESTS_BENCH_TOOLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "corpus/corpus.h"

/* What the programs of the benchmark share. */

/* Return the time of a clock that only goes forward, in nanoseconds. */
int64_t clock_ns(void);

/* Set *OUT from TEXT, the value of option NAME, a number from LEAST to MOST. */
int number_parse(double *out, const char *name, const char *text, double least, double most, struct err *err);

/* Append the rows of the N JSON Lines files named in PATHS to C; there must be one at least. */
int comments_read(struct corpus *c, char **paths, int n, struct err *err);

/*
 * Times, counted by length: within 1.6 % of what they were, however many, in memory of one size.  All in
 * nanoseconds.
 */
#define TIMES_STEPS 64 /* for each doubling */
#define TIMES_DOUBLINGS 36 /* up to 70 seconds */

struct times {
	uint64_t n;
	int64_t longest;
	uint32_t count[TIMES_DOUBLINGS * TIMES_STEPS];
};

void times_add(struct times *t, int64_t ns);

/* Return the time that a SHARE (0 to 1) of all doesn't exceed; 0 when there are none. */
int64_t times_quantile(const struct times *t, double share);

#endif
