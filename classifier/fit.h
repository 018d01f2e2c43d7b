#ifndef HAMLET_CLASSIFIER_FIT_H
#define HAMLET_CLASSIFIER_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "classifier/weigh.h"

/* What a model has beside its counts, all of it fitted on evidence that doesn't know its own comment. */
struct fit {
	struct weights weights;
	double spam_threshold, unsure_threshold;
};

/*
 * Fit the weights to N rows of left-out features (FEATURES_MAX each), of which row i counts WEIGHT[i], then
 * choose the thresholds from the log-odds of the first HONEST rows, so that no more than the share BUDGET of
 * their ham is called spam.  ERR_NOMEM.
 */
int fit_model(struct fit *fit, const double *x, const bool *spam, const double *weight, size_t n,
    size_t honest, double budget, struct err *err);

/*
 * Set *THRESHOLD to the log-odds at and above which a comment is called spam, from N left-out log-odds Z and
 * their labels, so that the share of ham above it is BUDGET.  The greatest tenth of the ham's log-odds (at
 * least FIT_TAIL_MIN of them) is taken for an exponential tail over the value below it (peaks over threshold;
 * Coles, "An Introduction to Statistical Modeling of Extreme Values", 4), so that no single comment decides.
 * A budget of fewer than one and a half of the ham rows can't be resolved, and counts as that.  Never below
 * FIT_LOG_ODDS_MIN: a text of which nothing is known stands at 0 and must not be called spam.  ERR_NOMEM.
 */
int fit_threshold(
    double *threshold, const double *z, const bool *spam, size_t n, double budget, struct err *err);

#define FIT_TAIL_MIN 10
#define FIT_LOG_ODDS_MIN 0.2

#endif
