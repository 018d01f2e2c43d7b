#ifndef HAMLET_CLI_MODELS_DIFF_H
#define HAMLET_CLI_MODELS_DIFF_H

#include "cli/cli.h"
#include "engine/model_diff.h"

/* Two models and all that differs, as models_diff.c finds it and the other two files show it. */
struct models_compared {
	const struct model *models[2]; /* before, after */
	struct model_diff tokens;
	struct verdict_diff verdicts;
};

/* Write it as one JSON object. */
int models_diff_json(struct cli *cli, const struct models_compared *c, struct err *err);

/* Write it for people. */
int models_diff_text(const struct out *out, const struct models_compared *c, struct err *err);

#endif
