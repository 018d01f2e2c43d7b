#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/crypto.h"
#include "base/json.h"
#include "engine/evaluate.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static struct evaluation
measure(const struct judged *v, size_t n)
{
	struct evaluation e = { 0 };
	struct err err;

	assert_int_equal(evaluation_measure(&e, v, n, &err), 0);
	return e;
}

/*
 * Ten rows by hand.  Spam at 0.95 0.9 0.6 0.3, ham at 0.9 0.4 0.2 0.1 0.05 0.05; called spam from 0.85,
 * unsure from 0.5.
 */
static const struct judged ten[] = {
	{ 0.05, false, false, false },
	{ 0.95, true, true, false },
	{ 0.4, false, false, false },
	{ 0.9, true, true, false },
	{ 0.9, false, true, false },
	{ 0.6, true, false, true },
	{ 0.2, false, false, false },
	{ 0.3, true, false, false },
	{ 0.1, false, false, false },
	{ 0.05, false, false, false },
};

static void
test_confusion(void **state)
{
	struct evaluation e = measure(ten, 10);

	(void)state;
	assert_int_equal(e.test, 10);
	assert_int_equal(e.tp, 2);
	assert_int_equal(e.fn, 2);
	assert_int_equal(e.fp, 1);
	assert_int_equal(e.tn, 5);
	assert_int_equal(e.unsure, 1);
	NEAR(e.accuracy, 0.7);
	NEAR(e.spam_caught, 0.5);
	NEAR(e.blocked_ham, 1.0 / 6);
	NEAR(e.f1, 4.0 / 7);
	NEAR(e.mcc, (2 * 5 - 1 * 2) / sqrt(3.0 * 4 * 6 * 7));
}

/* Spam 0.95 beats 6 ham, 0.9 beats 5 and ties 1, 0.6 beats 5, 0.3 beats 4: 20.5 of 24 pairs. */
static void
test_ranks(void **state)
{
	struct evaluation e = measure(ten, 10);

	(void)state;
	NEAR(e.auc, 20.5 / 24);
	/* None of 6 ham may be blocked at either rate: spam strictly above 0.9. */
	NEAR(e.caught_at_002, 0.25);
	NEAR(e.caught_at_01, 0.25);
}

static void
test_calibration(void **state)
{
	struct evaluation e = measure(ten, 10);
	double brier = 0.0025 + 0.0025 + 0.16 + 0.01 + 0.81 + 0.16 + 0.04 + 0.49 + 0.01 + 0.0025;
	/* bins: [0,.1) two ham 0.1; [.1,.2) 0.1; [.2,.3) 0.2; [.3,.4) spam 0.3; [.4,.5) 0.4; [.6,.7) spam
	 * 0.6;
	 * [.9,1] 0.95 + 0.9 + 0.9 with two spam */
	double ece = 0.1 + 0.1 + 0.2 + 0.7 + 0.4 + 0.4 + 0.75;

	(void)state;
	NEAR(e.brier, brier / 10);
	NEAR(e.ece, ece / 10);
}

/* 1,000 ham at 0.000, 0.001 ... 0.999: 2 and 10 of them may be blocked. */
static void
test_caught_at(void **state)
{
	struct judged v[1004];
	struct evaluation e;

	(void)state;
	for (int i = 0; i < 1000; i++)
		v[i] = (struct judged){ i / 1000.0, false, false, false };
	v[1000] = (struct judged){ 0.9975, true, false, false }; /* only above the third highest ham */
	v[1001] = (struct judged){ 997 / 1000.0, true, false, false }; /* level with it: not strictly above */
	v[1002] = (struct judged){ 0.9895, true, false, false }; /* above the eleventh, 0.989 */
	v[1003] = (struct judged){ 0.5, true, false, false };
	e = measure(v, 1004);
	NEAR(e.caught_at_002, 0.25);
	NEAR(e.caught_at_01, 0.75);
}

static void
test_undefined(void **state)
{
	static const struct judged ham[] = { { 0.1, false, false, false }, { 0.2, false, false, false } };
	static const struct judged spam[] = { { 1, true, true, false } };
	struct evaluation e = measure(ham, 2);

	(void)state;
	NEAR(e.accuracy, 1);
	NEAR(e.mcc, 0);
	NEAR(e.spam_caught, 0);
	NEAR(e.auc, 0.5);
	NEAR(e.caught_at_01, 0);
	e = measure(spam, 1);
	NEAR(e.spam_caught, 1);
	NEAR(e.blocked_ham, 0);
	NEAR(e.caught_at_002, 1);
	NEAR(e.ece, 0);
}

