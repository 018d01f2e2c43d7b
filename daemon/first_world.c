#include "config.h"

#include <unistd.h>

#include "daemon/first_world.h"
#include "engine/unfiled.h"

/* Put the link right, where it points to a model that was still without its file when the daemon was last
 * ended by force, and that can't be made again.  *ERR is why. */
static int
mend(struct hamletd *d, struct err *err)
{
	struct err why = { .code = ERR_NONE };
	char id[MODEL_ID_BYTES] = "";
	int lock, rc;

	if (err->code != ERR_DAMAGED || !unfiled_current(&d->paths) ||
	    engine_publish_lock(&d->paths, &lock, &why) == -1)
		return -1;
	rc = unfiled_mend(d->engine, &why);
	close(lock);
	if (rc == 0 && engine_current_id(&d->paths, id, NULL) == 0)
		hamletd_event(d, LOG_WARN, "model_replaced", LOG_STR("why", err->text), LOG_STR("model", id));
	return rc;
}

static int
first_model(struct hamletd *d, struct model **out, struct err *err)
{
	if (engine_model_to_judge(d->engine, NULL, out, err) == -1 &&
	    (mend(d, err) == -1 || engine_model_to_judge(d->engine, NULL, out, err) == -1))
		return -1;
	model_judge_only(*out); /* of one that was made again */
	return 0;
}

int
first_world(struct hamletd *d, struct config *config, struct err *err)
{
	struct world_config *shared = world_config_new(config);
	struct engine **e = &d->engine;
	struct sites *sites = NULL;
	struct model *model = NULL;
	struct rules *rules = NULL;
	struct world *w = NULL;

	if (shared == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (engine_open(e, d->paths.dir, STORE_WRITE, (int)shared->config.busy_timeout_ms, err) == 0 &&
	    sites_load(&sites, *e, err) == 0 && rules_load(&rules, d->paths.dir, err) == 0 &&
	    first_model(d, &model, err) == 0 && store_newest_id((*e)->store, d->newest_id, err) == 0) {
		w = world_new(model, sites, rules, shared);
		if (w == NULL)
			err_set(err, ERR_NOMEM, "out of memory");
	}
	model_unref(model);
	sites_unref(sites);
	rules_unref(rules);
	world_config_unref(shared);
	if (w == NULL)
		return -1;
	world_set(&d->world, w);
	return 0;
}
