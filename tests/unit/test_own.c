#include "config.h"

#include "unit.h"

#include <math.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "classifier/classify.h"
#include "classifier/train.h"
#include "engine/mix.h"

/* A site's own counts beside the shared ones, and weights that hold across sources. */
static const char spam_text[] = "cheap casino pills, win money now";
static const char ham_text[] = "my grandmother baked bread with butter";
static const char topic_text[] = "the harbour festival needs volunteers on Saturday";

static struct comment
comment_of(const char *content)
{
	struct comment c = { 0 };

	c.field[COMMENT_CONTENT] = slice_of(content);
	return c;
}

static struct trainer *
trainer(void)
{
	const struct train_options options = { .fields = FIELDS_ALL, .blocked_ham_budget = 0.005 };
	struct trainer *t;
	struct err err;

	assert_ok(trainer_new(&t, &options, &err), err);
	return t;
}

static void
add(struct trainer *t, const char *content, const char *author, enum label label, const struct origin *from)
{
	struct comment c = comment_of(content);
	struct err err;

	if (author != NULL)
		c.field[COMMENT_AUTHOR] = slice_of(author);
	assert_ok(trainer_add(t, &c, label, from, &err), err);
}

static struct model *
build(struct trainer *t)
{
	struct model *m;
	struct err err;

	assert_ok(trainer_build(t, &m, &err), err);
	trainer_free(t);
	return m;
}

static void
add_shared(struct trainer *t)
{
	for (int i = 0; i < 20; i++) {
		add(t, spam_text, NULL, LABEL_SPAM, NULL);
		add(t, ham_text, NULL, LABEL_HAM, NULL);
	}
}

/* The model of the shared examples. */
static struct model *
shared_model(void)
{
	struct trainer *t = trainer();

	add_shared(t);
	return build(t);
}

/* M with TEXT learnt (or taken back) as LABEL; M's reference is given up. */
static struct model *
learn(struct model *m, const char *text, enum label label, const struct origin *from, bool take_back)
{
	struct comment c = comment_of(text);
	struct model *next;
	struct delta *d;
	struct err err;

	assert_ok(delta_new(&d, FIELDS_ALL, &err), err);
	assert_ok(delta_add(d, &c, label, from, take_back, &err), err);
	assert_ok(delta_apply(d, m, model_info(m)->id, 0, false, &next, &err), err);
	delta_free(d);
	model_unref(m);
	return next;
}

/* The log-odds of TEXT at SITE; *OWN is the sum of the evidence that its own counts are, and all adds up. */
static double
log_odds(const struct model *m, const char *text, uint64_t site, double *own)
{
	const struct place place = { .site = site };
	struct comment c = comment_of(text);
	struct classifier *k;
	struct judgement j;
	struct err err;
	double sum;

	assert_ok(classifier_new(&k, &err), err);
	assert_ok(classify_at(k, m, &c, FIELDS_ALL, &place, &j, &err), err);
	sum = j.prior;
	*own = 0;
	for (size_t i = 0; i < j.nevidence; i++) {
		sum += j.evidence[i].weight;
		if (strcmp(j.evidence[i].field, "own") == 0)
			*own += j.evidence[i].weight;
	}
	assert_true(fabs(sum - j.log_odds) < 1e-6);
	classifier_free(k);
	return j.log_odds;
}

static void
a_new_site_lives_off_the_shared_counts(void **state)
{
	const struct origin of_site_7 = { .site = 7 };
	struct model *m = learn(shared_model(), topic_text, LABEL_HAM, &of_site_7, false);
	double at_8, anywhere, own;

	(void)state;
	at_8 = log_odds(m, spam_text, 8, &own);
	assert_true(own == 0);
	anywhere = log_odds(m, spam_text, 0, &own);
	assert_true(at_8 == anywhere);
	model_unref(m);
}

