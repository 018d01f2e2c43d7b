#include "config.h"

#include <stdlib.h>

#include "base/json.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "engine/learn.h"
#include "engine/settings.h"

enum { OPT_BUDGET, OPT_DRY_RUN };

static const struct opt options[] = {
	{ .name = "max-blocked-ham",
	    .value = "RATE",
	    .help = "share of ham that may be blocked, such as 0.005 or 0.5%" },
	{ .name = "dry-run", .help = "build and measure, publish nothing" },
	{ .name = NULL },
};

#define ARENA_BYTES ((size_t)1 << 20)

/* Set *BUDGET to what a configuration file says; left alone when there is none. */
static int
configured_budget(const struct cli *cli, double *budget, struct err *err)
{
	struct config config;
	char *used = NULL;

	if (config_find(&config, NULL, cli->dir, &used, err) == -1)
		return -1;
	if (used != NULL)
		*budget = config.max_blocked_ham;
	free(used);
	config_fini(&config);
	return 0;
}

static int
show_json(
    struct cli *cli, const struct model_info *info, const char *figures, bool published, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "model");
	json_put_str(&b, info->id);
	json_key(&b, "published");
	json_put_bool(&b, published);
	json_key(&b, "spam");
	json_put_int(&b, (int64_t)info->spam);
	json_key(&b, "ham");
	json_put_int(&b, (int64_t)info->ham);
	json_key(&b, "tokens");
	json_put_int(&b, (int64_t)info->tokens);
	json_key(&b, "spam_threshold");
	json_put_double(&b, info->spam_threshold, 17);
	json_key(&b, "unsure_threshold");
	json_put_double(&b, info->unsure_threshold, 17);
	json_key(&b, "max_blocked_ham");
	json_put_double(&b, info->blocked_ham_budget, 17);
	json_key(&b, "figures");
	json_put_raw(&b, slice_of(*figures != '\0' ? figures : "null"));
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static int
show(struct cli *cli, const struct model_info *info, const char *figures, bool published, struct err *err)
{
	FILE *f = cli->out.file;
	struct json *j;
	int rc;

	fprintf(f, "model %.*s%s, of %llu spam and %llu ham comments\n", REPORT_ID_DIGITS, info->id,
	    published ? "" : " (not published)", (unsigned long long)info->spam,
	    (unsigned long long)info->ham);
	fprintf(f, "spam from %.4f, unsure from %.4f, for at most %.2f %% blocked ham\n",
	    info->spam_threshold, info->unsure_threshold, 100 * info->blocked_ham_budget);
	if (*figures == '\0') {
		fputs("too few examples to measure it\n", f);
		return 0;
	}
	if (json_parse(&j, figures, slice_of(figures).n, err) == -1)
		return -1;
	fprintf(f, "measured by %d-fold cross-validation:\n", RETRAIN_FOLDS);
	rc = report_figures(&cli->out, j, err);
	json_free(j);
	return rc;
}

static int
build(struct cli *cli, struct engine *e, struct retrain_options *how, struct arena *a, struct err *err)
{
	struct progress bar;
	const char *figures;
	struct model *m;
	int rc;

	progress_start(&bar, "training");
	how->progress = progress_update;
	how->progress_arg = &bar;
	rc = retrain(e, how, a, &m, &figures, err);
	progress_end(&bar);
	if (rc == -1)
		return -1;
	if (!how->dry_run)
		cli_tell_daemon(e);
	rc = (cli->json ? show_json : show)(cli, model_info(m), figures, !how->dry_run, err);
	model_unref(m);
	return rc;
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct retrain_options how = { .dry_run = opts_given(o, OPT_DRY_RUN) };
	struct engine *e = NULL;
	struct arena *a;
	char who[64];
	struct err err;
	int rc;

	if (opts_share(o, OPT_BUDGET, &how.blocked_ham_budget, &err) == -1)
		return cli_usage(cli, "%s", err.text);
	cli_who(who, sizeof(who));
	how.who = who;
	a = arena_new(ARENA_BYTES);
	rc = a != NULL ? 0 : err_set(&err, ERR_NOMEM, "out of memory");
	if (rc == 0 && !opts_given(o, OPT_BUDGET))
		rc = configured_budget(cli, &how.blocked_ham_budget, &err);
	if (rc == 0)
		rc = cli_engine(cli, how.dry_run ? STORE_READ : STORE_WRITE, &e, &err);
	if (rc == 0)
		rc = build(cli, e, &how, a, &err);
	engine_close(e);
	arena_free(a);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

const struct verb verb_retrain = {
	.name = "retrain",
	.usage = "[--max-blocked-ham RATE] [--dry-run]",
	.summary =
	    "Build a new model from the corpus and all corrections, measure it and make it the current one.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 0,
	.run = run,
};
