#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "classifier/evidence.h"
#include "cli/source.h"
#include "cli/verbs.h"
#include "corpus/comment_json.h"
#include "corpus/input.h"
#include "engine/check.h"

enum { OPT_MODEL, OPT_TRAIN, OPT_FIELDS, OPT_SHARE, OPT_BUDGET };

static const struct opt options[] = {
	{ .name = "model", .value = "ID|FILE", .help = "judge by this model (default: the current one)" },
	{ .name = "train", .value = "FILE", .help = "judge by a model trained on FILE; may be given again" },
	{ .name = "fields", .value = "content", .help = "look at the comment's text only" },
	{ .name = "spam-share",
	    .value = "SHARE",
	    .help = "share of spam where the comments come from (default: the model's own)" },
	{ .name = "max-blocked-ham",
	    .value = "RATE",
	    .help = "with --train: share of ham that may be blocked (default: 0.005)" },
	{ .name = NULL },
};

#define LINE_ARENA_BYTES ((size_t)2 * CORPUS_MAX_LINE + 65536)

struct scorer {
	struct cli *cli;
	struct model *model;
	struct classifier *classifier;
	enum fields fields;
	double spam_share, budget; /* share 0: the model's own */
	struct place place;
	struct arena *arena; /* of one line */
	struct buf line, evidence;
};

static void
scorer_fini(struct scorer *s)
{
	model_unref(s->model);
	classifier_free(s->classifier);
	arena_free(s->arena);
	buf_fini(&s->line);
	buf_fini(&s->evidence);
}

static int
scorer_init(struct scorer *s, struct cli *cli, const struct opts *o, struct err *err)
{
	const struct train_options training = { .fields = s->fields, .blocked_ham_budget = s->budget };
	const char *const *train;
	size_t n;

	train = opts_values(o, OPT_TRAIN, &n);
	s->cli = cli;
	buf_init(&s->line, BUF_NO_LIMIT);
	buf_init(&s->evidence, BUF_NO_LIMIT);
	s->arena = arena_new(LINE_ARENA_BYTES);
	if (s->arena == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (classifier_new(&s->classifier, err) == -1)
		return -1;
	if (n > 0 ? source_train(train, n, &training, &s->model, err) == -1
		  : source_model(cli, opts_value(o, OPT_MODEL), &s->model, err) == -1)
		return -1;
	s->place.has_prior = s->spam_share > 0;
	if (s->place.has_prior)
		s->place.prior = place_prior(s->model, s->spam_share);
	return 0;
}

static int
score(struct scorer *s, const struct comment *comment, struct err *err)
{
	struct verdict_row row = { .forced = "" };
	struct judgement j;

	if (classify_at(s->classifier, s->model, comment, s->fields, &s->place, &j, err) == -1)
		return -1;
	row.model = model_info(s->model)->id;
	row.verdict = j.verdict;
	row.probability = j.probability;
	row.prior = j.prior;
	row.known = j.known;
	buf_clear(&s->evidence);
	evidence_list(s->classifier, &j, CHECK_EVIDENCE_TOP, &s->evidence);
	s->line.failed = s->line.failed || !buf_ok(&s->evidence);
	verdict_json(&row, buf_slice(&s->evidence), false, &s->line);
	return cli_put_json(s->cli, &s->line, err);
}

static bool
blank(struct slice s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r')
			return false;
	return true;
}

/* Put file and line before what the parser says of one line: "line 1 column C: why". */
static int
bad_line(const struct input *in, struct err *err)
{
	struct err found = *err;
	size_t column = 1;
	int used = 0;

	if (found.code != ERR_INPUT)
		return -1;
	if (sscanf(found.text, "line %*d column %zu: %n", &column, &used) != 1)
		used = 0;
	return err_set(
	    err, ERR_INPUT, "%s: line %zu column %zu: %s", in->name, in->line, column, found.text + used);
}

static int
score_line(struct scorer *s, const struct input *in, struct slice line, struct err *err)
{
	struct comment comment;
	struct json *j;
	int rc;

	if (in->overlong)
		return err_set(err, ERR_LIMIT, "%s: line %zu column 1: longer than %u bytes", in->name,
		    in->line, CORPUS_MAX_LINE);
	if (blank(line))
		return 0;
	if (json_parse(&j, line.p, line.n, err) == -1)
		return bad_line(in, err);
	if (json_type_of(j) != JSON_OBJ)
		rc = err_set(
		    err, ERR_INPUT, "%s: line %zu column 1: the line is not an object", in->name, in->line);
	else if (comment_from_json(&comment, j, s->arena, err) == -1)
		rc = bad_line(in, err);
	else
		rc = score(s, &comment, err);
	json_free(j);
	arena_reset(s->arena);
	return rc;
}

/* Judge line by line: nothing but one line is held, however long the input is. */
static int
score_stream(struct scorer *s, const char *path, struct err *err)
{
	struct slice line;
	struct input in;
	int more;

	if (input_open(&in, path, err) == -1)
		return -1;
	while ((more = input_line(&in, &line, err)) == 1)
		if (score_line(s, &in, line, err) == -1)
			break;
	input_close(&in);
	return more == 0 ? 0 : -1;
}

/* Judge the rows of a file that pass its filters. */
static int
score_filtered(struct scorer *s, const char *spec, struct err *err)
{
	const struct corpus_options all = {
		.format = CORPUS_JSONL, .label = LABEL_NONE, .unlabelled_ok = true
	};
	struct corpus c;
	size_t i;
	int rc;

	corpus_init(&c);
	rc = corpus_read(&c, spec, &all, err);
	for (i = 0; rc == 0 && i < c.n; i++)
		rc = score(s, &c.rows[i].comment, err);
	corpus_fini(&c);
	return rc;
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct scorer s = { 0 };
	const char *const *files;
	const char *file = "-";
	struct err err;
	size_t n;
	int rc;

	files = opts_arguments(o, &n);
	if (n > 0)
		file = files[0];
	if (opts_given(o, OPT_MODEL) && opts_given(o, OPT_TRAIN))
		return cli_usage(cli, "--model and --train exclude each other");
	if (source_fields(&s.fields, opts_value(o, OPT_FIELDS)) == -1)
		return cli_usage(cli, "--fields: it is 'content' or 'all'");
	if (opts_given(o, OPT_BUDGET) && !opts_given(o, OPT_TRAIN))
		return cli_usage(cli, "--max-blocked-ham goes with --train only");
	s.budget = SOURCE_BUDGET;
	if ((opts_given(o, OPT_SHARE) && opts_share(o, OPT_SHARE, &s.spam_share, &err) == -1) ||
	    (opts_given(o, OPT_BUDGET) && opts_share(o, OPT_BUDGET, &s.budget, &err) == -1))
		return cli_usage(cli, "%s", err.text);
	rc = scorer_init(&s, cli, o, &err);
	if (rc == 0) {
		bool plain = strcmp(file, "-") == 0 || strchr(file, ':') == NULL || access(file, F_OK) == 0;

		rc = plain ? score_stream(&s, file, &err) : score_filtered(&s, file, &err);
	}
	scorer_fini(&s);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

const struct verb verb_score = {
	.name = "score",
	.usage = "[--model ID|FILE] [--train FILE]... [--fields content] [--spam-share SHARE]\n"
		 "             [--max-blocked-ham RATE] [FILE]",
	.summary = "Judge JSON Lines, one verdict a line, without the daemon and without a record.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 1,
	.run = run,
};
