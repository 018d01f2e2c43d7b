#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "engine/audit.h"

enum { OPT_SINCE, OPT_CHECKPOINT };

static const struct opt options[] = {
	{ .name = "since",
	    .value = "T",
	    .help =
		"for export: verify all, and one checkpoint for each hour since this time or 24h, 7d ago" },
	{ .name = "checkpoint",
	    .value = "FILE",
	    .help = "for verify: see that the chain goes through the checkpoints of FILE" },
	{ .name = NULL },
};

static const char *
fault_name(enum chain_fault fault)
{
	switch (fault) {
	case CHAIN_WHOLE:
		return "none";
	case CHAIN_ALTERED:
		return "altered";
	case CHAIN_MISSING:
		return "missing";
	case CHAIN_INSERTED:
		return "inserted";
	case CHAIN_REORDERED:
		return "reordered";
	case CHAIN_LINK:
		return "link";
	case CHAIN_CUT:
		return "cut";
	}
	return "";
}

/* -- Verify -- */

static bool
is_whole(const struct audit *a)
{
	return a->chain.fault == CHAIN_WHOLE && a->bad_time_ms == 0;
}

static void
put_broken(struct buf *b, const struct audit *a)
{
	const struct chain_report *r = &a->chain;
	char time[TIME_TEXT_BYTES];
	bool chain = r->fault != CHAIN_WHOLE;
	int64_t ms = chain ? r->time_ms : a->bad_time_ms;

	time_format(time, ms);
	json_open(b, '{');
	json_key(b, "fault");
	json_put_str(b, chain ? fault_name(r->fault) : "checkpoint");
	json_key(b, "row");
	json_put_int(b, chain ? r->seq : a->bad_seq);
	json_key(b, "kind");
	json_put_str(b, chain ? r->kind : NULL);
	json_key(b, "number");
	if (chain && r->kind != NULL)
		json_put_int(b, r->ref);
	else
		json_put_str(b, NULL);
	json_key(b, "id");
	json_put_str(b, chain && r->id[0] != '\0' ? r->id : NULL);
	json_key(b, "time");
	json_put_str(b, ms != 0 ? time : NULL);
	json_key(b, "text");
	json_put_str(b, chain ? r->text : "the chain doesn't go through the checkpoint");
	json_close(b, '}');
}

