#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "engine/model_diff.h"

struct work {
	struct verdict_diff *d;
	const struct model *models[2];
	struct classifier *classifier;
	uint64_t rows; /* seen so far */
	void (*progress)(double share, void *arg);
	void *progress_arg;
	struct err failed;
};

/* Keep the beginning of the comment, in whole characters. */
static void
excerpt(char out[FLIP_EXCERPT_BYTES + 1], struct slice text)
{
	size_t n = 0, step;

	while (n < text.n && text.p[n] != '\0') {
		step = utf8_sequence(text.p + n, text.n - n);
		step = step == 0 ? 1 : step;
		if (n + step > FLIP_EXCERPT_BYTES)
			break;
		memcpy(out + n, text.p + n, step);
		n += step;
	}
	out[n] = '\0';
}

/* What stands for a comment in a list: its text, or what else it has. */
static struct slice
say_something(const struct comment *comment)
{
	static const enum comment_field instead[] = { COMMENT_CONTENT, COMMENT_URL, COMMENT_AUTHOR };

	for (size_t i = 0; i < sizeof(instead) / sizeof(instead[0]); i++) {
		if (comment->field[instead[i]].n > 0)
			return comment->field[instead[i]];
	}
	return (struct slice){ "", 0 };
}

static void
note_flip(struct verdict_diff *d, const struct example_row *row, const struct judgement j[2])
{
	struct verdict_flip *place = ranking_offer(&d->flips, fabs(j[1].log_odds - j[0].log_odds));

	if (place == NULL)
		return;
	*place = (struct verdict_flip){
		.label = row->label,
		.verdict = { j[0].verdict, j[1].verdict },
		.probability = { j[0].probability, j[1].probability },
	};
	memcpy(place->id, row->id, sizeof(place->id));
	excerpt(place->excerpt, say_something(&row->comment));
}

/*
 * Whether ROW is of the share that is judged.  Its fingerprint decides, not its place in the log: files often
 * have ham and spam by turns, and then every second row would all be of one kind.
 */
static bool
is_of_sample(const struct work *w, const struct example_row *row)
{
	double place = (double)hash_mix(row->fingerprint, 0) / 0x1p64;

	return place * (double)w->d->examples <= VERDICT_DIFF_MAX;
}

static int
judge_row(const struct example_row *row, void *arg)
{
	const struct place place = { .site = (uint64_t)row->site };
	struct work *w = arg;
	struct judgement j[2];

	w->rows++;
	if (row->label == LABEL_NONE || !is_of_sample(w, row))
		return 0;
	for (int i = 0; i < 2; i++) {
		if (classify_at(w->classifier, w->models[i], &row->comment, FIELDS_ALL, &place, &j[i],
			&w->failed) == -1)
			return -1;
	}
	w->d->judged++;
	w->d->moved[row->label][j[0].verdict][j[1].verdict]++;
	if (j[0].verdict != j[1].verdict)
		note_flip(w->d, row, j);
	if (w->progress != NULL)
		w->progress((double)w->rows / (double)w->d->examples, w->progress_arg);
	return 0;
}

int
verdict_diff(struct verdict_diff *v, struct store *st, const struct model *before, const struct model *after,
    size_t limit, void (*progress)(double share, void *arg), void *progress_arg, struct err *err)
{
	struct work w = {
		.d = v, .models = { before, after }, .progress = progress, .progress_arg = progress_arg
	};
	int64_t last, ham, spam;
	int rc;

	memset(v, 0, sizeof(*v));
	if (ranking_init(&v->flips, limit, sizeof(struct verdict_flip), err) == -1 ||
	    store_example_counts(st, &last, &ham, &spam, err) == -1 ||
	    classifier_new(&w.classifier, err) == -1)
		return -1;
	v->examples = (uint64_t)(ham + spam);
	rc = store_example_walk(st, LABEL_NONE, 0, judge_row, &w, err);
	classifier_free(w.classifier);
	if (rc == 0 && w.failed.code != ERR_NONE)
		rc = err_set(err, w.failed.code, "%s", w.failed.text);
	ranking_sort(&v->flips);
	return rc;
}

void
verdict_diff_fini(struct verdict_diff *v)
{
	ranking_fini(&v->flips);
}

void
verdict_diff_count(const struct verdict_diff *v, uint64_t *better, uint64_t *worse)
{
	uint64_t up[2] = { 0, 0 }, down[2] = { 0, 0 };

	for (int label = LABEL_HAM; label <= LABEL_SPAM; label++) {
		for (int from = VERDICT_HAM; from <= VERDICT_SPAM; from++) {
			for (int to = VERDICT_HAM; to <= VERDICT_SPAM; to++)
				*(to > from ? &up[label]
					    : &down[label]) += to == from ? 0 : v->moved[label][from][to];
		}
	}
	*better = up[LABEL_SPAM] + down[LABEL_HAM];
	*worse = down[LABEL_SPAM] + up[LABEL_HAM];
}
