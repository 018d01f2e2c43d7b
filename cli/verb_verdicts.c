#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/timetext.h"
#include "classifier/evidence.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "engine/check.h"

enum { OPT_SINCE, OPT_UNTIL, OPT_SITE, OPT_VERDICT, OPT_SEARCH, OPT_LIMIT, OPT_FOLLOW };

static const struct opt options[] = {
	{ .name = "since", .value = "T", .help = "from this time on, or from 30m, 24h, 7d ago" },
	{ .name = "until", .value = "T", .help = "before this time" },
	{ .name = "site", .value = "S", .help = "of this site" },
	{ .name = "verdict", .value = "V", .help = "only ham, unsure or spam" },
	{ .name = "search",
	    .value = "WORDS",
	    .help = "whose text, author, e-mail or URL has all these words" },
	{ .name = "limit", .value = "N", .help = "the newest N; 0: all (default: 50, with --json all)" },
	{ .name = "follow", .help = "show the newest ones, then new ones as they come, until interrupted" },
	{ .name = NULL },
};

#define LIMIT_FOR_PEOPLE 50
#define FOLLOW_START 10 /* how many --follow begins with */
#define FOLLOW_MS 500
#define BATCH_ROWS 500 /* a table is measured by so many rows at a time */
#define EXCERPT_BYTES 240

static const struct column columns[] = {
	{ .title = "TIME", .min = 19 },
	{ .title = "ID", .min = ULID_CHARS },
	{ .title = "SITE", .min = 7 },
	{ .title = "VERDICT", .min = 7 },
	{ .title = "PROB", .right = true, .min = 6 },
	{ .title = "COMMENT", .flex = true },
};
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

struct listing {
	struct cli *cli;
	struct table table;
	struct buf line, evidence;
	bool header_done;
	int64_t last_seq, shown;
	struct err err;
};

static int
flush(struct listing *l)
{
	bool header = !l->header_done;

	l->header_done = true;
	if (l->table.n == 0 && !header)
		return 0;
	return table_print(&l->table, &l->cli->out, header) == 0
	    ? 0
	    : err_set(&l->err, ERR_NOMEM, "out of memory");
}

/* Append S with every run of white space made one space, up to EXCERPT_BYTES in all. */
static void
excerpt(struct buf *b, struct slice s)
{
	bool space = true;
	size_t i;

	for (i = 0; i < s.n && b->n < EXCERPT_BYTES; i++) {
		if (strchr(" \t\r\n", s.p[i]) != NULL && s.p[i] != '\0') {
			if (!space)
				buf_add_char(b, ' ');
			space = true;
			continue;
		}
		buf_add_char(b, s.p[i]);
		space = false;
	}
	/* Not to end amidst a character. */
	while (i < s.n && b->n > 0 && ((unsigned char)b->p[b->n - 1] & 0xc0) == 0x80)
		b->n--;
	if (i < s.n && b->n > 0 && (unsigned char)b->p[b->n - 1] >= 0xc0)
		b->n--;
}

static int
add_row(struct listing *l, const struct verdict_row *row)
{
	char time[TIME_TEXT_BYTES];
	struct buf text;

	time_format(time, row->time_ms);
	time[10] = ' ';
	buf_init(&text, BUF_NO_LIMIT);
	if (row->comment.field[COMMENT_AUTHOR].n > 0) {
		excerpt(&text, row->comment.field[COMMENT_AUTHOR]);
		buf_add_str(&text, ": ");
	}
	excerpt(&text, row->comment.field[COMMENT_CONTENT]);
	table_cell(&l->table, STYLE_PLAIN, (struct slice){ time, 19 });
	table_cell_str(&l->table, STYLE_PLAIN, row->id);
	table_cell_str(&l->table, STYLE_PLAIN, row->site_name);
	table_cell_str(&l->table, out_verdict_style(row->verdict), verdict_name(row->verdict));
	table_cellf(&l->table, STYLE_PLAIN, "%.4f", row->probability);
	table_cell(&l->table, STYLE_PLAIN, buf_slice(&text));
	buf_fini(&text);
	return l->table.n >= BATCH_ROWS * NCOLUMNS ? flush(l) : 0;
}

static int
each(const struct verdict_row *row, void *arg)
{
	struct listing *l = arg;

	if (row->seq > l->last_seq)
		l->last_seq = row->seq;
	l->shown++;
	if (!l->cli->json)
		return add_row(l, row);
	buf_clear(&l->evidence);
	if (evidence_json(row->evidence, &l->evidence, &l->err) == -1)
		return err_prefix(&l->err, "verdict %s", row->id);
	l->line.failed = l->line.failed || !buf_ok(&l->evidence);
	verdict_json(row, buf_slice(&l->evidence), true, &l->line);
	return cli_put_json(l->cli, &l->line, &l->err);
}

/* Show what passes FILTER. */
static int
walk(struct listing *l, struct store *st, const struct verdict_filter *filter, struct err *err)
{
	l->err.code = ERR_NONE;
	if (store_verdict_walk(st, filter, each, l, err) == -1)
		return -1;
	if (l->err.code == ERR_NONE && !l->cli->json)
		flush(l);
	fflush(l->cli->out.file);
	return l->err.code == ERR_NONE ? 0 : err_set(err, l->err.code, "%s", l->err.text);
}

