#include "config.h"

#include "unit.h"

#include <math.h>

#include "base/hash.h"
#include "classifier/weigh.h"

/* A number between -1 and 1, the K-th of a fixed row of them. */
static double
drawn(uint64_t k)
{
	return (double)(hash_mix(k, 1) >> 12) / (double)(UINT64_C(1) << 51) - 1;
}

static void
only_the_texts_rare_tokens_stand_apart(void **state)
{
	(void)state;
	assert_int_equal(weigh_group(FIELD_WORD, 1), FIELDS_MAX + FIELD_WORD);
	assert_int_equal(weigh_group(FIELD_CHARS, SEEN_OFTEN - 1), FIELDS_MAX + FIELD_CHARS);
	assert_int_equal(weigh_group(FIELD_TRIPLE, SEEN_OFTEN), FIELD_TRIPLE);
	assert_int_equal(weigh_group(FIELD_PAIR, (uint64_t)2 * UINT32_MAX), FIELD_PAIR);
	assert_int_equal(weigh_group(FIELD_AUTHOR, 1), FIELD_AUTHOR);
	assert_int_equal(weigh_group(FIELD_SHAPE, 0), FIELD_SHAPE);
}

/* What is judged by, token for token, is what was fitted. */
static void
sums_and_features_weigh_the_same(void **state)
{
	struct field_sums sums = { 0 };
	double x[FEATURES_MAX], by_token;
	struct weights w = { .bias = 0.25 };

	(void)state;
	for (size_t i = 0; i < FIELDS_MAX * FIELD_FEATURES; i++)
		w.field[i / FIELD_FEATURES][i % FIELD_FEATURES] = 1 + drawn(i);
	for (size_t g = 0; g < GROUPS_MAX; g++) {
		sums.known[g] = (uint32_t)(g * 5 % 7);
		sums.sum[g] = sums.known[g] == 0 ? 0 : 3 * drawn(100 + g);
	}
	weigh_features(&sums, x);
	by_token = w.bias;
	for (size_t g = 0; g < GROUPS_MAX; g++)
		by_token += sums.sum[g] * weigh_multiplier(&w, g, weigh_known(&sums, g % FIELDS_MAX));
	assert_true(fabs(weigh_row(&w, x) - by_token) < 1e-9);
	assert_true(fabs(weigh(&w, &sums) - by_token) < 1e-9);
	assert_true(weigh_multiplier(&w, FIELD_WORD, 4) != weigh_multiplier(&w, FIELDS_MAX + FIELD_WORD, 4));
}

#define ROWS 400

/* Fit to rows of one feature and, with COPIES, as many again, all spam, that say the opposite; return the
 * constant. */
static double
constant_of(bool copies, bool told)
{
	double *x = calloc(2 * ROWS, FIT_COLUMNS * sizeof(*x)), weight[2 * ROWS];
	bool spam[2 * ROWS];
	struct weights w;
	struct err err;

	assert_non_null(x);
	for (size_t i = 0; i < 2 * ROWS; i++) {
		spam[i] = i >= ROWS || i % 2 == 0;
		x[i * FIT_COLUMNS] = (i >= ROWS ? -2 : spam[i] ? 1 : -1) + 2 * drawn(i);
		x[i * FIT_COLUMNS + FEATURES_MAX] = i >= ROWS && told;
		weight[i] = 1;
	}
	assert_ok(weigh_fit(&w, x, spam, weight, copies ? 2 * ROWS : ROWS, ROWS, &err), err);
	assert_true(w.field[0][0] >= 0);
	free(x);
	return w.bias;
}

static void
copies_do_not_move_the_constant(void **state)
{
	double plain = constant_of(false, false);

	(void)state;
	assert_true(fabs(constant_of(true, true) - plain) < 0.3);
	assert_true(constant_of(true, false) > plain + 1);
}

/* Fit to ROWS rows of one feature, which is SIZE in the spam, and as many copies; with EXAMPLES of spam. */
static void
fit_small(struct weights *w, double size, size_t examples)
{
	double *x = calloc(2 * ROWS, FIT_COLUMNS * sizeof(*x)), weight[2 * ROWS];
	bool spam[2 * ROWS];
	struct err err;

	assert_non_null(x);
	for (size_t i = 0; i < 2 * ROWS; i++) {
		spam[i] = i % ROWS < examples;
		x[i * FIT_COLUMNS] = spam[i] ? size : 0;
		x[i * FIT_COLUMNS + FEATURES_MAX] = i >= ROWS;
		weight[i] = 1;
	}
	assert_ok(weigh_fit(w, x, spam, weight, 2 * ROWS, ROWS, &err), err);
	free(x);
}

/* With a copy it is two rows, and still one comment. */
static void
copies_of_one_example_are_not_enough(void **state)
{
	struct weights none, few, enough;

	(void)state;
	fit_small(&none, 1, 0);
	fit_small(&few, 1, WEIGH_ROWS_MIN - 1);
	assert_memory_equal(&few, &none, sizeof(few));
	fit_small(&few, 1, ROWS - WEIGH_ROWS_MIN + 1);
	assert_memory_equal(&few, &none, sizeof(few));
	fit_small(&enough, 1, WEIGH_ROWS_MIN);
	assert_true(enough.field[0][0] > 0 && enough.field[0][2] < none.field[0][2]);
}

/* A snapshot doesn't hold greater ones. */
static void
weights_have_a_bound(void **state)
{
	struct weights w;

	(void)state;
	fit_small(&w, 2.2e-6, ROWS / 2);
	assert_true(w.field[0][0] > WEIGH_MAX / 2 && w.field[0][0] <= WEIGH_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_texts_rare_tokens_stand_apart),
		cmocka_unit_test(sums_and_features_weigh_the_same),
		cmocka_unit_test(copies_do_not_move_the_constant),
		cmocka_unit_test(copies_of_one_example_are_not_enough),
		cmocka_unit_test(weights_have_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
