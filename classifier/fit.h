#ifndef HAMLET_CLASSIFIER_FIT_H
#define HAMLET_CLASSIFIER_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "classifier/lone.h"
#include "classifier/weigh.h"

/* What a model has beside its counts, all of it fitted on evidence that doesn't know its own comment. */
struct fit {
	struct weights weights;
	double spam_share; /* that the weights' constant and the thresholds are for */
	double spam_threshold, unsure_threshold;
};

/* Rows of left-out features to fit to. */
struct fit_rows {
	double *x; /* FIT_COLUMNS a row */
	double *weight; /* how much a row counts */
	bool *spam;
	size_t n, honest; /* rows in all; the first HONEST of them are examples as they are */
	struct totals_share totals; /* that the ratios behind the features reckon with */
	const struct lone *lone; /* while they are gathered: what they count */
};

/*
 * Fit the weights to ROWS, then choose the thresholds from the log-odds of the honest ones, so that no more
 * than the share BUDGET of their ham is called spam.
 *
 * The class mix of the examples is that of whoever gathered them.  The fit's constant is therefore moved
 * (Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities",
 * 2002) to the examples' share of spam held within FIT_SHARE_MIN and one half: where spam was gathered more
 * eagerly than ham, that says nothing against the next comment.  ERR_NOMEM.
 */
#define FIT_SHARE_MIN 0.2
int fit_model(struct fit *fit, const struct fit_rows *rows, double budget, struct err *err);

/* Return the natural logarithm of the odds of P, 0 < P < 1. */
double fit_logit(double p);

/*
 * Set *THRESHOLD to the log-odds at and above which a comment is called spam, from N left-out log-odds Z,
 * their labels and how much each counts (WEIGHT, 0 to 1), so that the share of ham above it is BUDGET.  The
 * greatest tenth of the ham's log-odds (at least FIT_TAIL_MIN of them) is taken for an exponential tail over
 * the value below it (peaks over threshold; Coles, "An Introduction to Statistical Modeling of Extreme
 * Values", 4), so that no single comment decides. A budget of fewer than one and a half of the ham rows can't
 * be resolved, and counts as that.  Never below FIT_LOG_ODDS_MIN: a text of which nothing is known stands at
 * 0 and must not be called spam.  ERR_NOMEM.
 */
int fit_threshold(double *threshold, const double *z, const bool *spam, const double *weight, size_t n,
    double budget, struct err *err);

#define FIT_TAIL_MIN 10
#define FIT_LOG_ODDS_MIN 0.2

#endif
