#ifndef HAMLET_CLASSIFIER_STRANGERS_H
#define HAMLET_CLASSIFIER_STRANGERS_H

#include "classifier/fit.h"
#include "classifier/selection.h"

/* Judge the rows that CHOICE leaves out as its fold by the CHOSEN ones and what was fitted to them, as
 * classify() does by the model that these make; -1 with *ERR when memory ran out. */
int strangers_judge(const struct selection *chosen, const struct vocabulary *v, const struct choice *choice,
    const struct fit *fit, void (*each)(const struct left_out_judgement *j, void *arg), void *arg,
    struct err *err);

#endif
