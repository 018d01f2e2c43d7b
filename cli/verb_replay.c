#include "config.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "classifier/evidence.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "corpus/comment_json.h"
#include "engine/learn.h"
#include "engine/replay.h"
#include "store/chain.h"

enum { OPT_MODEL, OPT_SINCE, OPT_UNTIL, OPT_SITE, OPT_THRESHOLD, OPT_BUDGET, OPT_RULES, OPT_LIMIT };

static const struct opt options[] = {
	{ .name = "model", .value = "ID", .help = "by this model (default: the current one)" },
	{ .name = "since", .value = "T", .help = "comments from this time on, or from 30m, 24h, 7d ago" },
	{ .name = "until", .value = "T", .help = "comments before this time" },
	{ .name = "site", .value = "S", .help = "comments of this site" },
	{ .name = "spam-threshold", .value = "P", .help = "as if spam began at this probability everywhere" },
	{ .name = "max-blocked-ham",
	    .value = "RATE",
	    .help = "by a model trained from the present examples for this budget, and not kept" },
	{ .name = "rules",
	    .value = "FILE",
	    .help = "with these shared rules (default: the rules in force; /dev/null: none)" },
	{ .name = "limit", .value = "N", .help = "list N flips; 0: all (default: 50, with --json all)" },
	{ .name = NULL },
};

#define LIMIT_FOR_PEOPLE 50
#define EVIDENCE_SHOWN 5 /* pieces of each explanation */
#define EXCERPT_COLUMNS 76
#define PROBABILITY_DIGITS 17

struct listing {
	struct cli *cli;
	int64_t limit, shown; /* limit 0: all */
	struct buf text; /* for people, after the progress bar is gone; else one line of JSON */
	struct buf evidence;
	struct err err;
};

/* -- Flips -- */

/* Append the first pieces of EVIDENCE, a JSON list, as one: recorded evidence has more of them.  Where it was
 * erased, null. */
static int
put_first(struct buf *b, const char *evidence, struct err *err)
{
	struct json *list;

	if (evidence[0] == '\0') {
		json_put_str(b, NULL);
		return 0;
	}
	if (json_parse(&list, evidence, strlen(evidence), err) == -1)
		return -1;
	json_open(b, '[');
	for (size_t i = 0; i < json_length(list) && i < EVIDENCE_SHOWN; i++) {
		const struct json *piece = json_item(list, i);

		json_open(b, '{');
		json_key(b, "field");
		json_put_slice(b, json_text(json_member(piece, "field")));
		json_key(b, "token");
		json_put_slice(b, json_text(json_member(piece, "token")));
		json_key(b, "weight");
		json_put_double(b, json_number(json_member(piece, "weight"), 0), 12);
		json_close(b, '}');
	}
	json_close(b, ']');
	json_free(list);
	return 0;
}

static int
put_side(struct buf *b, const char *key, enum verdict verdict, double probability, const char *evidence,
    struct err *err)
{
	json_key(b, key);
	json_open(b, '{');
	json_key(b, "verdict");
	json_put_str(b, verdict_name(verdict));
	json_key(b, "probability");
	json_put_double(b, probability, PROBABILITY_DIGITS);
	json_key(b, "evidence");
	if (put_first(b, evidence, err) == -1)
		return -1;
	json_close(b, '}');
	return 0;
}

/* Write what is recorded as evidence to L->evidence, as a JSON list; nothing where it was erased. */
static int
recorded_evidence(struct listing *l, const struct verdict_row *row)
{
	buf_clear(&l->evidence);
	if ((row->gone & PART_SET(PART_EVIDENCE)) != 0)
		return buf_ok(&l->evidence) ? 0 : err_set(&l->err, ERR_NOMEM, "out of memory");
	if (evidence_json(row->evidence, &l->evidence, &l->err) == -1)
		return -1;
	return buf_ok(&l->evidence) ? 0 : err_set(&l->err, ERR_NOMEM, "out of memory");
}

