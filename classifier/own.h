#ifndef HAMLET_CLASSIFIER_OWN_H
#define HAMLET_CLASSIFIER_OWN_H

#include <stdbool.h>
#include <stdint.h>

#include "classifier/model_impl.h"

/*
 * A site's own counts: what its own people said of its comments.  They stand in the same table as the shared
 * ones, each under a hash made of the token's and the site's number, so that they are merged, subtracted,
 * signed and swapped with all else; without names.  A site that has none is judged by the shared counts
 * alone, a busy one by its own.
 *
 * For a token that site has itself seen, s of S spam and h of H ham, beside s' of S' and h' of H' shared,
 *
 *     r = (ln((k s + s' + a) / (k S + S' + 1/2)) - ln((k h + h' + a) / (k H + H' + 1/2))) * n / (n + 1/2)
 *
 * in which S' and H' are what the ratios reckon with (totals.h), n counts all comments that have the token, k
 * says how many shared ones an own one is worth (so that OWN_EQUAL of them weigh as much as all the shared
 * ones), and a is 1/4 of a comment of the mean worth of those n.  What r differs from the token's shared
 * ratio by is evidence of the field "own".
 */
#define OWN_FIELD "own"
#define OWN_EQUAL 100

struct own {
	uint64_t site; /* 0: none, or one without counts */
	double worth; /* k */
	double spam[2], ham[2]; /* k S + S' + 1/2, and so for ham; by weigh_varies() */
};

/* Return where the site's own count of TOKEN stands; and of its comments, in all. */
uint64_t own_hash(uint64_t token, uint64_t site);
uint64_t own_total(uint64_t site);

/* Get ready to judge for SITE (0: none) by the model with header H and TABLE. */
struct own own_open(const struct snapshot_header *h, const struct lookup *table, uint64_t site);

/* Return r of the token of FIELD with the site's OWN counts and what is SHARED. */
double own_ratio(const struct own *o, size_t field, struct lookup_counts own, struct lookup_counts shared);

#endif
