#include "config.h"

#include "unit.h"

#include <math.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "classifier/classify.h"
#include "classifier/model_impl.h"
#include "classifier/train.h"

/* A small world of its own: enough to tell its spam from its ham. */
static const char *const spam_texts[] = {
	"Buy cheap pills online at http://pills.example/buy now!!!",
	"Win big at our CASINO, free spins http://casino.example",
	"cheap pills cheap pills no prescription needed",
	"casino bonus, play now and win money",
	"best replica watches, cheap, buy now",
	"work from home and earn money fast http://earn.example/fast",
	"pills for less, order today at pills.example",
	"hot casino offer: free money, click http://casino.example/offer",
};
static const char *const ham_texts[] = {
	"I tried this recipe yesterday and my children loved it.",
	"Thanks, the second part explained it well to me.",
	"Don't you think the author forgets the war years?",
	"We visited the same village in May; the bakery is still there.",
	"The bug is still there in version 2.1, see the stack trace below",
	"My grandmother used butter instead of oil.",
	"I disagree: the figures on page 12 say the opposite.",
	"What a lovely photograph of the harbour!",
};
#define TEXTS 8

static struct comment
comment_of(const char *content)
{
	struct comment c = { 0 };

	c.field[COMMENT_CONTENT] = slice_of(content);
	return c;
}

static struct model *
train(size_t nspam, size_t nham)
{
	struct train_options options = {
		.fields = FIELDS_ALL, .blocked_ham_budget = 0.005, .names = true, .position = 7
	};
	struct trainer *t;
	struct comment c;
	struct model *m;
	struct err err;

	assert_ok(trainer_new(&t, &options, &err), err);
	for (size_t i = 0; i < nspam; i++) {
		c = comment_of(spam_texts[i % TEXTS]);
		assert_ok(trainer_add(t, &c, LABEL_SPAM, NULL, &err), err);
	}
	for (size_t i = 0; i < nham; i++) {
		c = comment_of(ham_texts[i % TEXTS]);
		assert_ok(trainer_add(t, &c, LABEL_HAM, NULL, &err), err);
	}
	assert_ok(trainer_build(t, &m, &err), err);
	trainer_free(t);
	return m;
}

/* Check that ranking brings the strongest to the front, however many are asked for, and loses none. */
static void
check_ranking(struct judgement *j)
{
	double strongest[5] = { 0 };
	size_t n = j->nevidence < 5 ? j->nevidence : 5;

	assert_int_equal(judgement_rank(j, 5), n);
	for (size_t i = 0; i < n; i++)
		strongest[i] = fabs(j->evidence[i].weight);
	assert_int_equal(judgement_rank(j, SIZE_MAX), j->nevidence);
	for (size_t i = 0; i < j->nevidence; i++) {
		assert_true(i == 0 || fabs(j->evidence[i].weight) <= fabs(j->evidence[i - 1].weight));
		assert_true(i >= n || fabs(j->evidence[i].weight) >= strongest[i]);
		assert_true(i >= n || fabs(j->evidence[i].weight) <= strongest[i]);
	}
}

static uint64_t
next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	return *x ^= *x << 17;
}

static int
by_strength(const void *a, const void *b)
{
	const struct evidence *x = a, *y = b;

	if (fabs(x->weight) != fabs(y->weight))
		return fabs(x->weight) < fabs(y->weight) ? 1 : -1;
	return x->token < y->token ? -1 : x->token > y->token;
}

/* Check that the TOP first of E are in front, in order, and right behind them what is outside. */
static void
check_top(const struct evidence *e, size_t n, size_t ntokens, size_t top)
{
	struct evidence *sorted = malloc(n * sizeof(*e) + 1), *ranked = malloc(n * sizeof(*e) + 1);
	struct judgement j = { .evidence = ranked, .nevidence = n, .ntokens = ntokens };
	size_t shown, front = top < n ? top : n;

	memcpy(sorted, e, n * sizeof(*e));
	memcpy(ranked, e, n * sizeof(*e));
	for (size_t i = 0; i < n; i++)
		j.noutside += e[i].token >= ntokens;
	qsort(sorted, n, sizeof(*e), by_strength);
	shown = judgement_rank(&j, top);
	for (size_t i = 0; i < front; i++)
		assert_true(ranked[i].token == sorted[i].token && ranked[i].weight == sorted[i].weight);
	for (size_t i = front; i < n; i++)
		assert_int_equal(i < shown, ranked[i].token >= ntokens);
	qsort(ranked, n, sizeof(*e), by_strength);
	assert_memory_equal(ranked, sorted, n * sizeof(*e));
	free(sorted);
	free(ranked);
}

