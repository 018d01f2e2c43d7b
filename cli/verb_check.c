#include "config.h"

#include <string.h>

#include "base/json.h"
#include "cli/client.h"
#include "cli/comment_input.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "corpus/comment_json.h"

enum { OPT_SITE };

static const struct opt options[] = {
	{ .name = "site", .value = "S", .help = "check for this site (by the admin socket)" },
	{ .name = NULL },
};

#define EVIDENCE_SHOWN 10

/* Append the members of the JSON object TEXT, which must be a comment, and set *SITE (in A) if it names one.
 */
static int
put_object(struct buf *b, struct slice text, struct arena *a, const char **site, struct err *err)
{
	struct comment comment;
	struct slice named;
	struct json *j;
	int rc;

	if (json_parse(&j, text.p, text.n, err) == -1)
		return -1;
	rc = comment_from_json(&comment, j, a, err);
	if (rc == 0)
		rc = comment_json_text(&named, j, "site", err);
	if (rc == 0)
		comment_to_json(&comment, b);
	if (rc == 0 && *site == NULL && named.n > 0) {
		*site = arena_copy(a, named.p, named.n);
		if (*site == NULL)
			rc = err_set(err, ERR_NOMEM, "out of memory");
	}
	json_free(j);
	return rc;
}

static void
put_text(struct buf *b, struct slice text)
{
	struct buf content;

	buf_init(&content, BUF_NO_LIMIT);
	comment_input_text(&content, text);
	json_key(b, "content");
	json_put_slice(b, buf_slice(&content));
	b->failed = b->failed || !buf_ok(&content);
	buf_fini(&content);
}

/* Write to B the request for what PATH holds; *SITE as in put_object(). */
static int
make_request(struct buf *b, const char *path, struct arena *a, const char **site, struct err *err)
{
	struct buf input;
	int rc;

	rc = comment_input_read(&input, path, err);
	json_open(b, '{');
	if (rc == 0 && comment_input_is_object(buf_slice(&input))) {
		rc = put_object(b, buf_slice(&input), a, site, err);
		if (rc == -1)
			err_prefix(err, "%s", strcmp(path, "-") == 0 ? "standard input" : path);
	} else if (rc == 0) {
		put_text(b, buf_slice(&input));
	}
	if (rc == 0 && *site != NULL) {
		json_key(b, "site");
		json_put_str(b, *site);
	}
	json_close(b, '}');
	buf_fini(&input);
	return rc == 0 && !buf_ok(b) ? err_set(err, ERR_NOMEM, "out of memory") : rc;
}

/* Name the owner's rule that decided, if one did. */
static void
put_rule(const struct out *out, struct slice rule)
{
	struct buf b;

	if (rule.n == 0)
		return;
	buf_init(&b, BUF_NO_LIMIT);
	text_safe(&b, rule);
	fprintf(out->file, ", by rule %s", buf_str(&b));
	buf_fini(&b);
}

/* Show the daemon's answer; return the exit code. */
static int
show(struct cli *cli, const struct client_reply *reply)
{
	char verdict[16] = "";
	struct slice name, text;
	struct json *j;
	struct err err;
	int rc = 0;

	if (json_parse(&j, reply->body, reply->n, &err) == -1) {
		err_prefix(&err, "check: the daemon's answer is not JSON");
		return cli_fail(&err);
	}
	name = json_text(json_member(j, "verdict"));
	memcpy(verdict, name.n > 0 ? name.p : "", name.n < sizeof(verdict) ? name.n : 0);
	text = json_text(json_member(j, "id"));
	if (cli->json) {
		rc = cli_put_json_text(cli, (struct slice){ reply->body, reply->n }, &err);
	} else {
		report_verdict(&cli->out, verdict, json_number(json_member(j, "probability"), -1));
		put_rule(&cli->out, json_text(json_member(j, "rule")));
		fprintf(cli->out.file, ", id %.*s\n", (int)text.n, text.n > 0 ? text.p : "");
		rc = report_evidence(&cli->out, json_member(j, "evidence"), EVIDENCE_SHOWN, &err);
	}
	json_free(j);
	if (rc == -1)
		return cli_fail(&err);
	return strcmp(verdict, "ham") == 0 ? CLI_DONE : CLI_NO;
}

static int
ask(struct cli *cli, const char *socket_path, struct slice body)
{
	struct client_reply reply;
	struct err err;
	int code;

	if (client_call(socket_path, "POST", "/v1/check", body, CLIENT_TIMEOUT_MS, &reply, &err) == -1) {
		cli_fail(&err);
		return CLI_UNREACHABLE;
	}
	if (reply.status == 200) {
		code = show(cli, &reply);
	} else {
		client_refusal(&reply, "check", &err);
		code = cli_fail(&err);
	}
	client_reply_fini(&reply);
	return code;
}

static int
run(struct cli *cli, const struct opts *o)
{
	const char *site = opts_value(o, OPT_SITE);
	struct arena *a = arena_new(2 * COMMENT_INPUT_MAX);
	struct engine_paths paths;
	const char *const *files;
	struct err err;
	struct buf b;
	size_t n;
	int code;

	files = opts_arguments(o, &n);
	buf_init(&b, BUF_NO_LIMIT);
	if (a == NULL)
		err_set(&err, ERR_NOMEM, "out of memory");
	if (a == NULL || make_request(&b, n > 0 ? files[0] : "-", a, &site, &err) == -1 ||
	    engine_paths_init(&paths, cli->dir, &err) == -1) {
		code = cli_fail(&err);
	} else {
		code = ask(cli, site != NULL ? paths.admin_socket : paths.service_socket, buf_slice(&b));
		engine_paths_fini(&paths);
	}
	buf_fini(&b);
	arena_free(a);
	return code;
}

const struct verb verb_check = {
	.name = "check",
	.usage = "[--site S] [FILE]",
	.summary = "Have the daemon judge one comment, text or a JSON object: exit 0 ham, 1 spam or unsure.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 1,
	.run = run,
};
