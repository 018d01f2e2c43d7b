#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "engine/evaluate.h"
#include "engine/findings.h"
#include "engine/teach.h"

#define THREADS 2
#define FOLDS_MAX 100
#define SHUFFLE_SEED 0x68616d6c6574u

static double
seconds_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Which rows of a corpus are to be judged: all that can be tested, or those of them whose fold is FOLD. */
struct part {
	const struct corpus *corpus;
	const unsigned char *folds; /* one a row; NULL: all rows */
	unsigned char fold;
};

static bool
takes(const struct part *p, size_t row)
{
	return example_is_tested(&p->corpus->rows[row]) && (p->folds == NULL || p->folds[row] == p->fold);
}

/* Judge the rows of P into V, which has a place for every row of the corpus, and note the worst mistakes in
 * WORST unless it is NULL. */
static int
judge(const struct part *p, const struct model *model, enum fields fields, struct judged *v,
    struct worst *worst, struct err *err)
{
	struct classifier *c;
	struct judgement j;
	int rc = 0;

	if (classifier_new(&c, err) == -1)
		return -1;
	for (size_t i = 0; rc == 0 && i < p->corpus->n; i++) {
		const struct example *row = &p->corpus->rows[i];

		if (!takes(p, i))
			continue;
		rc = classify(c, model, &row->comment, fields, &j, err);
		if (rc == 0)
			v[i] = (struct judged){ j.probability, row->label == LABEL_SPAM,
				j.verdict == VERDICT_SPAM, j.verdict == VERDICT_UNSURE };
		if (rc == 0 && worst != NULL)
			rc = worst_add(worst, i, row->label == LABEL_SPAM, c, &j, err);
	}
	classifier_free(c);
	return rc;
}

static size_t
labelled(const struct corpus *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += example_is_tested(&c->rows[i]);
	return n;
}

/* Fill *E and *F (unless NULL) from V, which has a place for every row of TEST. */
static int
measure_labelled(
    struct evaluation *e, struct findings *f, const struct corpus *test, struct judged *v, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < test->n; i++) {
		if (example_is_tested(&test->rows[i]))
			v[n++] = v[i];
	}
	if (evaluation_measure(e, v, n, err) == -1)
		return -1;
	return f != NULL ? findings_measure(f, v, n, err) : 0;
}

static struct judged *
places(const struct corpus *test, struct err *err)
{
	struct judged *v;

	if (labelled(test) == 0) {
		err_set(err, ERR_INPUT, "there is no labelled row to test with");
		return NULL;
	}
	v = calloc(test->n, sizeof(*v));
	if (v == NULL)
		err_set(err, ERR_NOMEM, "out of memory");
	return v;
}

int
evaluate_model(const struct model *model, const struct corpus *test, enum fields fields,
    struct evaluation *out, struct findings *findings, struct err *err)
{
	const struct part part = { .corpus = test };
	double start = seconds_now();
	struct judged *v = places(test, err);
	int rc;

	if (v == NULL)
		return -1;
	*out = (struct evaluation){ .features = model_info(model)->tokens };
	if (findings != NULL) {
		*findings = (struct findings){ 0 };
		findings_model(findings, model_info(model));
	}
	rc = judge(&part, model, fields, v, findings != NULL ? &findings->worst : NULL, err);
	if (rc == 0)
		rc = measure_labelled(out, findings, test, v, err);
	out->seconds = seconds_now() - start;
	free(v);
	return rc;
}

/* Train on the rows of C that can be tested. */
static int
train(const struct corpus *c, const struct train_options *options, struct model **out, struct err *err)
{
	struct choice choice = { .left_out = 1 };
	unsigned char *fold = teach_folds(c, NULL, err);
	struct trainer *t;
	int rc = -1;

	if (fold != NULL && teach_corpus(&t, c, options, err) == 0) {
		choice.fold = fold;
		rc = trainer_build_of(t, &choice, options, out, err);
		trainer_free(t);
	}
	free(fold);
	return rc;
}

int
evaluate_split(const struct corpus *train_on, const struct corpus *test, const struct train_options *options,
    struct evaluation *out, struct findings *findings, struct err *err)
{
	double start = seconds_now();
	struct model *model;
	int rc;

	if (labelled(test) == 0)
		return err_set(err, ERR_INPUT, "there is no labelled row to test with");
	if (labelled(train_on) == 0)
		return err_set(err, ERR_INPUT, "there is no labelled row to train on");
	if (train(train_on, options, &model, err) == -1)
		return -1;
	rc = evaluate_model(model, test, options->fields, out, findings, err);
	out->train = labelled(train_on);
	out->seconds = seconds_now() - start;
	model_unref(model);
	return rc;
}

/* xorshift64*: the same numbers everywhere and for ever. */
static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du;
}

