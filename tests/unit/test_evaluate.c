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
#include "engine/findings.h"

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
	assert_int_equal(evaluate_folds(&c, 5, &options, &e, NULL, &err), 0);
	assert_int_equal(e.train, 90);
	assert_int_equal(e.test, 90);
	assert_int_equal(e.tp + e.fn, 30);
	assert_int_equal(e.fp + e.tn, 60);
	assert_true(e.auc > 0.99);
	assert_true(e.features > 0);
	assert_int_equal(evaluate_folds(&c, 5, &options, &again, NULL, &err), 0);
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
	assert_int_equal(evaluate_split(&train, &test, &options, &e, NULL, &err), 0);
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
	assert_int_equal(evaluate_folds(&c, 1, &options, &e, NULL, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(evaluate_folds(&c, 101, &options, &e, NULL, &err), -1);
	assert_int_equal(evaluate_folds(&none, 5, &options, &e, NULL, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(evaluate_split(&c, &none, &options, &e, NULL, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	corpus_fini(&c);
}

static struct findings *
find(const struct judged *v, size_t n)
{
	struct findings *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	assert_int_equal(findings_measure(f, v, n, &err), 0);
	return f;
}

/* The ten rows above: 0.95 and 0.9 (with the ham at 0.9) are the curve's first steps. */
static void
test_findings_by_hand(void **state)
{
	struct findings *f = find(ten, 10);
	size_t spam = 0, ham = 0;

	(void)state;
	assert_int_equal(f->npoints, 8); /* ten rows, 0.9 and 0.05 twice */
	assert_int_equal(f->points[0].spam, 1);
	assert_int_equal(f->points[0].ham, 0);
	assert_int_equal(f->points[1].spam, 2);
	assert_int_equal(f->points[1].ham, 1);
	NEAR(f->points[1].probability, 0.9);
	assert_int_equal(f->points[7].spam, 4);
	assert_int_equal(f->points[7].ham, 6);
	assert_int_equal(f->bins[9].n, 3);
	assert_int_equal(f->bins[9].spam, 2);
	NEAR(f->bins[9].sum, 2.75);
	for (size_t i = 0; i < FINDINGS_COLUMNS; i++) {
		spam += f->spam[i];
		ham += f->ham[i];
	}
	assert_int_equal(spam, 4);
	assert_int_equal(ham, 6);
	assert_int_equal(f->ham[FINDINGS_COLUMNS / 2 - 6], 2); /* 0.05: log-odds -2.94 */
	NEAR(f->budgets[0].caught_share, 0.25);
	free(f);
}

/* However many rows, the curve is bounded, rises, and ends with all of them. */
static void
test_findings_are_bounded(void **state)
{
	enum { ROWS = 200000 };
	struct judged *v = calloc(ROWS, sizeof(*v));
	struct findings *f;

	(void)state;
	assert_non_null(v);
	for (size_t i = 0; i < ROWS; i++)
		v[i] = (struct judged){ (double)(i * 7919 % ROWS) / ROWS, i * 7919 % ROWS % 5 > i % 3, false,
			false };
	f = find(v, ROWS);
	assert_true(f->npoints > 300 && f->npoints <= FINDINGS_POINTS);
	for (size_t i = 1; i < f->npoints; i++) {
		assert_true(f->points[i].spam >= f->points[i - 1].spam);
		assert_true(f->points[i].ham >= f->points[i - 1].ham);
	}
	assert_int_equal(f->points[f->npoints - 1].spam + f->points[f->npoints - 1].ham, ROWS);
	free(f);
	for (size_t i = 0; i < 4; i++)
		v[i] = (struct judged){ i % 2 == 0 ? 1 : 0, i % 2 == 0, true, false }; /* infinite log-odds */
	f = find(v, 4);
	assert_int_equal(f->spam[FINDINGS_COLUMNS - 1], 2);
	assert_int_equal(f->ham[0], 2);
	free(f);
	free(v);
}

static void
test_interval(void **state)
{
	double low, high;

	(void)state;
	share_interval(0, 0, &low, &high);
	NEAR(low, 0);
	NEAR(high, 1);
	share_interval(0, 100, &low, &high);
	NEAR(low, 0);
	assert_true(fabs(high - 0.03699) < 1e-4);
	share_interval(5, 10, &low, &high);
	assert_true(fabs(low - 0.23659) < 1e-4 && fabs(high - 0.76341) < 1e-4);
	share_interval(7, 7, &low, &high);
	NEAR(high, 1);
}

/* Spam with the words of ham and the other way round: all mistakes, more than are kept. */
static void
mislabel(struct corpus *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->rows[i].label != LABEL_NONE)
			c->rows[i].label = c->rows[i].label == LABEL_SPAM ? LABEL_HAM : LABEL_SPAM;
	}
}

static void
check_worst(const struct mistakes *m, const struct corpus *c, enum label label)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct mistake *x = &m->list[i];
		double sum = x->prior;

		assert_int_equal(c->rows[x->row].label, label);
		assert_true(x->pieces >= x->nevidence && x->nevidence > 0);
		for (size_t k = 0; k < x->nfields; k++)
			sum += x->fields[k].weight;
		assert_true(fabs(sum - x->log_odds) < 1e-6);
		if (i > 0)
			assert_true(m->list[i - 1].confidence > x->confidence || m->list[i - 1].row < x->row);
	}
}

static void
check_same(const struct mistakes *a, const struct mistakes *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		assert_int_equal(a->list[i].row, b->list[i].row);
		NEAR(a->list[i].log_odds, b->list[i].log_odds);
		assert_string_equal(a->list[i].evidence[0].token, b->list[i].evidence[0].token);
		assert_string_equal(a->list[i].fields[0].name, b->list[i].fields[0].name);
	}
}

