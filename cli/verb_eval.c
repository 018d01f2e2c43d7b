#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/timetext.h"
#include "cli/eval_page.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/source.h"
#include "cli/verbs.h"
#include "engine/evaluate.h"

enum { OPT_TRAIN, OPT_TEST, OPT_FOLDS, OPT_MODEL, OPT_FIELDS, OPT_BUDGET, OPT_HTML };

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
	{ .name = "html", .value = "REPORT", .help = "also write a page with curves and the worst mistakes" },
	{ .name = NULL },
};

struct request {
	const struct opts *o;
	int64_t folds; /* 0: a split */
	struct train_options train;
	const char *html; /* NULL: no page */
};

/* What a request works with, and what comes out. */
struct work {
	struct corpus train, test;
	struct evaluation figures;
	struct findings *findings; /* NULL: nobody wants them */
};

static int
evaluate_with_model(const struct cli *cli, const struct request *r, struct work *w, struct err *err)
{
	struct model *model;
	int rc;

	if (source_model(cli, opts_value(r->o, OPT_MODEL), &model, err) == -1)
		return -1;
	rc = evaluate_model(model, &w->test, r->train.fields, &w->figures, w->findings, err);
	model_unref(model);
	return rc;
}

/* Read all files and do what was asked. */
static int
evaluate(const struct cli *cli, const struct request *r, struct work *w, struct err *err)
{
	size_t ntrain, ntest, nrest;
	const char *const *train = opts_values(r->o, OPT_TRAIN, &ntrain);
	const char *const *test = opts_values(r->o, OPT_TEST, &ntest);
	const char *const *rest = opts_arguments(r->o, &nrest);

	if (source_corpus(&w->train, train, ntrain, err) == -1 ||
	    source_corpus(&w->train, rest, nrest, err) == -1 ||
	    source_corpus(&w->test, test, ntest, err) == -1)
		return -1;
	if (r->folds > 0)
		return evaluate_folds(&w->train, (int)r->folds, &r->train, &w->figures, w->findings, err);
	if (opts_given(r->o, OPT_MODEL))
		return evaluate_with_model(cli, r, w, err);
	return evaluate_split(&w->train, &w->test, &r->train, &w->figures, w->findings, err);
}

static int
write_page(const struct request *r, const struct work *w, struct err *err)
{
	struct eval_page page = {
		.figures = &w->figures,
		.findings = w->findings,
		.tested = r->folds > 0 ? &w->train : &w->test,
		.model = opts_value(r->o, OPT_MODEL),
		.folds = r->folds,
		.fields = r->train.fields,
		.budget = r->train.blocked_ham_budget,
		.now_ms = time_now_ms(),
	};

	page.trained_on = opts_values(r->o, OPT_TRAIN, &page.ntrained_on);
	page.more_trained_on = opts_arguments(r->o, &page.nmore_trained_on);
	page.tested_on = opts_values(r->o, OPT_TEST, &page.ntested_on);
	return eval_page_write(r->html, &page, err);
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
	if (model && opts_given(o, OPT_BUDGET)) /* its threshold is chosen already */
		return "--max-blocked-ham goes with --train and --folds only";
	return test ? NULL : "--test is missing";
}

/* Evaluate, show the figures, then write the page: they are there even if it can't be. */
static int
work(struct cli *cli, struct request *r, struct work *w, struct err *err)
{
	struct progress bar;
	int rc;

	if (r->html != NULL) {
		if (eval_page_check(r->html, err) == -1)
			return -1;
		w->findings = calloc(1, sizeof(*w->findings));
		if (w->findings == NULL)
			return err_set(err, ERR_NOMEM, "out of memory");
	}
	progress_start(&bar, "evaluating");
	r->train.progress = progress_update;
	r->train.progress_arg = &bar;
	rc = evaluate(cli, r, w, err);
	progress_end(&bar);
	if (rc == 0)
		rc = show(cli, &w->figures, err);
	return rc == 0 && r->html != NULL ? write_page(r, w, err) : rc;
}

/* Read the options; NULL, or what is wrong with them. */
static const char *
read_options(struct request *r, struct err *err)
{
	const char *wrong = contradiction(r->o);

	if (wrong != NULL)
		return wrong;
	if (opts_integer(r->o, OPT_FOLDS, 2, 100, &r->folds, err) == -1 ||
	    opts_share(r->o, OPT_BUDGET, &r->train.blocked_ham_budget, err) == -1)
		return err->text;
	if (source_fields(&r->train.fields, opts_value(r->o, OPT_FIELDS)) == -1)
		return "--fields: it is 'content' or 'all'";
	r->html = opts_value(r->o, OPT_HTML);
	if (r->html != NULL && (*r->html == '\0' || strcmp(r->html, "-") == 0))
		return "--html: it needs the name of a file";
	return NULL;
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct request r = { .o = o, .train = { .blocked_ham_budget = SOURCE_BUDGET } };
	struct work w = { 0 };
	struct err err;
	const char *wrong = read_options(&r, &err);
	int rc;

	if (wrong != NULL)
		return cli_usage(cli, "%s", wrong);
	corpus_init(&w.train);
	corpus_init(&w.test);
	rc = work(cli, &r, &w, &err);
	corpus_fini(&w.train);
	corpus_fini(&w.test);
	free(w.findings);
	return rc == -1 ? cli_fail(&err) : CLI_DONE;
}

const struct verb verb_eval = {
	.name = "eval",
	.usage =
	    "[--fields content] [--max-blocked-ham RATE] [--html REPORT]\n"
	    "           --train FILE... --test FILE... | --model ID|FILE --test FILE... | --folds K FILE...",
	.summary = "Measure how good a model is on labelled comments.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = CLI_ANY_NUMBER,
	.run = run,
};
