#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "engine/sites.h"

enum { OPT_URL, OPT_THRESHOLD, OPT_RATE, OPT_SHARE, OPT_SHARES };

static const struct opt options[] = {
	{ .name = "url", .value = "U", .help = "the blog's address (for add and set)" },
	{ .name = "threshold", .value = "P|model", .help = "call spam from this probability on (for set)" },
	{ .name = "rate", .value = "N|any", .help = "most comments a minute (for set)" },
	{ .name = "spam-share",
	    .value = "SHARE|auto",
	    .help = "share of spam among its comments; auto: estimated from its record (for set)" },
	{ .name = "share-corrections",
	    .value = "yes|no",
	    .help = "let what is corrected here count for all sites (for set)" },
	{ .name = NULL },
};

#define ARENA_BYTES ((size_t)256 << 20)

static void
put_share(struct buf *b, const char *key, double share)
{
	json_key(b, key);
	if (share > 0)
		json_put_double(b, share, 17);
	else
		json_put_str(b, NULL);
}

static void
put_json(struct buf *b, const struct site_row *row)
{
	char time[TIME_TEXT_BYTES];

	time_format(time, row->created_ms);
	json_open(b, '{');
	json_key(b, "name");
	json_put_str(b, row->name);
	json_key(b, "url");
	json_put_str(b, row->url);
	json_key(b, "has_key");
	json_put_bool(b, row->has_key);
	put_share(b, "spam_threshold", row->spam_threshold);
	json_key(b, "rate_per_minute");
	json_put_int(b, row->rate_per_minute);
	put_share(b, "spam_share", row->spam_share);
	put_share(b, "estimated_share", row->estimated_share);
	json_key(b, "shares_corrections");
	json_put_bool(b, row->shares);
	json_key(b, "created");
	json_put_str(b, time);
	json_close(b, '}');
}

static int
list_json(struct cli *cli, const struct site_row *rows, size_t n, struct err *err)
{
	struct buf b;
	size_t i;
	int rc = 0;

	buf_init(&b, BUF_NO_LIMIT);
	for (i = 0; rc == 0 && i < n; i++) {
		put_json(&b, &rows[i]);
		rc = cli_put_json(cli, &b, err);
	}
	buf_fini(&b);
	return rc;
}

static int
list_table(struct cli *cli, const struct site_row *rows, size_t n, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "NAME" },
		{ .title = "KEY" },
		{ .title = "THRESHOLD", .right = true },
		{ .title = "A MINUTE", .right = true },
		{ .title = "SPAM SHARE", .right = true },
		{ .title = "CORRECTS" },
		{ .title = "SINCE" },
		{ .title = "URL", .flex = true },
	};
	char time[TIME_TEXT_BYTES];
	struct table t;
	size_t i;
	int rc;

	table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
	for (i = 0; i < n; i++) {
		time_format(time, rows[i].created_ms);
		table_cell_str(&t, STYLE_BOLD, rows[i].name);
		table_cell_str(&t, STYLE_PLAIN, rows[i].has_key ? "yes" : "none");
		if (rows[i].spam_threshold > 0)
			table_cellf(&t, STYLE_PLAIN, "%.4f", rows[i].spam_threshold);
		else
			table_cell_str(&t, STYLE_DIM, "model's");
		if (rows[i].rate_per_minute > 0)
			table_cellf(&t, STYLE_PLAIN, "%lld", (long long)rows[i].rate_per_minute);
		else
			table_cell_str(&t, STYLE_DIM, "any");
		if (rows[i].spam_share > 0)
			table_cellf(&t, STYLE_PLAIN, "%.1f %%", 100 * rows[i].spam_share);
		else if (rows[i].estimated_share > 0)
			table_cellf(&t, STYLE_DIM, "about %.0f %%", 100 * rows[i].estimated_share);
		else
			table_cell_str(&t, STYLE_DIM, "model's");
		table_cell_str(&t, STYLE_PLAIN, rows[i].shares ? "all sites" : "itself");
		table_cell(&t, STYLE_PLAIN, (struct slice){ time, 10 });
		table_cell_str(&t, STYLE_PLAIN, rows[i].url);
	}
	rc = table_print(&t, &cli->out, true);
	table_fini(&t);
	return rc == -1 ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

