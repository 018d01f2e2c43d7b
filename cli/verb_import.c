#include "config.h"

#include <string.h>

#include "base/json.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "cli/verbs.h"
#include "engine/import.h"
#include "engine/learn.h"

enum { OPT_FORMAT, OPT_LABEL, OPT_SKIP_BAD };

static const struct opt options[] = {
	{ .name = "format", .value = "FORMAT", .help = "jsonl (default), csv, wxr, mbox or text" },
	{ .name = "label", .value = "spam|ham", .help = "label of rows that carry none" },
	{ .name = "skip-bad", .help = "count bad rows instead of refusing the file" },
	{ .name = NULL },
};

/* An import of at least this share of the examples there were deserves weights of its own. */
#define HINT_SHARE 0.2

/* Read all files, so that a bad row in the last one stops the first from being imported too. */
static int
read_files(struct corpus *c, const struct opts *o, const struct corpus_options *reading, struct err *err)
{
	const char *const *files;
	size_t i, n;

	files = opts_arguments(o, &n);
	for (i = 0; i < n; i++)
		if (source_read(c, files[i], reading, err) == -1)
			return -1;
	return 0;
}

static int
record(struct engine *e, const struct corpus *c, const char *who, struct import_result *r, struct err *err)
{
	struct import_options importing = { .origin = "import", .who = who };
	struct progress bar;
	int rc;

	progress_start(&bar, "importing");
	importing.progress = progress_update;
	importing.progress_arg = &bar;
	rc = engine_import_rows(e, c, &importing, r, err);
	progress_end(&bar);
	return rc;
}

static int
show(struct cli *cli, const struct import_result *r, int64_t learnt, struct err *err)
{
	const struct {
		const char *key;
		int64_t n;
	} members[] = { { "added", (int64_t)r->added }, { "already", (int64_t)r->already },
		{ "relabelled", (int64_t)r->relabelled }, { "skipped", (int64_t)r->skipped },
		{ "learnt", learnt } };
	struct buf b;
	size_t i;
	int rc;

	if (!cli->json) {
		fprintf(cli->out.file,
		    "%zu added, %zu known already, %zu relabelled, %zu skipped; %lld learnt\n", r->added,
		    r->already, r->relabelled, r->skipped, (long long)learnt);
		return 0;
	}
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_key(&b, members[i].key);
		json_put_int(&b, members[i].n);
	}
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static int
import(struct cli *cli, struct engine *e, const struct corpus *c, struct err *err)
{
	struct import_result r = { 0 };
	int64_t last, ham, spam, learnt = 0;
	char who[64];

	cli_who(who, sizeof(who));
	if (store_example_counts(e->store, &last, &ham, &spam, err) == -1 || record(e, c, who, &r, err) == -1)
		return -1;
	if (learn_pending(e, who, &learnt, err) == -1)
		return err_prefix(err, "imported, but not learnt");
	cli_tell_daemon(e);
	if (show(cli, &r, learnt, err) == -1)
		return -1;
	if ((double)(r.added + r.relabelled) > HINT_SHARE * (double)(ham + spam))
		cli_note("that is much of what the model knows: 'hamlet retrain' fits its weights and "
			 "thresholds anew");
	return 0;
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct corpus_options reading = { .format = CORPUS_JSONL, .label = LABEL_NONE };
	const char *format = opts_value(o, OPT_FORMAT), *label = opts_value(o, OPT_LABEL);
	struct engine *e = NULL;
	struct corpus c;
	struct err err;
	int rc;

	if (format != NULL && corpus_format_parse(&reading.format, format) == -1)
		return cli_usage(cli, "--format: it is jsonl, csv, wxr, mbox or text");
	if (label != NULL && label_parse(&reading.label, label, strlen(label)) == -1)
		return cli_usage(cli, "--label: it is spam or ham");
	reading.skip_bad = opts_given(o, OPT_SKIP_BAD);
	corpus_init(&c);
	rc = cli_engine(cli, STORE_WRITE, &e, &err);
	if (rc == 0)
		rc = read_files(&c, o, &reading, &err);
	if (rc == 0)
		rc = import(cli, e, &c, &err);
	corpus_fini(&c);
	engine_close(e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

const struct verb verb_import = {
	.name = "import",
	.usage = "[--format jsonl|csv|wxr|mbox|text] [--label spam|ham] [--skip-bad] FILE...",
	.summary = "Record labelled comments and learn from them.",
	.options = options,
	.min_arguments = 1,
	.max_arguments = CLI_ANY_NUMBER,
	.run = run,
};
