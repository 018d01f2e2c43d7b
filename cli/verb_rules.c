#include "config.h"

#include <string.h>

#include "base/json.h"
#include "cli/client.h"
#include "cli/comment_input.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "corpus/comment_json.h"
#include "engine/address.h"
#include "engine/engine.h"
#include "engine/rules.h"

enum { OPT_SITE, OPT_RULES };

static const struct opt options[] = {
	{ .name = "site", .value = "S", .help = "use this site's own rules too (for test)" },
	{ .name = "rules", .value = "FILE", .help = "use the rules of this file alone (for test)" },
	{ .name = NULL },
};

#define ARENA_BYTES ((size_t)256 << 20)
#define DIGITS 12

/* Load the rules of FILE, or where it is NULL those of the state directory, which must be one. */
static int
load(struct rules **out, const struct cli *cli, const char *file, struct err *err)
{
	if (file != NULL)
		return rules_load_file(out, file, err);
	return engine_look(cli->dir, err) == -1 ? -1 : rules_load(out, cli->dir, err);
}

/* -- check -- */

static int
check(struct cli *cli, const char *file)
{
	struct rules *rules;
	struct err err;
	struct buf b;
	int rc;

	if (load(&rules, cli, file, &err) == -1)
		return cli_fail(&err);
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "rules");
	json_put_int(&b, (int64_t)rules_count(rules));
	json_close(&b, '}');
	if (cli->json)
		rc = cli_put_json(cli, &b, &err);
	else
		rc = fprintf(cli->out.file, "%zu rule%s, in order\n", rules_count(rules),
			 rules_count(rules) == 1 ? "" : "s") > 0
		    ? 0
		    : err_set(&err, ERR_IO, "standard output: not written");
	buf_fini(&b);
	rules_unref(rules);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

/* -- list -- */

/* Append what the daemon has counted, if it has. */
static void
put_count(struct table *t, const struct json *count)
{
	if (json_type_of(count) == JSON_NUMBER)
		table_cellf(t, STYLE_PLAIN, "%.0f", json_number(count, 0));
	else
		table_cell_str(t, STYLE_DIM, "-");
}

/* Append the cells of one rule, as rule_info_json() writes it. */
static void
put_row(struct table *t, const struct json *rule)
{
	struct slice site = json_text(json_member(rule, "site")),
		     action = json_text(json_member(rule, "action"));
	const struct json *weight = json_member(rule, "weight");
	struct buf where;

	table_cell(t, STYLE_BOLD, json_text(json_member(rule, "name")));
	if (weight != NULL)
		table_cellf(t, STYLE_PLAIN, "evidence %+.4g", json_number(weight, 0));
	else
		table_cell(t, STYLE_PLAIN, action);
	if (site.n > 0)
		table_cell(t, STYLE_PLAIN, site);
	else
		table_cell_str(t, STYLE_DIM, "all");
	put_count(t, json_member(rule, "hits"));
	put_count(t, json_member(rule, "given_up"));
	buf_init(&where, BUF_NO_LIMIT);
	buf_add_slice(&where, json_text(json_member(rule, "file")));
	buf_addf(&where, ":%.0f", json_number(json_member(rule, "line"), 0));
	table_cell(t, STYLE_DIM, buf_slice(&where));
	buf_fini(&where);
}

static int
show_table(struct cli *cli, const struct json *list, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "NAME" },
		{ .title = "ACTION" },
		{ .title = "SITE" },
		{ .title = "HITS", .right = true },
		{ .title = "GIVEN UP", .right = true },
		{ .title = "WHERE", .flex = true },
	};
	struct table t;
	int rc;

	table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < json_length(list); i++)
		put_row(&t, json_item(list, i));
	rc = table_print(&t, &cli->out, true);
	table_fini(&t);
	return rc == -1 ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

/* Append the list of all rules in the files, as the daemon would give it. */
static int
list_files(struct cli *cli, struct buf *b, struct err *err)
{
	struct rules *rules;

	if (load(&rules, cli, NULL, err) == -1)
		return -1;
	json_open(b, '[');
	for (size_t i = 0; i < rules_count(rules); i++) {
		struct rule_info info = rules_info(rules, i);

		rule_info_json(&info, false, b);
	}
	json_close(b, ']');
	rules_unref(rules);
	return buf_ok(b) ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

/* Copy one member of a rule. */
static int
copy_member(const char *key, struct json *value, void *arg)
{
	struct buf *b = arg;

	json_key(b, key);
	switch (json_type_of(value)) {
	case JSON_TEXT:
		json_put_slice(b, json_text(value));
		break;
	case JSON_NUMBER:
		json_put_double(b, json_number(value, 0), DIGITS);
		break;
	default:
		json_put_str(b, NULL);
	}
	return 0;
}

/* Write each rule of LIST on a line of its own. */
static int
show_lines(struct cli *cli, const struct json *list, struct err *err)
{
	struct buf b;
	int rc = 0;

	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; rc == 0 && i < json_length(list); i++) {
		json_open(&b, '{');
		json_each(json_item(list, i), copy_member, &b);
		json_close(&b, '}');
		rc = cli_put_json(cli, &b, err);
	}
	buf_fini(&b);
	return rc;
}

