#ifndef HAMLET_ENGINE_LABEL_NOISE_H
#define HAMLET_ENGINE_LABEL_NOISE_H

#include "base/err.h"
#include "classifier/train.h"
#include "corpus/corpus.h"

/*
 * Label noise: examples that a model trained on the others contradicts strongly.  Many of them are
 * mislabelled, the rest are the hard cases; only a person can tell which.
 */
struct label_doubt {
	size_t row; /* in the corpus */
	double against; /* probability of the class that it is not labelled with */
};

#define LABEL_NOISE_FOLDS 10
#define LABEL_NOISE_DEFAULT 0.95

/*
 * Set *OUT to the *N rows of C whose label has less than 1 - AGAINST (0.5 to 1) of the probability, the most
 * contradicted first; the caller frees *OUT, which is NULL when there are none.  Each is judged by the model
 * of the LABEL_NOISE_FOLDS folds that it isn't in.  Takes as long as that many trainings; OPTIONS' progress
 * is called. ERR_INPUT when C has no labelled row; ERR_NOMEM.
 */
int label_noise(const struct corpus *c, double against, const struct train_options *options,
    struct label_doubt **out, size_t *n, struct err *err);

#endif
