#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/fit.h"

#define FOLDS 10
#define UNSURE_PROBABILITY 0.4 /* from here on the evidence doesn't clearly speak for ham */

/* The log-odds of each row by weights that were fitted without it and its fold. */
static int
left_out_log_odds(double *z, const double *x, const bool *spam, size_t n, struct err *err)
{
	double *fold_x = malloc((n + 1) * FEATURES_MAX * sizeof(*fold_x));
	bool *fold_spam = malloc((n + 1) * sizeof(*fold_spam));
	struct weights w;
	int rc = 0;

	if (fold_x == NULL || fold_spam == NULL)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	for (size_t fold = 0; rc == 0 && fold < FOLDS; fold++) {
		size_t m = 0;

		for (size_t i = 0; i < n; i++) {
			if (i % FOLDS == fold)
				continue;
			memcpy(fold_x + m * FEATURES_MAX, x + i * FEATURES_MAX, FEATURES_MAX * sizeof(*x));
			fold_spam[m++] = spam[i];
		}
		rc = weigh_fit(&w, fold_x, fold_spam, m, err);
		for (size_t i = fold; rc == 0 && i < n; i += FOLDS)
			z[i] = weigh_row(&w, x + i * FEATURES_MAX);
	}
	free(fold_x);
	free(fold_spam);
	return rc;
}

static int
descending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

int
fit_threshold(double *threshold, const double *z, const bool *spam, size_t n, double budget, struct err *err)
{
	double *ham = malloc((n + 1) * sizeof(*ham));
	size_t m = 0, allowed;

	if (ham == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (!spam[i])
			ham[m++] = z[i];
	}
	qsort(ham, m, sizeof(*ham), descending);
	allowed = (size_t)(budget * (double)m);
	*threshold = FIT_LOG_ODDS_MIN;
	if (allowed >= 1 && allowed < m && ham[allowed] >= FIT_LOG_ODDS_MIN)
		*threshold = nextafter(ham[allowed], INFINITY);
	free(ham);
	return 0;
}

int
fit_model(struct fit *fit, const double *x, const bool *spam, size_t n, double budget, struct err *err)
{
	double *z = malloc((n + 1) * sizeof(*z)), t;
	int rc;

	if (z == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = weigh_fit(&fit->weights, x, spam, n, err);
	if (rc == 0)
		rc = left_out_log_odds(z, x, spam, n, err);
	if (rc == 0)
		rc = fit_threshold(&t, z, spam, n, budget, err);
	if (rc == 0) {
		fit->spam_threshold = 1 / (1 + exp(-t));
		fit->unsure_threshold = UNSURE_PROBABILITY;
	}
	free(z);
	return rc;
}
