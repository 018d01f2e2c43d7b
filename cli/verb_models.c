#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "cli/models.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "engine/shelf.h"
#include "store/chain.h"

enum { OPT_FIELD, OPT_LIMIT, OPT_KEEP, OPT_DRY_RUN };

static const struct opt options[] = {
	{ .name = "field", .value = "F", .help = "list tokens of this field only (for top, diff)" },
	{ .name = "limit", .value = "N", .help = "list at most N entries each (for top, diff; default: 10)" },
	{ .name = "keep", .value = "N", .help = "keep the newest N at least (for prune; default: 8)" },
	{ .name = "dry-run", .help = "say what would go, remove nothing (for prune)" },
	{ .name = NULL },
};

#define LIMIT_DEFAULT 10
#define LIMIT_MAX 10000
#define ID_DIGITS_MIN 6 /* of a model's id, to name it by */

/* The registry as it stands. */
struct registry {
	struct engine *e;
	struct shelf shelf;
};

static bool
is_current(const struct registry *r, const struct model_row *row)
{
	return strcmp(row->id, r->shelf.current) == 0;
}

/* Return what became of the model's file, in one word: "kept", "withheld" (kept, but never current),
 * "rebuilt" (not there, the model is made again when needed), "pruned", or "gone" when somebody else has
 * removed it. */
static const char *
file_state(const struct registry *r, const struct model_row *row)
{
	size_t i = (size_t)(row - r->shelf.rows);

	if (row->pruned_ms != 0)
		return "pruned";
	if (!r->shelf.places[i].file)
		return shelf_rebuilds(&r->shelf, i) ? "rebuilt" : "gone";
	return row->withheld[0] != '\0' ? "withheld" : "kept";
}

static void
put_json(struct buf *b, const struct registry *r, const struct model_row *row)
{
	const struct {
		const char *key;
		int64_t n;
	} sizes[] = { { "spam", row->spam }, { "ham", row->ham }, { "tokens", row->tokens },
		{ "bytes", row->bytes }, { "position", row->position } };
	size_t i;

	json_open(b, '{');
	json_key(b, "id");
	json_put_str(b, row->id);
	json_key(b, "current");
	json_put_bool(b, is_current(r, row));
	json_key(b, "file");
	json_put_str(b, file_state(r, row));
	json_key(b, "parent");
	json_put_str(b, row->parent[0] != '\0' ? row->parent : NULL);
	json_key(b, "kind");
	json_put_str(b, row->kind);
	json_key(b, "who");
	json_put_str(b, row->who);
	cli_add_time(b, "created", row->created_ms);
	cli_add_time(b, "pruned", row->pruned_ms);
	json_key(b, "withheld");
	json_put_str(b, row->withheld[0] != '\0' ? row->withheld : NULL);
	json_key(b, "maker");
	json_put_str(b, row->maker[0] != '\0' ? row->maker : NULL);
	json_key(b, "corpus");
	json_put_str(b, row->corpus[0] != '\0' ? row->corpus : NULL);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		json_key(b, sizes[i].key);
		json_put_int(b, sizes[i].n);
	}
	json_key(b, "spam_threshold");
	json_put_double(b, row->spam_threshold, 17);
	json_key(b, "unsure_threshold");
	json_put_double(b, row->unsure_threshold, 17);
	json_key(b, "max_blocked_ham");
	json_put_double(b, row->blocked_ham_budget, 17);
	json_key(b, "figures");
	json_put_raw(b, slice_of(row->figures[0] != '\0' ? row->figures : "null"));
	json_close(b, '}');
}

static int
list_json(struct cli *cli, const struct registry *r, struct err *err)
{
	struct buf b;
	size_t i;
	int rc = 0;

	buf_init(&b, BUF_NO_LIMIT);
	for (i = 0; rc == 0 && i < r->shelf.n; i++) {
		put_json(&b, r, &r->shelf.rows[i]);
		rc = cli_put_json(cli, &b, err);
	}
	buf_fini(&b);
	return rc;
}

/* Put the figure KEY of ROW, in per cent or as it is. */
static void
put_figure(struct table *t, const struct model_row *row, const char *key, bool percent)
{
	struct json *j = NULL;
	double x = NAN;

	if (row->figures[0] != '\0' && json_parse(&j, row->figures, strlen(row->figures), NULL) == 0)
		x = json_number(json_member(j, key), NAN);
	json_free(j);
	if (!isfinite(x))
		table_cell_str(t, STYLE_DIM, "-");
	else if (percent)
		table_cellf(t, STYLE_PLAIN, "%.2f %%", 100 * x);
	else
		table_cellf(t, STYLE_PLAIN, "%.4f", x);
}

