#ifndef HAMLET_CLASSIFIER_WINDOW_H
#define HAMLET_CLASSIFIER_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "classifier/token.h"

/*
 * The worst windows: of all runs of a few words, those whose words, pairs and character runs speak most for
 * spam, one for each of a few sizes.  Innocent words around them don't make them weaker, so padding buys
 * nothing here.
 */
#define WINDOW_SIZES 2

struct window {
	size_t first, end; /* units; first == end: there is none */
	double sum; /* of the ratios of its known tokens, each as often as it occurs */
	uint32_t known; /* how many those are */
};

/* Working memory, used again for the next comment. */
struct window_scratch {
	struct tally *own, *pairs; /* running totals: of the units before, of all pairs that begin before */
	size_t cap;
};
void window_scratch_fini(struct window_scratch *s);

/*
 * Find the windows of N UNITS with the greatest sum / sqrt(known), one for each size.  RATIO holds each
 * token's log-likelihood ratio, NaN for the unknown.  -1 when memory ran out.
 */
int window_worst(const struct unit *units, size_t n, const uint32_t *members, const double *ratio,
    struct window_scratch *scratch, struct window out[WINDOW_SIZES]);

/* Note the windows in SUMS, for the weigher. */
struct field_sums;
void window_note(struct field_sums *sums, const struct window windows[WINDOW_SIZES]);

/* Add SHARE to WORTH, which has one entry a token, for every token of the window W, as often as it occurs
 * there. */
void window_give(
    const struct unit *units, const uint32_t *members, const struct window *w, double share, double *worth);

#endif
