#include "config.h"

#include "cli/progress.h"
#include "cli/report.h"
#include "cli/source.h"
#include "cli/verbs.h"
#include "engine/evaluate.h"

enum { OPT_TRAIN, OPT_TEST, OPT_FOLDS, OPT_MODEL, OPT_FIELDS, OPT_BUDGET };

static const struct opt options[] = {
	{ .name = "train",
	    .value = "FILE...",
	    .help = "train on these rows; FILE:split=train takes some",
	    .several = true },
	{ .name = "test", .value = "FILE...", .help = "test on these rows", .several = true },
	{ .name = "folds",
	    .value = "K",
	    .help = "cross-validate with K folds over all files given",
	    .several = false },
	{ .name = "model",
	    .value = "ID|FILE",
	    .help = "test this model instead of training one",
	    .several = false },
	{ .name = "fields", .value = "content", .help = "look at the comment's text only", .several = false },
	{ .name = "max-blocked-ham",
	    .value = "RATE",
	    .help = "share of ham that may be blocked (default: 0.005)" },
	{ .name = NULL },
};

struct request {
	const struct opts *o;
	int64_t folds; /* 0: a split */
	struct train_options train;
};

static int
evaluate_with_model(const struct cli *cli, const struct request *r, const struct corpus *test,
    struct evaluation *e, struct err *err)
{
	struct model *model;
	int rc;

	if (source_model(cli, opts_value(r->o, OPT_MODEL), &model, err) == -1)
		return -1;
	rc = evaluate_model(model, test, r->train.fields, e, err);
	model_unref(model);
	return rc;
}

/* Read all files and do what was asked. */
static int
evaluate(const struct cli *cli, const struct request *r, struct evaluation *e, struct err *err)
{
	size_t ntrain, ntest, nrest;
	const char *const *train = opts_values(r->o, OPT_TRAIN, &ntrain);
	const char *const *test = opts_values(r->o, OPT_TEST, &ntest);
	const char *const *rest = opts_arguments(r->o, &nrest);
	struct corpus train_rows, test_rows;
	int rc;

	corpus_init(&train_rows);
	corpus_init(&test_rows);
	rc = source_corpus(&train_rows, train, ntrain, err);
	if (rc == 0)
		rc = source_corpus(&train_rows, rest, nrest, err);
	if (rc == 0)
		rc = source_corpus(&test_rows, test, ntest, err);
	if (rc == 0 && r->folds > 0)
		rc = evaluate_folds(&train_rows, (int)r->folds, &r->train, e, err);
	else if (rc == 0 && opts_given(r->o, OPT_MODEL))
		rc = evaluate_with_model(cli, r, &test_rows, e, err);
	else if (rc == 0)
		rc = evaluate_split(&train_rows, &test_rows, &r->train, e, err);
	corpus_fini(&train_rows);
	corpus_fini(&test_rows);
	return rc;
}

static int
show(struct cli *cli, const struct evaluation *e, struct err *err)
{
	struct json *figures = NULL;
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	evaluation_json(e, &b);
	if (cli->json) {
		rc = cli_put_json(cli, &b, err);
	} else {
		rc = buf_ok(&b) ? json_parse(&figures, b.p, b.n, err)
				: err_set(err, ERR_NOMEM, "out of memory");
		if (rc == 0)
			rc = report_figures(&cli->out, figures, err);
	}
	json_free(figures);
	buf_fini(&b);
	return rc;
}

/* Return what is wrong with the combination of options, or NULL. */
static const char *
contradiction(const struct opts *o)
{
	bool train = opts_given(o, OPT_TRAIN), test = opts_given(o, OPT_TEST),
	     model = opts_given(o, OPT_MODEL);
	size_t rest;

	opts_arguments(o, &rest);
	if (opts_given(o, OPT_FOLDS)) {
		if (test || model)
			return "--folds goes with neither --test nor --model";
		return train || rest > 0 ? NULL : "no file to cross-validate on";
	}
	if (rest > 0)
		return "a file belongs to --train, --test or --folds";
	if (model && train)
		return "--model and --train exclude each other";
	if (!model && !train)
		return "--train, --model or --folds is missing";
	return test ? NULL : "--test is missing";
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct request r = { .o = o, .train = { .blocked_ham_budget = SOURCE_BUDGET } };
	const char *wrong = contradiction(o);
	struct progress bar;
	struct evaluation e;
	struct err err;
	int rc;

	if (wrong != NULL)
		return cli_usage(cli, "%s", wrong);
	if (opts_integer(o, OPT_FOLDS, 2, 100, &r.folds, &err) == -1 ||
	    opts_share(o, OPT_BUDGET, &r.train.blocked_ham_budget, &err) == -1)
		return cli_usage(cli, "%s", err.text);
	if (source_fields(&r.train.fields, opts_value(o, OPT_FIELDS)) == -1)
		return cli_usage(cli, "--fields: it is 'content' or 'all'");
	progress_start(&bar, "evaluating");
	r.train.progress = progress_update;
	r.train.progress_arg = &bar;
	rc = evaluate(cli, &r, &e, &err);
	progress_end(&bar);
	if (rc == -1 || show(cli, &e, &err) == -1)
		return cli_fail(&err);
	return CLI_DONE;
}

const struct verb verb_eval = {
	.name = "eval",
	.usage =
	    "[--fields content] [--max-blocked-ham RATE]\n"
	    "           --train FILE... --test FILE... | --model ID|FILE --test FILE... | --folds K FILE...",
	.summary = "Measure how good a model is on labelled comments.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = CLI_ANY_NUMBER,
	.run = run,
};
