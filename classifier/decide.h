#ifndef HAMLET_CLASSIFIER_DECIDE_H
#define HAMLET_CLASSIFIER_DECIDE_H

#include "classifier/classify.h"
#include "classifier/weigh.h"

/* Return the verdict on a comment of which SUMS is known and which is spam with PROBABILITY, by two
 * thresholds; TOLD: somebody outside has said something of it. */
enum verdict decide(const struct field_sums *sums, double probability, double spam_threshold,
    double unsure_threshold, bool told);

#endif
