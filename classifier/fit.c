#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/fit.h"

#define UNRESOLVED_ROWS 1.5
#define UNSURE_PROBABILITY 0.4 /* from here on the evidence doesn't clearly speak for ham */

static int
descending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* The log-odds above which the share BUDGET of N ham comments lies, whose log-odds HAM holds in falling
 * order. */
static double
tail_quantile(const double *ham, size_t n, double budget)
{
	size_t m = n / 10 > FIT_TAIL_MIN ? n / 10 : FIT_TAIL_MIN;
	double excess = 0;

	if (m >= n)
		return n == 0 ? 0 : ham[0];
	for (size_t i = 0; i < m; i++)
		excess += ham[i] - ham[m];
	budget = fmax(budget, UNRESOLVED_ROWS / (double)n);
	return ham[m] + excess / (double)m * log((double)m / (double)n / budget);
}

int
fit_threshold(double *threshold, const double *z, const bool *spam, size_t n, double budget, struct err *err)
{
	double *ham = malloc((n + 1) * sizeof(*ham));
	size_t m = 0;

	if (ham == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (!spam[i])
			ham[m++] = z[i];
	}
	qsort(ham, m, sizeof(*ham), descending);
	*threshold = fmax(FIT_LOG_ODDS_MIN, tail_quantile(ham, m, budget));
	free(ham);
	return 0;
}

int
fit_model(struct fit *fit, const double *x, const bool *spam, const double *weight, size_t n, size_t honest,
    double budget, struct err *err)
{
	double *z = malloc((honest + 1) * sizeof(*z)), t;
	int rc;

	if (z == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = weigh_fit(&fit->weights, x, spam, weight, n, err);
	for (size_t i = 0; rc == 0 && i < honest; i++)
		z[i] = weigh_row(&fit->weights, x + i * FEATURES_MAX);
	if (rc == 0)
		rc = fit_threshold(&t, z, spam, honest, budget, err);
	if (rc == 0) {
		fit->spam_threshold = 1 / (1 + exp(-t));
		fit->unsure_threshold = UNSURE_PROBABILITY;
	}
	free(z);
	return rc;
}
