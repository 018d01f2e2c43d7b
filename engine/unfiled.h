#ifndef HAMLET_ENGINE_UNFILED_H
#define HAMLET_ENGINE_UNFILED_H

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/engine.h"

/*
 * Models that are in use before they have a file.
 *
 * What the daemon learns judges as soon as its row is on record and the link points to its id: it is its
 * ancestor plus the events between the two, so it can be had without a file (engine/shelf.h), after a crash
 * too.  The next one is learnt from that ancestor as well.  The file is written when nobody is waiting, at a
 * rate that nobody notices, to ID.model.filing, which is renamed when it is whole; a crash leaves one of
 * those at most, which the next publication clears away.
 */

/* What the next model is made from: the current one, or what that is made from itself. */
struct ground {
	char current[MODEL_ID_BYTES];
	int64_t position; /* of the current model */
	struct model *base;
};

/*
 * Find the ground to learn on.  The publish lock must be held.  On success the caller gives G->base back.
 * ERR_NOT_FOUND when no model is current; ERR_DAMAGED when what it takes can't be read.
 */
int ground_find(struct ground *g, struct engine *e, struct err *err);

/*
 * Give the current model its file at once.  Where it has none and can't be made again (another version of
 * Hamlet had made it, or what it is made from is damaged) make its nearest ancestor with a sound file
 * current: what that doesn't know yet is learnt again.  The publish lock must be held.
 */
int unfiled_mend(struct engine *e, struct err *err);

/* Return whether there is a current model and it has no file. */
bool unfiled_current(const struct engine_paths *paths);

/*
 * Give the current model its file, slowly until *HURRY is true (base/file.h), and prune the others as a
 * publication does.  Takes the publish lock, to make the model again and at the end, not while it writes.  It
 * may not be the current one any more by then; the file of one that was let go meanwhile goes too.
 */
int unfiled_file(struct engine *e, const atomic_bool *hurry, struct err *err);

#endif
