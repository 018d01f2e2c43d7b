#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/timetext.h"
#include "daemon/drift_watch.h"
#include "daemon/filing.h"
#include "daemon/keeper.h"
#include "daemon/next_model.h"
#include "daemon/flood_keep.h"
#include "daemon/rules_record.h"
#include "daemon/purge.h"
#include "daemon/rewrite.h"
#include "daemon/systemd.h"
#include "engine/learn.h"
#include "engine/mix.h"

#define ROUND_MS 1000
#define PURGING_MS 20
#define MIX_EVERY_MS 3600000

struct keeper {
	struct hamletd *d;
	pthread_t thread;
	pthread_mutex_t lock; /* of the four below */
	pthread_cond_t wake;
	bool woken, reload, stopping;
	struct keeper_wait *waits;

	/* the thread's own */
	struct engine *engine; /* NULL while it can't be opened */
	struct world *world; /* the present one */
	struct world *older; /* those that somebody still uses: the last to give one back is this thread */
	struct model *made; /* learnt and published, to be changed over to; or NULL */
	int64_t data_version;
	bool pending; /* there may be corrections to learn */
	int64_t learnt_ms; /* when it last learnt */
	int64_t mix_ms; /* when the sites' mixes were last estimated */
	struct flood_keep flood;
	struct drift_watch drift;
	struct filing filing;
	struct rewrite rewrite;
	struct purge *purge;
	bool purging; /* it has more to do at once */
	struct model_refused refused;
	char complaint[ERR_TEXT_MAX]; /* the last one logged */
	struct err first_err; /* of this round */
};

/* Log ERR as EVENT unless it is what was last logged, and remember the round's first. */
static void
complain(struct keeper *k, const char *event, const struct err *err)
{
	if (k->first_err.code == ERR_NONE)
		k->first_err = *err;
	if (strcmp(k->complaint, err->text) == 0)
		return;
	memcpy(k->complaint, err->text, sizeof(k->complaint));
	hamletd_event(k->d, LOG_ERROR, event, LOG_STR("why", err->text));
}

/* Make MODEL, SITES, RULES and CONFIG, where not NULL, part of the world from now on. */
static int
change(struct keeper *k, struct model *model, struct sites *sites, struct rules *rules,
    struct world_config *config)
{
	struct world *now = k->world, *w;

	w = world_new(model != NULL ? model : now->model, sites != NULL ? sites : now->sites,
	    rules != NULL ? rules : now->rules, config != NULL ? config : now->shared);
	if (w == NULL)
		return -1;
	k->world = world_ref(w);
	world_set(&k->d->world, w);
	now->older = k->older;
	k->older = now;
	return 0;
}

static void
log_changes(struct keeper *k, const struct config *now, const struct config *later)
{
	const struct config_key *key;

	for (size_t i = 0; (key = config_difference(now, later, &i)) != NULL;) {
		if (key->reloadable)
			hamletd_event(k->d, LOG_INFO, "setting_changed", LOG_STR("key", key->name));
		else
			hamletd_event(k->d, LOG_WARN, "setting_needs_restart", LOG_STR("key", key->name));
	}
}

static void
reload_config(struct keeper *k)
{
	struct config later, merged;
	struct world_config *shared;
	struct err err;

	if (hamletd_config(k->d, &later, NULL, &err) == -1) {
		complain(k, "reload_failed", &err);
		return;
	}
	log_changes(k, k->world->config, &later);
	if (config_copy(&merged, k->world->config, &err) == -1) {
		complain(k, "reload_failed", &err);
	} else if (config_apply_reloadable(&merged, &later, &err) == -1) {
		config_fini(&merged);
		complain(k, "reload_failed", &err);
	} else {
		shared = world_config_new(&merged);
		if (shared != NULL && change(k, NULL, NULL, NULL, shared) == 0)
			atomic_store(&k->d->log_level, shared->config.log_level);
		world_config_unref(shared);
	}
	config_fini(&later);
}

/* Read the rules again; where one is bad, those in force stay. */
static void
reload_rules(struct keeper *k)
{
	struct rules *now = k->world->rules, *later;
	struct err err;

	if (rules_load(&later, k->d->paths.dir, &err) == -1) {
		complain(k, "rules_refused", &err);
		return;
	}
	if (memcmp(rules_digest(later), rules_digest(now), sizeof(struct digest)) != 0) {
		rules_keep_hits(later, now);
		if (change(k, NULL, NULL, later, NULL) == 0) {
			atomic_store(&k->d->rules_unrecorded, true);
			hamletd_event(k->d, LOG_INFO, "rules_loaded", LOG_INT("rules", rules_count(later)));
		}
	}
	rules_unref(later);
}

static void
follow_sites(struct keeper *k)
{
	struct sites *sites;
	struct err err;

	if (sites_load(&sites, k->engine, &err) == -1) {
		complain(k, "sites_not_loaded", &err);
		k->data_version =
		    -1; /* or a key that was taken away would be good until somebody commits again */
		return;
	}
	change(k, NULL, sites, NULL, NULL);
	sites_unref(sites);
}

