#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "cli/verbs.h"
#include "engine/feedback.h"
#include "engine/learn.h"
#include "engine/take_back.h"

static const struct opt options[] = {
	{ .name = NULL },
};

enum { OPT_SITE, OPT_SINCE, OPT_WHO, OPT_DRY_RUN };

static const struct opt unlearn_options[] = {
	{ .name = "site", .value = "S", .help = "all that was said of this site's comments" },
	{ .name = "since", .value = "T", .help = "said from this time on, or from 30m, 24h, 7d ago" },
	{ .name = "who", .value = "W", .help = "said by this user or site" },
	{ .name = "dry-run", .help = "count, take nothing back" },
	{ .name = NULL },
};

#define ARENA_BYTES ((size_t)16 << 20)

struct marking {
	enum label label;
	const char *const *ids;
	size_t n, changed;
	int64_t learnt;
	char who[64];
};

static int
mark_one(struct engine *e, struct marking *m, const char *text, struct ulid_source *ids, struct arena *a,
    struct err *err)
{
	char id[ULID_CHARS + 1];
	struct feedback fb = { .label = m->label, .verdict_id = id, .origin = "mark", .who = m->who };
	struct feedback_result result;

	if (cli_verdict_id(id, text, err) == -1)
		return -1;
	arena_reset(a);
	if (feedback_record(e->store, &fb, time_now_ms(), ids, a, &result, err) == -1)
		return strstr(err->text, id) == NULL ? err_prefix(err, "verdict %s", id) : -1;
	m->changed += result.changed;
	return 0;
}

/* Record all corrections, or none. */
static int
mark_all(struct engine *e, struct marking *m, struct arena *a, struct err *err)
{
	struct ulid_source ids = { 0 };
	size_t i;

	if (store_ids_start(e->store, &ids, err) == -1 || store_begin(e->store, err) == -1)
		return -1;
	for (i = 0; i < m->n; i++) {
		if (mark_one(e, m, m->ids[i], &ids, a, err) == -1) {
			store_rollback(e->store);
			return -1;
		}
	}
	if (store_commit(e->store, err) == 0)
		return 0;
	store_rollback(e->store);
	return -1;
}

