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
 * Fit the weights to N rows of left-out features (FEATURES_MAX each), then choose the thresholds from log-odds that come from
 * weights fitted without the row, so that no more than the share BUDGET of the ham is called spam.  ERR_NOMEM.
 */
int fit_model(struct fit *fit, const double *x, const bool *spam, size_t n, double budget, struct err *err);

/*
 * Set *THRESHOLD to the log-odds at and above which a comment is called spam, from N left-out log-odds Z and their labels: no more
 * than the share BUDGET of the ham lies there.  Where there are too few ham comments to see such a share (fewer than 1 / BUDGET), and
 * never below, it is FIT_LOG_ODDS_MIN.  ERR_NOMEM.
 */
int fit_threshold(double *threshold, const double *z, const bool *spam, size_t n, double budget, struct err *err);

/* ln 2: a good comment lost counts at least twice as much as a spam that passes, so "spam" needs odds of two to one. */
#define FIT_LOG_ODDS_MIN 0.6931471805599453

#endif
