#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/logistic.h"
#include "classifier/strip.h"

#define PENALTY 1.0 /* on half the squared standardised weights, beside a log-likelihood of N rows */
#define SWEEPS_MAX 2000
#define ROUNDS_MAX 50
#define CONVERGED 1e-8
#define STEP_MAX 2.0
#define BLOCK 32 /* rows that are added at once */

struct problem {
	const double *x;
	const bool *positive;
	const double *row_weight;
	size_t n, k, free_ones;
	size_t *used; /* indices of the features that vary */
	size_t m; /* how many */
	double *mean, *scale; /* of each used feature */
	double *beta; /* m weights and the constant */
	size_t stride; /* of the Hessian and of the block */
	double *hessian, *gradient;
	double *block; /* rows of standardised features, and 1 */
};

static void
problem_fini(struct problem *p)
{
	free(p->used);
	free(p->mean);
	free(p->scale);
	free(p->beta);
	free(p->hessian);
	free(p->gradient);
	free(p->block);
}

static int
problem_init(struct problem *p)
{
	size_t d = p->k + 1;

	p->used = calloc(d, sizeof(*p->used));
	p->mean = calloc(d, sizeof(double));
	p->scale = calloc(d, sizeof(double));
	p->beta = calloc(d, sizeof(double));
	p->stride = strip_whole(d);
	p->hessian = calloc(d * p->stride, sizeof(double));
	p->gradient = calloc(p->stride, sizeof(double));
	p->block = calloc(BLOCK * p->stride, sizeof(double));
	return p->used == NULL || p->mean == NULL || p->scale == NULL || p->beta == NULL ||
		p->hessian == NULL || p->gradient == NULL || p->block == NULL
	    ? -1
	    : 0;
}

/* Add up row after row, as they stand in memory: first the features, for their MEAN, then the SQUARES of what
 * they differ from it by. */
static void
add_up(const struct problem *p, double *mean, double *squares)
{
	for (size_t i = 0; i < p->n; i++) {
		for (size_t j = 0; j < p->k; j++)
			mean[j] += p->x[i * p->k + j];
	}
	for (size_t j = 0; j < p->k; j++)
		mean[j] /= (double)p->n;
	for (size_t i = 0; i < p->n; i++) {
		for (size_t j = 0; j < p->k; j++) {
			double off = p->x[i * p->k + j] - mean[j];

			squares[j] += off * off;
		}
	}
}

/* Find mean and spread of each feature; leave out those that don't vary. */
static int
standardise(struct problem *p)
{
	double *mean = calloc(p->k + 1, sizeof(*mean)), *squares = calloc(p->k + 1, sizeof(*squares));
	bool ok = mean != NULL && squares != NULL;

	if (ok)
		add_up(p, mean, squares);
	for (size_t j = 0; ok && j < p->k; j++) {
		if (squares[j] / (double)p->n < 1e-12)
			continue;
		p->used[p->m] = j;
		p->mean[p->m] = mean[j];
		p->scale[p->m++] = sqrt(squares[j] / (double)p->n);
	}
	free(mean);
	free(squares);
	return ok ? 0 : -1;
}

/* Standardise row I into ROW; return its log-odds. */
static double
standard_row(const struct problem *p, size_t i, double *row)
{
	double z = 0;

	for (size_t j = 0; j < p->m; j++) {
		row[j] = (p->x[i * p->k + p->used[j]] - p->mean[j]) / p->scale[j];
		z += p->beta[j] * row[j];
	}
	row[p->m] = 1;
	return z + p->beta[p->m];
}

