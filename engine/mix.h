#ifndef HAMLET_ENGINE_MIX_H
#define HAMLET_ENGINE_MIX_H

#include "classifier/model.h"
#include "engine/engine.h"

/*
 * Each site's own mix: what share of its comments is spam, from its recorded verdicts and corrections, by
 * expectation-maximisation (Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new
 * a priori probabilities", Neural Computation 14, 2002).  A correction counts for what it says, and MIX_TRUST
 * comments at the model's own share for the doubt.
 */
#define MIX_VERDICTS 20000 /* newest verdicts looked at, of all sites */
#define MIX_LEAST 50 /* verdicts of a site, below which its mix is not estimated */
#define MIX_TRUST 20.0
#define MIX_MIN 0.01
#define MIX_MAX 0.99

/* The log-odds of one comment apart from any prior, or its label. */
struct mix_score {
	double evidence;
	enum label label; /* LABEL_NONE: not known */
};

/* Return the share of spam among the N comments of SCORES, with BASE the log-odds at a share of one half,
 * held within MIX_MIN and MIX_MAX; SHARE is the model's own. */
double mix_estimate(const struct mix_score *scores, size_t n, double base, double share);

/* Estimate the mix of every site by MODEL's prior, and record those that have changed; *CHANGED counts them.
 */
int mix_update(struct engine *e, const struct model *model, size_t *changed, struct err *err);

#endif