/* Set *OUT to what the daemon says is in force, or to NULL when there is none that answers. */
static int
ask_daemon(struct cli *cli, struct json **out, struct err *err)
{
	const struct slice none = { NULL, 0 };
	struct client_reply reply;
	struct engine_paths paths;
	int rc = 0;

	*out = NULL;
	if (engine_paths_init(&paths, cli->dir, err) == -1)
		return -1;
	if (client_call(
		paths.admin_socket, "GET", "/v1/admin/rules", none, CLIENT_TIMEOUT_MS, &reply, NULL) == 0) {
		if (reply.status == 200)
			rc = json_parse(out, reply.body, reply.n, err);
		client_reply_fini(&reply);
	}
	engine_paths_fini(&paths);
	return rc;
}

/* Show what is in force in the daemon, with hits; where none runs, what is in the files. */
static int
list(struct cli *cli)
{
	struct json *asked, *read = NULL;
	const struct json *rules;
	struct err err;
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	rc = ask_daemon(cli, &asked, &err);
	rules = json_member(asked, "rules");
	if (rc == 0 && rules == NULL) {
		rc = list_files(cli, &b, &err);
		if (rc == 0)
			rc = json_parse(&read, b.p, b.n, &err);
		rules = read;
	}
	if (rc == 0)
		rc = (cli->json ? show_lines : show_table)(cli, rules, &err);
	json_free(asked);
	json_free(read);
	buf_fini(&b);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

/* -- test -- */

/* What one test needs. */
struct trial {
	struct arena *arena;
	struct buf input, content;
	struct json *json;
	struct comment comment;
	struct rules *rules;
	struct subject subject;
	struct rule_hits hits;
};

/* Read the comment from PATH, text or a JSON object. */
static int
read_comment(struct trial *t, const char *path, struct err *err)
{
	if (comment_input_read(&t->input, path, err) == -1)
		return -1;
	if (!comment_input_is_object(buf_slice(&t->input))) {
		comment_input_text(&t->content, buf_slice(&t->input));
		t->comment.field[COMMENT_CONTENT] = buf_slice(&t->content);
		return buf_ok(&t->content) ? 0 : err_set(err, ERR_NOMEM, "out of memory");
	}
	if (json_parse(&t->json, t->input.p, t->input.n, err) == -1 ||
	    comment_from_json(&t->comment, t->json, t->arena, err) == -1)
		return err_prefix(err, "%s", strcmp(path, "-") == 0 ? "standard input" : path);
	if (address_tidy(&t->comment.field[COMMENT_IP], t->arena) == -1) /* as the daemon would */
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}

static const char *
verdict_of(const struct rule *decisive)
{
	static const char *const verdicts[] = {
		[RULE_ALLOW] = "ham", [RULE_BLOCK] = "spam", [RULE_HOLD] = "unsure"
	};

	return verdicts[rule_info(decisive).action];
}

static int
show_hits_json(struct cli *cli, const struct rule_hits *hits, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "verdict");
	json_put_str(&b, hits->decisive != NULL ? verdict_of(hits->decisive) : NULL);
	json_key(&b, "rule");
	json_put_str(&b, hits->decisive != NULL ? rule_info(hits->decisive).name : NULL);
	json_key(&b, "fired");
	json_open(&b, '[');
	for (size_t i = 0; i < hits->n; i++) {
		struct rule_info info = rule_info(hits->v[i].rule);

		rule_info_json(&info, false, &b);
		if (b.n > 0 && hits->v[i].matched.p != NULL) {
			b.p[--b.n] = '\0';
			json_key(&b, "matched");
			json_put_slice(&b, hits->v[i].matched);
			json_close(&b, '}');
		}
	}
	json_close(&b, ']');
	json_key(&b, "given_up");
	json_open(&b, '[');
	for (size_t i = 0; i < hits->ngiven_up; i++)
		json_put_str(&b, rule_info(hits->given_up[i]).name);
	json_close(&b, ']');
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static int
show_hits(struct cli *cli, const struct rule_hits *hits, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "FIRES" },
		{ .title = "ACTION" },
		{ .title = "BY" },
		{ .title = "WHERE", .flex = true },
	};
	struct table t;
	int rc;

	table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < hits->n; i++) {
		struct rule_info info = rule_info(hits->v[i].rule);

		table_cell_str(&t, STYLE_BOLD, info.name);
		if (info.action == RULE_EVIDENCE)
			table_cellf(&t, STYLE_PLAIN, "evidence %+.4g", info.weight);
		else
			table_cell_str(&t, STYLE_PLAIN, rule_action_name(info.action));
		table_cell(
		    &t, STYLE_PLAIN, hits->v[i].matched.p != NULL ? hits->v[i].matched : slice_of("-"));
		table_cellf(&t, STYLE_DIM, "%s:%d", info.file, info.line);
	}
	rc = hits->n > 0 ? table_print(&t, &cli->out, true) : 0;
	table_fini(&t);
	if (rc == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < hits->ngiven_up; i++)
		fprintf(cli->out.file, "rule %s doesn't fire: its search takes too long and was given up\n",
		    rule_info(hits->given_up[i]).name);
	if (hits->decisive != NULL)
		fprintf(cli->out.file, "%s, by rule %s\n", verdict_of(hits->decisive),
		    rule_info(hits->decisive).name);
	else
		fprintf(cli->out.file, "%s; the classifier decides\n",
		    hits->n > 0 ? "no rule decides" : "no rule fires");
	return 0;
}