/* Add N rows from FIRST on to the gradient and to the lower half of the Hessian. */
static void
accumulate(struct problem *p, size_t first, size_t n)
{
	double error[BLOCK], curve[BLOCK], scaled[BLOCK];

	for (size_t i = 0; i < n; i++) {
		double z = standard_row(p, first + i, p->block + i * p->stride);
		double prob = 1 / (1 + exp(-z)), w = p->row_weight[first + i];

		error[i] = w * ((p->positive[first + i] ? 1 : 0) - prob);
		curve[i] = w * prob * (1 - prob);
	}
	for (size_t j = 0; j <= p->m; j += STRIP)
		strip_add(p->gradient + j, p->block + j, p->stride, error, n);
	for (size_t j = 0; j <= p->m; j++) {
		for (size_t i = 0; i < n; i++)
			scaled[i] = curve[i] * p->block[i * p->stride + j];
		for (size_t l = 0; l <= j; l += STRIP)
			strip_add(p->hessian + j * p->stride + l, p->block + l, p->stride, scaled, n);
	}
}

/*
 * Find the step that is best for the quadratic model of gradient and Hessian among those that leave no weight
 * negative, one coordinate after the other; the step replaces the gradient.
 */
static int
solve(struct problem *p)
{
	size_t d = p->m + 1, s = p->stride;
	double *step = calloc(d, sizeof(*step)), greatest = 1;

	if (step == NULL)
		return -1;
	for (int sweep = 0; sweep < SWEEPS_MAX && greatest > CONVERGED / 10; sweep++) {
		greatest = 0;
		for (size_t j = 0; j < d; j++) {
			double g = p->gradient[j], best;

			for (size_t l = 0; l < d; l++)
				g -= (l <= j ? p->hessian[j * s + l] : p->hessian[l * s + j]) * step[l];
			best = step[j] + g / p->hessian[j * s + j];
			if (j < p->m && p->used[j] + p->free_ones < p->k && p->beta[j] + best < 0)
				best = -p->beta[j];
			greatest = fmax(greatest, fabs(best - step[j]));
			step[j] = best;
		}
	}
	memcpy(p->gradient, step, d * sizeof(*step));
	free(step);
	return 0;
}

/* One step of Newton's method; return its greatest component, or -1 when memory ran out. */
static double
newton(struct problem *p)
{
	size_t d = p->m + 1;
	double greatest = 0;

	memset(p->hessian, 0, d * p->stride * sizeof(double));
	memset(p->gradient, 0, p->stride * sizeof(double));
	for (size_t i = 0; i < p->n; i += BLOCK)
		accumulate(p, i, p->n - i < BLOCK ? p->n - i : BLOCK);
	for (size_t j = 0; j < p->m; j++) {
		p->gradient[j] -= PENALTY * p->beta[j];
		p->hessian[j * p->stride + j] += PENALTY;
	}
	p->hessian[p->m * p->stride + p->m] += 1e-9;
	if (solve(p) == -1)
		return -1;
	for (size_t j = 0; j < d; j++)
		greatest = fmax(greatest, fabs(p->gradient[j]));
	for (size_t j = 0; j < d; j++) /* far steps overshoot where the classes are well apart */
		p->beta[j] += p->gradient[j] * (greatest > STEP_MAX ? STEP_MAX / greatest : 1);
	return greatest;
}

int
logistic_fit(const double *x, size_t k, size_t free_ones, const bool *positive, const double *weight,
    size_t n, double *beta, struct err *err)
{
	struct problem p = {
		.x = x, .positive = positive, .row_weight = weight, .n = n, .k = k, .free_ones = free_ones
	};
	int rc = problem_init(&p) == -1 || standardise(&p) == -1 ? -1 : 0;
	double step = 1;

	if (rc == -1) {
		err_set(err, ERR_NOMEM, "out of memory");
		goto out;
	}
	for (int round = 0; round < ROUNDS_MAX && step > CONVERGED; round++)
		step = newton(&p);
	if (step < 0) {
		rc = err_set(err, ERR_NOMEM, "out of memory");
		goto out;
	}
	memset(beta, 0, (k + 1) * sizeof(*beta));
	beta[k] = p.beta[p.m];
	for (size_t j = 0; j < p.m; j++) {
		beta[p.used[j]] = p.beta[j] / p.scale[j];
		beta[k] -= p.beta[j] * p.mean[j] / p.scale[j];
	}
out:
	problem_fini(&p);
	return rc;
}
