#include "config.h"

#include <string.h>

#include "base/timetext.h"
#include "cli/verbs.h"
#include "engine/import.h"

enum { OPT_SINCE, OPT_LABEL };

static const struct opt options[] = {
	{ .name = "since",
	    .value = "T",
	    .help = "only what was recorded since this time, or 30m, 24h, 7d ago" },
	{ .name = "label", .value = "spam|ham", .help = "only these" },
	{ .name = NULL },
};

static int
put_line(struct slice line, void *arg, struct err *err)
{
	return cli_put_json_text(arg, line, err);
}

static int
run(struct cli *cli, const struct opts *o)
{
	const char *name = opts_value(o, OPT_LABEL);
	enum label label = LABEL_NONE;
	int64_t since_ms = 0;
	struct engine *e;
	struct err err;
	int rc;

	if (name != NULL && label_parse(&label, name, strlen(name)) == -1)
		return cli_usage(cli, "--label: it is spam or ham");
	if (opts_time(o, OPT_SINCE, time_now_ms(), &since_ms, &err) == -1)
		return cli_usage(cli, "%s", err.text);
	if (cli_engine(cli, STORE_READ, &e, &err) == -1)
		return cli_fail(&err);
	rc = engine_export(e, since_ms, label, put_line, cli, &err);
	engine_close(e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

const struct verb verb_export = {
	.name = "export",
	.usage = "[--since T] [--label spam|ham]",
	.summary = "Write the labelled comments as JSON Lines.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 0,
	.run = run,
};
