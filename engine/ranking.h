#ifndef HAMLET_ENGINE_RANKING_H
#define HAMLET_ENGINE_RANKING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * The few best of many: of all items offered, those with the greatest scores are kept, in memory for just as
 * many.  Of equal scores the earlier one wins, so that the outcome depends on nothing but what is offered.
 */
struct ranked; /* one item's score and place */

struct ranking {
	struct ranked *heap; /* the worst one first */
	unsigned char *items;
	size_t item_bytes, n, max;
	uint64_t offered;
};

/* Make R an empty ranking of at most MAX (not 0) items of ITEM_BYTES each; ERR_NOMEM.  The caller gives R
 * back in both cases. */
int ranking_init(struct ranking *r, size_t max, size_t item_bytes, struct err *err);
void ranking_fini(struct ranking *r); /* one that is all zeros is allowed */

/*
 * A word and its fragments are often seen in the same comments and then score the same.  Return SCORE, a
 * little greater for a token with a longer NAME, its kind ("run: ") left out: the word comes before what is a
 * part of it.
 */
double ranking_prefer_long(double score, struct slice name);

/* Return where to write the item with SCORE, or NULL when it isn't among the best so far. */
void *ranking_offer(struct ranking *r, double score);

/* Put what is kept in order, the best first; nothing may be offered after. */
void ranking_sort(struct ranking *r);

/* Return item I of a ranking in order. */
const void *ranking_item(const struct ranking *r, size_t i);

#endif