static int
flip_json(struct listing *l, const struct replay_flip *flip)
{
	const struct verdict_row *row = flip->row;
	char time[TIME_TEXT_BYTES];
	struct buf *b = &l->text;

	time_format(time, row->time_ms);
	json_open(b, '{');
	json_key(b, "id");
	json_put_str(b, row->id);
	json_key(b, "time");
	json_put_str(b, time);
	json_key(b, "site");
	json_put_str(b, row->site_name);
	json_key(b, "model");
	json_put_str(b, row->model);
	if (recorded_evidence(l, row) == -1 ||
	    put_side(b, "was", row->verdict, row->probability, buf_str(&l->evidence), &l->err) == -1 ||
	    put_side(b, "would_be", flip->verdict, flip->probability, flip->evidence, &l->err) == -1)
		return err_prefix(&l->err, "verdict %s: evidence", row->id);
	json_key(b, "comment");
	json_open(b, '{');
	comment_to_json(&row->comment, b);
	json_close(b, '}');
	json_close(b, '}');
	return cli_put_json(l->cli, b, &l->err);
}

/* Append what EVIDENCE comes to: "word casino +2.31, url win1.example +1.02". */
static int
put_reasons(struct listing *l, const char *head, const char *evidence)
{
	struct json *list;

	buf_add_str(&l->text, head);
	if (evidence[0] == '\0') {
		buf_add_str(&l->text, "(its evidence has been erased)\n");
		return 0;
	}
	if (json_parse(&list, evidence, strlen(evidence), &l->err) == -1)
		return -1;
	for (size_t i = 0; i < json_length(list) && i < EVIDENCE_SHOWN; i++) {
		const struct json *piece = json_item(list, i);

		buf_add_str(&l->text, i > 0 ? ", " : "");
		text_safe(&l->text, json_text(json_member(piece, "field")));
		buf_add_char(&l->text, ' ');
		text_safe(&l->text, json_text(json_member(piece, "token")));
		buf_addf(&l->text, " %+.2f", json_number(json_member(piece, "weight"), 0));
	}
	buf_add_char(&l->text, '\n');
	json_free(list);
	return 0;
}

static int
flip_text(struct listing *l, const struct replay_flip *flip)
{
	const struct verdict_row *row = flip->row;
	char time[TIME_TEXT_BYTES];
	struct buf safe;

	time_format(time, row->time_ms);
	buf_addf(&l->text, "%s  %.10s %.8s  ", row->id, time, time + 11);
	text_safe(&l->text, slice_of(row->site_name));
	buf_addf(&l->text, "  %s %.4f -> %s %.4f\n", verdict_name(row->verdict), row->probability,
	    verdict_name(flip->verdict), flip->probability);
	buf_init(&safe, BUF_NO_LIMIT);
	if (row->comment.field[COMMENT_AUTHOR].n > 0) {
		text_safe(&safe, row->comment.field[COMMENT_AUTHOR]);
		buf_add_str(&safe, ": ");
	}
	text_safe(&safe, row->comment.field[COMMENT_CONTENT]);
	buf_add_str(&l->text, "    ");
	text_cut(&l->text, buf_slice(&safe), EXCERPT_COLUMNS);
	buf_add_char(&l->text, '\n');
	buf_fini(&safe);
	if (recorded_evidence(l, row) == -1 ||
	    put_reasons(l, "    was:      ", buf_str(&l->evidence)) == -1 ||
	    put_reasons(l, "    would be: ", flip->evidence) == -1)
		return err_prefix(&l->err, "verdict %s: evidence", row->id);
	buf_add_char(&l->text, '\n');
	return 0;
}

static int
each(const struct replay_flip *flip, void *arg)
{
	struct listing *l = arg;

	if (l->limit > 0 && l->shown == l->limit)
		return 0; /* counted all the same */
	l->shown++;
	return (l->cli->json ? flip_json : flip_text)(l, flip);
}

/* -- Totals -- */

static void
put_skipped(struct buf *b, const struct replay *r)
{
	json_key(b, "skipped");
	json_open(b, '{');
	json_key(b, "erased");
	json_put_int(b, (int64_t)r->erased);
	json_key(b, "forced");
	json_put_int(b, (int64_t)r->forced);
	json_key(b, "tests");
	json_put_int(b, (int64_t)r->tests);
	json_close(b, '}');
}

static void
put_site(struct buf *b, const struct replay_site *site)
{
	json_open(b, '{');
	json_key(b, "site");
	json_put_str(b, site->name);
	for (int from = VERDICT_HAM; from <= VERDICT_SPAM; from++) {
		json_key(b, verdict_name((enum verdict)from));
		json_open(b, '{');
		for (int to = VERDICT_HAM; to <= VERDICT_SPAM; to++) {
			json_key(b, verdict_name((enum verdict)to));
			json_put_int(b, (int64_t)site->moved[from][to]);
		}
		json_close(b, '}');
	}
	json_close(b, '}');
}

