#ifndef HAMLET_CLASSIFIER_WEIGH_H
#define HAMLET_CLASSIFIER_WEIGH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "classifier/token.h"

/*
 * Weighing: the evidence of each field, and what it is worth.
 *
 * A token seen in s of S spam and h of H ham comments (all of them, or a share: totals.h) carries the
 * log-likelihood ratio (Robertson and Sparck Jones' presence weights, with additive smoothing, and less trust
 * in what was seen once or twice)
 *
 *     r = (ln((s + a) / (S + 2a)) - ln((h + a) / (H + 2a))) * n / (n + b),  n = s + h,  a = 1/4,  b = 1/2
 *
 * The features of a field with n known tokens are their sum, sum / sqrt(n) and sum / n: naive Bayes itself,
 * and two forms that don't grow with the length of the text, since tokens aren't independent.  The last of
 * them stands by itself for tokens of the text that are rare: a text has many that were seen once or twice,
 * mostly parts of one and the same earlier comment, and what they say together is worth something else.  The
 * log-odds are a linear function of the features, so a token's share is r times one multiplier a group of
 * tokens: exact, and it adds up.
 */
#define FIELDS_MAX 16 /* room for fields to come in the snapshot format */
#define FIELD_FEATURES 4
#define WINDOWS_MAX 8
#define FEATURES_MAX (FIELDS_MAX * FIELD_FEATURES + WINDOWS_MAX)

/* How much of all spam and of all ham most fields' ratios reckon with, over 0 to 1: see totals.h. */
struct totals_share {
	double spam, ham;
};

struct weights {
	struct totals_share totals;
	double bias;
	double field[FIELDS_MAX][FIELD_FEATURES]; /* of sum, sum / sqrt(n), often and rare sum / n */
	double window[WINDOWS_MAX]; /* of each size's worst window: its sum / sqrt(n) */
};

/* The logarithms of small counts, once and for all: most tokens are rare. */
#define RATIO_TABLE_SIZE 2048
struct ratio_table {
	double log_of[RATIO_TABLE_SIZE];
};
void ratio_table_init(struct ratio_table *t);

/* Whether comments differ in how many tokens of FIELD are known: the shape of a text, and how a commenter
 * presents himself, are made of tokens that most comments share, wherever they come from. */
static inline bool
weigh_varies(size_t field)
{
	return !((1u << FIELD_SHAPE | 1u << FIELD_PROFILE) >> field & 1);
}

/* The part of a field's ratios that comes from the totals: ln((H + 2a) / (S + 2a)). */
struct offsets {
	double of[2]; /* by weigh_varies(): true goes by the share of the totals, false by all */
};

/* Return those of ALL_SPAM and ALL_HAM comments, of which SHARE is reckoned with. */
struct offsets ratio_offsets(const struct totals_share *share, double all_spam, double all_ham);

#define SMOOTHING 0.25 /* a */
#define DOUBT 0.5 /* b */

/* Return ln(N + a). */
double log_count(const struct ratio_table *t, uint32_t n);

/* Return the log-likelihood ratio of a token seen in SPAM and HAM comments. */
static inline double
ratio_of(const struct ratio_table *t, uint32_t spam, uint32_t ham, double offset)
{
	bool small = spam < RATIO_TABLE_SIZE && ham < RATIO_TABLE_SIZE;
	double n = (double)spam + (double)ham;
	double difference = small ? t->log_of[spam] - t->log_of[ham] : log_count(t, spam) - log_count(t, ham);

	return (difference + offset) * n / (n + DOUBT);
}

/* The groups of tokens: number f is those of field f, but for the rare ones, which are number FIELDS_MAX + f.
 */
#define GROUPS_MAX (2 * FIELDS_MAX)
#define SEEN_OFTEN 3 /* comments that have a token which isn't rare */

/* Return the group of a token of FIELD that SEEN comments have. */
static inline size_t
weigh_group(size_t field, uint64_t seen)
{
	const unsigned split = 1u << FIELD_WORD | 1u << FIELD_PAIR | 1u << FIELD_TRIPLE | 1u << FIELD_CHARS;

	return field + (seen < SEEN_OFTEN && (split >> field & 1) != 0 ? FIELDS_MAX : 0);
}

/* What is known of one comment: per group, how many of its tokens are known and the sum of their ratios. */
struct field_sums {
	double sum[GROUPS_MAX];
	uint32_t known[GROUPS_MAX];
	double window_sum[WINDOWS_MAX];
	uint32_t window_known[WINDOWS_MAX];
};

/* Write the features of SUMS to X: FIELD_FEATURES for each field in turn, and the windows'. */
void weigh_features(const struct field_sums *sums, double x[FEATURES_MAX]);

/* Return how many tokens of FIELD are known. */
static inline uint32_t
weigh_known(const struct field_sums *sums, size_t field)
{
	return sums->known[field] + sums->known[FIELDS_MAX + field];
}

/* Return what each ratio of GROUP is multiplied with when N tokens of its field are known. */
double weigh_multiplier(const struct weights *w, size_t group, uint32_t n);

/* Return what each ratio in window number WINDOW is multiplied with, beside that, when N of its tokens are
 * known. */
double weigh_window_multiplier(const struct weights *w, size_t window, uint32_t n);

/* What ratios are multiplied with, all of a comment. */
struct multipliers {
	double group[GROUPS_MAX]; /* those of tokens in each group; 0: none of its field is known */
	double window[WINDOWS_MAX]; /* beside that, those of tokens in each worst window */
};

/* Fill *M for a comment of which SUMS is known. */
void weigh_multipliers(const struct weights *w, const struct field_sums *sums, struct multipliers *m);

/* Return the log-odds of SUMS, of which M was made. */
double weigh_by(const struct weights *w, const struct multipliers *m, const struct field_sums *sums);

/* The same in one step. */
double weigh(const struct weights *w, const struct field_sums *sums);

/* Return the log-odds of a row of features. */
double weigh_row(const struct weights *w, const double x[FEATURES_MAX]);

#define WEIGH_ROWS_MIN 2
#define WEIGH_BIAS_MAX 9.5 /* of the model's constant: see PRIOR_MAX */
#define WEIGH_MAX 1e6 /* a weight of the fit, which a feature that hardly varies may get */

/* Return whether the first HONEST of a fit's rows are enough to fit to: WEIGH_ROWS_MIN of each class.  Copies
 * say nothing new: with those of it counted, one comment would look like several. */
bool weigh_is_enough(const bool *spam, size_t honest);

/*
 * Fit W to N rows and their labels (true: spam), row i counting ROW_WEIGHT[i], by logistic regression with
 * an L2 penalty on the standardised features.  A row is its features and, last, whether it is an altered copy
 * of another one (1 or 0): the copies have a constant of their own, for how many of them are spam and how far
 * they were altered must not move the constant that judging goes by.  The first HONEST rows are the examples
 * as they are; without enough of them W is a fixed, careful default.  Its totals are all.
 */
#define FIT_COLUMNS (FEATURES_MAX + 1)

int weigh_fit(struct weights *w, const double *x, const bool *spam, const double *row_weight, size_t n,
    size_t honest, struct err *err);

#endif
