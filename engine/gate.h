#ifndef HAMLET_ENGINE_GATE_H
#define HAMLET_ENGINE_GATE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/engine.h"

/*
 * What speaks against making a retrained model current.
 *
 * Its blocked-ham budget: the good comments that cross-validation blocks are more than chance explains, that
 * is, if the budget held, so many or more would come out in fewer than GATE_CHANCE of cases (Poisson).  A
 * budget that amounts to fewer than 1.5 rows can't be resolved and counts as 1.5.
 *
 * Its verdicts: of those of the last GATE_DAYS days more than a share would change.  One that the current
 * model would change as well isn't held against it, nor one about which somebody has said what it was; with
 * fewer than GATE_VERDICTS_LEAST on record nothing is.  Of more than GATE_VERDICTS_MAX about as many are
 * judged.
 */
#define GATE_CHANCE 0.01
#define GATE_DAYS 7
#define GATE_VERDICTS_LEAST 100
#define GATE_VERDICTS_MAX 20000

struct gate {
	double blocked_ham_budget;
	size_t ham, blocked_ham; /* rows, as cross-validation has them; ham 0: not measured */
	double max_flips; /* share of verdicts that may change; 0: any */
};

/* Set *OBJECTION (in A) to what speaks against M in the place of CURRENT, or to "". */
int gate_judge(struct engine *e, const struct model *current, const struct model *m, const struct gate *gate,
    struct arena *a, const char **objection, struct err *err);

#endif
