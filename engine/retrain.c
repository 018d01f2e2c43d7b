#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "classifier/train.h"
#include "engine/evaluate.h"
#include "engine/gate.h"
#include "engine/learn.h"
#include "engine/set_digest.h"
#include "engine/teach.h"
#include "engine/trainset.h"
#include "store/chain.h"

#define BUDGET 0.005
#define READ_SHARE 0.15 /* of the time; the rest goes into the models */

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

/* A retrain under way. */
struct work {
	struct engine *e;
	const struct retrain_options *asked;
	struct train_options train;
	struct arena *arena;
	struct retrained *out;
	struct gate gate;
	char corpus[SET_DIGEST_HEX];
};

/* Build the model of what T holds, and measure it by the folds. */
static int
measure(struct work *w, const struct corpus *c, const struct trainer *t, struct err *err)
{
	struct whole whole = { w->train, &w->out->model };
	struct evaluation figure;
	struct buf b;

	whole.options.progress = NULL; /* the folds', which take longer, is told */
	w->train.names = false; /* their models are read by nobody */
	if (evaluate_taught(c, t, RETRAIN_FOLDS, &w->train, &whole, &figure, err) == -1)
		return -1;
	w->gate.ham = figure.fp + figure.tn;
	w->gate.blocked_ham = figure.fp;
	buf_init(&b, BUF_NO_LIMIT);
	evaluation_json(&figure, &b);
	w->out->figures = buf_ok(&b) ? arena_copy(w->arena, b.p, b.n) : NULL;
	buf_fini(&b);
	return w->out->figures != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

static int
digest(struct work *w, const struct corpus *c, struct err *err)
{
	struct set_digest d = { { 0 } };

	for (size_t i = 0; i < c->n; i++) {
		const struct example *row = &c->rows[i];

		if (set_digest_add(&d, &row->comment, row->label, &row->origin, false, err) == -1)
			return -1;
	}
	set_digest_text(&d, w->corpus);
	return 0;
}

/* Train on C and measure; nothing is published yet. */
static int
build(struct work *w, const struct corpus *c, struct err *err)
{
	struct stretch models = { w->asked, READ_SHARE, 1 - READ_SHARE };
	struct trainer *t;
	int rc;

	w->train.progress = report;
	w->train.progress_arg = &models;
	w->out->figures = "";
	if (digest(w, c, err) == -1 || teach_corpus(&t, c, &w->train, err) == -1)
		return -1;
	rc = can_measure(c) ? measure(w, c, t, err) : trainer_build(t, &w->out->model, err);
	trainer_free(t);
	return rc;
}

/* Find what speaks against the model; nothing does where none is current, or this one. */
static int
find_objection(struct work *w, struct err *err)
{
	struct model *current;
	int rc = 0;

	w->out->objection = "";
	if (engine_model(w->e, NULL, &current, NULL) == -1)
		return 0;
	w->gate.blocked_ham_budget = w->train.blocked_ham_budget;
	w->gate.max_flips = w->asked->max_flips;
	if (strcmp(model_info(current)->id, model_info(w->out->model)->id) != 0)
		rc = gate_judge(w->e, current, w->out->model, &w->gate, w->arena, &w->out->objection, err);
	model_unref(current);
	return rc;
}

/* Record that a model was published in spite of what speaks against it. */
static int
record_force(struct work *w, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "model");
	json_put_str(&b, model_info(w->out->model)->id);
	json_key(&b, "objection");
	json_put_str(&b, w->out->objection);
	json_close(&b, '}');
	rc = store_event_json(w->e->store, "model-forced", w->asked->who, &b, err);
	buf_fini(&b);
	return rc;
}

/* Put the model among the others, and make it current unless something speaks against it. */
static int
publish(struct work *w, struct err *err)
{
	bool withheld = w->out->objection[0] != '\0' && !w->asked->force;
	const struct model_row row = {
		.kind = "train",
		.who = w->asked->who,
		.figures = w->out->figures,
		.corpus = w->corpus,
		.withheld = withheld ? w->out->objection : "",
	};
	int lock = -1, rc;

	if (!w->asked->lock_held && engine_publish_lock(&w->e->paths, &lock, err) == -1)
		return -1;
	rc = w->out->objection[0] != '\0' && !withheld ? record_force(w, err) : 0;
	if (rc == 0)
		rc = (withheld ? engine_withhold : engine_publish)(w->e, w->out->model, &row, err);
	if (lock != -1)
		close(lock);
	w->out->published = rc == 0 && !withheld;
	return rc;
}

static int
read_examples(struct engine *e, struct corpus *c, uint64_t *position, struct err *err)
{
	if (trainset_read(e->store, c, position, err) == -1)
		return -1;
	if (c->n > 0)
		return 0;
	return err_set(
	    err, ERR_REFUSED, "%s: there are no examples to learn from; see 'hamlet import'", e->paths.dir);
}

static int
carry_out(struct work *w, struct err *err)
{
	struct corpus c;
	int rc;

	corpus_init(&c);
	rc = read_examples(w->e, &c, &w->train.position, err);
	if (rc == 0) {
		w->train.blocked_ham_budget = choose_budget(w->e, w->asked->blocked_ham_budget);
		rc = build(w, &c, err);
	}
	corpus_fini(&c);
	if (rc == 0)
		rc = find_objection(w, err);
	if (rc == 0 && !w->asked->dry_run)
		rc = publish(w, err);
	return rc;
}

/* Two at once would each take all the machine has, and the one that ends last would win. */
static int
take_lock(const struct retrain_options *options, const struct engine_paths *paths, int *lock, struct err *err)
{
	*lock = -1;
	if (options->dry_run || options->lock_held)
		return 0;
	if (file_lock(lock, paths->retrain_lock, 0, err) == 0)
		return 0;
	return err->code == ERR_BUSY ? err_prefix(err, "another retrain is at work") : -1;
}

int
retrain(struct engine *e, const struct retrain_options *options, struct arena *a, struct retrained *out,
    struct err *err)
{
	struct work w = {
		.e = e,
		.asked = options,
		.train = { .fields = FIELDS_ALL, .names = true },
		.arena = a,
		.out = out,
	};
	int lock, rc;

	*out = (struct retrained){ .model = NULL };
	if (take_lock(options, &e->paths, &lock, err) == -1)
		return -1;
	rc = carry_out(&w, err);
	if (lock != -1)
		close(lock);
	if (rc == -1) {
		model_unref(out->model);
		out->model = NULL;
	}
	return rc;
}

int
retrain_for_budget(struct engine *e, double blocked_ham_budget, void (*progress)(double share, void *arg),
    void *progress_arg, struct model **model, struct err *err)
{
	struct train_options options = {
		.fields = FIELDS_ALL,
		.names = true,
		.blocked_ham_budget = blocked_ham_budget,
		.progress = progress,
		.progress_arg = progress_arg,
	};
	struct trainer *t;
	struct corpus c;
	int rc;

	corpus_init(&c);
	rc = read_examples(e, &c, &options.position, err);
	if (rc == 0)
		rc = teach_corpus(&t, &c, &options, err);
	if (rc == 0) {
		rc = trainer_build(t, model, err);
		trainer_free(t);
	}
	corpus_fini(&c);
	return rc;
}
