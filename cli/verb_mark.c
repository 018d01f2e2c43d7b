#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "cli/verbs.h"
#include "engine/feedback.h"
#include "engine/learn.h"

static const struct opt options[] = {
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

	if (store_begin(e->store, err) == -1)
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
		fprintf(cli->out.file, "%zu marked as %s, %zu of them anew; %lld learnt\n", m->n,
		    label_name(m->label), m->changed, (long long)m->learnt);
		return 0;
	}
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "label");
	json_put_str(&b, label_name(m->label));
	json_key(&b, "marked");
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
run(struct cli *cli, const struct opts *o)
{
	struct marking m = { 0 };
	struct engine *e = NULL;
	const char *const *arguments;
	struct arena *a;
	struct err err;
	int rc;

	arguments = opts_arguments(o, &m.n);
	if (label_parse(&m.label, arguments[0], strlen(arguments[0])) == -1)
		return cli_usage(cli, "'%.40s' is neither spam nor ham", arguments[0]);
	m.ids = arguments + 1;
	m.n--;
	cli_who(m.who, sizeof(m.who));
	a = arena_new(ARENA_BYTES);
	rc = a != NULL ? 0 : err_set(&err, ERR_NOMEM, "out of memory");
	if (rc == 0)
		rc = cli_engine(cli, STORE_WRITE, &e, &err);
	if (rc == 0)
		rc = mark(cli, e, &m, a, &err);
	engine_close(e);
	arena_free(a);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
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
