#include "config.h"

#include <unistd.h>

#include "base/buf.h"
#include "classifier/train.h"
#include "engine/evaluate.h"
#include "engine/learn.h"
#include "engine/trainset.h"

#define BUDGET 0.005
#define TRAIN_SHARE 0.3 /* of the time; the rest goes into the folds */

/* One stretch of the whole work's progress. */
struct stretch {
	const struct retrain_options *options;
	double from, length;
};

static void
report(double share, void *arg)
{
	const struct stretch *s = arg;

	if (s->options->progress != NULL)
		s->options->progress(s->from + share * s->length, s->options->progress_arg);
}

/* Return the budget asked for, or the one the current model was made with. */
static double
choose_budget(struct engine *e, double asked)
{
	struct model *current;
	double budget;

	if (asked > 0)
		return asked;
	if (engine_model(e, NULL, &current, NULL) == -1)
		return BUDGET;
	budget = model_info(current)->blocked_ham_budget;
	model_unref(current);
	return budget > 0 ? budget : BUDGET;
}

static int
train_on(const struct corpus *c, const struct train_options *options, struct model **out, struct err *err)
{
	struct trainer *t;
	int rc = 0;

	if (trainer_new(&t, options, err) == -1)
		return -1;
	for (size_t i = 0; rc == 0 && i < c->n; i++)
		rc = trainer_add(t, &c->rows[i].comment, c->rows[i].label, &c->rows[i].origin, err);
	if (rc == 0)
		rc = trainer_build(t, out, err);
	trainer_free(t);
	return rc;
}

static bool
can_measure(const struct corpus *c)
{
	size_t spam = 0, ham = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (example_is_tested(&c->rows[i]))
			++*(c->rows[i].label == LABEL_SPAM ? &spam : &ham);
	}
	return spam >= RETRAIN_FOLDS_LEAST && ham >= RETRAIN_FOLDS_LEAST;
}

static int
measure(const struct corpus *c, const struct train_options *options, struct arena *a, const char **figures,
    struct err *err)
{
	struct evaluation figure;
	struct buf b;

	*figures = "";
	if (!can_measure(c))
		return 0;
	if (evaluate_folds(c, RETRAIN_FOLDS, options, &figure, NULL, err) == -1)
		return -1;
	buf_init(&b, BUF_NO_LIMIT);
	evaluation_json(&figure, &b);
	*figures = buf_ok(&b) ? arena_copy(a, b.p, b.n) : NULL;
	buf_fini(&b);
	return *figures != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

/* Train on C and measure; nothing is published yet. */
static int
build(const struct corpus *c, struct train_options *options, const struct retrain_options *asked,
    struct arena *a, struct model **model, const char **figures, struct err *err)
{
	struct stretch training = { asked, 0, TRAIN_SHARE }, folds = { asked, TRAIN_SHARE, 1 - TRAIN_SHARE };

	options->progress = report;
	options->progress_arg = &training;
	if (train_on(c, options, model, err) == -1)
		return -1;
	options->names = false; /* the folds' models are read by nobody */
	options->progress_arg = &folds;
	if (measure(c, options, a, figures, err) == 0)
		return 0;
	model_unref(*model);
	return -1;
}

static int
publish(struct engine *e, const struct retrain_options *options, const struct model *model,
    const char *figures, struct err *err)
{
	const struct model_row row = { .kind = "train", .who = options->who, .figures = figures };
	int lock = -1, rc;

	if (!options->lock_held && engine_publish_lock(&e->paths, &lock, err) == -1)
		return -1;
	rc = engine_publish(e, model, &row, err);
	if (lock != -1)
		close(lock);
	return rc;
}

int
retrain(struct engine *e, const struct retrain_options *options, struct arena *a, struct model **model,
    const char **figures, struct err *err)
{
	struct train_options train = { .fields = FIELDS_ALL, .names = true };
	struct corpus c;
	int rc;

	corpus_init(&c);
	rc = trainset_read(e->store, &c, &train.position, err);
	if (rc == 0 && c.n == 0)
		rc = err_set(err, ERR_REFUSED, "%s: there are no examples to learn from; see 'hamlet import'",
		    e->paths.dir);
	if (rc == 0) {
		train.blocked_ham_budget = choose_budget(e, options->blocked_ham_budget);
		rc = build(&c, &train, options, a, model, figures, err);
	}
	corpus_fini(&c);
	if (rc == 0 && !options->dry_run && publish(e, options, *model, *figures, err) == -1) {
		model_unref(*model);
		rc = -1;
	}
	return rc;
}
