#include "config.h"

#include "cli/models.h"
#include "cli/models_diff.h"
#include "cli/progress.h"

int
models_diff(struct cli *cli, struct engine *e, const struct model *before, const struct model *after,
    const struct models_list *list, struct err *err)
{
	struct models_compared c = { .models = { before, after } };
	struct progress bar;
	int rc;

	progress_start(&bar, "judging");
	rc = model_diff(&c.tokens, before, after, list->field, list->limit, err);
	if (rc == 0)
		rc = verdict_diff(
		    &c.verdicts, e->store, before, after, list->limit, progress_update, &bar, err);
	progress_end(&bar);
	if (rc == 0)
		rc = cli->json ? models_diff_json(cli, &c, err) : models_diff_text(&cli->out, &c, err);
	model_diff_fini(&c.tokens);
	verdict_diff_fini(&c.verdicts);
	return rc;
}
