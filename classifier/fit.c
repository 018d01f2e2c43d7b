#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/fit.h"

#define UNRESOLVED_ROWS 1.5
#define UNSURE_PROBABILITY 0.4 /* from here on the evidence doesn't clearly speak for ham */

/* The log-odds of a ham comment, and how much it counts. */
struct ham {
	double z, weight;
};

static int
descending(const void *a, const void *b)
{
	const struct ham *x = a, *y = b;

	if (x->z != y->z)
		return x->z < y->z ? 1 : -1;
	return x->weight < y->weight ? 1 : x->weight > y->weight ? -1 : 0;
}

/* The log-odds above which the share BUDGET of N ham comments lies, in falling order, that count ALL
 * together. */
static double
tail_quantile(const struct ham *ham, size_t n, double all, double budget)
{
	double wanted = fmax(floor(all / 10), FIT_TAIL_MIN), tail = 0, excess = 0;
	size_t m = 0;

	while (m < n && tail < wanted)
		tail += ham[m++].weight;
	if (m >= n)
		return n == 0 ? 0 : ham[0].z;
	for (size_t i = 0; i < m; i++)
		excess += ham[i].weight * (ham[i].z - ham[m].z);
	budget = fmax(budget, UNRESOLVED_ROWS / all);
	return ham[m].z + excess / tail * log(tail / all / budget);
}

int
fit_threshold(double *threshold, const double *z, const bool *spam, const double *weight, size_t n,
    double budget, struct err *err)
{
	struct ham *ham = malloc((n + 1) * sizeof(*ham));
	double all = 0;
	size_t m = 0;

	if (ham == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (spam[i] || weight[i] <= 0)
			continue;
		ham[m++] = (struct ham){ z[i], weight[i] };
		all += weight[i];
	}
	qsort(ham, m, sizeof(*ham), descending);
	*threshold = fmax(FIT_LOG_ODDS_MIN, tail_quantile(ham, m, all, budget));
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
choose_share(struct fit *fit, const bool *spam, const double *weight, size_t honest)
{
	double share, weighty = 0, all = 0;

	for (size_t i = 0; i < honest; i++) {
		weighty += spam[i] ? weight[i] : 0;
		all += weight[i];
	}
	fit->spam_share = 0.5;
	if (!weigh_is_enough(spam, honest))
		return; /* nothing was fitted */
	share = weighty / all;
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
	rc = weigh_fit(&fit->weights, rows->x, rows->spam, rows->weight, rows->n, rows->honest, err);
	fit->weights.totals = rows->totals;
	choose_share(fit, rows->spam, rows->weight, rows->honest);
	for (size_t i = 0; rc == 0 && i < rows->honest; i++)
		z[i] = weigh_row(&fit->weights, rows->x + i * FIT_COLUMNS);
	if (rc == 0)
		rc = fit_threshold(&t, z, rows->spam, rows->weight, rows->honest, budget, err);
	if (rc == 0) {
		fit->spam_threshold = 1 / (1 + exp(-t));
		fit->unsure_threshold = UNSURE_PROBABILITY;
	}
	free(z);
	return rc;
}
