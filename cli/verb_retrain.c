#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "engine/learn.h"
#include "engine/settings.h"

enum { OPT_BUDGET, OPT_DRY_RUN, OPT_FORCE };

static const struct opt options[] = {
	{ .name = "max-blocked-ham",
	    .value = "RATE",
	    .help = "share of ham that may be blocked, such as 0.005 or 0.5%" },
	{ .name = "dry-run", .help = "build and measure, publish nothing" },
	{ .name = "force", .help = "make it current whatever speaks against it" },
	{ .name = NULL },
};

#define ARENA_BYTES ((size_t)1 << 20)

/* Set what the configuration says: how much may change, and the budget unless it is set or no file says. */
static int
configure(const struct cli *cli, struct retrain_options *how, struct err *err)
{
	struct config config;
	char *used = NULL;

	if (config_find(&config, NULL, cli->dir, &used, err) == -1)
		return -1;
	how->max_flips = config.max_flips;
	if (used != NULL && how->blocked_ham_budget <= 0)
		how->blocked_ham_budget = config.max_blocked_ham;
	free(used);
	config_fini(&config);
	return 0;
}

static int
show_json(struct cli *cli, const struct retrained *made, struct err *err)
{
	const struct model_info *info = model_info(made->model);
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "model");
	json_put_str(&b, info->id);
	json_key(&b, "published");
	json_put_bool(&b, made->published);
	json_key(&b, "objection");
	json_put_str(&b, made->objection[0] != '\0' ? made->objection : NULL);
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
	json_put_raw(&b, slice_of(made->figures[0] != '\0' ? made->figures : "null"));
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static int
show(struct cli *cli, const struct retrained *made, struct err *err)
{
	const struct model_info *info = model_info(made->model);
	FILE *f = cli->out.file;
	struct json *j;
	int rc;

	fprintf(f, "model %.*s%s, of %llu spam and %llu ham comments\n", REPORT_ID_DIGITS, info->id,
	    made->published ? "" : " (not published)", (unsigned long long)info->spam,
	    (unsigned long long)info->ham);
	fprintf(f, "spam from %.4f, unsure from %.4f, for at most %.2f %% blocked ham\n",
	    info->spam_threshold, info->unsure_threshold, 100 * info->blocked_ham_budget);
	if (made->figures[0] == '\0') {
		fputs("too few examples to measure it\n", f);
		return 0;
	}
	if (json_parse(&j, made->figures, strlen(made->figures), err) == -1)
		return -1;
	fprintf(f, "measured by %d-fold cross-validation:\n", RETRAIN_FOLDS);
	rc = report_figures(&cli->out, j, err);
	json_free(j);
	return rc;
}

/* Say what speaks against the model, and return the exit code. */
static int
conclude(const struct retrain_options *how, const struct retrained *made)
{
	if (made->objection[0] == '\0')
		return CLI_DONE;
	cli_note("model %.*s: %s", REPORT_ID_DIGITS, model_info(made->model)->id, made->objection);
	if (how->dry_run || made->published)
		return CLI_DONE;
	cli_note(
	    "it is kept, but not made current; 'hamlet models use %.*s' or 'hamlet retrain --force' does",
	    REPORT_ID_DIGITS, model_info(made->model)->id);
	return CLI_NO;
}

static int
build(struct cli *cli, struct engine *e, struct retrain_options *how, struct arena *a, int *code,
    struct err *err)
{
	struct progress bar;
	struct retrained made;
	int rc;

	progress_start(&bar, "training");
	how->progress = progress_update;
	how->progress_arg = &bar;
	rc = retrain(e, how, a, &made, err);
	progress_end(&bar);
	if (rc == -1)
		return -1;
	if (made.published)
		cli_tell_daemon(e);
	rc = (cli->json ? show_json : show)(cli, &made, err);
	if (rc == 0)
		*code = conclude(how, &made);
	model_unref(made.model);
	return rc;
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct retrain_options how = {
		.dry_run = opts_given(o, OPT_DRY_RUN),
		.force = opts_given(o, OPT_FORCE),
	};
	struct engine *e = NULL;
	struct arena *a;
	char who[64];
	struct err err;
	int rc, code = CLI_DONE;

	if (how.dry_run && how.force)
		return cli_usage(cli, "--dry-run publishes nothing, --force does");
	if (opts_share(o, OPT_BUDGET, &how.blocked_ham_budget, &err) == -1)
		return cli_usage(cli, "%s", err.text);
	cli_who(who, sizeof(who));
	how.who = who;
	a = arena_new(ARENA_BYTES);
	rc = a != NULL ? 0 : err_set(&err, ERR_NOMEM, "out of memory");
	if (rc == 0)
		rc = configure(cli, &how, &err);
	if (rc == 0)
		rc = cli_engine(cli, how.dry_run ? STORE_READ : STORE_WRITE, &e, &err);
	if (rc == 0)
		rc = build(cli, e, &how, a, &code, &err);
	engine_close(e);
	arena_free(a);
	return rc == 0 ? code : cli_fail(&err);
}

const struct verb verb_retrain = {
	.name = "retrain",
	.usage = "[--max-blocked-ham RATE] [--dry-run | --force]",
	.summary =
	    "Build a new model from the corpus and all corrections, measure it and make it the current one.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 0,
	.run = run,
};