/* Whatever the order, how many are equally strong, and how many are asked for. */
static void
ranks_any_evidence(void **state)
{
	struct evidence e[700];
	uint64_t x = 88172645463325252u;

	(void)state;
	memset(e, 0, sizeof(e));
	for (int round = 0; round < 300; round++) {
		size_t n = 1 + next_random(&x) % 700, outside = next_random(&x) % 4;
		uint64_t kinds = round % 3 == 0 ? 5 : 1u << 30;

		for (size_t i = 0; i < n; i++) {
			e[i].weight = ((double)(next_random(&x) % kinds) - (double)kinds / 3) / 7;
			e[i].token = i;
		}
		for (size_t top = 0; top < 40; top += 1 + next_random(&x) % 9)
			check_top(e, n, n > outside ? n - outside : n, top);
		check_top(e, n, n, 20);
	}
}

/* Judge COMMENT, and check what must hold for any: the evidence adds up. */
static double
probability(struct classifier *k, const struct model *m, const struct comment *comment)
{
	struct judgement j;
	struct err err;
	double sum;

	assert_ok(classify(k, m, comment, FIELDS_ALL, &j, &err), err);
	assert_true(j.probability > 0 && j.probability < 1);
	sum = j.prior;
	check_ranking(&j);
	for (size_t i = 0; i < j.nevidence; i++) {
		assert_true(isfinite(j.evidence[i].weight));
		sum += j.evidence[i].weight;
	}
	assert_true(fabs(sum - log(j.probability / (1 - j.probability))) < 1e-6);
	assert_true(fabs(sum - j.log_odds) < 1e-6);
	assert_true(j.known >= 0 && j.known <= 1);
	return j.probability;
}

static double
probability_of(const struct model *m, const char *content)
{
	struct comment c = comment_of(content);
	struct classifier *k;
	struct err err;
	double p;

	assert_ok(classifier_new(&k, &err), err);
	p = probability(k, m, &c);
	classifier_free(k);
	return p;
}

static void
tells_spam_from_ham(void **state)
{
	struct model *m = train(TEXTS, TEXTS);

	(void)state;
	assert_true(probability_of(m, "free casino money, click here http://casino.example/win") > 0.6);
	assert_true(probability_of(m, "My children loved the recipe of my grandmother") < 0.4);
	model_unref(m);
}

static void
evidence_adds_up_for_any_bytes(void **state)
{
	struct model *m = train(TEXTS, TEXTS);
	static char text[4000];
	struct classifier *k;
	unsigned seed = 42;
	struct err err;

	(void)state;
	assert_ok(classifier_new(&k, &err), err);
	for (int round = 0; round < 3000; round++) {
		struct comment c = { 0 };
		size_t at = 0;

		for (size_t i = 0; i < sizeof(text); i++) {
			seed = seed * 1664525u + 1013904223u;
			text[i] = round % 2 == 0 ? (char)(seed >> 24)
						 : " casinopls.<>&[]=:/!'"[(seed >> 24) % 21];
		}
		for (int f = 0; f < COMMENT_FIELDS && at < sizeof(text); f++) {
			seed = seed * 1664525u + 1013904223u;
			c.field[f] = (struct slice){ text + at, (seed >> 20) % (sizeof(text) - at + 1) };
			at += c.field[f].n;
		}
		probability(k, m, &c);
	}
	classifier_free(k);
	model_unref(m);
}

static void
no_minimum_of_examples(void **state)
{
	static const size_t sizes[][2] = { { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 }, { 0, 8 }, { 8, 0 },
		{ 1, 8 }, { 2, 2 }, { 1, 200 } };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct model *m = train(sizes[i][0], sizes[i][1]);

		assert_true(model_info(m)->spam_threshold > 0.5 && model_info(m)->spam_threshold <= 1);
		assert_true(model_info(m)->unsure_threshold < model_info(m)->spam_threshold);
		probability_of(m, spam_texts[0]);
		probability_of(m, "");
		model_unref(m);
	}
}

/* One example of a class teaches the counts only: no prior is fitted to it that would say the same of all. */
static void
one_example_is_not_fitted_to(void **state)
{
	static const size_t sizes[][2] = { { 100, 1 }, { 1, 100 }, { 1, 44 } };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct model *m = train(sizes[i][0], sizes[i][1]);

		assert_true(model_info(m)->prior == 0);
		assert_true(model_info(m)->spam_share == 0.5);
		model_unref(m);
	}
}