/* The last line: {"replay":{...}}, by site what each class became. */
static int
totals_json(struct listing *l, const struct replay *r, const struct replay_options *o, struct err *err)
{
	struct buf *b = &l->text;

	json_open(b, '{');
	json_key(b, "replay");
	json_open(b, '{');
	json_key(b, "model");
	json_put_str(b, model_info(o->model)->id);
	json_key(b, "judged");
	json_put_int(b, (int64_t)r->judged);
	json_key(b, "flips");
	json_put_int(b, (int64_t)r->flips);
	json_key(b, "incomplete");
	json_put_int(b, (int64_t)r->incomplete);
	put_skipped(b, r);
	json_key(b, "sites");
	json_open(b, '[');
	for (size_t i = 0; i < r->nsites; i++)
		put_site(b, &r->sites[i]);
	json_close(b, ']');
	json_close(b, '}');
	json_close(b, '}');
	return cli_put_json(l->cli, b, err);
}

static int
totals_table(const struct out *out, const struct replay *r, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "SITE" },
		{ .title = "WAS" },
		{ .title = "WOULD BE" },
		{ .title = "COMMENTS", .right = true },
	};
	struct table t;
	int rc;

	table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < r->nsites; i++) {
		for (int k = 0; k < 9; k++) {
			enum verdict from = (enum verdict)(k / 3), to = (enum verdict)(k % 3);

			if (r->sites[i].moved[from][to] == 0)
				continue;
			table_cell_str(&t, STYLE_PLAIN, r->sites[i].name);
			table_cell_str(&t, out_verdict_style(from), verdict_name(from));
			table_cell_str(&t, out_verdict_style(to), from == to ? "the same" : verdict_name(to));
			table_cellf(&t, STYLE_PLAIN, "%llu", (unsigned long long)r->sites[i].moved[from][to]);
		}
	}
	rc = table_print(&t, out, true);
	table_fini(&t);
	return rc == 0 ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

static int
totals_text(struct listing *l, const struct replay *r, const struct replay_options *o, struct err *err)
{
	FILE *f = l->cli->out.file;

	if (!buf_ok(&l->text))
		return err_set(err, ERR_NOMEM, "out of memory");
	fputs(buf_str(&l->text), f);
	if (l->shown < (int64_t)r->flips)
		fprintf(f, "and %lld more; --limit 0 lists them all\n\n", (long long)r->flips - l->shown);
	fprintf(f, "%llu comments judged by model %.*s: %llu would get another verdict\n",
	    (unsigned long long)r->judged, REPORT_ID_DIGITS, model_info(o->model)->id,
	    (unsigned long long)r->flips);
	if (r->incomplete > 0)
		fprintf(f,
		    "%llu of them without their address or their recorded evidence, which were erased\n",
		    (unsigned long long)r->incomplete);
	if (r->erased + r->forced + r->tests > 0)
		fprintf(f, "skipped: %llu whose text was erased, %llu with a forced verdict, %llu tests\n",
		    (unsigned long long)r->erased, (unsigned long long)r->forced,
		    (unsigned long long)r->tests);
	return r->judged > 0 ? totals_table(&l->cli->out, r, err) : 0;
}

/* -- Doing it -- */

/* Record that there was a replay: the one thing that it writes. */
static int
record(struct engine *e, const struct replay_options *o, const struct replay *r, struct err *err)
{
	const struct model_info *m = model_info(o->model);
	char who[64], hex[2 * DIGEST_BYTES + 1];
	struct buf b;
	int rc;

	cli_who(who, sizeof(who));
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "model");
	json_put_str(&b, m->id);
	json_key(&b, "max_blocked_ham");
	json_put_double(&b, m->blocked_ham_budget, PROBABILITY_DIGITS);
	json_key(&b, "spam_threshold");
	json_put_double(&b, o->spam_threshold > 0 ? o->spam_threshold : NAN, PROBABILITY_DIGITS);
	hex_encode(hex, rules_digest(o->rules), sizeof(struct digest));
	json_add_str(&b, "rules", hex);
	cli_add_time(&b, "since", o->since_ms);
	cli_add_time(&b, "until", o->until_ms);
	json_key(&b, "judged");
	json_put_int(&b, (int64_t)r->judged);
	json_key(&b, "flips");
	json_put_int(&b, (int64_t)r->flips);
	json_close(&b, '}');
	rc = store_event_json(e->store, "replay", who, &b, err);
	buf_fini(&b);
	return rc;
}

