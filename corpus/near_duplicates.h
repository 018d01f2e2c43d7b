#ifndef HAMLET_CORPUS_NEAR_DUPLICATES_H
#define HAMLET_CORPUS_NEAR_DUPLICATES_H

#include "corpus/corpus.h"

/*
 * Comments that say nearly the same.  Each content is normalised and taken as the set of its runs of four
 * words (in scripts without spaces, of four characters); two comments are near-duplicates when their sets'
 * Jaccard similarity (those in both, over those in either) is at least NEAR_DUPLICATE.  Texts shorter than
 * eight words only count when they are the same and have at least three words, for many people write
 * "Thanks!".  Two characters of a script without spaces count as a word.
 */
#define NEAR_DUPLICATE 0.3

struct near_pair {
	size_t a, b; /* indices of rows, a < b */
	double similarity; /* 1: all the same */
};

#define NEAR_PAIRS_MAX 100000

/*
 * Find all pairs of near-duplicates in C, in order of a, then b; at most NEAR_PAIRS_MAX.  The caller frees
 * *OUT, which is NULL when there are none.  Similarities are exact.  ERR_NOMEM.
 */
int near_duplicates(struct near_pair **out, size_t *n, const struct corpus *c, struct err *err);

/*
 * Set CLUSTER[i] for each row of C to the least of those it is alike to, by any number of steps from
 * near-duplicate to near-duplicate.  However many are alike, all are found; only where many that aren't have
 * much in common does the search end after some seconds, and clusters may then come in parts.  ERR_NOMEM.
 */
int near_clusters(size_t *cluster, const struct corpus *c, struct err *err);

#endif
