#ifndef HAMLET_ENGINE_EVALUATE_H
#define HAMLET_ENGINE_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "classifier/train.h"
#include "corpus/corpus.h"

/*
 * How good a model is on comments whose class is known.  "Spam" is probability >= the model's own threshold;
 * unsure is ham. A rate whose denominator is 0 is 0, the mcc of an empty row or column of the confusion
 * matrix is 0, the auc without both classes 0.5.
 */
struct evaluation {
	size_t train, test; /* rows; train 0 when the model came from elsewhere */
	double accuracy, spam_caught, blocked_ham, f1, mcc, auc;
	double caught_at_002,
	    caught_at_01; /* spam caught at the threshold that blocks at most 0.2 % and 1 % of this ham */
	double brier, ece; /* squared error; calibration error over 10 bins of equal width */
	size_t tp, fp, tn, fn;
	size_t unsure; /* test rows between the two thresholds */
	uint64_t features;
	double seconds;
};

/* Return whether ROW is one to test with: it has a label, and isn't a site's own alone, which says nothing of
 * the others. */
static inline bool
example_is_tested(const struct example *row)
{
	return row->label != LABEL_NONE && (row->origin.site == 0 || row->origin.shared);
}

/* One test row, judged. */
struct judged {
	double probability;
	bool spam; /* what it is */
	bool said_spam; /* what it was called */
	bool unsure;
};

/* Rows whose probability lies in one tenth of 0 to 1. */
#define CALIBRATION_BINS 10

struct calibration_bin {
	size_t n, spam;
	double sum; /* of probabilities */
};

/* Put the N rows at V in bins by their probability. */
void calibration_bins(struct calibration_bin bins[CALIBRATION_BINS], const struct judged *v, size_t n);

/* Return a copy of the N rows at V by falling probability, which the caller frees; NULL with ERR_NOMEM. */
struct judged *judged_sorted(const struct judged *v, size_t n, struct err *err);

/* Return how many of HAM rows may be blocked when at most SHARE of them may be. */
size_t judged_allowed(size_t ham, double share);

/* Return how many spam rows of the N at SORTED lie strictly above the first ham row after ALLOWED of them. */
size_t judged_caught(const struct judged *sorted, size_t n, size_t allowed);

/* Fill the figures of *E that follow from the N rows at V alone (all but train, features and seconds).
 * ERR_NOMEM. */
int evaluation_measure(struct evaluation *e, const struct judged *v, size_t n, struct err *err);

/* What lies behind the figures: engine/findings.h. */
struct findings;

/*
 * The five below leave out rows without a label; ERR_INPUT when no row is left to test.  They take as long
 * as the training does; OPTIONS' progress is called from the calling thread only.  FINDINGS are filled unless
 * NULL.
 */

/* Train on TRAIN, test on TEST. */
int evaluate_split(const struct corpus *train, const struct corpus *test, const struct train_options *options,
    struct evaluation *out, struct findings *findings, struct err *err);

/*
 * K-fold cross-validation (2 to 100 folds), each class dealt out evenly after a shuffle that is always the
 * same: every row is judged by a model that never saw it.  Two folds are computed at once.
 */
int evaluate_folds(const struct corpus *all, int folds, const struct train_options *options,
    struct evaluation *out, struct findings *findings, struct err *err);

/* A model of all examples, to be built beside the folds. */
struct whole {
	struct train_options options;
	struct model **model;
};

/* The same, without findings, where T, settled, holds the labelled rows of ALL in their order
 * (engine/teach.h); WHOLE too is built of it, unless NULL, and is the caller's even when a fold fails. */
int evaluate_taught(const struct corpus *all, const struct trainer *t, int folds,
    const struct train_options *options, const struct whole *whole, struct evaluation *out, struct err *err);

/*
 * Judge each row of ALL by the model of the folds that it isn't in, as evaluate_folds() does, and set *OUT to
 * a judgement for each row of ALL, in order, which the caller frees; those of rows that aren't tested are all
 * 0.
 */
int evaluate_left_out(const struct corpus *all, int folds, const struct train_options *options,
    struct judged **out, struct err *err);

/* Test MODEL on TEST. */
int evaluate_model(const struct model *model, const struct corpus *test, enum fields fields,
    struct evaluation *out, struct findings *findings, struct err *err);

/* Append E as the JSON object of interface.md section 4. */
void evaluation_json(const struct evaluation *e, struct buf *b);

#endif
