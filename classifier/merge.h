#ifndef HAMLET_CLASSIFIER_MERGE_H
#define HAMLET_CLASSIFIER_MERGE_H

#include "classifier/counts.h"
#include "classifier/model_impl.h"

/*
 * Make the model PARENT plus COUNTS (which may be negative) over SPAM and HAM more comments, including events
 * up to POSITION, with the parent's weights and thresholds.  See delta_apply().
 */
int model_merge(const struct model *parent, const struct counts *counts, int64_t spam, int64_t ham,
    uint64_t position, struct model **out, struct err *err);

#endif
