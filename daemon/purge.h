#ifndef HAMLET_DAEMON_PURGE_H
#define HAMLET_DAEMON_PURGE_H

#include "daemon/hamletd.h"

/*
 * Retention, carried out by the keeper bit by bit: it looks for what is due with its own handle, hands the
 * recorder one small batch after the other, and goes back to its other work in between.
 */
struct purge;

struct purge *purge_new(struct hamletd *d); /* NULL when memory ran out */
void purge_free(struct purge *p); /* NULL is allowed */

/* Have the next pass begin now: the settings may have changed. */
void purge_soon(struct purge *p);

/*
 * Go on for a while, or begin a pass if it is time, with E to read and WORLD for the settings.  *MORE tells
 * whether there is more to do at once.  -1 when it could not go on; it tries again later.
 */
int purge_work(struct purge *p, struct engine *e, struct world *world, bool *more, struct err *err);

#endif
