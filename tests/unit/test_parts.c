#include "config.h"

#include "unit.h"

#include "classifier/model_impl.h"
#include "classifier/strip.h"
#include "classifier/train.h"
#include "classifier/vocabulary.h"

/* Models of parts of a trainer's examples, and what they say of the others: the same to the last bit as those
 * of a trainer that has only these. */

#define EXAMPLES 240
#define FOLDS 4
#define WORDS_MAX 24

struct made {
	char text[WORDS_MAX * 16], author[16];
	enum label label;
	struct origin from;
};

static unsigned
draw(uint64_t *state, unsigned n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*state >> 33) % n;
}

/* Make an example of words of which some are of its class, most are rare, and some stand in no other. */
static void
make(struct made *m, size_t number, uint64_t *state)
{
	size_t words = 1 + draw(state, WORDS_MAX - 1), n = 0;

	*m = (struct made){ .label = draw(state, 3) == 0 ? LABEL_SPAM : LABEL_HAM };
	for (size_t i = 0; i < words; i++) {
		const char *const kinds[] = { "word", "Rare", m->label == LABEL_SPAM ? "buy" : "see" };
		unsigned kind = draw(state, 4);

		n += (size_t)snprintf(m->text + n, sizeof(m->text) - n, "%s%s%zu", i > 0 ? " " : "",
		    kinds[kind % 3], kind == 3 ? 1000 + number : draw(state, kind == 1 ? 400 : 12));
	}
	snprintf(m->author, sizeof(m->author), "Name %u", draw(state, 30));
	m->from.source = 1 + number % 5;
	m->from.site = number % 7 == 0 ? 1 + number % 2 : 0;
	m->from.shared = number % 14 == 0;
}

static struct comment
comment_of(const struct made *m)
{
	return (struct comment){
		.field = { [COMMENT_CONTENT] = slice_of(m->text), [COMMENT_AUTHOR] = slice_of(m->author) }
	};
}

struct fixture {
	struct made made[EXAMPLES];
	unsigned char fold[EXAMPLES];
	struct trainer *all;
	size_t judged;
	struct left_out_judgement judgement[EXAMPLES];
};

static const struct train_options options = {
	.fields = FIELDS_ALL, .blocked_ham_budget = 0.005, .names = true
};

/* Return a trainer with those of the examples that aren't in FOLD; all of them if it is FOLDS. */
static struct trainer *
trainer_without(const struct fixture *f, unsigned char fold)
{
	struct trainer *t;
	struct err err;

	assert_ok(trainer_new(&t, &options, &err), err);
	for (size_t i = 0; i < EXAMPLES; i++) {
		const struct made *m = &f->made[i];
		struct comment c = comment_of(m);

		if (fold == FOLDS || (f->fold[i] != fold && f->fold[i] != CHOICE_NEVER))
			assert_ok(trainer_add(t, &c, m->label, &m->from, &err), err);
	}
	return t;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	uint64_t random = 7;
	struct err err;

	assert_non_null(f);
	for (size_t i = 0; i < EXAMPLES; i++) {
		make(&f->made[i], i, &random);
		f->fold[i] = i % 31 == 0 ? CHOICE_NEVER : (unsigned char)draw(&random, FOLDS);
	}
	f->all = trainer_without(f, FOLDS);
	assert_ok(trainer_settle(f->all, &err), err);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	trainer_free(f->all);
	free(f);
	return 0;
}

static struct model *
model_without(const struct fixture *f, unsigned char fold)
{
	struct trainer *t = trainer_without(f, fold);
	struct model *m;
	struct err err;

	assert_ok(trainer_build(t, &m, &err), err);
	trainer_free(t);
	return m;
}

static void
a_part_makes_the_model_that_it_makes_alone(void **state)
{
	struct fixture *f = *state;

	for (unsigned char fold = 0; fold < FOLDS; fold++) {
		const struct choice choice = { f->fold, fold };
		struct model *alone = model_without(f, fold), *part;
		struct err err;

		assert_ok(trainer_build_of(f->all, &choice, &options, &part, &err), err);
		assert_true(model_info(part)->own_spam + model_info(part)->own_ham > 0);
		assert_string_equal(model_info(part)->id, model_info(alone)->id);
		model_unref(part);
		model_unref(alone);
	}
}

