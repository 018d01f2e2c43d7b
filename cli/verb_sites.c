#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "engine/sites.h"

enum { OPT_URL };

static const struct opt options[] = {
	{ .name = "url", .value = "U", .help = "the blog's address (for add)" },
	{ .name = NULL },
};

#define ARENA_BYTES ((size_t)256 << 20)

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
	json_key(b, "spam_threshold");
	if (row->spam_threshold > 0)
		json_put_double(b, row->spam_threshold, 17);
	else
		json_put_str(b, NULL);
	json_key(b, "rate_per_minute");
	json_put_int(b, row->rate_per_minute);
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
	return report(cli, name, what, add || rotate ? key : NULL, err);
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
	if (!listing && strcmp(arguments[0], "add") != 0 && strcmp(arguments[0], "rotate") != 0 &&
	    strcmp(arguments[0], "remove") != 0)
		return cli_usage(cli, "unknown action '%.40s'", arguments[0]);
	if (listing != (n == 1))
		return cli_usage(cli, listing ? "'list' takes no name" : "the site's name is missing");
	if (opts_given(o, OPT_URL) && strcmp(arguments[0], "add") != 0)
		return cli_usage(cli, "--url goes with 'add' only");
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
	.usage = "list | add NAME [--url U] | rotate NAME | remove NAME",
	.summary = "List the blogs, and give them keys or take them out.",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 2,
	.run = run,
};