static int
list_table(struct cli *cli, const struct registry *r, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "" },
		{ .title = "ID" },
		{ .title = "MADE" },
		{ .title = "KIND" },
		{ .title = "SPAM", .right = true },
		{ .title = "HAM", .right = true },
		{ .title = "BLOCKED HAM", .right = true },
		{ .title = "MCC", .right = true },
		{ .title = "SPAM FROM", .right = true },
		{ .title = "FILE" },
		{ .title = "BY", .flex = true },
	};
	char time[TIME_TEXT_BYTES];
	struct table t;
	size_t i;
	int rc;

	table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
	for (i = 0; i < r->shelf.n; i++) {
		const struct model_row *row = &r->shelf.rows[i];
		bool current = is_current(r, row);

		time_format(time, row->created_ms);
		time[10] = ' ';
		table_cell_str(&t, STYLE_GOOD, current ? "*" : "");
		table_cellf(&t, current ? STYLE_BOLD : STYLE_PLAIN, "%.*s", REPORT_ID_DIGITS, row->id);
		table_cell(&t, STYLE_PLAIN, (struct slice){ time, 19 });
		table_cell_str(&t, STYLE_PLAIN, row->kind);
		table_cellf(&t, STYLE_PLAIN, "%lld", (long long)row->spam);
		table_cellf(&t, STYLE_PLAIN, "%lld", (long long)row->ham);
		put_figure(&t, row, "blocked_ham", true);
		put_figure(&t, row, "mcc", false);
		table_cellf(&t, STYLE_PLAIN, "%.4f", row->spam_threshold);
		table_cell_str(&t, STYLE_DIM, file_state(r, row));
		table_cell_str(&t, STYLE_PLAIN, row->who);
	}
	rc = table_print(&t, &cli->out, true);
	table_fini(&t);
	return rc == -1 ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

/* Set *ROW to the model that TEXT, the beginning of an id, means; NULL: the current one. */
static int
find(const struct registry *r, const char *text, const struct model_row **row, struct err *err)
{
	size_t i, n;

	if (text == NULL && r->shelf.current[0] == '\0')
		return err_set(err, ERR_NOT_FOUND, "there is no current model");
	if (text == NULL)
		text = r->shelf.current;
	n = strlen(text);
	if (n < ID_DIGITS_MIN || n >= MODEL_ID_BYTES || strspn(text, "0123456789abcdef") != n)
		return err_set(err, ERR_NOT_FOUND,
		    "'%.80s' is not a model's id: at least %d of its 64 hexadecimal digits", text,
		    ID_DIGITS_MIN);
	*row = NULL;
	for (i = 0; i < r->shelf.n; i++) {
		if (strncmp(r->shelf.rows[i].id, text, n) != 0)
			continue;
		if (*row != NULL)
			return err_set(err, ERR_REFUSED, "model %.64s: more than one begins so", text);
		*row = &r->shelf.rows[i];
	}
	return *row != NULL ? 0 : err_set(err, ERR_NOT_FOUND, "model %.64s: there is none", text);
}