static void
note(const struct left_out_judgement *j, void *arg)
{
	struct fixture *f = arg;

	f->judgement[f->judged++] = *j;
}

/* Compare what was noted with what C says by M of the same examples. */
static void
compare(const struct fixture *f, struct classifier *c, const struct model *m, unsigned char fold)
{
	struct judgement j;
	struct err err;

	for (size_t i = 0; i < f->judged; i++) {
		const struct left_out_judgement *found = &f->judgement[i];
		struct comment comment = comment_of(&f->made[found->example]);

		assert_int_equal(f->fold[found->example], fold);
		assert_ok(classify(c, m, &comment, FIELDS_ALL, &j, &err), err);
		assert_memory_equal(&j.probability, &found->probability, sizeof(double));
		assert_int_equal(j.verdict, found->verdict);
	}
}

static void
what_is_left_out_is_judged_as_by_that_model(void **state)
{
	struct fixture *f = *state;
	struct classifier *c;
	size_t judged = 0;
	struct err err;

	assert_ok(classifier_new(&c, &err), err);
	for (unsigned char fold = 0; fold < FOLDS; fold++) {
		const struct choice choice = { f->fold, fold };
		struct model *alone = model_without(f, fold);
		uint64_t tokens;

		f->judged = 0;
		assert_ok(trainer_judge_left_out(f->all, &choice, &options, note, f, &tokens, &err), err);
		assert_int_equal(tokens, model_info(alone)->tokens);
		compare(f, c, alone, fold);
		judged += f->judged;
		model_unref(alone);
	}
	assert_true(judged > EXAMPLES / 2);
	classifier_free(c);
}

/* Numbers: every token has one, those of several examples the first ones, and all are found by it. */
static void
tokens_are_numbered_for_good(void **state)
{
	struct vocabulary v;
	uint32_t *now, next[2] = { 0, 0 };

	(void)state;
	vocabulary_init(&v, false);
	for (uint64_t i = 1; i <= 20000; i++)
		vocabulary_add(&v, i * 0x9e3779b97f4a7c15u)->seen = i % 3 == 0 ? 2 : 1;
	now = vocabulary_unsettle(&v);
	assert_non_null(now);
	assert_int_equal(v.common, 20000 / 3);
	next[1] = v.common;
	for (size_t i = 0; i < v.table.used; i++)
		now[i] = next[now[i] == VOCABULARY_ALONE]++;
	assert_int_equal(vocabulary_settle(&v, now), 0);
	free(now);
	for (uint64_t i = 1; i <= 20000; i++) {
		uint32_t number = vocabulary_find(&v, i * 0x9e3779b97f4a7c15u);

		assert_true(number < v.table.used);
		assert_int_equal(number < v.common, i % 3 == 0);
		assert_true(v.hash[number] == i * 0x9e3779b97f4a7c15u);
	}
	for (size_t i = 1; i < v.table.used; i++)
		assert_true(v.hash[v.order[i - 1]] < v.hash[v.order[i]]);
	assert_int_equal(vocabulary_find(&v, 5), VOCABULARY_NONE);
	vocabulary_fini(&v);
}

/* A strip's sums are those of a plain loop, to the last bit. */
static void
strips_add_in_order(void **state)
{
	double row[7 * 2 * STRIP], factor[7], sum[2 * STRIP], plain[2 * STRIP];
	uint64_t random = 3;

	(void)state;
	for (size_t i = 0; i < 7 * 2 * STRIP; i++)
		row[i] = (double)draw(&random, 1000000) / 7e3 - 70;
	for (size_t i = 0; i < 7; i++)
		factor[i] = (double)draw(&random, 1000) / 3e2;
	for (size_t k = 0; k < 2 * STRIP; k++) {
		sum[k] = plain[k] = 1.0 / (double)(k + 3);
		for (size_t i = 0; i < 7; i++)
			plain[k] += factor[i] * row[i * 2 * STRIP + k];
	}
	for (size_t k = 0; k < strip_whole(STRIP + 1); k += STRIP)
		strip_add(sum + k, row + k, 2 * STRIP, factor, 7);
	assert_memory_equal(sum, plain, sizeof(sum));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_part_makes_the_model_that_it_makes_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_left_out_is_judged_as_by_that_model, setup, teardown),
		cmocka_unit_test(tokens_are_numbered_for_good),
		cmocka_unit_test(strips_add_in_order),
	};

	return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
