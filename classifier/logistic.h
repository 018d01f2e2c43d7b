#ifndef HAMLET_CLASSIFIER_LOGISTIC_H
#define HAMLET_CLASSIFIER_LOGISTIC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Logistic regression with an L2 penalty, by Newton's method (iteratively reweighted least squares; Hastie,
 * Tibshirani, Friedman, "The Elements of Statistical Learning", 4.4.1).  X is N rows of K features, row i
 * counting WEIGHT[i]; they are standardised inside; features that never vary get weight 0, and no weight but
 * those of the last FREE_ONES features is negative: evidence may be worthless, but never the opposite of what
 * it says.  On success BETA holds K weights for the features as given and, last, the constant.
 */
int logistic_fit(const double *x, size_t k, size_t free_ones, const bool *positive, const double *weight,
    size_t n, double *beta, struct err *err);

#endif