static void
test_worst(void **state)
{
	struct findings *f = calloc(2, sizeof(*f));
	struct evaluation e;
	struct corpus train, test;
	struct err err;

	(void)state;
	assert_non_null(f);
	fill(&train, 60);
	fill(&test, 150);
	mislabel(&test);
	assert_int_equal(evaluate_split(&train, &test, &options, &e, &f[0], &err), 0);
	assert_int_equal(f[0].models, 1);
	assert_int_equal(f[0].model.ham + f[0].model.spam, 60);
	assert_true(e.fp > MISTAKES_MAX && e.fn > MISTAKES_MAX);
	assert_int_equal(f[0].worst.blocked.n, MISTAKES_MAX);
	assert_int_equal(f[0].worst.missed.n, MISTAKES_MAX);
	check_worst(&f[0].worst.blocked, &test, LABEL_HAM);
	check_worst(&f[0].worst.missed, &test, LABEL_SPAM);
	f[1] = f[0];
	worst_merge(&f[1].worst, &(struct worst){ 0 });
	check_same(&f[0].worst.missed, &f[1].worst.missed);
	f[1].worst = (struct worst){ 0 };
	worst_merge(&f[1].worst, &f[0].worst);
	check_same(&f[0].worst.missed, &f[1].worst.missed);
	check_same(&f[0].worst.blocked, &f[1].worst.blocked);
	corpus_fini(&train);
	corpus_fini(&test);
	free(f);
}

/* Folds are done by two threads: what is found is the same each time. */
static void
test_worst_of_folds(void **state)
{
	struct findings *f = calloc(2, sizeof(*f));
	struct evaluation e;
	struct corpus c;
	struct err err;

	(void)state;
	assert_non_null(f);
	fill(&c, 90);
	for (size_t i = 0; i < 12; i++) /* noise, so that there are mistakes */
		c.rows[7 * i].label = c.rows[7 * i].label == LABEL_SPAM ? LABEL_HAM : LABEL_SPAM;
	assert_int_equal(evaluate_folds(&c, 5, &options, &e, &f[0], &err), 0);
	assert_int_equal(evaluate_folds(&c, 5, &options, &e, &f[1], &err), 0);
	assert_int_equal(f[0].models, 5);
	assert_true(f[0].worst.missed.n > 0);
	assert_int_equal(f[0].worst.missed.n, e.fn < MISTAKES_MAX ? e.fn : MISTAKES_MAX);
	assert_int_equal(f[0].worst.blocked.n, e.fp < MISTAKES_MAX ? e.fp : MISTAKES_MAX);
	check_worst(&f[0].worst.missed, &c, LABEL_SPAM);
	check_same(&f[0].worst.missed, &f[1].worst.missed);
	check_same(&f[0].worst.blocked, &f[1].worst.blocked);
	assert_true(f[0].spam_threshold[0] <= f[0].spam_threshold[1]);
	corpus_fini(&c);
	free(f);
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
		cmocka_unit_test(test_findings_by_hand),
		cmocka_unit_test(test_findings_are_bounded),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_worst),
		cmocka_unit_test(test_worst_of_folds),
	};

	return cmocka_run_group_tests_name("evaluate", tests, start, NULL);
}