/* Say so when there is no site called NAME: that none of its rules fires would mean nothing.  Its rules may
 * be written before it is added. */
static int
look_for_site(struct cli *cli, const char *name, struct err *err)
{
	struct err why = { 0 };
	struct engine *e;
	int64_t id;
	int rc;

	if (cli_engine(cli, STORE_READ, &e, err) == -1)
		return -1;
	rc = cli_site(e->store, name, &id, &why);
	engine_close(e);
	if (rc == 0)
		return 0;
	if (why.code != ERR_NOT_FOUND)
		return err_set(err, why.code, "%s", why.text);
	cli_note("%s yet", why.text);
	return 0;
}

static int
try(struct cli *cli, struct trial *t, const struct opts *o, const char *path, struct err *err)
{
	const char *site = opts_value(o, OPT_SITE), *file = opts_value(o, OPT_RULES);

	if (t->arena == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (site != NULL && file == NULL && look_for_site(cli, site, err) == -1)
		return -1;
	if (load(&t->rules, cli, file, err) == -1 || read_comment(t, path, err) == -1)
		return -1;
	subject_init(&t->subject, &t->comment);
	if (rules_find(t->rules, site, &t->subject, t->arena, &t->hits, err) == -1)
		return -1;
	return (cli->json ? show_hits_json : show_hits)(cli, &t->hits, err);
}

static int
test(struct cli *cli, const struct opts *o, const char *path)
{
	const struct comment nothing = { .field = { { NULL, 0 } } };
	struct trial t = { .arena = arena_new(ARENA_BYTES) };
	struct err err;
	int rc;

	buf_init(&t.input, BUF_NO_LIMIT);
	buf_init(&t.content, BUF_NO_LIMIT);
	subject_init(&t.subject, &nothing);
	rc = try(cli, &t, o, path, &err);
	subject_fini(&t.subject);
	buf_fini(&t.input);
	buf_fini(&t.content);
	json_free(t.json);
	rules_unref(t.rules);
	arena_free(t.arena);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

static int
run(struct cli *cli, const struct opts *o)
{
	const char *const *arguments;
	const char *action;
	size_t n;

	arguments = opts_arguments(o, &n);
	action = arguments[0];
	if ((opts_given(o, OPT_SITE) || opts_given(o, OPT_RULES)) && strcmp(action, "test") != 0)
		return cli_usage(cli, "--site and --rules go with 'test' only");
	if (strcmp(action, "check") == 0)
		return check(cli, n > 1 ? arguments[1] : NULL);
	if (strcmp(action, "test") == 0)
		return test(cli, o, n > 1 ? arguments[1] : "-");
	if (strcmp(action, "list") != 0)
		return cli_usage(cli, "unknown action '%.40s'", action);
	return n > 1 ? cli_usage(cli, "'list' takes no file") : list(cli);
}

const struct verb verb_rules = {
	.name = "rules",
	.usage = "list | check [FILE] | test [--site S] [--rules FILE] [FILE]",
	.summary = "List the owner's rules, check their files, or see which of them fire on a comment.",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 2,
	.run = run,
};