/* Deal the rows of LABEL out to FOLDS folds in turn, after a shuffle. */
static int
deal(const struct corpus *c, enum label label, int folds, unsigned char *fold, struct err *err)
{
	size_t *list = malloc((c->n + 1) * sizeof(*list)), n = 0;
	uint64_t state = SHUFFLE_SEED;

	if (list == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < c->n; i++) {
		if (c->rows[i].label == label)
			list[n++] = i;
	}
	for (size_t i = n; i > 1; i--) {
		size_t k = next_random(&state) % i, held = list[i - 1];

		list[i - 1] = list[k];
		list[k] = held;
	}
	for (size_t i = 0; i < n; i++)
		fold[list[i]] = (unsigned char)(i % (size_t)folds);
	free(list);
	return 0;
}

/* Cross-validation under way; the threads take one fold after the other, and first of all the whole. */
struct crossing {
	const struct corpus *corpus;
	const struct trainer *trainer; /* has all that is labelled in it */
	const unsigned char *fold; /* one a row */
	const unsigned char *learnt; /* the same by the trainer's examples */
	const size_t *row; /* which row each of those is */
	int folds;
	struct train_options options;
	struct judged *v; /* each fold fills its own rows */
	struct findings *findings; /* NULL: not wanted; else filled under the lock */
	const struct whole *whole; /* NULL: not wanted */

	pthread_mutex_t lock; /* for what follows */
	int next;
	bool whole_taken;
	uint64_t features; /* of all folds so far */
	struct err err; /* why the first that failed did */
};

/* Note what one fold has found; MODEL and WORST only where findings are wanted. */
static void
note_fold(struct crossing *x, uint64_t features, const struct model_info *model, const struct worst *worst)
{
	pthread_mutex_lock(&x->lock);
	x->features += features;
	if (x->findings != NULL) {
		findings_model(x->findings, model);
		worst_merge(&x->findings->worst, worst);
	}
	pthread_mutex_unlock(&x->lock);
}

/* Judge the rows of a fold by the model of the others, and say which tokens misled it. */
static int
examine_fold(struct crossing *x, int fold, struct err *err)
{
	const struct choice rest = { x->learnt, (unsigned char)fold };
	const struct part own = { x->corpus, x->fold, (unsigned char)fold };
	struct worst worst = { 0 };
	struct model *model;
	int rc;

	if (trainer_build_of(x->trainer, &rest, &x->options, &model, err) == -1)
		return -1;
	rc = judge(&own, model, x->options.fields, x->v, &worst, err);
	if (rc == 0)
		note_fold(x, model_info(model)->tokens, model_info(model), &worst);
	model_unref(model);
	return rc;
}

static void
note_judgement(const struct left_out_judgement *j, void *arg)
{
	struct crossing *x = arg;
	size_t row = x->row[j->example];

	x->v[row] = (struct judged){ j->probability, x->corpus->rows[row].label == LABEL_SPAM,
		j->verdict == VERDICT_SPAM, j->verdict == VERDICT_UNSURE };
}

static int
run_fold(struct crossing *x, int fold, struct err *err)
{
	const struct choice rest = { x->learnt, (unsigned char)fold };
	uint64_t features;

	if (x->findings != NULL)
		return examine_fold(x, fold, err);
	if (trainer_judge_left_out(x->trainer, &rest, &x->options, note_judgement, x, &features, err) == -1)
		return -1;
	note_fold(x, features, NULL, NULL);
	return 0;
}

/* Take the next fold, or x->folds for the whole, which takes longest; -1 when there is none, or one has
 * failed.
 */
static int
take_fold(struct crossing *x)
{
	int fold = -1;

	pthread_mutex_lock(&x->lock);
	if (x->err.code == ERR_NONE && x->whole != NULL && !x->whole_taken) {
		x->whole_taken = true;
		fold = x->folds;
	} else if (x->err.code == ERR_NONE && x->next < x->folds) {
		fold = x->next++;
	}
	pthread_mutex_unlock(&x->lock);
	return fold;
}

static int
build_whole(const struct crossing *x, struct err *err)
{
	const struct choice all = { .fold = NULL };

	return trainer_build_of(x->trainer, &all, &x->whole->options, x->whole->model, err);
}

/* Run one fold, or build the whole; the first that fails says why. */
static void
do_fold(struct crossing *x, int fold)
{
	struct err why = { 0 };

	if ((fold == x->folds ? build_whole(x, &why) : run_fold(x, fold, &why)) == 0)
		return;
	pthread_mutex_lock(&x->lock);
	if (x->err.code == ERR_NONE)
		x->err = why;
	pthread_mutex_unlock(&x->lock);
}

static void *
run_folds(void *arg)
{
	struct crossing *x = arg;
	int fold;

	while ((fold = take_fold(x)) != -1)
		do_fold(x, fold);
	return NULL;
}

