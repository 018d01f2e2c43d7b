#ifndef HAMLET_ENGINE_LEARN_H
#define HAMLET_ENGINE_LEARN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/engine.h"

/*
 * Learn the example events that the current model doesn't include yet: publish parent counts + delta, with
 * the parent's weights.  *LEARNT is how many events went in (0: nothing to do).  Takes the publish lock, so
 * any process may call it at any time.  A pinned model (engine_use) is left alone.  Where no model is current
 * but there are examples, the first one is trained.  ERR_DAMAGED when model and examples don't belong
 * together, such as after one of them came from a backup: then only retrain() helps.
 */
int learn_pending(struct engine *e, const char *who, int64_t *learnt, struct err *err);

/*
 * The same for who sees to it that the model gets its file later (engine/unfiled.h): a large one is published
 * without.  *MADE is the model that was made current, the caller's to give back, or NULL; it may be one that
 * only judges (classifier/model.h).
 */
int learn_at_once(struct engine *e, const char *who, int64_t *learnt, struct model **made, struct err *err);

struct retrain_options {
	double blocked_ham_budget; /* 0: that of the current model, or 0.005 */
	double max_flips; /* most of the last days' verdicts that may change, as a share; 0: any */
	bool force; /* publish whatever speaks against it */
	bool dry_run; /* build and measure, write nothing */
	bool lock_held; /* the caller holds the publish lock already */
	const char *who;
	void (*progress)(double share, void *arg); /* NULL is allowed */
	void *progress_arg;
};

struct retrained {
	struct model *model; /* the caller's, to give back */
	const char *figures; /* the JSON object of engine/evaluate.h, or "" when there are too few examples */
	const char *objection; /* what speaks against it (engine/gate.h), "" if nothing does */
	bool published; /* it is the current one now */
};

#define RETRAIN_FOLDS 5
#define RETRAIN_FOLDS_LEAST 10 /* rows of each class; with fewer nothing is measured */

/*
 * Build a model from all examples in force, fit it, measure it by cross-validation and make it current; what
 * was recorded while it was being built is left to learn_pending().  One that something speaks against is put
 * among the models all the same, with the reason, but not made current, unless forced; engine_use() makes it
 * so later.  Strings of *OUT live in A.  ERR_REFUSED when there is no example at all; ERR_BUSY while another
 * retrain is at work on this directory.
 */
int retrain(struct engine *e, const struct retrain_options *options, struct arena *a, struct retrained *out,
    struct err *err);

/*
 * Train a model from all examples in force for a budget of blocked ham, and nothing else: it is not measured
 * and not kept.  *MODEL is the caller's.
 */
int retrain_for_budget(struct engine *e, double blocked_ham_budget, void (*progress)(double share, void *arg),
    void *progress_arg, struct model **model, struct err *err);

#endif
