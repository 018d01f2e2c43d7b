#ifndef HAMLET_ENGINE_CHANGE_H
#define HAMLET_ENGINE_CHANGE_H

#include <stdint.h>

#include "classifier/train.h"
#include "engine/engine.h"
#include "engine/set_digest.h"

/*
 * What a stretch of the log of example events changes about a model: the examples that it adds, less those
 * that it replaces.  It depends on the events alone, so it can be found again as long as they have their
 * text; an event that lost it and was replaced within the stretch too comes out as nothing.
 */
struct change {
	struct delta *delta;
	struct set_digest set; /* the change of the set of examples */
	int64_t last, events; /* the last event of the stretch, and how many there are */
};

/* Fill *C with the events after AFTER and up to UPTO.  change_fini() gives it back, in either case. */
int change_find(struct change *c, struct engine *e, int64_t after, int64_t upto, struct err *err);
void change_fini(struct change *c);

#endif
