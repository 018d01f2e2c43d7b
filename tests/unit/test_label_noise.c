#include "config.h"

#include <stdio.h>

#include "corpus/summary.h"
#include "corpus_fixture.h"
#include "engine/label_noise.h"

static const struct train_options options = { .fields = FIELDS_ALL, .blocked_ham_budget = 0.005 };

/* Append a row that says what its class says. */
static void
put(struct buf *b, size_t i, bool spam, const char *label)
{
	buf_addf(b, "{\"label\":\"%s\",\"lang\":\"%s\",\"content\":\"", label, i % 2 == 0 ? "en" : "ru");
	if (spam)
		buf_addf(b, "Cheap pills number %zu, click http://pills.example/%zu now", i, i % 7);
	else
		buf_addf(b, "I liked part %zu of your article, thank you for chapter %zu", i, i % 7);
	buf_add_str(b, "\"}\n");
}

/* 60 rows of which number 12 says spam and is called ham. */
static void
fill(struct fixture *f)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < 60; i++)
		put(&b, i, i % 3 == 0, i % 3 == 0 && i != 12 ? "spam" : "ham");
	assert_true(buf_ok(&b));
	buf_add(&b, "", 1);
	assert_int_equal(read_text(f, b.p), 0);
	buf_fini(&b);
}

static void
finds_the_wrong_label(void **state)
{
	struct fixture *f = *state;
	struct label_doubt *doubts;
	size_t n;

	fill(f);
	assert_int_equal(label_noise(&f->corpus, 0.9, &options, &doubts, &n, &f->err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(doubts[0].row, 12);
	assert_true(doubts[0].against > 0.9 && doubts[0].against <= 1);
	free(doubts);
}

static void
orders_by_contradiction(void **state)
{
	struct fixture *f = *state;
	struct label_doubt *doubts;
	size_t n;

	fill(f);
	for (size_t i = 1; i < 60; i += 13)
		f->corpus.rows[i].label = LABEL_SPAM;
	assert_int_equal(label_noise(&f->corpus, 0.5, &options, &doubts, &n, &f->err), 0);
	assert_true(n >= 3);
	for (size_t i = 1; i < n; i++)
		assert_true(doubts[i - 1].against >= doubts[i].against);
	free(doubts);
}

static void
needs_labelled_rows(void **state)
{
	struct fixture *f = *state;
	struct label_doubt *doubts;
	size_t n;

	assert_int_equal(label_noise(&f->corpus, 0.9, &options, &doubts, &n, &f->err), -1);
	assert_int_equal(f->err.code, ERR_INPUT);
	assert_null(doubts);
}

static void
summarises(void **state)
{
	struct fixture *f = *state;
	struct summary *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	fill(f);
	summary_of(s, &f->corpus);
	assert_int_equal(s->rows.n[LABEL_HAM], 41);
	assert_int_equal(s->rows.n[LABEL_SPAM], 19);
	assert_int_equal(s->nlanguages, 2);
	assert_true(slice_is(s->languages[0].code, "en"));
	assert_int_equal(by_class_sum(&s->languages[0].rows), 30);
	assert_string_equal(summary_script(0), "latin");
	assert_int_equal(by_class_sum(&s->scripts[0]), 60);
	assert_int_equal(s->fields[COMMENT_CONTENT].n[LABEL_SPAM], 19);
	assert_int_equal(s->fields[COMMENT_AUTHOR].n[LABEL_SPAM], 0);
	free(s);
}

static void
calls_what_is_of_one_class_lopsided(void **state)
{
	static const struct by_class few = { { 19, 0 } }, even = { { 18, 2 } }, ham = { { 19, 1 } },
				     spam = { { 0, 20 } };

	(void)state;
	assert_false(summary_lopsided(&few));
	assert_false(summary_lopsided(&even));
	assert_true(summary_lopsided(&ham));
	assert_true(summary_lopsided(&spam));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_the_wrong_label, setup, teardown),
		cmocka_unit_test_setup_teardown(orders_by_contradiction, setup, teardown),
		cmocka_unit_test_setup_teardown(needs_labelled_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(summarises, setup, teardown),
		cmocka_unit_test(calls_what_is_of_one_class_lopsided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