static int
show_text(struct cli *cli, const struct registry *r, const struct model_row *row, struct err *err)
{
	bool current = is_current(r, row);
	FILE *f = cli->out.file;
	char time[TIME_TEXT_BYTES];
	struct json *figures;
	struct buf who;
	int rc;

	time_format(time, row->created_ms);
	buf_init(&who, BUF_NO_LIMIT);
	text_safe(&who, slice_of(row->who));
	fprintf(f, "model      %s%s\n", row->id, current ? " (current)" : "");
	fprintf(f, "parent     %s\n", row->parent[0] != '\0' ? row->parent : "none");
	fprintf(f, "made       %s by %s (%s)\n", time, buf_str(&who), row->kind);
	if (row->maker[0] != '\0')
		fprintf(f, "           with %s\n", row->maker);
	fprintf(f, "counts     %lld spam, %lld ham, %lld tokens, %lld bytes\n", (long long)row->spam,
	    (long long)row->ham, (long long)row->tokens, (long long)row->bytes);
	fprintf(f, "thresholds spam from %.4f, unsure from %.4f, for at most %.2f %% blocked ham\n",
	    row->spam_threshold, row->unsure_threshold, 100 * row->blocked_ham_budget);
	fprintf(f, "corpus     %s\n", row->corpus[0] != '\0' ? row->corpus : "not known");
	if (row->withheld[0] != '\0')
		fprintf(f, "withheld   %s\n", row->withheld);
	if (row->pruned_ms > 0) {
		time_format(time, row->pruned_ms);
		fprintf(f, "file       removed %s\n", time);
	} else if (shelf_rebuilds(&r->shelf, (size_t)(row - r->shelf.rows))) {
		size_t i = (size_t)(row - r->shelf.rows);

		fprintf(f,
		    "file       none: when needed it is made again from model %.*s and the %lld examples "
		    "since\n",
		    REPORT_ID_DIGITS, r->shelf.rows[r->shelf.places[i].from].id,
		    (long long)shelf_distance(&r->shelf, i));
	}
	buf_fini(&who);
	if (row->figures[0] == '\0')
		return 0;
	if (json_parse(&figures, row->figures, strlen(row->figures), err) == -1)
		return err_prefix(err, "model %s: figures", row->id);
	fputs("\nmeasured by cross-validation:\n", f);
	rc = report_figures(&cli->out, figures, err);
	json_free(figures);
	return rc;
}

/* What was asked. */
struct request {
	const char *ids[2]; /* NULL: not given */
	struct models_list list;
	size_t keep;
	bool dry_run;
};

static int
list(struct cli *cli, struct registry *r, const struct request *q, struct err *err)
{
	(void)q;
	return (cli->json ? list_json : list_table)(cli, r, err);
}

/* Show one model; that its file is whole is part of the answer. */
static int
show(struct cli *cli, struct registry *r, const struct request *q, struct err *err)
{
	const struct model_row *row = NULL;
	struct model *m = NULL;
	struct buf b;
	int rc;

	if (find(r, q->ids[0], &row, err) == -1)
		return -1;
	buf_init(&b, BUF_NO_LIMIT);
	if (cli->json) {
		put_json(&b, r, row);
		rc = cli_put_json(cli, &b, err);
	} else {
		rc = show_text(cli, r, row, err);
	}
	buf_fini(&b);
	if (rc == 0 && row->pruned_ms == 0)
		rc = engine_model(r->e, row->id, &m, err);
	model_unref(m);
	return rc;
}

/* Record that ID was made current in place of BEFORE. */
static int
record_use(struct engine *e, const char *id, const char *before, struct err *err)
{
	char who[64];
	struct buf b;
	int rc;

	cli_who(who, sizeof(who));
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "model");
	json_put_str(&b, id);
	json_key(&b, "before");
	json_put_str(&b, before[0] != '\0' ? before : NULL);
	json_close(&b, '}');
	rc = store_event_json(e->store, "model-used", who, &b, err);
	buf_fini(&b);
	return rc;
}

static int
use(struct cli *cli, struct registry *r, const struct request *q, struct err *err)
{
	char id[MODEL_ID_BYTES];
	struct buf b;
	int rc = 0;

	if (engine_use(r->e, q->ids[0], err) == -1 || engine_current_id(&r->e->paths, id, err) == -1)
		return -1;
	cli_tell_daemon(r->e);
	if (record_use(r->e, id, r->shelf.current, err) == -1)
		return -1;
	buf_init(&b, BUF_NO_LIMIT);
	if (cli->json) {
		json_open(&b, '{');
		json_key(&b, "current");
		json_put_str(&b, id);
		json_key(&b, "before");
		json_put_str(&b, r->shelf.current[0] != '\0' ? r->shelf.current : NULL);
		json_close(&b, '}');
		rc = cli_put_json(cli, &b, err);
	} else {
		fprintf(cli->out.file, "model %.*s is the current one\n", REPORT_ID_DIGITS, id);
	}
	buf_fini(&b);
	return rc;
}

/* Open the model that TEXT means, as in find(). */
static int
open_model(struct registry *r, const char *text, struct model **m, struct err *err)
{
	const struct model_row *row = NULL;

	return find(r, text, &row, err) == -1 ? -1 : engine_model(r->e, row->id, m, err);
}

static int
top(struct cli *cli, struct registry *r, const struct request *q, struct err *err)
{
	struct model *m = NULL;
	int rc;

	rc = open_model(r, q->ids[0], &m, err);
	if (rc == 0)
		rc = models_top(cli, m, &q->list, err);
	model_unref(m);
	return rc;
}