static int
list(struct cli *cli, struct engine *e, struct err *err)
{
	struct arena *a = arena_new(ARENA_BYTES);
	struct site_row *rows;
	size_t n;
	int rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_sites(e->store, false, a, &rows, &n, err);
	if (rc == 0)
		rc = (cli->json ? list_json : list_table)(cli, rows, n, err);
	arena_free(a);
	return rc;
}

/* Show what became of a site; KEY is shown this once, NULL for none. */
static int
report(struct cli *cli, const char *name, const char *what, const char *key, struct err *err)
{
	struct buf b;
	int rc = 0;

	buf_init(&b, BUF_NO_LIMIT);
	if (cli->json) {
		json_open(&b, '{');
		json_key(&b, "name");
		json_put_str(&b, name);
		if (key != NULL) {
			json_key(&b, "key");
			json_put_str(&b, key);
		}
		json_close(&b, '}');
		rc = cli_put_json(cli, &b, err);
	} else {
		fprintf(cli->out.file, "site %s %s\n", name, what);
		if (key != NULL)
			fprintf(cli->out.file, "key: %s\n(it is not kept, and can't be shown again)\n", key);
	}
	buf_fini(&b);
	return rc;
}

/*
 * Show the key of a site that was just given it.  It is kept nowhere, so when it didn't arrive that must be
 * said with the way out; a reader that has gone away must not end the tool before.
 */
static int
report_key(struct cli *cli, const char *name, const char *what, const char *key, struct err *err)
{
	const char *unwritten;
	struct err why;

	signal(SIGPIPE, SIG_IGN);
	if (report(cli, name, what, key, &why) == 0) {
		unwritten = cli_flush();
		if (unwritten == NULL)
			return 0;
		err_set(&why, ERR_IO, "standard output: %s", unwritten);
	}
	return err_set(err, why.code,
	    "site %s: it was changed, but its key could not be shown (%s); run 'hamlet sites rotate %s'",
	    name, why.text, name);
}

static int
change(
    struct cli *cli, struct engine *e, const char *action, const char *name, const char *url, struct err *err)
{
	char key[SITE_KEY_CHARS + 1];
	bool add = strcmp(action, "add") == 0, rotate = strcmp(action, "rotate") == 0;
	const char *what = add ? "added" : rotate ? "has a new key; the old one no longer works" : "removed";
	int rc;

	if (add)
		rc = sites_add(e, name, url != NULL ? url : "", key, err);
	else if (rotate)
		rc = sites_rotate(e, name, key, err);
	else
		rc = sites_remove(e, name, err);
	if (rc == -1)
		return -1;
	cli_tell_daemon(e);
	return add || rotate ? report_key(cli, name, what, key, err) : report(cli, name, what, NULL, err);
}

/* Read option K, a number within MIN and MAX or the word NONE for 0; false when it is neither. */
static bool
read_number(
    const struct opts *o, size_t k, const char *none, double min, double max, bool *given, double *out)
{
	const char *text = opts_value(o, k);
	char *end;

	*given = text != NULL;
	*out = 0;
	if (text == NULL || strcmp(text, none) == 0)
		return true;
	*out = strtod(text, &end);
	if (end != text && strcmp(end, "%") == 0) {
		*out /= 100;
		end++;
	}
	return end != text && *end == '\0' && *out >= min && *out <= max;
}

