#ifndef HAMLET_DAEMON_KEEPER_H
#define HAMLET_DAEMON_KEEPER_H

#include "daemon/hamletd.h"

/*
 * The keeper: one thread that keeps the world up to date.  Every second, or when woken, it learns what
 * corrections have come in, follows models/current, and loads the sites again when someone has written to the
 * database.  Every hour it begins to erase what has been kept for long enough.  A model that can't be loaded
 * is named in the log, once, and the one in use stays.
 */
struct keeper_wait {
	struct keeper_wait *next; /* the keeper's, while it has it */
	/* Called on the keeper's thread when the reload is done; WHY is ERR_NONE or the first thing that went
	 * wrong. */
	void (*done)(struct keeper_wait *wait, const struct err *why);
};

int keeper_start(struct keeper **out, struct hamletd *d, struct err *err);

/* Have it look now: a correction was recorded. */
void keeper_wake(struct keeper *k);

/* Have it read the configuration too; WAIT, if not NULL, is told when that is done. */
void keeper_reload(struct keeper *k, struct keeper_wait *wait);

/* End the thread and free K; who still waits is told.  NULL is allowed. */
void keeper_stop(struct keeper *k);

#endif
