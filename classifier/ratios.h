#ifndef HAMLET_CLASSIFIER_RATIOS_H
#define HAMLET_CLASSIFIER_RATIOS_H

#include <stddef.h>
#include <stdint.h>

#include "classifier/model_impl.h"
#include "classifier/token.h"
#include "classifier/weigh.h"

/*
 * What a model knows of each token of a comment: its log-likelihood ratio, what the site's own counts make of
 * it, and the sums of all.  This is where judging waits for memory, so it goes over the tokens once for each
 * thing to be done, and asks for what is far away well before it is needed.
 */
#define RECENT_RATIOS 256 /* a power of 2 */

struct known_ratio {
	uint32_t spam, ham; /* both 0: nothing is here */
	double ratio;
};

struct ratios {
	/* of each token of the last comment: */
	double *ratio; /* NaN: unknown */
	double *own; /* the part of it that the site's own counts make */
	uint8_t *group; /* if it is known; else 0 */
	size_t nown; /* how many of them the site has counts of its own for */
	/* private from here on */
	struct lookup_counts *counts; /* of all: what all sites share */
	size_t cap; /* of all four */
	struct ratio_table logs;
	struct offsets offsets; /* of the model at hand */
	struct known_ratio recent[2][RECENT_RATIOS]; /* at each of them, by a hash of their counts */
};

void ratios_init(struct ratios *r);
void ratios_fini(struct ratios *r);

/*
 * Look the tokens of T up in MODEL, on the site numbered SITE (0: on none), and add to SUMS, which is zero.
 * -1 when memory ran out.
 */
int ratios_find(struct ratios *r, const struct tokens *t, const struct model *model, uint64_t site,
    struct field_sums *sums);

#endif
