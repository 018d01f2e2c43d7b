#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/guid.h"
#include "base/json.h"
#include "base/timetext.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/verbs.h"

#define TELL_TIMEOUT_MS 2000
#define SITES_BYTES ((size_t)256 << 20)

__attribute__((format(printf, 1, 0))) static void
put_note(const char *fmt, va_list ap)
{
	char text[2 * ERR_TEXT_MAX];
	struct buf b;

	vsnprintf(text, sizeof(text), fmt, ap);
	buf_init(&b, BUF_NO_LIMIT);
	text_safe(&b, slice_of(text));
	fflush(stdout);
	fprintf(stderr, "hamlet: %s\n", buf_str(&b));
	buf_fini(&b);
}

void
cli_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_note(fmt, ap);
	va_end(ap);
}

int
cli_fail(const struct err *err)
{
	cli_note("%s", err->text);
	return err->code == ERR_DAMAGED ? CLI_DAMAGED : CLI_NO;
}

int
cli_usage(const struct cli *cli, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cli_note("%s: %s", cli->verb->name, text);
	fprintf(stderr, "usage: hamlet %s%s%s\n", cli->verb->name, *cli->verb->usage != '\0' ? " " : "",
	    cli->verb->usage);
	return CLI_USAGE;
}

int
cli_engine(const struct cli *cli, enum store_mode mode, struct engine **e, struct err *err)
{
	if (engine_open(e, cli->dir, mode, CLI_BUSY_MS, err) == -1)
		return -1;
	cli_who((*e)->who, sizeof((*e)->who));
	(*e)->alone = mode == STORE_WRITE && client_nobody((*e)->paths.admin_socket);
	return 0;
}

void
cli_tell_daemon(const struct engine *e)
{
	struct slice none = { NULL, 0 };
	struct client_reply reply;
	struct err err;

	if (client_call(
		e->paths.admin_socket, "POST", "/v1/admin/reload", none, TELL_TIMEOUT_MS, &reply, NULL) == -1)
		return;
	if (reply.status >= 300) {
		client_refusal(&reply, "reload", &err);
		cli_note("%s", err.text);
	}
	client_reply_fini(&reply);
}

void
cli_who(char *who, size_t bytes)
{
	struct passwd entry, *found = NULL;
	char space[4096];

	if (getpwuid_r(getuid(), &entry, space, sizeof(space), &found) == 0 && found != NULL)
		snprintf(who, bytes, "%s", found->pw_name);
	else
		snprintf(who, bytes, "uid %lu", (unsigned long)getuid());
}

int
cli_verdict_id(char id[ULID_CHARS + 1], const char *text, struct err *err)
{
	if (guid_to_ulid(id, slice_of(text)) == 0)
		return 0;
	return err_set(err, ERR_NOT_FOUND, "verdict %.80s: there is none with this id", text);
}

int
cli_site(struct store *st, const char *name, int64_t *id, struct err *err)
{
	struct arena *a = arena_new(SITES_BYTES);
	struct site_row *rows;
	size_t i, n;
	int rc;

	*id = 0;
	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_sites(st, true, a, &rows, &n, err);
	for (i = 0; rc == 0 && i < n && *id == 0; i++)
		if (strcmp(rows[i].name, name) == 0)
			*id = rows[i].id;
	if (rc == 0 && *id == 0)
		rc = err_set(err, ERR_NOT_FOUND, "site %.80s: there is none of this name", name);
	arena_free(a);
	return rc;
}