static void
unknown_and_empty_texts_are_unsure(void **state)
{
	static const char *const texts[] = { "", " ", "qwrtzu xcvbnm", "\xd5\xa2\xd5\xa1\xd6\x80\xd6\x87" };
	struct model *models[] = { train(0, 0), train(TEXTS, TEXTS), train(1, 100) };
	struct classifier *k;
	struct judgement j;
	struct err err;

	(void)state;
	assert_ok(classifier_new(&k, &err), err);
	for (size_t m = 0; m < sizeof(models) / sizeof(models[0]); m++) {
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
			struct comment c = comment_of(texts[i]);

			assert_ok(classify(k, models[m], &c, FIELDS_ALL, &j, &err), err);
			assert_int_equal(j.verdict, VERDICT_UNSURE);
		}
		model_unref(models[m]);
	}
	classifier_free(k);
}

static void
order_of_examples_does_not_matter(void **state)
{
	struct train_options options = { .fields = FIELDS_ALL, .blocked_ham_budget = 0.005 };
	const char *texts[2 * TEXTS];
	struct slice bytes[2];
	struct model *m[2];
	struct err err;

	(void)state;
	for (int i = 0; i < TEXTS; i++) {
		texts[2 * i] = spam_texts[i];
		texts[2 * i + 1] = ham_texts[i];
	}
	for (int way = 0; way < 2; way++) {
		struct trainer *t;

		assert_ok(trainer_new(&t, &options, &err), err);
		for (int i = 0; i < 2 * TEXTS; i++) {
			int at = way == 0 ? i : 2 * TEXTS - 1 - i;
			struct comment c = comment_of(texts[at]);

			assert_ok(trainer_add(t, &c, at % 2 == 0 ? LABEL_SPAM : LABEL_HAM, NULL, &err), err);
		}
		assert_ok(trainer_build(t, &m[way], &err), err);
		trainer_free(t);
		bytes[way] = model_bytes(m[way]);
	}
	assert_int_equal(bytes[0].n, bytes[1].n);
	assert_string_equal(model_info(m[0])->id, model_info(m[1])->id);
	model_unref(m[0]);
	model_unref(m[1]);
}

static void
same_parts(const struct model *a, const struct model *b)
{
	const struct snapshot_header *h = model_header(a), *g = model_header(b);
	const size_t from = h->section[SNAPSHOT_TABLE].at;

	assert_int_equal(h->spam, g->spam);
	assert_int_equal(h->ham, g->ham);
	assert_int_equal(h->digest_at, g->digest_at);
	assert_memory_equal(model_bytes(a).p + from, model_bytes(b).p + from, h->digest_at - from);
}

/* Learn a random history of corrections in random steps, then take all of it back in another order. */
/* Add example I of 60 from a source of both classes, 60 of one that has the same ham and nothing else, and
 * some that are read alike but aren't written so. */
static void
add_from_two_sources(struct trainer *t, size_t i)
{
	const struct origin from = { .source = i < 60 || i >= 120 ? 3 : 5 };
	bool spam = i < 60 && i % 2 == 0;
	char text[64];
	struct comment c;
	struct err err;

	snprintf(text, sizeof(text), "%s %zu, %zu of the words",
	    i >= 120   ? "nice&#32;day"
		: spam ? "buy"
		       : "nice day",
	    i % 60 * 7 % 13, i % 60 | 1);
	c = comment_of(text);
	assert_ok(trainer_add(t, &c, spam ? LABEL_SPAM : LABEL_HAM, &from, &err), err);
}

/* The same text from two sources counts for both, whichever came first: what their rows count differs. */
static void
order_of_sources_does_not_matter(void **state)
{
	const struct train_options options = { .fields = FIELDS_ALL, .blocked_ham_budget = 0.005 };
	struct model *m[3];
	struct err err;

	(void)state;
	for (int way = 0; way < 3; way++) {
		struct trainer *t;

		assert_ok(trainer_new(&t, &options, &err), err);
		for (size_t i = 0; i < 150; i++)
			add_from_two_sources(t, way == 0 ? i : way == 1 ? 149 - i : (i * 67 + 75) % 150);
		assert_ok(trainer_build(t, &m[way], &err), err);
		trainer_free(t);
	}
	assert_string_equal(model_info(m[0])->id, model_info(m[1])->id);
	assert_string_equal(model_info(m[0])->id, model_info(m[2])->id);
	for (int way = 0; way < 3; way++)
		model_unref(m[way]);
}

