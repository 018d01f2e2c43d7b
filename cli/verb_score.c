#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/scorer.h"
#include "cli/source.h"
#include "cli/verbs.h"

enum { OPT_MODEL, OPT_TRAIN, OPT_FIELDS, OPT_SHARE, OPT_BUDGET };

static const struct opt options[] = {
	{ .name = "model", .value = "ID|FILE", .help = "judge by this model (default: the current one)" },
	{ .name = "train", .value = "FILE", .help = "judge by a model trained on FILE; may be given again" },
	{ .name = "fields", .value = "content", .help = "look at the comment's text only" },
	{ .name = "spam-share",
	    .value = "SHARE",
	    .help = "share of spam where the comments come from (default: the model's own)" },
	{ .name = "max-blocked-ham",
	    .value = "RATE",
	    .help = "with --train: share of ham that may be blocked (default: 0.005)" },
	{ .name = NULL },
};

/* Judge line by line. */
static int
score_stream(struct cli *cli, const struct score_how *how, const char *path, struct err *err)
{
	struct input in;
	int rc;

	if (input_open(&in, path, err) == -1)
		return -1;
	rc = score_lines(how, &in, cli->out.file, err);
	input_close(&in);
	return rc;
}

/* Judge the rows of a file that pass its filters. */
static int
score_filtered(struct cli *cli, const struct score_how *how, const char *spec, struct err *err)
{
	const struct corpus_options all = {
		.format = CORPUS_JSONL, .label = LABEL_NONE, .unlabelled_ok = true
	};
	struct scorer s;
	struct corpus c;
	int rc;

	corpus_init(&c);
	rc = scorer_init(&s, how, err);
	if (rc == 0)
		rc = source_read(&c, spec, &all, err);
	for (size_t i = 0; rc == 0 && i < c.n; i++) {
		rc = scorer_judge(&s, &c.rows[i].comment, err);
		if (rc == 0 && fwrite(s.out.p, 1, s.out.n, cli->out.file) != s.out.n)
			rc = err_set(err, ERR_IO, "standard output: %s", strerror(errno));
		buf_clear(&s.out);
	}
	scorer_fini(&s);
	corpus_fini(&c);
	return rc;
}

/* Open the model that O names, or train it with BUDGET. */
static int
open_model(struct cli *cli, const struct opts *o, enum fields fields, double budget, struct model **out,
    struct err *err)
{
	const struct train_options training = { .fields = fields, .blocked_ham_budget = budget };
	const char *const *train;
	size_t n;

	train = opts_values(o, OPT_TRAIN, &n);
	return n > 0 ? source_train(train, n, &training, out, err)
		     : source_model(cli, opts_value(o, OPT_MODEL), out, err);
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct score_how how = { .fields = FIELDS_ALL };
	double share = 0, budget = SOURCE_BUDGET; /* share 0: the model's own */
	const char *const *files;
	const char *file = "-";
	struct model *model = NULL;
	struct err err;
	size_t n;
	int rc;

	files = opts_arguments(o, &n);
	if (n > 0)
		file = files[0];
	if (opts_given(o, OPT_MODEL) && opts_given(o, OPT_TRAIN))
		return cli_usage(cli, "--model and --train exclude each other");
	if (source_fields(&how.fields, opts_value(o, OPT_FIELDS)) == -1)
		return cli_usage(cli, "--fields: it is 'content' or 'all'");
	if (opts_given(o, OPT_BUDGET) && !opts_given(o, OPT_TRAIN))
		return cli_usage(cli, "--max-blocked-ham goes with --train only");
	if ((opts_given(o, OPT_SHARE) && opts_share(o, OPT_SHARE, &share, &err) == -1) ||
	    (opts_given(o, OPT_BUDGET) && opts_share(o, OPT_BUDGET, &budget, &err) == -1))
		return cli_usage(cli, "%s", err.text);
	rc = open_model(cli, o, how.fields, budget, &model, &err);
	if (rc == 0) {
		bool plain = strcmp(file, "-") == 0 || strchr(file, ':') == NULL || access(file, F_OK) == 0;

		how.model = model;
		how.place.has_prior = share > 0;
		if (how.place.has_prior)
			how.place.prior = place_prior(model, share);
		rc = plain ? score_stream(cli, &how, file, &err) : score_filtered(cli, &how, file, &err);
	}
	model_unref(model);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

const struct verb verb_score = {
	.name = "score",
	.usage = "[--model ID|FILE] [--train FILE]... [--fields content] [--spam-share SHARE]\n"
		 "             [--max-blocked-ham RATE] [FILE]",
	.summary = "Judge JSON Lines, one verdict a line, without the daemon and without a record.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 1,
	.run = run,
};
