#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "classifier/logistic.h"
#include "classifier/weigh.h"

/* What a field is worth before anything is known: a share of its mean ratio. */
#define DEFAULT_MEAN_WEIGHT 0.5

void
ratio_table_init(struct ratio_table *t)
{
	for (size_t i = 0; i < RATIO_TABLE_SIZE; i++)
		t->log_of[i] = real_log((double)i + SMOOTHING);
}

double
log_count(const struct ratio_table *t, uint32_t n)
{
	return n < RATIO_TABLE_SIZE ? t->log_of[n] : real_log(n + SMOOTHING);
}

static double
offset(double spam, double ham)
{
	return real_log((ham + 2 * SMOOTHING) / (spam + 2 * SMOOTHING));
}

struct offsets
ratio_offsets(const struct totals_share *share, double all_spam, double all_ham)
{
	return (struct offsets){ { offset(all_spam, all_ham),
	    offset(share->spam * all_spam, share->ham * all_ham) } };
}

void
weigh_features(const struct field_sums *sums, double x[FEATURES_MAX])
{
	for (size_t f = 0; f < FIELDS_MAX; f++) {
		double sum = sums->sum[f] + sums->sum[FIELDS_MAX + f];
		double n = weigh_known(sums, f) == 0 ? 1 : weigh_known(sums, f);

		x[f * FIELD_FEATURES] = sum;
		x[f * FIELD_FEATURES + 1] = sum / sqrt(n);
		x[f * FIELD_FEATURES + 2] = sums->sum[f] / n;
		x[f * FIELD_FEATURES + 3] = sums->sum[FIELDS_MAX + f] / n;
	}
	for (size_t k = 0; k < WINDOWS_MAX; k++)
		x[FIELDS_MAX * FIELD_FEATURES + k] = sums->window_known[k] == 0
		    ? 0
		    : sums->window_sum[k] / sqrt(sums->window_known[k]);
}

double
weigh_multiplier(const struct weights *w, size_t group, uint32_t n)
{
	const double *of = w->field[group % FIELDS_MAX];
	double count = n == 0 ? 1 : n;

	return of[0] + of[1] / sqrt(count) + of[group < FIELDS_MAX ? 2 : 3] / count;
}

double
weigh_window_multiplier(const struct weights *w, size_t window, uint32_t n)
{
	return n == 0 ? 0 : w->window[window] / sqrt(n);
}

void
weigh_multipliers(const struct weights *w, const struct field_sums *sums, struct multipliers *m)
{
	for (size_t f = 0; f < FIELDS_MAX; f++) {
		uint32_t n = weigh_known(sums, f);

		m->group[f] = n == 0 ? 0 : weigh_multiplier(w, f, n);
		m->group[FIELDS_MAX + f] = n == 0 ? 0 : weigh_multiplier(w, FIELDS_MAX + f, n);
	}
	for (size_t k = 0; k < WINDOWS_MAX; k++)
		m->window[k] = weigh_window_multiplier(w, k, sums->window_known[k]);
}

double
weigh_by(const struct weights *w, const struct multipliers *m, const struct field_sums *sums)
{
	double z = w->bias;

	for (size_t g = 0; g < GROUPS_MAX; g++)
		z += sums->sum[g] * m->group[g];
	for (size_t k = 0; k < WINDOWS_MAX; k++)
		z += sums->window_sum[k] * m->window[k];
	return z;
}

double
weigh(const struct weights *w, const struct field_sums *sums)
{
	struct multipliers m;

	weigh_multipliers(w, sums, &m);
	return weigh_by(w, &m, sums);
}

double
weigh_row(const struct weights *w, const double x[FEATURES_MAX])
{
	double z = w->bias;

	for (size_t i = 0; i < FIELDS_MAX * FIELD_FEATURES; i++)
		z += w->field[i / FIELD_FEATURES][i % FIELD_FEATURES] * x[i];
	for (size_t k = 0; k < WINDOWS_MAX; k++)
		z += w->window[k] * x[FIELDS_MAX * FIELD_FEATURES + k];
	return z;
}

static void
default_weights(struct weights *w)
{
	memset(w, 0, sizeof(*w));
	w->totals = (struct totals_share){ 1, 1 };
	for (size_t f = 0; f < FIELD_COUNT; f++)
		w->field[f][2] = w->field[f][3] = DEFAULT_MEAN_WEIGHT;
}

bool
weigh_is_enough(const bool *spam, size_t honest)
{
	size_t nspam = 0;

	for (size_t i = 0; i < honest; i++)
		nspam += spam[i];
	return nspam >= WEIGH_ROWS_MIN && honest - nspam >= WEIGH_ROWS_MIN;
}

int
weigh_fit(struct weights *w, const double *x, const bool *spam, const double *row_weight, size_t n,
    size_t honest, struct err *err)
{
	double beta[FIT_COLUMNS + 1];

	if (!weigh_is_enough(spam, honest)) {
		default_weights(w);
		return 0;
	}
	if (logistic_fit(x, FIT_COLUMNS, 1, spam, row_weight, n, beta, err) == -1)
		return -1;
	w->totals = (struct totals_share){ 1, 1 };
	w->bias = beta[FIT_COLUMNS];
	for (size_t i = 0; i < FEATURES_MAX; i++)
		beta[i] = fmin(beta[i], WEIGH_MAX);
	memcpy(w->field, beta, sizeof(w->field));
	memcpy(w->window, beta + FIELDS_MAX * FIELD_FEATURES, sizeof(w->window));
	return 0;
}
