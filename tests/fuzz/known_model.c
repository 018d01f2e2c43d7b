#include "config.h"

#include "known_model.h"

#include <math.h>

#include "base/crypto.h"
#include "classifier/train.h"

#define SEPARATOR '\xff'

struct text {
	const char *author, *content;
};

static const struct text spam[] = {
	{ "Best Pills", "Buy cheap pills now!!! http://pills.example/buy" },
	{ "casino", "WIN big at our casino, free spins: http://casino.example" },
	{ "SEO expert", "Great post! Earn money from home, click <a href=\"http://earn.example/\">here</a>" },
	{ "watches", "replica watches, cheap, order today at watches.example" },
};
static const struct text ham[] = {
	{ "Ada", "I tried this recipe yesterday and my children loved it." },
	{ "Bert", "Thanks, the second part explained it well to me." },
	{ "Chris", "We visited the same village in May; the bakery is still there." },
	{ "Dora", "The figures on page 12 say the opposite, don't they?" },
};
#define TEXTS 4
static const struct text short_spam = { "Pills", "Buy pills" }, short_ham = { "Ada", "A recipe" };

#define TOP 20
#define NAME_MAX_BYTES 4096

static void
add_texts(struct trainer *t, const struct text *texts, size_t n, enum label label)
{
	struct err err;

	for (size_t i = 0; i < n; i++) {
		struct comment c = { 0 };

		c.field[COMMENT_AUTHOR] = slice_of(texts[i].author);
		c.field[COMMENT_CONTENT] = slice_of(texts[i].content);
		CHECK(trainer_add(t, &c, label, NULL, &err) == 0);
	}
}

/* Train a model on N texts of each class. */
static struct model *
train(const struct text *of_spam, const struct text *of_ham, size_t n)
{
	struct train_options options = { .fields = FIELDS_ALL, .blocked_ham_budget = 0.005, .names = true };
	struct trainer *t;
	struct model *m;
	struct err err;

	CHECK(crypto_init(&err) == 0);
	CHECK(trainer_new(&t, &options, &err) == 0);
	add_texts(t, of_spam, n, LABEL_SPAM);
	add_texts(t, of_ham, n, LABEL_HAM);
	CHECK(trainer_build(t, &m, &err) == 0);
	trainer_free(t);
	return m;
}

const struct model *
fuzz_model(void)
{
	static struct model *model;

	if (model == NULL)
		model = train(spam, ham, TEXTS);
	return model;
}

const struct model *
fuzz_small_model(void)
{
	static struct model *model;

	if (model == NULL)
		model = train(&short_spam, &short_ham, 1);
	return model;
}

struct classifier *
fuzz_classifier(void)
{
	static struct classifier *classifier;
	struct err err;

	if (classifier == NULL)
		CHECK(classifier_new(&classifier, &err) == 0);
	return classifier;
}

struct comment
fuzz_comment(struct slice input)
{
	static const enum comment_field order[] = { COMMENT_CONTENT, COMMENT_AUTHOR, COMMENT_EMAIL,
		COMMENT_URL, COMMENT_PERMALINK, COMMENT_TITLE, COMMENT_CONTEXT, COMMENT_USER_AGENT };
	struct comment c = { 0 };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && input.n > 0; i++)
		c.field[order[i]] = fuzz_cut(&input, SEPARATOR);
	return c;
}

/* The evidence adds up, whatever its order, and its strongest pieces are found. */
static void
check_evidence(struct judgement *j)
{
	double sum = j->prior, weakest = INFINITY;
	size_t ranked = judgement_rank(j, TOP);

	CHECK(ranked == (j->nevidence < TOP ? j->nevidence : TOP));
	for (size_t i = 0; i < j->nevidence; i++) {
		double weight = fabs(j->evidence[i].weight);

		CHECK(isfinite(weight) && j->evidence[i].field != NULL);
		CHECK(weight <= weakest);
		if (i < ranked)
			weakest = weight;
		sum += j->evidence[i].weight;
	}
	CHECK(fabs(sum - log(j->probability / (1 - j->probability))) < 1e-6);
	CHECK(fabs(sum - j->log_odds) < 1e-6);
}

static void
check_names(const struct classifier *k, const struct judgement *j)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < j->nevidence; i++) {
		buf_clear(&b);
		classifier_token_name(k, &j->evidence[i], &b);
		CHECK(buf_ok(&b) && b.n < NAME_MAX_BYTES);
	}
	buf_fini(&b);
}

void
fuzz_judge(const struct model *model, const struct comment *comment, enum fields fields)
{
	struct err err;

	CHECK(classifier_read(fuzz_classifier(), comment, fields, &err) == 0);
	fuzz_judge_again(model);
}

void
fuzz_judge_again(const struct model *model)
{
	struct classifier *k = fuzz_classifier();
	struct judgement j;
	struct err err;

	CHECK(classify_read(k, model, NULL, &j, &err) == 0);
	CHECK(j.probability > 0 && j.probability < 1 && isfinite(j.prior));
	CHECK(fabs(j.log_odds) <= JUDGEMENT_LOG_ODDS_MAX);
	CHECK(j.known >= 0 && j.known <= 1);
	check_evidence(&j);
	check_names(k, &j);
}
