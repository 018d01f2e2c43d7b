#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "engine/person.h"
#include "engine/scrub.h"

enum { OPT_EMAIL, OPT_IP, OPT_AUTHOR, OPT_OUT, OPT_ALL, OPT_DRY_RUN, OPT_YES };

static const struct opt options[] = {
	{ .name = "email", .value = "E", .help = "whose comments gave this e-mail address" },
	{ .name = "ip", .value = "A", .help = "whose comments came from this address" },
	{ .name = "author", .value = "N", .help = "whose comments gave this name" },
	{ .name = "out", .value = "FILE", .help = "write to FILE instead of standard output (for export)" },
	{ .name = "all", .help = "several persons, by their e-mail addresses, are meant" },
	{ .name = "dry-run", .help = "only say what would be erased" },
	{ .name = "yes", .help = "erase without asking" },
	{ .name = NULL },
};

#define EMAILS_SHOWN 20
#define SCRUB_ARENA ((size_t)16 << 20)

struct request {
	struct person who;
	const char *out;
	bool all, dry_run, yes;
	char by[64];
};

/* -- Who -- */

/* Return S without blanks around it, in place, or NULL when nothing is left. */
static const char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " ");
	n = strlen(s);
	while (n > 0 && s[n - 1] == ' ')
		s[--n] = '\0';
	return n > 0 ? s : NULL;
}

/* Read the options that say who is meant; NULL, or what is wrong with them. */
static const char *
read_who(const struct opts *o, struct request *r, char *text, size_t bytes)
{
	static const int which[] = { OPT_EMAIL, OPT_IP, OPT_AUTHOR };
	const char **const to[] = { &r->who.email, &r->who.ip, &r->who.author };
	size_t given = 0;

	for (size_t i = 0; i < 3; i++) {
		const char *value = opts_value(o, (size_t)which[i]);

		if (value == NULL)
			continue;
		if (given++ > 0)
			return "one of --email, --ip and --author only";
		if (strlen(value) >= bytes)
			return "that is too long";
		snprintf(text, bytes, "%s", value);
		*to[i] = trim(text);
		if (*to[i] == NULL)
			return "that is empty";
	}
	if (given == 0)
		return "who? --email, --ip or --author";
	return NULL;
}

static const char *
selector(const struct person *who)
{
	return who->email != NULL ? who->email : who->ip != NULL ? who->ip : who->author;
}

/* -- What is held -- */

static void
show_emails(const struct person_found *found, FILE *file)
{
	struct buf b;
	size_t i;

	buf_init(&b, BUF_NO_LIMIT);
	for (i = 0; i < found->nemails && i < EMAILS_SHOWN; i++) {
		buf_clear(&b);
		text_safe(&b, slice_of(found->emails[i].text));
		fprintf(file, "  %-40s %zu %s\n", b.n > 0 ? buf_str(&b) : "(no e-mail address)",
		    found->emails[i].records, found->emails[i].records == 1 ? "record" : "records");
	}
	if (i < found->nemails)
		fprintf(file, "  and %zu more\n", found->nemails - i);
	buf_fini(&b);
}

static int
refuse_several(const struct person_found *found)
{
	struct buf name;

	buf_init(&name, BUF_NO_LIMIT);
	text_safe(&name, slice_of(selector(&found->who)));
	cli_note("person: %s: that may be %zu persons; name one by --email, or say --all:", buf_str(&name),
	    found->nemails);
	show_emails(found, stderr);
	buf_fini(&name);
	return CLI_NO;
}

/* Say what is held and would go. */
static int
show_found(struct cli *cli, const struct person_found *found, struct err *err)
{
	struct buf b;
	int rc;

	if (!cli->json) {
		fprintf(cli->out.file,
		    "%zu verdicts and %zu examples are held, %zu of them learnt from, by %zu %s:\n",
		    found->nverdicts, found->nexamples, found->in_force, found->nemails,
		    found->nemails == 1 ? "e-mail address" : "e-mail addresses");
		show_emails(found, cli->out.file);
		fprintf(cli->out.file, "%zu %s learnt from them and would go\n", found->models,
		    found->models == 1 ? "model has" : "models have");
		return 0;
	}
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "dry_run");
	json_put_bool(&b, true);
	json_add_int(&b, "verdicts", found->nverdicts);
	json_add_int(&b, "examples", found->nexamples);
	json_add_int(&b, "unlearnt", found->in_force);
	json_add_int(&b, "models", found->models);
	json_key(&b, "emails");
	json_open(&b, '[');
	for (size_t i = 0; i < found->nemails; i++)
		json_put_str(&b, found->emails[i].text);
	json_close(&b, ']');
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

