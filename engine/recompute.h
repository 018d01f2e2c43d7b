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
};

/*
 * Append the complete evidence of ROW to EVIDENCE as a JSON list, and fill *OUT.  ERR_NOT_FOUND when the
 * model's file is no longer kept.
 */
int recompute(struct engine *e, const struct verdict_row *row, struct buf *evidence, struct recomputed *out,
    struct err *err);

/*
 * Append to NAMES, as a JSON list of texts such as "look-alike letters", how COMMENT tries to be read by
 * people but not by filters, all of which was undone before it was judged.  No model is needed for that.
 */
int recompute_disguises(const struct comment *comment, struct buf *names, struct err *err);

#endif
