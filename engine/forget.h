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

/* Models between these counted an example: FROM is its event, TO the one that took it back (INT64_MAX: none
 * yet). */
struct forget_range {
	int64_t from, to;
};

/*
 * Remove the snapshots whose position is within one of the N ranges (from <= position < to), and what
 * interrupted publications have left.  *GONE (NULL is allowed) is how many were removed.  ERR_BUSY, with
 * nothing removed, when the current one is among them.  The publish lock must be held, until the examples
 * themselves are erased: a model that counts them and is published after that is refused.
 */
int forget_models(
    struct engine *e, const struct forget_range *ranges, size_t n, size_t *gone, struct err *err);

/* Count those within the ranges, with the current one. */
int forget_count(
    struct engine *e, const struct forget_range *ranges, size_t n, size_t *count, struct err *err);

#endif
