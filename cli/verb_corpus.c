#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cli/corpus_lint.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "cli/verbs.h"
#include "engine/shipped.h"
#include "engine/trainset.h"

enum { OPT_STORE, OPT_PUBLISH, OPT_NO_LABELS, OPT_AGAINST };

static const struct opt options[] = {
	{ .name = "store", .help = "look at the examples in the store instead of files" },
	{ .name = "publish",
	    .help = "it is to be published: also name every domain and address that isn't reserved" },
	{ .name = "no-labels", .help = "don't look for doubtful labels, which takes ten trainings" },
	{ .name = "against",
	    .value = "SHARE",
	    .help = "doubt a label that the other examples contradict more than this (default: 0.95)" },
	{ .name = NULL },
};

struct request {
	const struct opts *o;
	double against;
};

static int
read_rows(const struct cli *cli, const struct request *r, struct corpus *c, struct err *err)
{
	const char *const *files;
	uint64_t position;
	struct engine *e;
	size_t n;
	int rc;

	files = opts_arguments(r->o, &n);
	if (n > 1)
		return source_corpus(c, files + 1, n - 1, err);
	if (!opts_given(r->o, OPT_STORE))
		return shipped_corpus_read(c, err);
	if (cli_engine(cli, STORE_READ, &e, err) == -1)
		return -1;
	rc = trainset_read(e->store, c, &position, err);
	engine_close(e);
	return rc;
}

/* What lint_row() reports goes to the list of F, which grows. */
struct listing {
	struct corpus_findings *f;
	size_t cap;
	bool publish, failed;
};

static void
list_problem(void *arg, const struct example *row, enum lint_problem problem, struct slice text)
{
	struct listing *l = arg;
	struct corpus_findings *f = l->f;

	if (problem == LINT_DOMAIN && !l->publish)
		return;
	if (f->nproblems == l->cap) {
		size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
		struct corpus_problem *p = realloc(f->problems, cap * sizeof(*p));

		l->failed = l->failed || p == NULL;
		if (p == NULL)
			return;
		f->problems = p;
		l->cap = cap;
	}
	f->problems[f->nproblems++] = (struct corpus_problem){ (size_t)(row - f->corpus->rows), problem,
		text };
}

static int
find_problems(const struct request *r, struct corpus_findings *f, struct err *err)
{
	struct listing l = { .f = f, .publish = opts_given(r->o, OPT_PUBLISH) };

	for (size_t i = 0; i < f->corpus->n; i++)
		lint_row(&f->corpus->rows[i], list_problem, &l);
	return l.failed ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

static int
find_noise(const struct request *r, struct corpus_findings *f, struct err *err)
{
	struct train_options train = { .fields = FIELDS_ALL, .blocked_ham_budget = SOURCE_BUDGET };
	struct progress bar;
	int rc;

	f->noise_asked = !opts_given(r->o, OPT_NO_LABELS);
	if (!f->noise_asked)
		return 0;
	progress_start(&bar, "judging");
	train.progress = progress_update;
	train.progress_arg = &bar;
	rc = label_noise(f->corpus, r->against, &train, &f->noise, &f->nnoise, err);
	progress_end(&bar);
	return rc;
}

static int
find_all(const struct request *r, struct corpus_findings *f, struct err *err)
{
	if (f->corpus->n == 0)
		return err_set(err, ERR_INPUT, "there is no example to look at");
	summary_of(&f->summary, f->corpus);
	if (find_problems(r, f, err) == -1 ||
	    near_duplicates(&f->duplicates, &f->nduplicates, f->corpus, err) == -1)
		return -1;
	return find_noise(r, f, err);
}

static int
lint(struct cli *cli, const struct request *r)
{
	struct corpus_findings *f = calloc(1, sizeof(*f));
	struct corpus c;
	struct err err;
	bool clean = false;
	int rc;

	corpus_init(&c);
	rc = f == NULL ? err_set(&err, ERR_NOMEM, "out of memory") : read_rows(cli, r, &c, &err);
	if (rc == 0) {
		f->corpus = &c;
		rc = find_all(r, f, &err);
	}
	if (rc == 0) {
		rc = cli->json ? corpus_lint_json(cli, f, &err) : corpus_lint_text(cli, f, &err);
		clean = f->nproblems == 0 && f->nduplicates == 0 && f->nnoise == 0;
	}
	if (f != NULL) {
		free(f->problems);
		free(f->duplicates);
		free(f->noise);
	}
	free(f);
	corpus_fini(&c);
	return rc == -1 ? cli_fail(&err) : clean ? CLI_DONE : CLI_NO;
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct request r = { .o = o, .against = LABEL_NOISE_DEFAULT };
	const char *const *arguments;
	struct err err;
	size_t n;

	arguments = opts_arguments(o, &n);
	if (strcmp(arguments[0], "lint") != 0)
		return cli_usage(cli, "unknown action '%.40s'", arguments[0]);
	if (opts_given(o, OPT_STORE) && n > 1)
		return cli_usage(cli, "--store and files exclude each other");
	if (opts_given(o, OPT_NO_LABELS) && opts_given(o, OPT_AGAINST))
		return cli_usage(cli, "--no-labels and --against exclude each other");
	if (opts_share(o, OPT_AGAINST, &r.against, &err) == -1)
		return cli_usage(cli, "%s", err.text);
	if (r.against < 0.5)
		return cli_usage(cli, "--against: it is 0.5 or more");
	return lint(cli, &r);
}

const struct verb verb_corpus = {
	.name = "corpus",
	.usage = "lint [--store | FILE...] [--publish] [--no-labels | --against SHARE]",
	.summary = "Look for doubtful labels, near-duplicates and imbalance in labelled comments.",
	.options = options,
	.min_arguments = 1,
	.max_arguments = CLI_ANY_NUMBER,
	.run = run,
};
