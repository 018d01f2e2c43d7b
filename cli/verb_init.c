#include "config.h"

#include "cli/guard.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "engine/init.h"

enum { OPT_CORPUS };

static const struct opt options[] = {
	{ .name = "corpus",
	    .value = "FILE...",
	    .help = "train on these files instead of the shipped corpus",
	    .several = true },
	{ .name = NULL },
};

static int
show(struct cli *cli, const struct engine *e, const struct model_info *info, struct err *err)
{
	struct buf b;
	int rc = 0;

	buf_init(&b, BUF_NO_LIMIT);
	if (cli->json) {
		json_open(&b, '{');
		json_key(&b, "state");
		json_put_str(&b, e->paths.dir);
		json_key(&b, "model");
		json_put_str(&b, info->id);
		json_key(&b, "spam");
		json_put_int(&b, (int64_t)info->spam);
		json_key(&b, "ham");
		json_put_int(&b, (int64_t)info->ham);
		json_close(&b, '}');
		rc = cli_put_json(cli, &b, err);
	} else {
		text_safe(&b, slice_of(e->paths.dir));
		fprintf(cli->out.file, "%s: made, with model %.*s of %llu spam and %llu ham comments\n",
		    buf_str(&b), REPORT_ID_DIGITS, info->id, (unsigned long long)info->spam,
		    (unsigned long long)info->ham);
	}
	buf_fini(&b);
	return rc;
}

static int
make(struct cli *cli, const struct opts *o)
{
	struct engine *e = NULL;
	struct model *m = NULL;
	const char *const *specs;
	struct progress bar;
	struct err err;
	size_t n;
	int rc;

	specs = opts_values(o, OPT_CORPUS, &n);
	progress_start(&bar, "training the first model");
	rc = engine_init(cli->dir, specs, n, progress_update, &bar, &err);
	progress_end(&bar);
	if (rc == 0)
		rc = cli_engine(cli, STORE_READ, &e, &err);
	if (rc == 0)
		rc = engine_model(e, NULL, &m, &err);
	if (rc == 0)
		rc = show(cli, e, model_info(m), &err);
	model_unref(m);
	engine_close(e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

struct making {
	const char *dir;
	struct init_before before;
};

static void
undo(void *arg)
{
	const struct making *m = arg;

	engine_init_undo(m->dir, &m->before);
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct making m = { .dir = cli->dir };
	int code;

	engine_init_look(m.dir, &m.before);
	return guard("init", undo, &m, &code) ? make(cli, o) : code;
}

const struct verb verb_init = {
	.name = "init",
	.usage = "[--corpus FILE...]",
	.summary = "Make the state directory and train the first model.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 0,
	.run = run,
};
