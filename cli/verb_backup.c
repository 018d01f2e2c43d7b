#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/guard.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "engine/backup.h"

enum { OPT_FORCE };

static const struct opt backup_options[] = {
	{ .name = NULL },
};

static const struct opt restore_options[] = {
	{ .name = "force", .help = "put what is in the state directory aside, as DIR.replaced" },
	{ .name = NULL },
};

/* Write what was done to the folder DIR. */
static int
show(struct cli *cli, const char *dir, const struct backup_result *r, const char *old, struct err *err)
{
	struct buf b;
	int rc;

	if (r->missing > 0)
		cli_note("%zu older models are gone or damaged, and not in the copy", r->missing);
	if (r->rules_fault[0] != '\0')
		cli_note("the rules aren't whole in the copy: %s", r->rules_fault);
	if (!cli->json) {
		fprintf(cli->out.file, "%s: database, keys, settings, rules and %zu models", dir, r->models);
		if (r->records > 0)
			fprintf(cli->out.file, "; %" PRId64 " records and the models verified", r->records);
		if (old != NULL)
			fprintf(cli->out.file, "; what was there is in %s", old);
		fputc('\n', cli->out.file);
		return 0;
	}
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "dir");
	json_put_str(&b, dir);
	json_key(&b, "models");
	json_put_int(&b, (int64_t)r->models);
	json_key(&b, "missing");
	json_put_int(&b, (int64_t)r->missing);
	json_key(&b, "rules_fault");
	json_put_str(&b, r->rules_fault[0] != '\0' ? r->rules_fault : NULL);
	if (r->records > 0) { /* only a restoration counts them */
		json_key(&b, "records");
		json_put_int(&b, r->records);
	}
	json_key(&b, "replaced");
	json_put_str(&b, old);
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static int
copy(struct cli *cli, const char *dir)
{
	struct backup_result result;
	struct progress progress;
	struct engine *e;
	struct err err;
	int rc;

	if (cli_engine(cli, STORE_READ, &e, &err) == -1)
		return cli_fail(&err);
	progress_start(&progress, "copying");
	rc = backup_make(e, dir, progress_update, &progress, &result, &err);
	progress_end(&progress);
	if (rc == 0)
		rc = show(cli, dir, &result, NULL, &err);
	engine_close(e);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

/* A half copy must not be taken for a whole one, nor be left for anybody to find. */
static void
undo(void *dir)
{
	backup_remove(dir);
}

static int
backup(struct cli *cli, const struct opts *o)
{
	char *dir;
	size_t n;
	int code = CLI_NO;

	dir = strdup(opts_arguments(o, &n)[0]);
	if (dir == NULL)
		cli_note("out of memory");
	else if (!backup_may_fill(dir) || guard("backup", undo, dir, &code))
		code = copy(cli, dir);
	free(dir);
	return code;
}

struct restoring {
	char *beside;
	const char *state;
	bool there;
};

static void
undo_restore(void *arg)
{
	const struct restoring *r = arg;

	backup_undo_restore(r->state, r->beside, r->there);
}

static int
restore_from(struct cli *cli, const char *dir, const char *beside, bool force)
{
	struct backup_result result;
	struct progress progress;
	char who[128], *old;
	struct err err;
	int rc;

	cli_who(who, sizeof(who));
	progress_start(&progress, "verifying");
	rc = backup_restore(
	    dir, cli->dir, beside, force, who, progress_update, &progress, &result, &old, &err);
	progress_end(&progress);
	if (rc == 0)
		rc = show(cli, cli->dir, &result, old, &err);
	free(old);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

/* See that DIR has what a backup has; the state directory's own message would advise to make one there. */
static int
find_backup(const char *dir, struct err *err)
{
	if (engine_look(dir, err) == 0)
		return 0;
	return err->code == ERR_NOT_FOUND
	    ? err_set(err, ERR_NOT_FOUND, "%s: there is no backup there: no hamlet.db", dir)
	    : -1;
}

static int
restore(struct cli *cli, const struct opts *o)
{
	struct restoring r = { .state = cli->dir };
	size_t n;
	const char *dir = opts_arguments(o, &n)[0];
	struct err err;
	int code;

	n = strlen(cli->dir);
	while (n > 1 && cli->dir[n - 1] == '/') /* other names are made of it */
		cli->dir[--n] = '\0';
	r.there = access(cli->dir, F_OK) == 0;
	if (find_backup(dir, &err) == -1)
		return cli_fail(&err);
	r.beside = backup_place(cli->dir, &err);
	if (r.beside == NULL)
		return cli_fail(&err);
	if (guard("restore", undo_restore, &r, &code))
		code = restore_from(cli, dir, r.beside, opts_given(o, OPT_FORCE));
	free(r.beside);
	return code;
}

const struct verb verb_backup = {
	.name = "backup",
	.usage = "DIR",
	.summary = "Copy the state directory to DIR, while the daemon may be running.",
	.options = backup_options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = backup,
};

const struct verb verb_restore = {
	.name = "restore",
	.usage = "DIR [--force]",
	.summary = "Make the state directory from the backup DIR, and verify it.",
	.options = restore_options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = restore,
};
