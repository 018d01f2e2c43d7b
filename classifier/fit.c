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

double
fit_logit(double p)
{
	return log(p / (1 - p));
}

/* Move the constant from the rows' own share of spam to the one that the model is to start from. */
static void
choose_share(struct fit *fit, const bool *spam, size_t honest)
{
	size_t nspam = 0;
	double share;

	for (size_t i = 0; i < honest; i++)
		nspam += spam[i];
	fit->spam_share = 0.5;
	if (nspam < WEIGH_ROWS_MIN || honest - nspam < WEIGH_ROWS_MIN)
		return; /* nothing was fitted */
	share = (double)nspam / (double)honest;
	fit->spam_share = fmax(FIT_SHARE_MIN, fmin(0.5, share));
	fit->weights.bias += fit_logit(fit->spam_share) - fit_logit(share);
	fit->weights.bias = fmax(-WEIGH_BIAS_MAX, fmin(WEIGH_BIAS_MAX, fit->weights.bias));
}

int
fit_model(struct fit *fit, const struct fit_rows *rows, double budget, struct err *err)
{
	double *z = malloc((rows->honest + 1) * sizeof(*z)), t;
	int rc;

	if (z == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = weigh_fit(&fit->weights, rows->x, rows->spam, rows->weight, rows->n, err);
	choose_share(fit, rows->spam, rows->honest);
	for (size_t i = 0; rc == 0 && i < rows->honest; i++)
		z[i] = weigh_row(&fit->weights, rows->x + i * FIT_COLUMNS);
	if (rc == 0)
		rc = fit_threshold(&t, z, rows->spam, rows->honest, budget, err);
	if (rc == 0) {
		fit->spam_threshold = 1 / (1 + exp(-t));
		fit->unsure_threshold = UNSURE_PROBABILITY;
	}
	free(z);
	return rc;
}