static int
diff(struct cli *cli, struct registry *r, const struct request *q, struct err *err)
{
	struct model *before = NULL, *after = NULL;
	int rc;

	rc = open_model(r, q->ids[0], &before, err);
	if (rc == 0)
		rc = open_model(r, q->ids[1], &after, err);
	if (rc == 0)
		rc = models_diff(cli, r->e, before, after, &q->list, err);
	model_unref(before);
	model_unref(after);
	return rc;
}

static int
prune(struct cli *cli, struct registry *r, const struct request *q, struct err *err)
{
	return models_prune(cli, r->e, q->keep, q->dry_run, err);
}

static const struct action {
	const char *name;
	size_t min_ids, max_ids;
	bool lists; /* takes --field and --limit */
	bool clears; /* takes --keep and --dry-run */
	enum store_mode mode;
	int (*run)(struct cli *cli, struct registry *r, const struct request *q, struct err *err);
} actions[] = {
	{ "list", 0, 0, false, false, STORE_READ, list },
	{ "show", 0, 1, false, false, STORE_READ, show },
	{ "top", 0, 1, true, false, STORE_READ, top },
	{ "diff", 1, 2, true, false, STORE_READ, diff },
	{ "use", 1, 1, false, false, STORE_WRITE, use },
	{ "prune", 0, 0, false, true, STORE_WRITE, prune },
};

static const struct action *
find_action(const char *name)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

static int
run_action(struct cli *cli, const struct action *action, const struct request *q)
{
	struct registry r = { .e = NULL };
	struct err err;
	int rc;

	rc = cli_engine(cli, action->mode, &r.e, &err);
	if (rc == 0)
		rc = shelf_read(&r.shelf, r.e, &err);
	if (rc == 0)
		rc = shelf_find_current(&r.shelf, r.e, &err);
	if (rc == 0)
		rc = action->run(cli, &r, q, &err);
	shelf_fini(&r.shelf);
	engine_close(r.e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct request q = { .list = { .field = FIELD_COUNT } };
	const char *field = opts_value(o, OPT_FIELD);
	const struct action *action;
	const char *const *arguments;
	int64_t limit = LIMIT_DEFAULT, keep = ENGINE_LEARN_KEPT;
	struct err err;
	size_t n;

	arguments = opts_arguments(o, &n);
	action = find_action(arguments[0]);
	if (action == NULL)
		return cli_usage(cli, "unknown action '%.40s'", arguments[0]);
	if (n - 1 < action->min_ids)
		return cli_usage(cli, "the model's id is missing");
	if (n - 1 > action->max_ids)
		return cli_usage(cli, "'%s' takes %s", action->name,
		    action->max_ids == 0       ? "no id"
			: action->max_ids == 1 ? "one id"
					       : "two ids");
	if (!action->lists && (field != NULL || opts_given(o, OPT_LIMIT)))
		return cli_usage(cli, "'%s' takes neither --field nor --limit", action->name);
	if (!action->clears && (opts_given(o, OPT_KEEP) || opts_given(o, OPT_DRY_RUN)))
		return cli_usage(cli, "'%s' takes neither --keep nor --dry-run", action->name);
	if (field != NULL && field_find(&q.list.field, field) == -1)
		return cli_usage(cli, "--field: there is no field '%.40s'", field);
	if (opts_integer(o, OPT_LIMIT, 1, LIMIT_MAX, &limit, &err) == -1 ||
	    opts_integer(o, OPT_KEEP, 0, LIMIT_MAX, &keep, &err) == -1)
		return cli_usage(cli, "%s", err.text);
	q.list.limit = (size_t)limit;
	q.keep = (size_t)keep;
	q.dry_run = opts_given(o, OPT_DRY_RUN);
	for (size_t i = 1; i < n; i++)
		q.ids[i - 1] = arguments[i];
	return run_action(cli, action, &q);
}

const struct verb verb_models = {
	.name = "models",
	.usage = "list | show [ID] | top [ID] [--field F] [--limit N] |\n"
		 "           diff ID [ID] [--field F] [--limit N] | use ID |\n"
		 "           prune [--keep N] [--dry-run]",
	.summary = "List the models, look into them, compare two, make one current again, or clear old ones.",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 3,
	.run = run,
};