/* -- Export -- */

static int export(struct cli *cli, struct engine *e, const struct request *r,
    const struct person_found *found, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	rc = person_export(e, found, r->by, &b, err);
	if (rc == 0 && r->out == NULL)
		rc = cli_put_json(cli, &b, err);
	if (rc == 0 && r->out != NULL) {
		buf_add_char(&b, '\n');
		rc = buf_ok(&b) ? file_write_whole(r->out, b.p, b.n, err)
				: err_set(err, ERR_NOMEM, "out of memory");
	}
	if (rc == 0 && r->out != NULL && !cli->json)
		fprintf(cli->out.file, "%zu verdicts and %zu examples written to %s\n", found->nverdicts,
		    found->nexamples, r->out);
	buf_fini(&b);
	return rc;
}

/* -- Erase -- */

/* Ask on the terminal; false: not to be done. */
static bool
confirmed(struct cli *cli, const struct person_found *found)
{
	char answer[16] = "";
	struct err err;

	show_found(cli, found, &err);
	fputs("They can't be brought back.  Erase them? Type yes: ", stderr);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcmp(answer, "yes") == 0;
}

static int
show_erased(
    struct cli *cli, const struct person_erased *done, const struct scrub_report *scrubbed, struct err *err)
{
	struct buf b;
	int rc;

	if (!cli->json) {
		fprintf(cli->out.file,
		    "%zu verdicts and %zu examples erased, %zu unlearnt, %zu models removed\n",
		    done->verdicts, done->examples, done->unlearnt, done->models);
		fprintf(cli->out.file, "%zu files searched%s: %s\n", scrubbed->files,
		    scrubbed->rewritten ? ", the database rewritten" : "",
		    scrubbed->nhits == 0 ? "nothing is left" : "what others wrote still mentions it:");
		for (size_t i = 0; i < scrubbed->nhits; i++)
			fprintf(cli->out.file, "  %s, %zu times\n", scrubbed->hits[i].file,
			    scrubbed->hits[i].times);
		return 0;
	}
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_add_int(&b, "verdicts", done->verdicts);
	json_add_int(&b, "examples", done->examples);
	json_add_int(&b, "unlearnt", done->unlearnt);
	json_add_int(&b, "models", done->models);
	json_key(&b, "rewritten");
	json_put_bool(&b, scrubbed->rewritten);
	json_add_int(&b, "files", scrubbed->files);
	json_key(&b, "left");
	json_open(&b, '[');
	for (size_t i = 0; i < scrubbed->nhits; i++) {
		json_open(&b, '{');
		json_key(&b, "file");
		json_put_str(&b, scrubbed->hits[i].file);
		json_add_int(&b, "times", scrubbed->hits[i].times);
		json_close(&b, '}');
	}
	json_close(&b, ']');
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

/* Look for what was erased in all files.  The database is closed for that. */
static int
look_again(struct cli *cli, const struct person_found *found, struct arena *a, struct scrub_report *report,
    struct err *err)
{
	struct slice *strings = arena_alloc(a, (found->nemails + found->nips + 1) * sizeof(*strings));
	size_t n = 0;
	struct progress bar;
	int rc;

	if (strings == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	strings[n++] = slice_of(selector(&found->who));
	for (size_t i = 0; i < found->nips; i++)
		strings[n++] = slice_of(found->ips[i]);
	for (size_t i = 0; i < found->nemails; i++)
		strings[n++] = slice_of(found->emails[i].text);
	progress_start(&bar, "searching the files");
	rc = scrub(cli->dir, strings, n, progress_update, &bar, a, report, err);
	progress_end(&bar);
	return rc;
}

static int
erase(
    struct cli *cli, struct engine **e, const struct request *r, struct person_found *found, struct err *err)
{
	struct progress bar;
	const struct erase_options how = {
		.by = r->by, .several = r->all, .progress = progress_update, .arg = &bar
	};
	struct scrub_report scrubbed;
	struct person_erased done;
	struct arena *a;
	int rc;

