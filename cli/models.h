#ifndef HAMLET_CLI_MODELS_H
#define HAMLET_CLI_MODELS_H

#include "base/err.h"
#include "classifier/model_tokens.h"
#include "cli/cli.h"

/* The actions of `hamlet models` that look into the models themselves. */

/* What to list of a model's tokens. */
struct models_list {
	enum field field; /* FIELD_COUNT: all */
	size_t limit; /* entries of each list */
};

/* Show the most telling tokens of M. */
int models_top(struct cli *cli, const struct model *m, const struct models_list *list, struct err *err);

/* Show what changed from BEFORE to AFTER: tokens, weights, thresholds, and verdicts on the examples of E. */
int models_diff(struct cli *cli, struct engine *e, const struct model *before, const struct model *after,
    const struct models_list *list, struct err *err);

/* Remove the files of models that nothing needs, and say which. */
int models_prune(struct cli *cli, struct engine *e, size_t keep, bool dry_run, struct err *err);

#endif
