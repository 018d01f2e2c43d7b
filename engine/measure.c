#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "engine/evaluate.h"

#define DIGITS 8

static double
share(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static void
count(struct evaluation *e, const struct judged *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].spam)
			v[i].said_spam ? e->tp++ : e->fn++;
		else
			v[i].said_spam ? e->fp++ : e->tn++;
		e->unsure += v[i].unsure;
	}
}

static void
rate(struct evaluation *e)
{
	double tp = (double)e->tp, fp = (double)e->fp, tn = (double)e->tn, fn = (double)e->fn;

	e->accuracy = share(tp + tn, tp + fp + tn + fn);
	e->spam_caught = share(tp, tp + fn);
	e->blocked_ham = share(fp, fp + tn);
	e->f1 = share(2 * tp, 2 * tp + fp + fn);
	e->mcc = share(tp * tn - fp * fn, sqrt(tp + fp) * sqrt(tp + fn) * sqrt(tn + fp) * sqrt(tn + fn));
}

void
calibration_bins(struct calibration_bin bins[CALIBRATION_BINS], const struct judged *v, size_t n)
{
	for (size_t b = 0; b < CALIBRATION_BINS; b++)
		bins[b] = (struct calibration_bin){ 0 };
	for (size_t i = 0; i < n; i++) {
		size_t b = v[i].probability >= 1 ? CALIBRATION_BINS - 1
						 : (size_t)(v[i].probability * CALIBRATION_BINS);

		bins[b].n++;
		bins[b].spam += v[i].spam;
		bins[b].sum += v[i].probability;
	}
}

/* Squared error, and the mean distance of probability and truth over the bins. */
static void
calibrate(struct evaluation *e, const struct judged *v, size_t n)
{
	struct calibration_bin bins[CALIBRATION_BINS];
	double error;

	e->brier = e->ece = 0;
	for (size_t i = 0; i < n; i++) {
		error = v[i].probability - v[i].spam;
		e->brier += error * error / (double)n;
	}
	calibration_bins(bins, v, n);
	for (size_t b = 0; b < CALIBRATION_BINS; b++)
		e->ece += fabs(bins[b].sum - (double)bins[b].spam) / (double)n;
}

static int
descending(const void *a, const void *b)
{
	double x = ((const struct judged *)a)->probability, y = ((const struct judged *)b)->probability;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* The chance that a spam row has the higher probability of a pair, ties half; SORTED is descending. */
static double
auc(const struct judged *sorted, size_t n, size_t all_spam)
{
	double pairs = (double)all_spam * (double)(n - all_spam), won = 0, spam_above = 0;

	if (all_spam == 0 || all_spam == n)
		return 0.5;
	for (size_t i = 0, next; i < n; i = next) {
		size_t spam = 0, ham;

		for (next = i; next < n && descending(&sorted[i], &sorted[next]) == 0; next++)
			spam += sorted[next].spam;
		ham = next - i - spam;
		won += (double)ham * (spam_above + (double)spam / 2);
		spam_above += (double)spam;
	}
	return won / pairs;
}

size_t
judged_allowed(size_t ham, double share)
{
	return (size_t)floor(share * (double)ham + 1e-9);
}

size_t
judged_caught(const struct judged *sorted, size_t n, size_t allowed)
{
	size_t seen = 0, caught = 0, limit, i;

	for (limit = 0; limit < n; limit++) {
		if (!sorted[limit].spam && seen++ == allowed)
			break;
	}
	for (i = 0; i < limit; i++) {
		if (sorted[i].spam && (limit == n || descending(&sorted[i], &sorted[limit]) < 0))
			caught++;
	}
	return caught;
}

static double
caught_at(const struct judged *sorted, size_t n, size_t all_spam, double share_of_ham)
{
	size_t allowed = judged_allowed(n - all_spam, share_of_ham);

	return share((double)judged_caught(sorted, n, allowed), (double)all_spam);
}

struct judged *
judged_sorted(const struct judged *v, size_t n, struct err *err)
{
	struct judged *sorted = malloc((n + 1) * sizeof(*sorted));

	if (sorted == NULL) {
		err_set(err, ERR_NOMEM, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = v[i];
	qsort(sorted, n, sizeof(*sorted), descending);
	return sorted;
}

int
evaluation_measure(struct evaluation *e, const struct judged *v, size_t n, struct err *err)
{
	struct judged *sorted = judged_sorted(v, n, err);
	size_t spam;

	if (sorted == NULL)
		return -1;
	e->test = n;
	e->tp = e->fp = e->tn = e->fn = e->unsure = 0;
	count(e, v, n);
	rate(e);
	calibrate(e, v, n);
	spam = e->tp + e->fn;
	e->auc = auc(sorted, n, spam);
	e->caught_at_002 = caught_at(sorted, n, spam, 0.002);
	e->caught_at_01 = caught_at(sorted, n, spam, 0.01);
	free(sorted);
	return 0;
}

static void
put_double(struct buf *b, const char *key, double x)
{
	json_key(b, key);
	json_put_double(b, x, DIGITS);
}

void
evaluation_json(const struct evaluation *e, struct buf *b)
{
	json_open(b, '{');
	json_add_int(b, "train", e->train);
	json_add_int(b, "test", e->test);
	put_double(b, "accuracy", e->accuracy);
	put_double(b, "spam_caught", e->spam_caught);
	put_double(b, "blocked_ham", e->blocked_ham);
	put_double(b, "f1", e->f1);
	put_double(b, "mcc", e->mcc);
	put_double(b, "auc", e->auc);
	json_key(b, "caught_at_blocked_ham");
	json_open(b, '{');
	put_double(b, "0.002", e->caught_at_002);
	put_double(b, "0.01", e->caught_at_01);
	json_close(b, '}');
	put_double(b, "brier", e->brier);
	put_double(b, "ece", e->ece);
	json_key(b, "confusion");
	json_open(b, '{');
	json_add_int(b, "tp", e->tp);
	json_add_int(b, "fp", e->fp);
	json_add_int(b, "tn", e->tn);
	json_add_int(b, "fn", e->fn);
	json_close(b, '}');
	json_add_int(b, "unsure", e->unsure);
	json_add_int(b, "features", e->features);
	put_double(b, "seconds", e->seconds);
	json_close(b, '}');
}