static void
a_site_learns_for_itself_alone(void **state)
{
	const struct origin of_site_7 = { .site = 7 };
	struct model *before = shared_model();
	double own, other_before = log_odds(before, topic_text, 8, &own),
		    before_7 = log_odds(before, topic_text, 7, &own);
	struct model *after = learn(before, topic_text, LABEL_SPAM, &of_site_7, false);

	(void)state;
	assert_true(log_odds(after, topic_text, 8, &own) == other_before);
	assert_true(log_odds(after, topic_text, 7, &own) > before_7 + 1);
	assert_true(own > 1);
	assert_int_equal(model_info(after)->spam, 20);
	assert_int_equal(model_info(after)->own_spam, 1);
	model_unref(after);
}

static void
a_busy_site_outweighs_the_shared_counts(void **state)
{
	const struct origin of_site_7 = { .site = 7 };
	struct model *m = shared_model();
	double own, before = log_odds(m, spam_text, 7, &own);

	(void)state;
	for (int i = 0; i < 40; i++) {
		m = learn(m, spam_text, LABEL_HAM, &of_site_7, false);
		m = learn(m, topic_text, LABEL_SPAM, &of_site_7, false);
	}
	assert_true(log_odds(m, spam_text, 7, &own) < before - 2);
	assert_true(own < -2);
	assert_true(log_odds(m, spam_text, 0, &own) == before);
	model_unref(m);
}

/* A token's multiplier hangs on how often it was seen, here and elsewhere together. */
static void
seldom_seen_by_all_often_by_the_site(void **state)
{
	const struct origin of_site_7 = { .site = 7 };
	struct model *m = learn(shared_model(), topic_text, LABEL_SPAM, NULL, false);
	double own, at_8;

	(void)state;
	for (int i = 0; i < 4; i++) {
		log_odds(m, topic_text, 7, &own); /* adds up at each step, or it fails */
		m = learn(m, topic_text, LABEL_SPAM, &of_site_7, false);
	}
	at_8 = log_odds(m, topic_text, 8, &own);
	assert_true(own == 0);
	assert_true(log_odds(m, topic_text, 7, &own) > at_8);
	model_unref(m);
}

static void
what_is_shared_counts_for_all(void **state)
{
	const struct origin shared = { .site = 7, .shared = true };
	struct model *m = shared_model();
	double own, before = log_odds(m, topic_text, 8, &own);

	(void)state;
	m = learn(m, topic_text, LABEL_SPAM, &shared, false);
	assert_true(log_odds(m, topic_text, 8, &own) > before);
	assert_true(log_odds(m, topic_text, 7, &own) > log_odds(m, topic_text, 8, &own));
	assert_int_equal(model_info(m)->spam, 21);
	model_unref(m);
}

static void
taking_back_leaves_no_trace(void **state)
{
	const struct origin origins[] = { { .site = 7 }, { .site = 7, .shared = true }, { .site = 0 } };
	struct model *m = shared_model();
	uint64_t tokens = model_info(m)->tokens;
	double own, before = log_odds(m, topic_text, 7, &own);

	(void)state;
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		m = learn(m, topic_text, LABEL_SPAM, &origins[i], false);
		m = learn(m, topic_text, LABEL_SPAM, &origins[i], true);
		assert_int_equal(model_info(m)->tokens, tokens);
		assert_true(log_odds(m, topic_text, 7, &own) == before);
	}
	model_unref(m);
}