static int
replay(struct listing *l, struct engine *e, struct replay_options *how, struct err *err)
{
	struct progress bar;
	struct replay r;
	int rc;

	progress_start(&bar, "replaying");
	how->progress = progress_update;
	how->progress_arg = &bar;
	rc = replay_run(&r, e, how, each, l, err);
	progress_end(&bar);
	if (rc == 0 && l->err.code != ERR_NONE)
		rc = err_set(err, l->err.code, "%s", l->err.text);
	if (rc == 0)
		rc = record(e, how, &r, err);
	if (rc == 0)
		rc = (l->cli->json ? totals_json : totals_text)(l, &r, how, err);
	replay_fini(&r);
	return rc;
}

/* Get the model to judge by. */
static int
get_model(struct engine *e, const struct opts *o, double budget, struct model **m, struct err *err)
{
	struct progress bar;
	int rc;

	if (budget <= 0)
		return engine_model(e, opts_value(o, OPT_MODEL), m, err);
	progress_start(&bar, "training");
	rc = retrain_for_budget(e, budget, progress_update, &bar, m, err);
	progress_end(&bar);
	return rc;
}

static int
carry_out(struct listing *l, const struct opts *o, struct replay_options *how, double budget)
{
	struct rules *rules = NULL;
	struct model *m = NULL;
	struct engine *e;
	struct err err;
	int rc;

	if (cli_engine(l->cli, STORE_WRITE, &e, &err) == -1)
		return cli_fail(&err);
	rc = rules_load_trial(&rules, e->paths.dir, opts_value(o, OPT_RULES), &err);
	how->rules = rules;
	if (rc == 0 && opts_given(o, OPT_SITE))
		rc = cli_site(e->store, opts_value(o, OPT_SITE), &how->site, &err);
	if (rc == 0)
		rc = get_model(e, o, budget, &m, &err);
	how->model = m;
	if (rc == 0)
		rc = replay(l, e, how, &err);
	model_unref(m);
	rules_unref(rules);
	engine_close(e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct listing l = { .cli = cli, .limit = cli->json ? 0 : LIMIT_FOR_PEOPLE };
	struct replay_options how = { .evidence = EVIDENCE_SHOWN };
	int64_t now = time_now_ms();
	double budget = 0;
	struct err err;
	int code;

	if (opts_period(o, OPT_SINCE, OPT_UNTIL, now, &how.since_ms, &how.until_ms, &err) == -1 ||
	    opts_share(o, OPT_THRESHOLD, &how.spam_threshold, &err) == -1 ||
	    opts_share(o, OPT_BUDGET, &budget, &err) == -1 ||
	    opts_integer(o, OPT_LIMIT, 0, INT64_MAX / 2, &l.limit, &err) == -1)
		return cli_usage(cli, "%s", err.text);
	if (budget > 0 && opts_given(o, OPT_MODEL))
		return cli_usage(cli, "--max-blocked-ham trains a model, --model names one");
	if (budget > 0 && how.spam_threshold > 0)
		return cli_usage(cli, "--max-blocked-ham and --spam-threshold both set the threshold");
	if (how.until_ms > 0 && how.until_ms <= how.since_ms)
		return cli_usage(cli, "--until is not after --since");
	buf_init(&l.text, BUF_NO_LIMIT);
	buf_init(&l.evidence, BUF_NO_LIMIT);
	code = carry_out(&l, o, &how, budget);
	buf_fini(&l.text);
	buf_fini(&l.evidence);
	return code;
}

const struct verb verb_replay = {
	.name = "replay",
	.usage = "[--model ID | --max-blocked-ham RATE] [--spam-threshold P] [--since T] [--until T]\n"
		 "           [--site S] [--rules FILE] [--limit N]",
	.summary =
	    "Say which recorded comments another model, threshold or rules would judge otherwise, and why.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 0,
	.run = run,
};