/* Wait for the next look; return whether the user has had enough. */
static bool
interrupted(const sigset_t *set)
{
	const struct timespec pause = { .tv_nsec = FOLLOW_MS * 1000000L };

	return sigtimedwait(set, NULL, &pause) > 0;
}

/* Note the seq of a row, the newest first; the walk ends with the row that --follow begins after. */
struct back {
	int64_t left, seq;
};

static int
step_back(const struct verdict_row *row, void *arg)
{
	struct back *b = arg;

	b->seq = row->seq;
	return b->left-- == 0;
}

/* Set filter->after_seq so that the last N verdicts that pass FILTER come after it. */
static int
go_back(struct store *st, struct verdict_filter *filter, int64_t n, struct err *err)
{
	struct verdict_filter newest = *filter;
	struct back back = { .left = n };

	newest.newest_first = true;
	newest.limit = n + 1;
	if (store_verdict_walk(st, &newest, step_back, &back, err) == -1)
		return -1;
	filter->after_seq = back.left < 0 ? back.seq : 0;
	return 0;
}

static int
follow(struct listing *l, struct store *st, struct verdict_filter *filter, struct err *err)
{
	int64_t version, seen = -1;
	sigset_t set, old;
	int rc;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &old);
	rc = go_back(st, filter, filter->limit > 0 ? filter->limit : FOLLOW_START, err);
	filter->limit = 0;
	l->last_seq = filter->after_seq;
	do {
		if (rc == 0)
			rc = store_data_version(st, &version, err);
		if (rc == -1 || version == seen)
			continue;
		seen = version;
		filter->after_seq = l->last_seq;
		rc = walk(l, st, filter, err);
	} while (rc == 0 && !ferror(l->cli->out.file) && !interrupted(&set));
	sigprocmask(SIG_SETMASK, &old, NULL);
	return rc;
}

static int
list(struct listing *l, struct store *st, struct verdict_filter *filter, struct err *err)
{
	bool cut = filter->limit == 0 && !l->cli->json;

	filter->newest_first = true;
	if (cut)
		filter->limit = LIMIT_FOR_PEOPLE;
	else if (filter->limit < 0)
		filter->limit = 0;
	if (walk(l, st, filter, err) == -1)
		return -1;
	if (cut && l->shown == LIMIT_FOR_PEOPLE)
		cli_note("the newest %d are shown; --limit N shows more", LIMIT_FOR_PEOPLE);
	return 0;
}

/* Fill FILTER from the options, but for the site; filter->limit is -1 for "--limit 0". */
static int
make_filter(struct verdict_filter *filter, const struct opts *o, struct err *err)
{
	const char *name = opts_value(o, OPT_VERDICT);
	int64_t now = time_now_ms();
	enum verdict v;

	*filter = (struct verdict_filter){ .verdict = -1, .search = opts_value(o, OPT_SEARCH) };
	if (name != NULL) {
		if (verdict_parse(&v, name) == -1)
			return err_set(err, ERR_INPUT, "--verdict: it is ham, unsure or spam");
		filter->verdict = (int)v;
	}
	if (opts_given(o, OPT_FOLLOW) && opts_given(o, OPT_UNTIL))
		return err_set(err, ERR_INPUT, "--follow and --until exclude each other");
	if (opts_period(o, OPT_SINCE, OPT_UNTIL, now, &filter->since_ms, &filter->until_ms, err) == -1 ||
	    opts_integer(o, OPT_LIMIT, 0, INT64_MAX / 2, &filter->limit, err) == -1)
		return -1;
	if (opts_given(o, OPT_LIMIT) && filter->limit == 0)
		filter->limit = -1;
	return 0;
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct listing l = { .cli = cli };
	struct verdict_filter filter;
	struct engine *e;
	struct err err;
	int rc = 0;

	if (make_filter(&filter, o, &err) == -1)
		return cli_usage(cli, "%s", err.text);
	if (cli_engine(cli, STORE_READ, &e, &err) == -1)
		return cli_fail(&err);
	table_init(&l.table, columns, NCOLUMNS);
	buf_init(&l.line, BUF_NO_LIMIT);
	buf_init(&l.evidence, BUF_NO_LIMIT);
	if (opts_given(o, OPT_SITE))
		rc = cli_site(e->store, opts_value(o, OPT_SITE), &filter.site, &err);
	if (rc == 0)
		rc = (opts_given(o, OPT_FOLLOW) ? follow : list)(&l, e->store, &filter, &err);
	table_fini(&l.table);
	buf_fini(&l.line);
	buf_fini(&l.evidence);
	engine_close(e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

const struct verb verb_verdicts = {
	.name = "verdicts",
	.usage = "[--since T] [--until T] [--site S] [--verdict V] [--search WORDS] [--limit N] [--follow]",
	.summary = "List recorded verdicts, the newest first.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 0,
	.run = run,
};
