#ifndef HAMLET_ENGINE_RECOMPUTE_H
#define HAMLET_ENGINE_RECOMPUTE_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/engine.h"
#include "store/store.h"

/* What judging a recorded comment again, with the model that judged it, comes to. */
struct recomputed {
	double probability;
	double known; /* share of the comment's tokens that the model has seen; NaN when the verdict was
			 forced */
	double spam_threshold; /* as recompute_threshold(); 0 when the verdict was forced */
};

/*
 * Append the complete evidence of ROW to EVIDENCE as a JSON list, and fill *OUT.  ERR_NOT_FOUND when the
 * model's file is no longer kept, or the text is erased.
 */
int recompute(struct engine *e, const struct verdict_row *row, struct buf *evidence, struct recomputed *out,
    struct err *err);

/*
 * Compute the probability of the recorded verdict ROW again, from its record and its model's snapshot alone:
 * its own prior, and the counts of its site in that model.  The sums are done in an order and with functions
 * that are the same everywhere, so the result is the recorded double, to the last bit.  ERR_REFUSED when
 * nothing was computed (a verdict that was forced otherwise than by a rule) or what it was computed from is
 * erased, ERR_NOT_FOUND without the model's file.
 */
int recompute_probability(
    struct engine *e, const struct verdict_row *row, double *probability, struct err *err);

/*
 * Set *SPAM to the probability from which on the model of the recorded verdict ROW said spam where its site
 * had no threshold of its own: with the prior that the site had then, from the model alone.  ERR_NOT_FOUND
 * without the model's file.
 */
int recompute_threshold(struct engine *e, const struct verdict_row *row, double *spam, struct err *err);

/*
 * Append to NAMES, as a JSON list of texts such as "look-alike letters", how COMMENT tries to be read by
 * people but not by filters, all of which was undone before it was judged.  No model is needed for that.
 */
int recompute_disguises(const struct comment *comment, struct buf *names, struct err *err);

#endif