int
cli_put_json_text(const struct cli *cli, struct slice text, struct err *err)
{
	struct buf safe;
	int rc = 0;

	while (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	buf_init(&safe, BUF_NO_LIMIT);
	text_safe_json(&safe, text);
	buf_add_char(&safe, '\n');
	if (!buf_ok(&safe))
		rc = err_set(err, ERR_NOMEM, "out of memory");
	else if (fwrite(safe.p, 1, safe.n, cli->out.file) != safe.n)
		rc = err_set(err, ERR_IO, "standard output: %s", strerror(errno));
	buf_fini(&safe);
	return rc;
}

int
cli_put_json(const struct cli *cli, struct buf *b, struct err *err)
{
	int rc;

	if (!buf_ok(b))
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = cli_put_json_text(cli, buf_slice(b), err);
	buf_clear(b);
	return rc;
}

void
cli_add_time(struct buf *b, const char *key, int64_t ms)
{
	char time[TIME_TEXT_BYTES];

	time_format(time, ms);
	json_add_str(b, key, ms > 0 ? time : NULL);
}

static void
put_general_help(FILE *to)
{
	const struct verb *const *v;

	fputs("usage: hamlet VERB [options] [arguments]\n"
	      "       hamlet VERB --help | --help | --version\n\n",
	    to);
	for (v = verbs_all(); *v != NULL; v++)
		fprintf(to, "  %-10s %s\n", (*v)->name, (*v)->summary);
	fputs("\nEvery verb takes --state DIR, --json and --help.\n", to);
}

static void
put_option(const char *name, const char *value, const char *help)
{
	char left[64];

	snprintf(left, sizeof(left), "--%s%s%s", name, value != NULL ? " " : "", value != NULL ? value : "");
	printf("  %-24s  %s\n", left, help);
}

static void
put_verb_help(const struct verb *v)
{
	const struct opt *o;

	printf("usage: hamlet %s%s%s\n\n%s\n\n", v->name, *v->usage != '\0' ? " " : "", v->usage, v->summary);
	for (o = v->options; o->name != NULL; o++)
		put_option(o->name, o->value, o->help);
	put_option("state", "DIR", "the state directory (default: $HAMLET_STATE, else as in hamlet(1))");
	put_option("json", NULL, "write JSON, for programs");
	put_option("help", NULL, "show this");
}

const char *
cli_flush(void)
{
	if (fflush(stdout) != 0)
		return strerror(errno);
	return ferror(stdout) ? "not all could be written" : NULL;
}

/* Return CODE, or a failure if what was written didn't arrive. */
static int
finish(int code)
{
	const char *why = cli_flush();

	if (why == NULL)
		return code;
	if (code == CLI_DONE) /* else the verb has said that it failed, as likely by this */
		cli_note("standard output: %s", why);
	return code == CLI_DONE ? CLI_NO : code;
}

static int
run_verb(struct cli *cli, const struct opts *o)
{
	size_t n;

	if (o->help) {
		put_verb_help(cli->verb);
		return CLI_DONE;
	}
	opts_arguments(o, &n);
	if (n < cli->verb->min_arguments)
		return cli_usage(cli, "an argument is missing");
	if (n > cli->verb->max_arguments)
		return cli_usage(cli, "too many arguments");
	if (o->state != NULL && *o->state == '\0')
		return cli_usage(cli, "--state: the directory's name is empty");
	cli->json = o->json;
	cli->dir = o->state != NULL ? strdup(o->state) : engine_default_dir();
	if (cli->dir == NULL) {
		cli_note("out of memory");
		return CLI_NO;
	}
	return cli->verb->run(cli, o);
}

/* Return how many arguments ARGV[AT], one of the options that every verb takes, is with its value; 0 if it is
 * none. */
static int
common_option(int argc, char **argv, int at)
{
	if (strcmp(argv[at], "--json") == 0 || strncmp(argv[at], "--state=", 8) == 0)
		return 1;
	return strcmp(argv[at], "--state") == 0 && at + 1 < argc ? 2 : 0;
}

/* Put the verb before options that stand in front of it: there they are read like those behind it. */
static void
verb_first(int argc, char **argv)
{
	char *verb;
	int at = 1, n;

	while (at < argc && (n = common_option(argc, argv, at)) > 0)
		at += n;
	if (at == 1 || at >= argc)
		return;
	verb = argv[at];
	memmove(argv + 2, argv + 1, (size_t)(at - 1) * sizeof(*argv));
	argv[1] = verb;
}

static int
no_verb(const char *word)
{
	cli_note(
	    "%s: %s", word, *word == '-' ? "no verb, and no option that can stand for one" : "unknown verb");
	fputs("usage: hamlet VERB [options] [arguments]; 'hamlet --help' lists the verbs\n", stderr);
	return CLI_USAGE;
}

int
cli_main(int argc, char **argv)
{
	struct cli cli = { 0 };
	struct opts o;
	struct err err;
	int code;

	if (argc < 2) {
		put_general_help(stderr);
		return CLI_USAGE;
	}
	verb_first(argc, argv);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 ||
	    strcmp(argv[1], "--version") == 0) {
		if (strcmp(argv[1], "--version") == 0)
			puts("hamlet " PACKAGE_VERSION);
		else
			put_general_help(stdout);
		return finish(CLI_DONE);
	}
	cli.verb = verbs_find(argv[1]);
	if (cli.verb == NULL)
		return no_verb(argv[1]);
	out_init(&cli.out, stdout);
	if (opts_parse(&o, cli.verb->options, argc - 1, argv + 1, &err) == -1)
		code = cli_usage(&cli, "%s", err.text);
	else
		code = run_verb(&cli, &o);
	opts_fini(&o);
	free(cli.dir);
	return finish(code);
}