/* Read the settings that are given; a usage error says which is wrong. */
static int
read_settings(struct cli *cli, const struct opts *o, struct site_change *c)
{
	const char *shares = opts_value(o, OPT_SHARES);
	double rate;

	if (!read_number(o, OPT_THRESHOLD, "model", 0.5, 0.999999, &c->has_threshold, &c->spam_threshold))
		return cli_usage(cli, "--threshold: it is a probability from 0.5 to under 1, or 'model'");
	if (!read_number(o, OPT_RATE, "any", 1, 1000000, &c->has_rate, &rate) ||
	    rate != (double)(int64_t)rate)
		return cli_usage(cli, "--rate: it is a number of comments from 1 to 1000000, or 'any'");
	c->rate_per_minute = (int64_t)rate;
	if (!read_number(o, OPT_SHARE, "auto", 0.01, 0.99, &c->has_share, &c->spam_share))
		return cli_usage(cli, "--spam-share: it is a share from 0.01 to 0.99, or 'auto'");
	c->has_shares = shares != NULL;
	c->shares = shares != NULL && strcmp(shares, "yes") == 0;
	if (shares != NULL && !c->shares && strcmp(shares, "no") != 0)
		return cli_usage(cli, "--share-corrections: it is 'yes' or 'no'");
	c->url = opts_value(o, OPT_URL);
	if (!c->has_threshold && !c->has_rate && !c->has_share && !c->has_shares && c->url == NULL)
		return cli_usage(cli, "there is nothing to set");
	return CLI_DONE;
}

static int
set(struct cli *cli, const char *name, const struct opts *o)
{
	struct site_change settings = { 0 };
	struct engine *e;
	struct err err;
	int rc = read_settings(cli, o, &settings);

	if (rc != CLI_DONE)
		return rc;
	if (cli_engine(cli, STORE_WRITE, &e, &err) == -1)
		return cli_fail(&err);
	rc = sites_set(e, name, &settings, &err);
	if (rc == 0) {
		cli_tell_daemon(e);
		rc = report(cli, name, "set", NULL, &err);
	}
	engine_close(e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

/* Return whether an option of 'set' is given. */
static bool
has_settings(const struct opts *o)
{
	return opts_given(o, OPT_THRESHOLD) || opts_given(o, OPT_RATE) || opts_given(o, OPT_SHARE) ||
	    opts_given(o, OPT_SHARES);
}

static bool
is_action(const char *text)
{
	static const char *const actions[] = { "list", "add", "set", "rotate", "remove" };

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(text, actions[i]) == 0)
			return true;
	}
	return false;
}

static int
run(struct cli *cli, const struct opts *o)
{
	const char *const *arguments;
	struct engine *e;
	struct err err;
	bool listing;
	size_t n;
	int rc;

	arguments = opts_arguments(o, &n);
	listing = strcmp(arguments[0], "list") == 0;
	if (!is_action(arguments[0]))
		return cli_usage(cli, "unknown action '%.40s'", arguments[0]);
	if (listing != (n == 1))
		return cli_usage(cli, listing ? "'list' takes no name" : "the site's name is missing");
	if (opts_given(o, OPT_URL) && strcmp(arguments[0], "add") != 0 && strcmp(arguments[0], "set") != 0)
		return cli_usage(cli, "--url goes with 'add' and 'set' only");
	if (strcmp(arguments[0], "set") == 0)
		return set(cli, arguments[1], o);
	if (has_settings(o))
		return cli_usage(cli, "settings go with 'set' only");
	if (cli_engine(cli, listing ? STORE_READ : STORE_WRITE, &e, &err) == -1)
		return cli_fail(&err);
	if (listing)
		rc = list(cli, e, &err);
	else
		rc = change(cli, e, arguments[0], arguments[1], opts_value(o, OPT_URL), &err);
	engine_close(e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

const struct verb verb_sites = {
	.name = "sites",
	.usage = "list | add NAME [--url U] | rotate NAME | remove NAME |\n"
		 "             set NAME [--threshold P|model] [--rate N|any] [--spam-share SHARE|auto]\n"
		 "                      [--share-corrections yes|no] [--url U]",
	.summary = "List the blogs, and give them keys or take them out.",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 2,
	.run = run,
};
