#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "tests/bench/tools.h"

int64_t
clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int
number_parse(double *out, const char *name, const char *text, double least, double most, struct err *err)
{
	char *end;
	double x = strtod(text, &end);

	if (end == text || *end != '\0' || !(x >= least && x <= most))
		return err_set(
		    err, ERR_INPUT, "--%s %s: not a number from %g to %g", name, text, least, most);
	*out = x;
	return 0;
}

int
comments_read(struct corpus *c, char **paths, int n, struct err *err)
{
	const struct corpus_options options = { .format = CORPUS_JSONL, .unlabelled_ok = true };

	for (int i = 0; i < n; i++) {
		if (corpus_read(c, paths[i], &options, err) == -1)
			return -1;
	}
	return c->n > 0 ? 0 : err_set(err, ERR_INPUT, "no comments: name a JSON Lines file that has some");
}

/* The place of NS: its doubling, and the steps within; the first doubling is exact. */
static size_t
place_of(int64_t ns)
{
	uint64_t x = ns < 0 ? 0 : (uint64_t)ns;
	unsigned shift = 0;

	while (x >> shift >= 2 * TIMES_STEPS && shift < TIMES_DOUBLINGS - 2)
		shift++;
	x >>= shift;
	if (x >= 2 * TIMES_STEPS)
		x = 2 * TIMES_STEPS - 1;
	return (size_t)(shift * TIMES_STEPS + x);
}

void
times_add(struct times *t, int64_t ns)
{
	t->n++;
	t->count[place_of(ns)]++;
	if (ns > t->longest)
		t->longest = ns;
}

/* Return the middle of what stands in PLACE. */
static int64_t
middle_of(size_t place)
{
	size_t shift = place < 2 * TIMES_STEPS ? 0 : place / TIMES_STEPS - 1;
	uint64_t first = place - shift * TIMES_STEPS;

	return (int64_t)((first << shift) + ((1ull << shift) >> 1));
}

int64_t
times_quantile(const struct times *t, double share)
{
	double want = share * (double)t->n, seen = 0;

	for (size_t i = 0; i < sizeof(t->count) / sizeof(t->count[0]); i++) {
		seen += t->count[i];
		if (t->count[i] > 0 && seen >= want)
			return middle_of(i) < t->longest ? middle_of(i) : t->longest;
	}
	return 0;
}