static void
another_sites_example_cannot_be_taken_back(void **state)
{
	const struct origin of_site_7 = { .site = 7 }, of_site_8 = { .site = 8 };
	struct model *m = learn(shared_model(), topic_text, LABEL_SPAM, &of_site_7, false), *next;
	struct comment c = comment_of(topic_text);
	struct delta *d;
	struct err err;

	(void)state;
	assert_ok(delta_new(&d, FIELDS_ALL, &err), err);
	assert_ok(delta_add(d, &c, LABEL_SPAM, &of_site_8, true, &err), err);
	assert_int_equal(delta_apply(d, m, model_info(m)->id, 0, false, &next, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	delta_free(d);
	model_unref(m);
}

static void
trained_as_learnt(void **state)
{
	const struct origin of_site_7 = { .site = 7 };
	struct trainer *t = trainer();
	struct model *trained, *learnt = shared_model();
	double own;

	(void)state;
	add_shared(t);
	for (int i = 0; i < 3; i++) {
		add(t, topic_text, NULL, LABEL_SPAM, &of_site_7);
		learnt = learn(learnt, topic_text, LABEL_SPAM, &of_site_7, false);
	}
	trained = build(t);
	assert_true(log_odds(trained, topic_text, 7, &own) == log_odds(learnt, topic_text, 7, &own));
	assert_int_equal(model_info(trained)->own_spam, 3);
	model_unref(trained);
	model_unref(learnt);
}

/* The log-odds that a model of four sources gives an author of the first source's spammers' name. */
static double
judged_by_name(bool sources_known)
{
	static const char *const names[] = { "Quentin", "Rosalind", "Thaddeus", "Wilhelmina" };
	struct comment c = comment_of("qwrtz");
	struct trainer *t = trainer();
	char spam[80], ham[80];
	struct classifier *k;
	struct judgement j;
	struct model *m;
	struct err err;

	for (uint64_t s = 0; s < 4; s++) {
		const struct origin from = { .source = sources_known ? s + 1 : 0 };

		for (int i = 0; i < 30; i++) {
			snprintf(spam, sizeof(spam), "buy number%d cheap now", i % 10);
			snprintf(ham, sizeof(ham), "the garden in year%d was green", i % 10);
			add(t, spam, s % 2 == 0 ? names[s] : "Anna", LABEL_SPAM, &from);
			add(t, ham, s % 2 == 0 ? "Anna" : names[s], LABEL_HAM, &from);
		}
	}
	m = build(t);
	c.field[COMMENT_AUTHOR] = slice_of(names[0]);
	assert_ok(classifier_new(&k, &err), err);
	assert_ok(classify(k, m, &c, FIELDS_ALL, &j, &err), err);
	classifier_free(k);
	model_unref(m);
	return j.log_odds;
}

/* Names that only one source has tell the classes apart there and nowhere else. */
static void
what_one_source_carries_weighs_less(void **state)
{
	(void)state;
	assert_true(judged_by_name(true) < judged_by_name(false));
}

static void
the_threshold_moves_with_the_mix(void **state)
{
	struct model *m = shared_model();
	double threshold = model_info(m)->spam_threshold, own_share = model_info(m)->spam_share;
	struct place place = { .has_prior = true };

	(void)state;
	place.prior = place_prior(m, own_share);
	assert_true(fabs(place.prior - model_info(m)->prior) < 1e-12);
	assert_true(fabs(place_threshold(m, &place) - threshold) < 1e-12);
	place.prior = place_prior(m, 0.9);
	assert_true(fabs(place_spam_share(m, place.prior) - 0.9) < 1e-12);
	assert_true(place_threshold(m, &place) > threshold);
	place.prior = place_prior(m, 0.01);
	assert_true(place_threshold(m, &place) >= 1 / (1 + exp(-0.2)) - 1e-12);
	assert_true(place_threshold(m, NULL) == threshold);
	model_unref(m);
}

/* Judge with prior and outside evidence as given; check that it adds up and that the words of SPAM_TEXT and
 * of HAM_TEXT still say what they do. */
static void
check_at(const struct model *m, const char *content, double prior, double outside)
{
	const struct outside told = { "rule", "told", outside };
	const struct place place = { .has_prior = true, .prior = prior, .outside = &told, .noutside = 1 };
	const struct comment c = comment_of(content);
	struct classifier *k;
	struct judgement j;
	struct err err;
	double sum = prior, words = 0;

	assert_ok(classifier_new(&k, &err), err);
	assert_ok(classify_at(k, m, &c, FIELDS_ALL, &place, &j, &err), err);
	assert_true(j.prior == prior);
	for (size_t i = 0; i < j.nevidence; i++) {
		sum += j.evidence[i].weight;
		words += strcmp(j.evidence[i].field, "word") == 0 ? j.evidence[i].weight : 0;
	}
	assert_true(fabs(sum - j.log_odds) < 1e-6);
	assert_true(fabs(log(j.probability / (1 - j.probability)) - j.log_odds) < 1e-6);
	assert_true(content == spam_text ? words > 0 : words < 0);
	classifier_free(k);
}

/* However little spam a site is said to get, there is room for what is said beside the prior. */
static void
a_prior_leaves_room_for_evidence(void **state)
{
	static const double shares[] = { 1e-300, 1e-12, 1e-11, 0.01, 0.5, 0.99, 1 - 1e-12, 1 - 1e-16 };
	struct model *m = shared_model();

	(void)state;
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		double prior = place_prior(m, shares[i]);

		assert_true(fabs(prior) < JUDGEMENT_LOG_ODDS_MAX - OUTSIDE_MAX);
		for (double outside = -OUTSIDE_MAX; outside <= OUTSIDE_MAX; outside += OUTSIDE_MAX / 2) {
			check_at(m, spam_text, prior, outside);
			check_at(m, ham_text, prior, outside);
		}
	}
	model_unref(m);
}

/* Of a prior past all bounds, which a record may have, evidence is at least a number. */
static void
evidence_is_a_number_under_any_prior(void **state)
{
	const struct place place = { .has_prior = true, .prior = 25 };
	const struct comment c = comment_of("");
	struct model *m = shared_model();
	struct classifier *k;
	struct judgement j;
	struct err err;

	(void)state;
	assert_ok(classifier_new(&k, &err), err);
	assert_ok(classify_at(k, m, &c, FIELDS_ALL, &place, &j, &err), err);
	assert_true(j.nevidence > 0);
	for (size_t i = 0; i < j.nevidence; i++)
		assert_true(isfinite(j.evidence[i].weight));
	classifier_free(k);
	model_unref(m);
}

static void
the_mix_is_found_again(void **state)
{
	static const double shares[] = { 0.05, 0.5, 0.95 };
	static struct mix_score scores[1000];
	double found;

	(void)state;
	for (size_t k = 0; k < sizeof(shares) / sizeof(shares[0]); k++) {
		for (size_t i = 0; i < 1000; i++) /* log-odds of +-4 are wrong 18 times of 1,000 */
			scores[i] = (struct mix_score){ (double)i < 1000 * shares[k] ? 4 : -4, LABEL_NONE };
		found = mix_estimate(scores, 1000, 0, 0.5);
		assert_true(fabs(found - shares[k]) < 0.03);
	}
	for (size_t i = 0; i < 1000; i++) /* what is known counts, whatever it looks like */
		scores[i] = (struct mix_score){ 4, LABEL_HAM };
	assert_true(mix_estimate(scores, 1000, 0, 0.5) < 0.02);
	assert_true(mix_estimate(scores, 0, 0, 0.3) > 0.29);
	scores[0] = (struct mix_score){ -20, LABEL_HAM };
	assert_true(mix_estimate(scores, 1, 0, 0.5) >= MIX_MIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_site_lives_off_the_shared_counts),
		cmocka_unit_test(a_site_learns_for_itself_alone),
		cmocka_unit_test(a_busy_site_outweighs_the_shared_counts),
		cmocka_unit_test(seldom_seen_by_all_often_by_the_site),
		cmocka_unit_test(what_is_shared_counts_for_all),
		cmocka_unit_test(taking_back_leaves_no_trace),
		cmocka_unit_test(another_sites_example_cannot_be_taken_back),
		cmocka_unit_test(trained_as_learnt),
		cmocka_unit_test(what_one_source_carries_weighs_less),
		cmocka_unit_test(the_threshold_moves_with_the_mix),
		cmocka_unit_test(a_prior_leaves_room_for_evidence),
		cmocka_unit_test(evidence_is_a_number_under_any_prior),
		cmocka_unit_test(the_mix_is_found_again),
	};
	struct err err;

	if (crypto_init(&err) == -1)
		return 1;
	return cmocka_run_group_tests_name("own", tests, NULL, NULL);
}
