#ifndef HAMLET_DAEMON_WORLD_H
#define HAMLET_DAEMON_WORLD_H

#include <pthread.h>
#include <stdatomic.h>

#include "classifier/model.h"
#include "engine/rules.h"
#include "engine/settings.h"
#include "engine/sites.h"

/*
 * What a request is answered by: the model, the sites, the owner's rules and the settings.  A world never
 * changes; when one of the four does, a new world takes the place of the old one, which lives on until the
 * last request that began with it is answered.
 */
struct world_config {
	atomic_int refs;
	struct config config;
};

struct world {
	atomic_int refs;
	struct world *older; /* the keeper's: another that has had its day */
	struct model *model;
	struct sites *sites;
	struct rules *rules;
	struct world_config *shared; /* several worlds may have one */
	const struct config *config; /* shared->config */
};

/* Wrap CONFIG, which is taken over, also on failure; NULL when memory ran out. */
struct world_config *world_config_new(struct config *config);
void world_config_unref(struct world_config *c); /* NULL is allowed */

/* Make a world of its own references to the four, with one reference to itself; NULL when memory ran out. */
struct world *world_new(
    struct model *model, struct sites *sites, struct rules *rules, struct world_config *config);
struct world *world_ref(struct world *w);
void world_unref(struct world *w); /* NULL is allowed */

/*
 * Give back those of the list *OLDER (linked by ->older, each a reference) that nobody else holds any more: a
 * model of many megabytes takes a while to be given back, for which nobody who answers requests should wait.
 * That is done in the background.
 */
void world_bury(struct world **older);

/* Give back all of that list. */
void world_list_unref(struct world *older);

/* The place where the present world stands. */
struct world_slot {
	pthread_mutex_t lock;
	struct world *now;
	atomic_uint generation; /* goes up with each change */
};

void world_slot_init(struct world_slot *slot);
void world_slot_fini(struct world_slot *slot);

/* Make W, whose reference is taken over, the present world. */
void world_set(struct world_slot *slot, struct world *w);

/* Return a new reference to the present world. */
struct world *world_get(struct world_slot *slot);

/* Bring *MINE, a reference that its thread keeps, up to date; takes the lock only if it isn't.  *SEEN starts
 * as 0. */
void world_follow(struct world_slot *slot, struct world **mine, unsigned *seen);

#endif
