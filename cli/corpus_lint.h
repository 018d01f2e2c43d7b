#ifndef HAMLET_CLI_CORPUS_LINT_H
#define HAMLET_CLI_CORPUS_LINT_H

#include "cli/cli.h"
#include "corpus/corpus.h"
#include "corpus/lint.h"
#include "corpus/near_duplicates.h"
#include "corpus/summary.h"
#include "engine/label_noise.h"

/* What `hamlet corpus lint` has found. */
struct corpus_problem {
	size_t row;
	enum lint_problem problem;
	struct slice text; /* lives in the corpus */
};

struct corpus_findings {
	const struct corpus *corpus;
	struct summary summary;
	struct corpus_problem *problems;
	size_t nproblems;
	struct near_pair *duplicates;
	size_t nduplicates;
	bool noise_asked;
	struct label_doubt *noise;
	size_t nnoise;
};

/* Show F for people. 0, or -1. */
int corpus_lint_text(struct cli *cli, const struct corpus_findings *f, struct err *err);

/* Show F as one JSON object. 0, or -1. */
int corpus_lint_json(struct cli *cli, const struct corpus_findings *f, struct err *err);

#endif