static void
unlearning_is_exact(void **state)
{
	struct model *first = train(TEXTS, TEXTS), *m = model_ref(first), *next;
	struct {
		struct comment c;
		enum label label;
	} learnt[40];
	static char texts[40][60];
	unsigned seed = 9;
	struct delta *d;
	struct err err;

	(void)state;
	for (int i = 0; i < 40; i++) {
		seed = seed * 1664525u + 1013904223u;
		snprintf(texts[i], sizeof(texts[i]), "word%u casino %s recipe%u", seed >> 28,
		    i % 3 ? "butter" : "pills", seed >> 20 & 7);
		learnt[i].c = comment_of(texts[i]);
		learnt[i].label = seed >> 31 ? LABEL_SPAM : LABEL_HAM;
	}
	for (int i = 0; i < 80; i++) {
		int at = i < 40 ? i : (i * 7) % 40;

		assert_ok(delta_new(&d, FIELDS_ALL, &err), err);
		assert_ok(delta_add(d, &learnt[at].c, learnt[at].label, NULL, i >= 40, &err), err);
		assert_ok(delta_apply(d, m, model_info(m)->id, (uint64_t)i, false, &next, &err), err);
		assert_string_equal(model_info(next)->parent, model_info(m)->id);
		delta_free(d);
		model_unref(m);
		m = next;
	}
	same_parts(first, m);
	model_unref(m);
	model_unref(first);
}