static int
show(struct cli *cli, const struct marking *m, struct err *err)
{
	struct buf b;
	int rc;

	if (!cli->json) {
		if (m->label == LABEL_NONE)
			fprintf(cli->out.file, "%zu of %zu corrections taken back\n", m->changed, m->n);
		else
			fprintf(cli->out.file, "%zu marked as %s, %zu of them anew; %lld learnt\n", m->n,
			    label_name(m->label), m->changed, (long long)m->learnt);
		return 0;
	}
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	if (m->label != LABEL_NONE) {
		json_key(&b, "label");
		json_put_str(&b, label_name(m->label));
	}
	json_key(&b, m->label != LABEL_NONE ? "marked" : "verdicts");
	json_put_int(&b, (int64_t)m->n);
	json_key(&b, "changed");
	json_put_int(&b, (int64_t)m->changed);
	json_key(&b, "learnt");
	json_put_int(&b, m->learnt);
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static int
mark(struct cli *cli, struct engine *e, struct marking *m, struct arena *a, struct err *err)
{
	if (mark_all(e, m, a, err) == -1)
		return -1;
	if (learn_pending(e, m->who, &m->learnt, err) == -1)
		return err_prefix(err, "recorded, but not learnt");
	cli_tell_daemon(e);
	return show(cli, m, err);
}

static int
carry_out(struct cli *cli, struct marking *m)
{
	struct engine *e = NULL;
	struct arena *a;
	struct err err;
	int rc;

	cli_who(m->who, sizeof(m->who));
	a = arena_new(ARENA_BYTES);
	rc = a != NULL ? 0 : err_set(&err, ERR_NOMEM, "out of memory");
	if (rc == 0)
		rc = cli_engine(cli, STORE_WRITE, &e, &err);
	if (rc == 0)
		rc = mark(cli, e, m, a, &err);
	engine_close(e);
	arena_free(a);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct marking m = { 0 };
	const char *const *arguments = opts_arguments(o, &m.n);

	if (label_parse(&m.label, arguments[0], strlen(arguments[0])) == -1)
		return cli_usage(cli, "'%.40s' is neither spam nor ham", arguments[0]);
	m.ids = arguments + 1;
	m.n--;
	return carry_out(cli, &m);
}

/* -- In bulk -- */

static int
show_taken_back(struct cli *cli, const struct take_back *what, int64_t n, int64_t learnt, struct err *err)
{
	struct buf b;
	int rc;

	if (!cli->json) {
		fprintf(cli->out.file, "%lld corrections %s\n", (long long)n,
		    what->dry_run ? "would be taken back" : "taken back");
		return 0;
	}
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "changed");
	json_put_int(&b, n);
	json_key(&b, "learnt");
	json_put_int(&b, learnt);
	json_key(&b, "dry_run");
	json_put_bool(&b, what->dry_run);
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static int
unlearn_bulk(struct cli *cli, struct engine *e, const char *site, struct take_back *what, struct err *err)
{
	int64_t n, learnt = 0;

	if (cli_site(e->store, site, &what->site, err) == -1 || take_back(e, what, &n, err) == -1)
		return -1;
	if (n > 0 && !what->dry_run) {
		if (learn_pending(e, what->who, &learnt, err) == -1)
			return err_prefix(err, "taken back, but not learnt");
		cli_tell_daemon(e);
	}
	return show_taken_back(cli, what, n, learnt, err);
}

static int
run_bulk(struct cli *cli, const struct opts *o)
{
	struct take_back what = { .speaker = opts_value(o, OPT_WHO), .dry_run = opts_given(o, OPT_DRY_RUN) };
	struct engine *e;
	char who[64];
	struct err err;
	int rc;

	if (opts_time(o, OPT_SINCE, time_now_ms(), &what.since_ms, &err) == -1)
		return cli_usage(cli, "%s", err.text);
	cli_who(who, sizeof(who));
	what.who = who;
	if (cli_engine(cli, what.dry_run ? STORE_READ : STORE_WRITE, &e, &err) == -1)
		return cli_fail(&err);
	rc = unlearn_bulk(cli, e, opts_value(o, OPT_SITE), &what, &err);
	engine_close(e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

static int
run_unlearn(struct cli *cli, const struct opts *o)
{
	struct marking m = { .label = LABEL_NONE };
	bool bulk = opts_given(o, OPT_SITE);

	m.ids = opts_arguments(o, &m.n);
	if (bulk && m.n > 0)
		return cli_usage(cli, "either ids or --site");
	if (!bulk && (opts_given(o, OPT_SINCE) || opts_given(o, OPT_WHO) || opts_given(o, OPT_DRY_RUN)))
		return cli_usage(cli, "--since, --who and --dry-run go with --site");
	if (!bulk && m.n == 0)
		return cli_usage(cli, "an argument is missing");
	return bulk ? run_bulk(cli, o) : carry_out(cli, &m);
}

const struct verb verb_mark = {
	.name = "mark",
	.usage = "spam|ham ID...",
	.summary = "Correct verdicts; all are recorded and learnt from at once, or none.",
	.options = options,
	.min_arguments = 2,
	.max_arguments = CLI_ANY_NUMBER,
	.run = run,
};

const struct verb verb_unlearn = {
	.name = "unlearn",
	.usage = "ID... | --site S [--since T] [--who W] [--dry-run]",
	.summary = "Take corrections of verdicts back, exactly; all of them, or none.",
	.options = unlearn_options,
	.min_arguments = 0,
	.max_arguments = CLI_ANY_NUMBER,
	.run = run_unlearn,
};
