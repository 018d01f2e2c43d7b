#ifndef HAMLET_CLASSIFIER_FIT_ROWS_H
#define HAMLET_CLASSIFIER_FIT_ROWS_H

#include "classifier/fit.h"
#include "classifier/selection.h"
#include "classifier/train.h"

/*
 * Fill E with the rows that a model of the chosen examples is fitted to: each left out, each left out with
 * all of its source where sources say something, and each with innocent words after it.  OPTIONS say which
 * fields count and whom to tell of progress.  E is to be given back either way; -1 when memory ran out.
 */
int fit_rows_gather(struct fit_rows *e, const struct selection *chosen, const struct vocabulary *v,
    const struct train_options *options, struct err *err);

/* For who gathers rows of their own: make room for ROWS of them, none of which is there yet, and add one;
 * E->lone says what it counts.  -1 when memory ran out; E is to be given back either way. */
int fit_rows_init(struct fit_rows *e, size_t rows);
void fit_rows_add(struct fit_rows *e, const struct row *row, const struct field_sums *sums, bool padded);

void fit_rows_fini(struct fit_rows *e);

#endif