/* Run all folds, the caller's thread among those at work: it alone reports progress. */
static int
cross(struct crossing *x, const struct train_options *options, struct err *err)
{
	pthread_t helper[THREADS - 1];
	int helpers = 0, fold;

	pthread_mutex_init(&x->lock, NULL);
	while (helpers < THREADS - 1 && pthread_create(&helper[helpers], NULL, run_folds, x) == 0)
		helpers++;
	while ((fold = take_fold(x)) != -1) {
		if (options->progress != NULL)
			options->progress((double)(fold % x->folds) / x->folds, options->progress_arg);
		do_fold(x, fold);
	}
	while (helpers > 0)
		pthread_join(helper[--helpers], NULL);
	pthread_mutex_destroy(&x->lock);
	if (options->progress != NULL)
		options->progress(1, options->progress_arg);
	return x->err.code == ERR_NONE ? 0 : err_set(err, x->err.code, "%s", x->err.text);
}

/* Let X run with the rows dealt out as FOLD says. */
static int
cross_dealt(
    struct crossing *x, const unsigned char *fold, const struct train_options *options, struct err *err)
{
	unsigned char *learnt = teach_folds(x->corpus, fold, err);
	size_t *row = learnt != NULL ? teach_rows(x->corpus, err) : NULL;
	int rc = -1;

	if (row != NULL) {
		x->fold = fold;
		x->learnt = learnt;
		x->row = row;
		rc = cross(x, options, err);
	}
	free(learnt);
	free(row);
	return rc;
}

/* Deal the rows out to K folds and judge each by a model that never saw it, into X's places. */
static int
judge_crossed(struct crossing *x, const struct train_options *options, struct err *err)
{
	const struct corpus *all = x->corpus;
	unsigned char *fold;
	int rc = -1;

	if (x->folds < 2 || x->folds > FOLDS_MAX)
		return err_set(err, ERR_INPUT, "%d folds: 2 to %d are possible", x->folds, FOLDS_MAX);
	fold = calloc(all->n + 1, 1);
	if (fold == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (deal(all, LABEL_HAM, x->folds, fold, err) == 0 && deal(all, LABEL_SPAM, x->folds, fold, err) == 0)
		rc = cross_dealt(x, fold, options, err);
	free(fold);
	return rc;
}

int
evaluate_left_out(const struct corpus *all, int folds, const struct train_options *options,
    struct judged **out, struct err *err)
{
	struct crossing x = { .corpus = all, .folds = folds, .options = *options };
	struct trainer *t;
	int rc;

	*out = NULL;
	x.options.progress = NULL;
	x.v = places(all, err);
	if (x.v == NULL)
		return -1;
	rc = teach_corpus(&t, all, options, err);
	if (rc == 0) {
		x.trainer = t;
		rc = judge_crossed(&x, options, err);
		trainer_free(t);
	}
	if (rc == 0)
		*out = x.v;
	else
		free(x.v);
	return rc;
}

/* Judge all that X holds crosswise, measure it and, if wanted, look at it closely. */
static int
measure_crossed(
    struct crossing *x, const struct train_options *options, struct evaluation *out, struct err *err)
{
	double start = seconds_now();
	int rc;

	x->options = *options;
	x->options.progress = NULL;
	x->v = places(x->corpus, err);
	if (x->v == NULL)
		return -1;
	if (x->findings != NULL)
		*x->findings = (struct findings){ 0 };
	*out = (struct evaluation){ .train = labelled(x->corpus) };
	rc = judge_crossed(x, options, err);
	if (rc == 0)
		rc = measure_labelled(out, x->findings, x->corpus, x->v, err);
	if (rc == 0)
		out->features = x->features / (uint64_t)x->folds;
	out->seconds = seconds_now() - start;
	free(x->v);
	return rc;
}

int
evaluate_taught(const struct corpus *all, const struct trainer *t, int folds,
    const struct train_options *options, const struct whole *whole, struct evaluation *out, struct err *err)
{
	struct crossing x = { .corpus = all, .trainer = t, .folds = folds, .whole = whole };

	return measure_crossed(&x, options, out, err);
}

int
evaluate_folds(const struct corpus *all, int folds, const struct train_options *options,
    struct evaluation *out, struct findings *findings, struct err *err)
{
	struct crossing x = { .corpus = all, .folds = folds, .findings = findings };
	double start = seconds_now();
	struct trainer *t;
	int rc;

	if (labelled(all) == 0)
		return err_set(err, ERR_INPUT, "there is no labelled row to test with");
	if (teach_corpus(&t, all, options, err) == -1)
		return -1;
	x.trainer = t;
	rc = measure_crossed(&x, options, out, err);
	out->seconds = seconds_now() - start;
	trainer_free(t);
	return rc;
}
