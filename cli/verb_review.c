#include "config.h"

#include <unistd.h>

#include "base/json.h"
#include "base/timetext.h"
#include "cli/review.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "corpus/comment_json.h"

enum { OPT_LIMIT, OPT_SINCE, OPT_SITE };

static const struct opt options[] = {
	{ .name = "limit", .value = "N", .help = "at most N entries; 0: all (default: 20)" },
	{ .name = "since", .value = "T", .help = "comments from this time on (default: 7d)" },
	{ .name = "site", .value = "S", .help = "comments of this site" },
	{ .name = NULL },
};

#define LIMIT_DEFAULT 20
#define PROBABILITY_DIGITS 17

static void
put_picks(struct buf *b, const struct review_entry *entry)
{
	json_key(b, "ids");
	json_open(b, '[');
	for (size_t i = 0; i < entry->npicks; i++)
		json_put_str(b, entry->picks[i].id);
	json_close(b, ']');
	json_key(b, "sites");
	json_open(b, '[');
	for (size_t i = 0; i < entry->npicks; i++)
		json_put_str(b, entry->picks[i].site);
	json_close(b, ']');
}

static int
entry_json(struct cli *cli, struct buf *b, const struct review_entry *entry, struct err *err)
{
	char time[TIME_TEXT_BYTES];

	time_format(time, entry->row.time_ms);
	json_open(b, '{');
	put_picks(b, entry);
	json_key(b, "time");
	json_put_str(b, time);
	json_key(b, "recorded");
	json_put_str(b, verdict_name(entry->row.verdict));
	json_key(b, "verdict");
	json_put_str(b, verdict_name(entry->verdict));
	json_key(b, "probability");
	json_put_double(b, entry->probability, PROBABILITY_DIGITS);
	json_key(b, "alike");
	json_put_int(b, (int64_t)entry->alike);
	json_key(b, "known");
	json_put_double(b, entry->known, 3);
	json_key(b, "teaches");
	json_put_double(b, entry->teaches, 6);
	json_key(b, "comment");
	json_open(b, '{');
	comment_to_json(&entry->row.comment, b);
	json_close(b, '}');
	json_key(b, "evidence");
	json_put_raw(b, slice_of(entry->evidence));
	json_close(b, '}');
	return cli_put_json(cli, b, err);
}

static int
list_json(struct cli *cli, const struct review *r, struct err *err)
{
	struct buf b;
	int rc = 0;

	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; rc == 0 && i < r->n; i++)
		rc = entry_json(cli, &b, &r->entries[i], err);
	buf_fini(&b);
	return rc;
}

static int
list_table(struct cli *cli, const struct review *r, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "ID" },
		{ .title = "SITE" },
		{ .title = "VERDICT" },
		{ .title = "PROB", .right = true },
		{ .title = "ALIKE", .right = true },
		{ .title = "TEACHES", .right = true },
		{ .title = "COMMENT", .flex = true },
	};
	struct table t;
	int rc;

	table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < r->n; i++) {
		const struct review_entry *entry = &r->entries[i];

		table_cell_str(&t, STYLE_PLAIN, entry->row.id);
		table_cell_str(&t, STYLE_PLAIN, entry->row.site_name);
		table_cell_str(&t, out_verdict_style(entry->verdict), verdict_name(entry->verdict));
		table_cellf(&t, STYLE_PLAIN, "%.4f", entry->probability);
		table_cellf(&t, STYLE_PLAIN, "%zu", entry->alike);
		table_cellf(&t, STYLE_PLAIN, "%.3f", entry->teaches);
		table_cell(&t, STYLE_PLAIN, entry->row.comment.field[COMMENT_CONTENT]);
	}
	rc = table_print(&t, &cli->out, true);
	table_fini(&t);
	return rc == 0 ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

/* With a terminal on both sides each entry is asked about; else the queue is shown. */
static int
go_through(struct cli *cli, struct engine *e, const struct review *r, bool ask, struct err *err)
{
	if (cli->json)
		return list_json(cli, r, err);
	if (r->n == 0) {
		fputs("nothing to review\n", cli->out.file);
		return 0;
	}
	return ask ? review_ask(cli, e, r, err) : list_table(cli, r, err);
}

static int
review(struct cli *cli, struct engine *e, int64_t since_ms, int64_t site, int64_t limit, bool ask,
    struct err *err)
{
	struct model *m;
	struct review r;
	int rc;

	if (engine_model(e, NULL, &m, err) == -1)
		return -1;
	rc = review_find(&r, e, m, since_ms, site, err);
	model_unref(m);
	if (rc == 0) {
		if (limit > 0 && (size_t)limit < r.n)
			r.n = (size_t)limit;
		rc = go_through(cli, e, &r, ask, err);
	}
	review_fini(&r);
	return rc;
}

static int
run(struct cli *cli, const struct opts *o)
{
	bool ask = !cli->json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	int64_t since_ms = 0, site = 0, limit = LIMIT_DEFAULT;
	struct engine *e;
	struct err err;
	int rc = 0;

	if (opts_time(o, OPT_SINCE, time_now_ms(), &since_ms, &err) == -1 ||
	    opts_integer(o, OPT_LIMIT, 0, INT64_MAX / 2, &limit, &err) == -1)
		return cli_usage(cli, "%s", err.text);
	if (cli_engine(cli, ask ? STORE_WRITE : STORE_READ, &e, &err) == -1)
		return cli_fail(&err);
	e->alone = false; /* people take their time: the daemon may have been started meanwhile */
	if (opts_given(o, OPT_SITE))
		rc = cli_site(e->store, opts_value(o, OPT_SITE), &site, &err);
	if (rc == 0)
		rc = review(cli, e, since_ms, site, limit, ask, &err);
	engine_close(e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

const struct verb verb_review = {
	.name = "review",
	.usage = "[--limit N] [--since T] [--site S]",
	.summary = "Label the recorded comments whose label would teach most, one key each.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 0,
	.run = run,
};