	progress_start(&bar, "erasing");
	rc = person_erase(*e, found, &how, &done, err);
	progress_end(&bar);
	if (rc == -1)
		return -1;
	cli_tell_daemon(*e);
	engine_close(*e);
	*e = NULL;
	a = arena_new(SCRUB_ARENA);
	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = look_again(cli, found, a, &scrubbed, err);
	if (rc == -1)
		err_prefix(err, "erased from the record, but the files could not all be cleaned");
	else
		rc = show_erased(cli, &done, &scrubbed, err);
	arena_free(a);
	return rc;
}

/* -- The verb -- */

static int
nobody(const struct request *r)
{
	struct buf name;

	buf_init(&name, BUF_NO_LIMIT);
	text_safe(&name, slice_of(selector(&r->who)));
	cli_note("person: %s: nothing is held", buf_str(&name));
	buf_fini(&name);
	return CLI_NO;
}

/*
 * Nobody is found who is to be erased: an earlier erasure may have been stopped when the records were empty,
 * and the files not yet looked at.
 */
static int
finish_earlier(struct cli *cli, struct engine **e, const struct request *r, const struct person_found *found)
{
	const struct person_erased nothing = { .verdicts = 0 };
	struct arena *a = arena_new(SCRUB_ARENA);
	struct scrub_report scrubbed;
	struct err err;
	int rc;

	engine_close(*e);
	*e = NULL;
	rc = a != NULL ? look_again(cli, found, a, &scrubbed, &err)
		       : err_set(&err, ERR_NOMEM, "out of memory");
	if (rc == -1)
		err_prefix(&err, "nothing is held, but the files could not all be searched");
	else if (scrubbed.rewritten)
		rc = show_erased(cli, &nothing, &scrubbed, &err);
	arena_free(a);
	if (rc == -1)
		return cli_fail(&err);
	return scrubbed.rewritten && scrubbed.nhits == 0 ? CLI_DONE : nobody(r);
}

static int
carry_out(struct cli *cli, const struct request *r, bool erasing)
{
	struct person_found found = { .arena = NULL };
	struct progress bar;
	struct engine *e = NULL;
	struct err err;
	int rc;

	if (cli_engine(cli, r->dry_run ? STORE_READ : STORE_WRITE, &e, &err) == -1)
		return cli_fail(&err);
	progress_start(&bar, "looking");
	rc = person_find(e, &r->who, progress_update, &bar, &found, &err);
	progress_end(&bar);
	if (rc == -1)
		rc = cli_fail(&err);
	else if (found.nverdicts + found.nexamples == 0)
		rc = erasing && !r->dry_run ? finish_earlier(cli, &e, r, &found) : nobody(r);
	else if (person_is_ambiguous(&found) && !r->all)
		rc = refuse_several(&found);
	else if (r->dry_run)
		rc = show_found(cli, &found, &err) == 0 ? CLI_DONE : cli_fail(&err);
	else if (erasing && !r->yes && !confirmed(cli, &found))
		rc = CLI_NO;
	else if ((erasing ? erase(cli, &e, r, &found, &err) : export(cli, e, r, &found, &err)) == -1)
		rc = cli_fail(&err);
	person_found_fini(&found);
	engine_close(e);
	return rc;
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct request r = { .out = opts_value(o, OPT_OUT),
		.all = opts_given(o, OPT_ALL),
		.dry_run = opts_given(o, OPT_DRY_RUN),
		.yes = opts_given(o, OPT_YES) };
	const char *const *arguments, *wrong;
	char text[1024];
	bool erasing;
	size_t n;

	arguments = opts_arguments(o, &n);
	erasing = strcmp(arguments[0], "erase") == 0;
	if (!erasing && strcmp(arguments[0], "export") != 0)
		return cli_usage(cli, "'%.40s' is neither export nor erase", arguments[0]);
	wrong = read_who(o, &r, text, sizeof(text));
	if (wrong != NULL)
		return cli_usage(cli, "%s", wrong);
	if (erasing && r.out != NULL)
		return cli_usage(cli, "--out: that is for export");
	if (!erasing && (r.dry_run || r.yes))
		return cli_usage(cli, "--dry-run and --yes: those are for erase");
	if (erasing && !r.yes && !r.dry_run && !isatty(STDIN_FILENO))
		return cli_usage(cli, "not on a terminal: say --yes, or --dry-run");
	cli_who(r.by, sizeof(r.by));
	return carry_out(cli, &r, erasing);
}

const struct verb verb_person = {
	.name = "person",
	.usage = "export|erase (--email E | --ip A | --author N) [--all] [--out FILE] [--dry-run] [--yes]",
	.summary = "Hand out, or erase, everything that is held of one commenter.",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
