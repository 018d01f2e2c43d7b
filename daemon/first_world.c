#include "config.h"

#include "daemon/first_world.h"

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
	    engine_model_to_judge(*e, NULL, &model, err) == 0 &&
	    store_newest_id((*e)->store, d->newest_id, err) == 0) {
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
