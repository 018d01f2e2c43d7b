#ifndef HAMLET_CLASSIFIER_MERGE_H
#define HAMLET_CLASSIFIER_MERGE_H

#include "classifier/counts.h"
#include "classifier/model_impl.h"

/* How many comments more (or fewer) are counted: for everybody, and for single sites. */
struct totals {
	int64_t spam, ham, own_spam, own_ham;
};

/*
 * Make the model PARENT plus COUNTS (which may be negative) over the comments of CHANGE, including events up
 * to POSITION, with the parent's weights and thresholds; NAMED is the digest that its header gives as its
 * parent's.  See delta_apply().
 */
int model_merge(const struct model *parent, const struct counts *counts, const struct totals *change,
    const struct digest *named, uint64_t position, bool judges_only, struct model **out, struct err *err);

#endif