/* Learn what has come in since the model in use, when there is anything and it is time. */
static void
follow_corrections(struct keeper *k)
{
	int64_t last, learnt, now = http_clock_ms();
	struct err err;

	if (!k->pending || (k->learnt_ms != 0 && now - k->learnt_ms < k->world->config->learn_interval_ms))
		return;
	if (store_example_counts(k->engine->store, &last, NULL, NULL, &err) == -1) {
		complain(k, "not_learnt", &err);
		return;
	}
	if (last == (int64_t)model_info(k->world->model)->position) {
		k->pending = false;
		return;
	}
	k->learnt_ms = now;
	if (learn_at_once(k->engine, "hamletd", &learnt, &k->made, &err) == -1) {
		complain(k, "not_learnt", &err);
		return;
	}
	k->pending = false;
	if (learnt > 0) {
		atomic_fetch_add(&k->d->metrics.events_learnt, (unsigned long long)learnt);
		hamletd_event(k->d, LOG_INFO, "learnt", LOG_INT("events", learnt));
	}
}

/* Estimate anew what share of each site's comments is spam, now and then. */
static void
follow_mix(struct keeper *k)
{
	int64_t now = http_clock_ms();
	struct err err;
	size_t changed;

	if (now - k->mix_ms < MIX_EVERY_MS)
		return;
	k->mix_ms = now;
	if (mix_update(k->engine, k->world->model, &changed, &err) == -1)
		complain(k, "mix_not_estimated", &err);
	else if (changed > 0)
		follow_sites(k);
}

/* Add up what the days are like, and say what is out of the ordinary. */
static void
follow_days(struct keeper *k, bool now)
{
	struct err err;

	if (drift_watch_round(&k->drift, k->d, k->engine, now, &err) == -1)
		complain(k, "days_not_counted", &err);
}

/* Erase some of what has been kept for long enough. */
static void
follow_retention(struct keeper *k, bool reload)
{
	struct err err = { .code = ERR_NONE };

	if (reload)
		purge_soon(k->purge);
	if (purge_work(k->purge, k->engine, k->world, &k->purging, &err) == -1)
		complain(k, "not_purged", &err);
	if (reload)
		rewrite_soon(&k->rewrite);
	if (!k->purging && rewrite_round(&k->rewrite, k->d, k->engine, &err) == -1)
		complain(k, "not_rewritten", &err);
}

/* Change over to the model that is current; with CHECK look at its file again even if it is the one in use.
 */
static void
follow_model(struct keeper *k, bool check)
{
	char id[MODEL_ID_BYTES];
	struct model *model;
	struct err err;

	if (engine_current_id(&k->d->paths, id, &err) == -1) {
		complain(k, "model_not_loaded", &err);
		return;
	}
	if (!check && strcmp(id, model_info(k->world->model)->id) == 0) {
		k->refused.id[0] = '\0';
		return;
	}
	if (model_is_refused(&k->refused, id))
		return;
	if (next_model_open(k->engine, id, &k->made, &model, &err) == -1) {
		if (k->first_err.code == ERR_NONE)
			k->first_err = err;
		if (model_refuse(&k->refused, id, &err))
			hamletd_event(k->d, LOG_ERROR, "model_refused", LOG_STR("model", id),
			    LOG_STR("why", err.text), LOG_STR("kept", model_info(k->world->model)->id));
		return;
	}
	k->refused.id[0] = '\0';
	if (strcmp(id, model_info(k->world->model)->id) == 0) {
		model_unref(model);
		return;
	}
	k->pending = true; /* it may not know all that the one before it did */
	if (change(k, model, NULL, NULL, NULL) == 0)
		hamletd_event(k->d, LOG_INFO, "model_loaded", LOG_STR("model", model_info(model)->id));
	model_unref(model);
}

/* Have the model in use get its file, if it has none yet. */
static void
follow_file(struct keeper *k)
{
	struct err err;

	if (filing_round(&k->filing, k->d, (int)k->world->config->busy_timeout_ms, &err) == -1)
		complain(k, "model_not_filed", &err);
}

/* Return whether someone has committed since the last call; opens the database if need be. */
static bool
database_changed(struct keeper *k)
{
	struct err err;
	int64_t version;

	if (k->engine == NULL) {
		if (engine_open(&k->engine, k->d->paths.dir, STORE_WRITE,
			(int)k->world->config->busy_timeout_ms, &err) == -1) {
			k->engine = NULL;
			complain(k, "database_not_opened", &err);
			return false;
		}
		k->data_version = -1;
	}
	if (store_data_version(k->engine->store, &version, &err) == -1) {
		complain(k, "database_not_read", &err);
		purge_soon(k->purge); /* its pass reads with this engine */
		engine_close(k->engine);
		k->engine = NULL;
		return false;
	}
	if (version == k->data_version)
		return false;
	k->data_version = version;
	return true;
}

