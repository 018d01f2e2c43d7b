#ifndef HAMLET_ENGINE_FORGET_H
#define HAMLET_ENGINE_FORGET_H

#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

/*
 * Letting go of snapshots that still count what is to be forgotten.  A snapshot can't be changed, for its id
 * is the digest of its content; so those that know an example go, whatever else needs them, and the verdicts
 * that they gave can't be computed again.
 */

/* Set *POSITION to the last example event that the current model includes; INT64_MAX when there is no model.
 */
int forget_known(struct engine *e, int64_t *position, struct err *err);

/*
 * Remove the snapshots, other than the current one, that include the example event FROM and not yet the event
 * TO (INT64_MAX: whatever they include since).  *N (NULL is allowed) is how many went.  Takes the publish
 * lock if any is to go.
 */
int forget_models(struct engine *e, int64_t from, int64_t to, size_t *n, struct err *err);

#endif