static void
test_json(void **state)
{
	struct evaluation e = measure(ten, 10);
	struct json *j;
	struct err err;
	struct buf b;

	(void)state;
	e.train = 7;
	e.features = 99;
	e.seconds = 1.5;
	buf_init(&b, BUF_NO_LIMIT);
	evaluation_json(&e, &b);
	assert_true(buf_ok(&b));
	assert_int_equal(json_parse(&j, b.p, b.n, &err), 0);
	NEAR(json_number(json_member(j, "train"), -1), 7);
	NEAR(json_number(json_member(j, "test"), -1), 10);
	NEAR(json_number(json_member(j, "accuracy"), -1), 0.7);
	NEAR(json_number(json_member(j, "spam_caught"), -1), 0.5);
	NEAR(json_number(json_member(json_member(j, "caught_at_blocked_ham"), "0.002"), -1), 0.25);
	NEAR(json_number(json_member(json_member(j, "caught_at_blocked_ham"), "0.01"), -1), 0.25);
	NEAR(json_number(json_member(json_member(j, "confusion"), "fn"), -1), 2);
	NEAR(json_number(json_member(j, "features"), -1), 99);
	NEAR(json_number(json_member(j, "seconds"), -1), 1.5);
	assert_int_equal(json_type_of(json_member(j, "blocked_ham")), JSON_NUMBER);
	assert_int_equal(json_type_of(json_member(j, "f1")), JSON_NUMBER);
	assert_int_equal(json_type_of(json_member(j, "mcc")), JSON_NUMBER);
	assert_int_equal(json_type_of(json_member(j, "auc")), JSON_NUMBER);
	assert_int_equal(json_type_of(json_member(j, "brier")), JSON_NUMBER);
	assert_int_equal(json_type_of(json_member(j, "ece")), JSON_NUMBER);
	json_free(j);
	buf_fini(&b);
}

static const struct train_options options = { .fields = FIELDS_ALL, .blocked_ham_budget = 0.005 };

/* N easy rows, every third of them spam; one more without a label. */
static void
fill(struct corpus *c, size_t n)
{
	corpus_init(c);
	c->arena = arena_new(1 << 24);
	c->rows = calloc(n + 1, sizeof(*c->rows));
	assert_non_null(c->arena);
	assert_non_null(c->rows);
	for (c->n = 0; c->n < n; c->n++) {
		struct example *e = &c->rows[c->n];
		char text[160];
		bool spam = c->n % 3 == 0;

		snprintf(text, sizeof(text),
		    spam ? "cheap casino pills number %zu, click http://win%zu.example/ now"
			 : "I liked part %zu of your article, thank you for chapter %zu",
		    c->n % 17, c->n % 13);
		e->label = spam ? LABEL_SPAM : LABEL_HAM;
		e->comment.field[COMMENT_CONTENT] = slice_of(arena_copy(c->arena, text, strlen(text)));
	}
	c->rows[c->n].label = LABEL_NONE;
	c->rows[c->n++].comment.field[COMMENT_CONTENT] = slice_of("neither");
}

static void
test_folds(void **state)
{
	struct evaluation e, again;
	struct corpus c;
	struct err err;

	(void)state;
	fill(&c, 90);
	assert_int_equal(evaluate_folds(&c, 5, &options, &e, &err), 0);
	assert_int_equal(e.train, 90);
	assert_int_equal(e.test, 90);
	assert_int_equal(e.tp + e.fn, 30);
	assert_int_equal(e.fp + e.tn, 60);
	assert_true(e.auc > 0.99);
	assert_true(e.features > 0);
	assert_int_equal(evaluate_folds(&c, 5, &options, &again, &err), 0);
	again.seconds = e.seconds; /* all the rest is the same, in whatever order the threads worked */
	assert_memory_equal(&again, &e, sizeof(e));
	corpus_fini(&c);
}

static void
test_split_and_model(void **state)
{
	struct evaluation e;
	struct corpus train, test;
	struct err err;

	(void)state;
	fill(&train, 60);
	fill(&test, 9);
	assert_int_equal(evaluate_split(&train, &test, &options, &e, &err), 0);
	assert_int_equal(e.train, 60);
	assert_int_equal(e.test, 9);
	assert_int_equal(e.tp + e.fn, 3);
	assert_true(e.auc > 0.99);
	corpus_fini(&train);
	corpus_fini(&test);
}

static void
test_refusals(void **state)
{
	struct evaluation e;
	struct corpus c, none;
	struct err err;

	(void)state;
	fill(&c, 9);
	corpus_init(&none);
	assert_int_equal(evaluate_folds(&c, 1, &options, &e, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(evaluate_folds(&c, 101, &options, &e, &err), -1);
	assert_int_equal(evaluate_folds(&none, 5, &options, &e, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(evaluate_split(&c, &none, &options, &e, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	corpus_fini(&c);
}

static int
start(void **state)
{
	(void)state;
	return crypto_init(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_confusion),
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_calibration),
		cmocka_unit_test(test_caught_at),
		cmocka_unit_test(test_undefined),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_folds),
		cmocka_unit_test(test_split_and_model),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests_name("evaluate", tests, start, NULL);
}
