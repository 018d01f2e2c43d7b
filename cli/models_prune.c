#include "config.h"

#include "base/json.h"
#include "cli/models.h"
#include "cli/report.h"
#include "engine/registry.h"

#define ARENA_BYTES ((size_t)256 << 20)
#define MIB (1024.0 * 1024.0)

static int
show_json(struct cli *cli, const struct cleared *c, bool dry_run, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "removed");
	json_open(&b, '[');
	for (size_t i = 0; i < c->n; i++)
		json_put_str(&b, c->ids[i]);
	json_close(&b, ']');
	json_key(&b, "kept");
	json_put_int(&b, (int64_t)c->kept);
	json_key(&b, "rebuilt");
	json_put_int(&b, (int64_t)c->folded);
	json_key(&b, "bytes");
	json_put_int(&b, c->bytes);
	json_key(&b, "dry_run");
	json_put_bool(&b, dry_run);
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static void
show(struct cli *cli, const struct cleared *c, bool dry_run)
{
	for (size_t i = 0; i < c->n; i++)
		fprintf(cli->out.file, "%.*s\n", REPORT_ID_DIGITS, c->ids[i]);
	fprintf(cli->out.file, "%zu models %s, %.1f MiB; %zu stay", c->n,
	    dry_run ? "would be removed" : "removed", (double)c->bytes / MIB, c->kept);
	if (c->folded > 0)
		fprintf(cli->out.file, ", %zu of them without their files, to be made again when needed",
		    c->folded);
	fputc('\n', cli->out.file);
}

int
models_prune(struct cli *cli, struct engine *e, size_t keep, bool dry_run, struct err *err)
{
	struct arena *a = arena_new(ARENA_BYTES);
	struct cleared c;
	int rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = registry_clear(e, keep, dry_run, a, &c, err);
	if (rc == 0 && cli->json)
		rc = show_json(cli, &c, dry_run, err);
	else if (rc == 0)
		show(cli, &c, dry_run);
	arena_free(a);
	return rc;
}