static void
taking_back_what_was_never_learnt_is_refused(void **state)
{
	struct comment c = comment_of("never seen before");
	struct model *m = train(TEXTS, TEXTS), *next;
	struct delta *d;
	struct err err;

	(void)state;
	assert_ok(delta_new(&d, FIELDS_ALL, &err), err);
	assert_ok(delta_add(d, &c, LABEL_SPAM, NULL, true, &err), err);
	assert_int_equal(delta_apply(d, m, model_info(m)->id, 1, false, &next, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	delta_free(d);
	model_unref(m);
}

static void
a_correction_changes_the_answer(void **state)
{
	static const char text[] = "gardening tips and seeds for your balcony";
	struct comment c = comment_of(text);
	struct model *m = train(TEXTS, TEXTS), *next;
	struct delta *d;
	struct err err;

	(void)state;
	assert_ok(delta_new(&d, FIELDS_ALL, &err), err);
	assert_ok(delta_add(d, &c, LABEL_SPAM, NULL, false, &err), err);
	assert_ok(delta_apply(d, m, model_info(m)->id, 8, false, &next, &err), err);
	assert_true(probability_of(next, text) > probability_of(m, text) + 0.1);
	assert_int_equal(model_info(next)->position, 8);
	delta_free(d);
	model_unref(m);
	model_unref(next);
}

static void
a_model_without_names_judges_as_before(void **state)
{
	static const char text[] = "win a free casino bonus";
	struct comment c = comment_of(text);
	struct model *m = train(TEXTS, TEXTS), *learnt, *next;
	char id[MODEL_ID_BYTES];
	struct delta *d;
	struct err err;
	double before;

	(void)state;
	assert_ok(delta_new(&d, FIELDS_ALL, &err), err);
	assert_ok(delta_add(d, &c, LABEL_SPAM, NULL, false, &err), err);
	assert_ok(delta_apply(d, m, model_info(m)->id, 1, false, &learnt, &err), err);
	before = probability_of(learnt, text);
	memcpy(id, model_info(learnt)->id, sizeof(id));
	model_judge_only(learnt);
	assert_true(probability_of(learnt, text) == before);
	assert_string_equal(model_info(learnt)->id, id);
	assert_int_equal(delta_apply(d, learnt, model_info(learnt)->id, 2, false, &next, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	delta_free(d);
	model_unref(m);
	model_unref(learnt);
}

static void
damaged_snapshots_are_refused_by_name(void **state)
{
	char dir[] = "/tmp/hamlet-unit-XXXXXX", *path;
	struct model *m = train(TEXTS, TEXTS), *loaded;
	struct slice bytes = model_bytes(m);
	char *copy = malloc(bytes.n);
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = path_join(dir, "x.model");
	assert_ok(file_write_whole(path, bytes.p, bytes.n, &err), err);
	assert_ok(model_open(&loaded, path, &err), err);
	assert_string_equal(model_info(loaded)->id, model_info(m)->id);
	model_unref(loaded);
	for (size_t i = 0; i < bytes.n; i += i < 1000 ? 1 : 4099) {
		memcpy(copy, bytes.p, bytes.n);
		copy[i] ^= 16;
		assert_ok(file_write_whole(path, copy, bytes.n, &err), err);
		assert_int_equal(model_open(&loaded, path, &err), -1);
		assert_int_equal(err.code, ERR_DAMAGED);
		assert_non_null(strstr(err.text, path));
	}
	for (size_t n = 1; n < bytes.n; n = n * 3 + 1) {
		assert_ok(file_write_whole(path, bytes.p, n, &err), err);
		assert_int_equal(model_open(&loaded, path, &err), -1);
		assert_int_equal(err.code, ERR_DAMAGED);
	}
	unlink(path);
	assert_int_equal(model_open(&loaded, path, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	free(copy);
	free(path);
	rmdir(dir);
	model_unref(m);
}

/* A snapshot's constant is a prior, for which judging has room. */
static void
a_constant_out_of_bounds_is_refused(void **state)
{
	static const double constants[] = { -21, -PRIOR_MAX - 0.01, -PRIOR_MAX, PRIOR_MAX, PRIOR_MAX + 0.01 };
	struct model *m = train(TEXTS, TEXTS);
	struct slice bytes = model_bytes(m);
	char *copy = malloc(bytes.n);
	struct snapshot_header *h = (struct snapshot_header *)(void *)copy;
	struct err err;

	(void)state;
	assert_true(PRIOR_MAX + OUTSIDE_MAX < JUDGEMENT_LOG_ODDS_MAX && WEIGH_BIAS_MAX <= PRIOR_MAX);
	assert_non_null(copy);
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		memcpy(copy, bytes.p, bytes.n);
		h->weights.bias = constants[i];
		assert_ok(snapshot_seal(copy, &err), err);
		assert_int_equal(
		    snapshot_verify(copy, bytes.n, &err), fabs(constants[i]) <= PRIOR_MAX ? 0 : -1);
	}
	free(copy);
	model_unref(m);
}

/* Check that the judgements A and B, and their evidence, are the same to the last bit. */
static void
assert_same(const struct judgement *a, const struct judgement *b)
{
	assert_memory_equal(&a->probability, &b->probability, sizeof(double));
	assert_memory_equal(&a->log_odds, &b->log_odds, sizeof(double));
	assert_int_equal(a->nevidence, b->nevidence);
	for (size_t i = 0; i < a->nevidence; i++) {
		assert_int_equal(a->evidence[i].token, b->evidence[i].token);
		assert_memory_equal(&a->evidence[i].weight, &b->evidence[i].weight, sizeof(double));
	}
}

/* What a classifier remembers of one model never colours what it says by another; many counts are large. */
static void
two_models_in_turns(void **state)
{
	struct model *models[] = { train(6000, 3000), train(5, 7) };
	struct classifier *old, *fresh;
	struct judgement a, b;
	struct comment c;
	struct err err;

	(void)state;
	assert_ok(classifier_new(&old, &err), err);
	for (size_t i = 0; i < (size_t)4 * TEXTS; i++) {
		const struct model *m = models[i % 2];

		c = comment_of(i % 3 == 0 ? spam_texts[i % TEXTS] : ham_texts[i % TEXTS]);
		assert_ok(classifier_new(&fresh, &err), err);
		assert_ok(classifier_read(old, &c, FIELDS_ALL, &err), err);
		assert_true(classifier_text(old).n > 0);
		assert_ok(classify_read(old, m, NULL, &a, &err), err);
		assert_ok(classify_at(fresh, m, &c, FIELDS_ALL, NULL, &b, &err), err);
		assert_same(&a, &b);
		classifier_free(fresh);
	}
	classifier_free(old);
	model_unref(models[0]);
	model_unref(models[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_spam_from_ham),
		cmocka_unit_test(ranks_any_evidence),
		cmocka_unit_test(evidence_adds_up_for_any_bytes),
		cmocka_unit_test(two_models_in_turns),
		cmocka_unit_test(no_minimum_of_examples),
		cmocka_unit_test(one_example_is_not_fitted_to),
		cmocka_unit_test(unknown_and_empty_texts_are_unsure),
		cmocka_unit_test(order_of_examples_does_not_matter),
		cmocka_unit_test(order_of_sources_does_not_matter),
		cmocka_unit_test(unlearning_is_exact),
		cmocka_unit_test(taking_back_what_was_never_learnt_is_refused),
		cmocka_unit_test(a_correction_changes_the_answer),
		cmocka_unit_test(a_model_without_names_judges_as_before),
		cmocka_unit_test(damaged_snapshots_are_refused_by_name),
		cmocka_unit_test(a_constant_out_of_bounds_is_refused),
	};

	return crypto_init(NULL) == -1 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
