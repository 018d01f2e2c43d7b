#include "config.h"

#include "unit.h"

#include <math.h>

#include "classifier/fit.h"
#include "classifier/lone.h"

#define ROWS_MAX 2000

static struct row rows[ROWS_MAX];
static const struct row *by_source[ROWS_MAX];

/* Put SPAM and HAM rows of SOURCE after the N rows there are; return how many there are then. */
static size_t
put(size_t n, uint64_t source, size_t spam, size_t ham)
{
	for (size_t i = 0; i < spam + ham; i++, n++) {
		assert_true(n < ROWS_MAX);
		rows[n] = (struct row){ .source = source, .spam = i < spam };
		by_source[n] = &rows[n];
	}
	return n;
}

/* Return what lone spam and ham rows count beside a source 3 of MIXED rows of each class. */
static struct lone
beside(size_t mixed, size_t lone_spam, size_t lone_ham)
{
	size_t n = put(put(put(0, 1, lone_spam, 0), 2, 0, lone_ham), 3, mixed, mixed);
	struct lone l;

	assert_int_equal(lone_find(&l, by_source, n), 0);
	assert_true(n == 0 || lone_weight(&l, &rows[n - 1]) == 1);
	return l;
}

static void
ham_of_another_source_counts_what_its_spam_counts(void **state)
{
	struct lone l = beside(50, 0, 500);

	(void)state;
	assert_true(l.n == 1 && lone_weight(&l, &rows[0]) == 0);
	lone_fini(&l);
	l = beside(50, 100, 400);
	assert_true(l.n == 2 && lone_weight(&l, &rows[0]) == 1 && lone_weight(&l, &rows[100]) == 0.25);
	lone_fini(&l);
	l = beside(50, 400, 100);
	assert_true(lone_weight(&l, &rows[0]) == 0.25 && lone_weight(&l, &rows[400]) == 1);
	lone_fini(&l);
}

static void
where_nothing_else_is_known_all_rows_count(void **state)
{
	struct lone l = beside(LONE_LEAST - 1, 0, 500);

	(void)state;
	assert_true(lone_weight(&l, &rows[0]) == 1);
	lone_fini(&l);
	l = beside(0, 200, 300);
	assert_true(lone_weight(&l, &rows[0]) == 1 && lone_weight(&l, &rows[499]) == 1);
	lone_fini(&l);
	assert_int_equal(lone_find(&l, by_source, 0), 0);
	lone_fini(&l);
}

/* A blog whose owner corrected two of a thousand has still one class, a blog with a spam in forty has both.
 */
static void
a_few_of_the_other_class_change_little(void **state)
{
	size_t n = put(put(0, 1, 2, 998), 2, 100, 100);
	struct lone l;

	(void)state;
	assert_int_equal(lone_find(&l, by_source, n), 0);
	assert_true(lone_weight(&l, &rows[999]) < 0.01 && lone_weight(&l, &rows[0]) == 1);
	lone_fini(&l);
	n = put(put(0, 1, 25, 975), 2, 100, 100);
	assert_int_equal(lone_find(&l, by_source, n), 0);
	assert_true(l.n == 0 && lone_weight(&l, &rows[999]) == 1);
	lone_fini(&l);
}

/* A row of weight 2 stands for two of weight 1, and one of weight 0 isn't there. */
static void
the_threshold_goes_by_weights(void **state)
{
	double z[600], weight[600], once, twice, without;
	bool spam[600] = { false };
	struct err err;

	(void)state;
	for (size_t i = 0; i < 600; i++) {
		z[i] = 5 * sin((double)(i / 2 + 1)); /* in pairs */
		weight[i] = 1;
	}
	assert_int_equal(fit_threshold(&twice, z, spam, weight, 600, 0.01, &err), 0);
	for (size_t i = 0; i < 600; i++)
		weight[i] = i % 2 == 0 ? 2 : 0;
	assert_int_equal(fit_threshold(&once, z, spam, weight, 600, 0.01, &err), 0);
	assert_true(fabs(once - twice) < 1e-9);
	for (size_t i = 0; i < 600; i++)
		weight[i] = z[i] > -3 ? 0 : 1;
	assert_int_equal(fit_threshold(&without, z, spam, weight, 600, 0.01, &err), 0);
	assert_true(without < once && without == FIT_LOG_ODDS_MIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ham_of_another_source_counts_what_its_spam_counts),
		cmocka_unit_test(where_nothing_else_is_known_all_rows_count),
		cmocka_unit_test(a_few_of_the_other_class_change_little),
		cmocka_unit_test(the_threshold_goes_by_weights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