static void
keep_flood(struct keeper *k, bool now)
{
	struct err err;

	if (flood_keep_round(&k->flood, k->d, now, &err) == -1)
		complain(k, "flood_state_not_saved", &err);
}

static void
one_round(struct keeper *k, bool reload)
{
	bool changed;

	k->first_err = (struct err){ .code = ERR_NONE };
	world_bury(&k->older);
	keep_flood(k, reload);
	if (reload) {
		k->refused.id[0] = '\0';
		k->complaint[0] = '\0'; /* who asks is told again */
		reload_config(k);
		reload_rules(k);
	}
	if (atomic_exchange(&k->d->rules_unrecorded, false))
		rules_record(k->d, k->world->rules);
	changed = database_changed(k);
	if (k->engine == NULL)
		return;
	if (changed || reload) {
		k->pending = true;
		follow_sites(k);
		follow_mix(k);
	}
	follow_corrections(k);
	follow_model(k, reload);
	model_unref(k->made); /* somebody has put another in its place */
	k->made = NULL;
	follow_file(k);
	follow_days(k, reload);
	follow_retention(k, reload);
	if (k->first_err.code == ERR_NONE)
		k->complaint[0] = '\0';
}

/* Wait for the next round; false when it is time to end. */
static bool
next_round(struct keeper *k, bool *reload, struct keeper_wait **waits)
{
	struct timespec until;
	int64_t ms = ROUND_MS;
	bool go;

	if (k->pending && k->world->config->learn_interval_ms < ms)
		ms = k->world->config->learn_interval_ms;
	if (k->purging)
		ms = PURGING_MS;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&k->lock);
	while (!k->woken && !k->reload && !k->stopping &&
	    pthread_cond_timedwait(&k->wake, &k->lock, &until) == 0)
		;
	*reload = k->reload;
	*waits = k->waits;
	go = !k->stopping || *waits != NULL;
	k->woken = false;
	k->reload = false;
	k->waits = NULL;
	pthread_mutex_unlock(&k->lock);
	return go;
}

static void
log_reload(struct keeper *k)
{
	if (k->first_err.code == ERR_NONE)
		hamletd_event(k->d, LOG_INFO, "reloaded", LOG_STR("model", model_info(k->world->model)->id));
}

static void *
keeper_main(void *arg)
{
	struct keeper *k = arg;
	struct keeper_wait *waits, *next;
	bool reload;

	while (next_round(k, &reload, &waits)) {
		if (reload)
			systemd_reloading();
		one_round(k, reload);
		if (reload) {
			systemd_ready();
			log_reload(k);
		}
		for (; waits != NULL; waits = next) {
			next = waits->next;
			waits->done(waits, &k->first_err);
		}
	}
	return NULL;
}

/* Rounds go by the clock that nobody can put back, or the keeper would wait for what it has been put back by.
 */
static void
init_wake(pthread_cond_t *wake)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(wake, &attr);
	pthread_condattr_destroy(&attr);
}

int
keeper_start(struct keeper **out, struct hamletd *d, struct err *err)
{
	struct keeper *k = calloc(1, sizeof(*k));
	int rc;

	if (k != NULL)
		k->purge = purge_new(d);
	if (k == NULL || k->purge == NULL) {
		free(k);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	k->d = d;
	k->world = world_get(&d->world);
	k->data_version = -1;
	k->mix_ms = http_clock_ms(); /* what was estimated before is on record */
	pthread_mutex_init(&k->lock, NULL);
	init_wake(&k->wake);
	k->engine = d->engine;
	d->engine = NULL;
	rc = pthread_create(&k->thread, NULL, keeper_main, k);
	if (rc != 0) {
		engine_close(k->engine);
		world_unref(k->world);
		purge_free(k->purge);
		free(k);
		return err_set(err, ERR_IO, "cannot start a thread: %s", strerror(rc));
	}
	pthread_setname_np(k->thread, "keeper");
	*out = k;
	return 0;
}

static void
tell(struct keeper *k, bool *what, struct keeper_wait *wait)
{
	pthread_mutex_lock(&k->lock);
	*what = true;
	if (wait != NULL) {
		wait->next = k->waits;
		k->waits = wait;
	}
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
}

void
keeper_wake(struct keeper *k)
{
	tell(k, &k->woken, NULL);
}

void
keeper_reload(struct keeper *k, struct keeper_wait *wait)
{
	tell(k, &k->reload, wait);
}

void
keeper_stop(struct keeper *k)
{
	if (k == NULL)
		return;
	tell(k, &k->stopping, NULL);
	pthread_join(k->thread, NULL);
	keep_flood(k, true);
	filing_stop(&k->filing, k->d, (int)k->world->config->busy_timeout_ms);
	purge_free(k->purge);
	engine_close(k->engine);
	drift_watch_fini(&k->drift);
	world_unref(k->world);
	world_list_unref(k->older);
	pthread_cond_destroy(&k->wake);
	pthread_mutex_destroy(&k->lock);
	free(k);
}
