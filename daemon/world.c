#include "config.h"

#include <stdlib.h>

#include "base/background.h"
#include "daemon/world.h"

struct world_config *
world_config_new(struct config *config)
{
	struct world_config *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		config_fini(config);
		return NULL;
	}
	atomic_init(&c->refs, 1);
	c->config = *config;
	return c;
}

static struct world_config *
world_config_ref(struct world_config *c)
{
	atomic_fetch_add(&c->refs, 1);
	return c;
}

void
world_config_unref(struct world_config *c)
{
	if (c == NULL || atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	config_fini(&c->config);
	free(c);
}

struct world *
world_new(struct model *model, struct sites *sites, struct rules *rules, struct world_config *config)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	atomic_init(&w->refs, 1);
	w->model = model_ref(model);
	w->sites = sites_ref(sites);
	w->rules = rules_ref(rules);
	w->shared = world_config_ref(config);
	w->config = &config->config;
	return w;
}

struct world *
world_ref(struct world *w)
{
	atomic_fetch_add(&w->refs, 1);
	return w;
}

void
world_unref(struct world *w)
{
	if (w == NULL || atomic_fetch_sub(&w->refs, 1) != 1)
		return;
	model_unref(w->model);
	sites_unref(w->sites);
	rules_unref(w->rules);
	world_config_unref(w->shared);
	free(w);
}

static void
bury(void *arg)
{
	struct world **older = arg, *w;

	while ((w = *older) != NULL) {
		if (atomic_load(&w->refs) > 1) {
			older = &w->older;
			continue;
		}
		*older = w->older;
		world_unref(w);
	}
}

void
world_bury(struct world **older)
{
	if (*older != NULL)
		background_run(bury, older);
}

void
world_list_unref(struct world *older)
{
	struct world *next;

	for (; older != NULL; older = next) {
		next = older->older;
		world_unref(older);
	}
}

void
world_slot_init(struct world_slot *slot)
{
	pthread_mutex_init(&slot->lock, NULL);
	slot->now = NULL;
	atomic_init(&slot->generation, 0);
}

void
world_slot_fini(struct world_slot *slot)
{
	world_unref(slot->now);
	slot->now = NULL;
	pthread_mutex_destroy(&slot->lock);
}

void
world_set(struct world_slot *slot, struct world *w)
{
	struct world *old;

	pthread_mutex_lock(&slot->lock);
	old = slot->now;
	slot->now = w;
	atomic_fetch_add(&slot->generation, 1);
	pthread_mutex_unlock(&slot->lock);
	world_unref(old);
}

struct world *
world_get(struct world_slot *slot)
{
	struct world *w;

	pthread_mutex_lock(&slot->lock);
	w = world_ref(slot->now);
	pthread_mutex_unlock(&slot->lock);
	return w;
}

void
world_follow(struct world_slot *slot, struct world **mine, unsigned *seen)
{
	struct world *old = *mine;

	if (atomic_load_explicit(&slot->generation, memory_order_acquire) == *seen)
		return;
	pthread_mutex_lock(&slot->lock);
	*mine = world_ref(slot->now);
	*seen = atomic_load(&slot->generation);
	pthread_mutex_unlock(&slot->lock);
	world_unref(old);
}
