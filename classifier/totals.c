#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "classifier/fit_rows.h"
#include "classifier/totals.h"

/* The rows that a share is tried on. */
struct trial {
	struct fit_rows rows;
	double *half; /* what each counts while weights are fitted to a half of them */
	size_t step; /* every how manieth of the chosen rows that count is among them */
};

static int
trial_init(struct trial *t, const struct left_out *l, const struct lone *lone)
{
	size_t n = 0;

	for (size_t i = 0; i < l->rows->n; i++)
		n += lone_weight(lone, l->rows->v[i]) > 0;
	t->step = n / TOTALS_ROWS + 1;
	t->half = malloc((n / t->step + 1) * sizeof(*t->half));
	if (fit_rows_init(&t->rows, n / t->step + 1) == -1 || t->half == NULL)
		return -1;
	t->rows.lone = lone;
	return 0;
}

static void
trial_fini(struct trial *t)
{
	fit_rows_fini(&t->rows);
	free(t->half);
}

/* Fill T with left-out features by L->totals. */
static int
gather(struct trial *t, struct left_out *l)
{
	const struct selection *chosen = l->rows;
	struct field_sums sums;

	t->rows.n = 0;
	for (size_t i = 0, k = 0; i < chosen->n; i++) {
		if (lone_weight(t->rows.lone, chosen->v[i]) <= 0 || k++ % t->step != 0)
			continue;
		if (left_out_sums(l, chosen->v[i], &sums) == -1)
			return -1;
		fit_rows_add(&t->rows, chosen->v[i], &sums, false);
	}
	return 0;
}

/* Fit weights to every second row, beginning with row FIRST, and add the log-loss of the others to *LOSS. */
static int
add_loss(double *loss, struct trial *t, size_t first)
{
	const struct fit_rows *e = &t->rows;
	struct err no_memory = { 0 };
	struct weights w;

	for (size_t i = 0; i < e->n; i++)
		t->half[i] = i % 2 == first ? e->weight[i] : 0;
	if (weigh_fit(&w, e->x, e->spam, t->half, e->n, e->n, &no_memory) == -1)
		return -1;
	for (size_t i = 1 - first; i < e->n; i += 2) {
		double z = weigh_row(&w, e->x + i * FIT_COLUMNS);

		*loss += e->weight[i] * log1p(exp(e->spam[i] ? -z : z));
	}
	return 0;
}

/* Return the share of ALL comments of a class that is left when all of its LONE rows that WEIGHT doesn't
 * count are taken away. */
static double
mixed_share(size_t all, size_t lone, double weight)
{
	return all == 0 ? 1 : 1 - (1 - weight) * (double)lone / (double)all;
}

static int
try_all(struct trial *t, struct left_out *l)
{
	const struct lone *lone = t->rows.lone;
	double spam = mixed_share(l->rows->spam, lone->spam, lone->spam_weight);
	double ham = mixed_share(l->rows->n - l->rows->spam, lone->ham, lone->ham_weight), least = 0;
	struct totals_share best = l->totals;

	for (int i = 0; i < TOTALS_STEPS; i++) {
		double step = (double)i / (TOTALS_STEPS - 1), loss = i == 0 ? -TOTALS_GAIN : 0;

		l->totals = (struct totals_share){ pow(spam, step), pow(ham, step) };
		if (gather(t, l) == -1 || add_loss(&loss, t, 0) == -1 || add_loss(&loss, t, 1) == -1)
			return -1;
		if (i > 0 && loss >= least)
			break;
		least = loss;
		best = l->totals;
	}
	l->totals = best;
	return 0;
}

int
totals_fit(struct left_out *l, const struct lone *lone)
{
	struct trial t = { 0 };
	int rc;

	if (lone->spam_weight >= 1 && lone->ham_weight >= 1)
		return 0;
	rc = trial_init(&t, l, lone) == -1 ? -1 : try_all(&t, l);
	trial_fini(&t);
	return rc;
}