static int
show_json(struct cli *cli, const struct audit *a, struct err *err)
{
	char hex[DIGEST_HEX];
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	hex_encode(hex, a->chain.head.bytes, sizeof(a->chain.head.bytes));
	json_open(&b, '{');
	json_key(&b, "whole");
	json_put_bool(&b, is_whole(a));
	json_key(&b, "records");
	json_put_int(&b, a->chain.records);
	json_key(&b, "erased_parts");
	json_put_int(&b, a->chain.erased);
	json_key(&b, "checkpoints");
	json_put_int(&b, (int64_t)a->checkpoints);
	json_key(&b, "head");
	json_put_str(&b, hex);
	if (!is_whole(a)) {
		json_key(&b, "broken");
		put_broken(&b, a);
	}
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static void
show(struct cli *cli, const struct audit *a)
{
	char hex[DIGEST_HEX], time[TIME_TEXT_BYTES];

	if (is_whole(a)) {
		hex_encode(hex, a->chain.head.bytes, sizeof(a->chain.head.bytes));
		out_printf(&cli->out, STYLE_GOOD, "whole");
		fprintf(cli->out.file, ": %" PRId64 " records, %" PRId64 " erased parts", a->chain.records,
		    a->chain.erased);
		if (a->checkpoints > 0)
			fprintf(cli->out.file, ", through %zu checkpoints", a->checkpoints);
		fprintf(cli->out.file, "\nhead:  %s\n", hex);
		return;
	}
	if (a->chain.fault != CHAIN_WHOLE) {
		cli_note("the record is broken: %s", a->chain.text);
	} else {
		time_format(time, a->bad_time_ms);
		cli_note("the record is broken: the chain doesn't go through checkpoint %" PRId64
			 " of %s: it was written anew, or cut off, before there",
		    a->bad_seq, time);
	}
	cli_note("%" PRId64 " records before that are whole", a->chain.records);
}

static int
verify(struct cli *cli, struct engine *e, const struct opts *o, struct err *err)
{
	const char *file = opts_value(o, OPT_CHECKPOINT);
	struct checkpoint *list = NULL;
	struct progress progress;
	struct audit audit;
	size_t n = 0;
	int rc = file != NULL ? checkpoints_read(&list, &n, file, err) : 0;

	if (rc == 0) {
		progress_start(&progress, "verifying");
		rc = audit_verify(e, list, n, progress_update, &progress, &audit, err);
		progress_end(&progress);
	}
	free(list);
	if (rc == -1)
		return cli_fail(err);
	if (cli->json && show_json(cli, &audit, err) == -1)
		return cli_fail(err);
	if (!cli->json)
		show(cli, &audit);
	return is_whole(&audit) ? CLI_DONE : CLI_DAMAGED;
}

/* -- Export and rotate -- */

static int
put_checkpoint(const struct checkpoint *c, void *arg, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	checkpoint_json(c, &b);
	rc = cli_put_json(arg, &b, err);
	buf_fini(&b);
	return rc;
}

static int export(struct cli *cli, struct engine *e, const struct opts *o, struct err *err)
{
	struct chain_report report = { 0 };
	struct progress progress;
	struct checkpoint c;
	int64_t since_ms = 0;
	int rc;

	if (opts_time(o, OPT_SINCE, time_now_ms(), &since_ms, err) == -1)
		return cli_usage(cli, "%s", err->text);
	if (!opts_given(o, OPT_SINCE)) {
		rc = audit_checkpoint(e, &c, err);
		if (rc == 0)
			rc = put_checkpoint(&c, cli, err);
	} else {
		progress_start(&progress, "verifying");
		rc = audit_export(e, since_ms, progress_update, &progress, put_checkpoint, cli, &report, err);
		progress_end(&progress);
	}
	if (rc == 0 && report.fault != CHAIN_WHOLE)
		rc = err_set(err, ERR_DAMAGED, "the record is broken, nothing is exported: %s", report.text);
	return rc == 0 ? CLI_DONE : cli_fail(err);
}

static int
rotate(struct cli *cli, struct engine *e, const struct opts *o, struct err *err)
{
	struct checkpoint c;
	char who[128];

	(void)o;
	cli_who(who, sizeof(who));
	if (store_chain_rotate(e->store, who, err) == -1)
		return cli_fail(err);
	if (cli->json) /* the first that the new key is to sign may be later: the head shows the old one's
			  last */
		return audit_checkpoint(e, &c, err) == 0 && put_checkpoint(&c, cli, err) == 0 ? CLI_DONE
											      : cli_fail(err);
	fprintf(
	    cli->out.file, "new keys are in force; keep a copy of %s/chain.key elsewhere\n", e->paths.dir);
	return CLI_DONE;
}

static const struct action {
	const char *name;
	enum store_mode mode;
	int option; /* that it takes; -1: none */
	int (*run)(struct cli *cli, struct engine *e, const struct opts *o, struct err *err);
} actions[] = {
	{ "verify", STORE_READ, OPT_CHECKPOINT, verify },
	{ "export", STORE_READ, OPT_SINCE, export },
	{ "rotate", STORE_WRITE, -1, rotate },
};

static int
run(struct cli *cli, const struct opts *o)
{
	const struct action *action = NULL;
	struct engine *e;
	struct err err;
	size_t n;
	int rc;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, opts_arguments(o, &n)[0]) == 0)
			action = &actions[i];
	}
	if (action == NULL)
		return cli_usage(cli, "unknown action '%.40s'", opts_arguments(o, &n)[0]);
	for (int i = OPT_SINCE; i <= OPT_CHECKPOINT; i++) {
		if (opts_given(o, (size_t)i) && action->option != i)
			return cli_usage(cli, "'%s' doesn't take --%s", action->name, options[i].name);
	}
	if (cli_engine(cli, action->mode, &e, &err) == -1)
		return cli_fail(&err);
	rc = action->run(cli, e, o, &err);
	engine_close(e);
	return rc;
}

const struct verb verb_audit = {
	.name = "audit",
	.usage = "verify [--checkpoint FILE] | export [--since T] | rotate",
	.summary = "See that the record is whole, sign checkpoints of it, or change its keys.",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
