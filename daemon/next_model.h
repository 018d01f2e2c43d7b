#ifndef HAMLET_DAEMON_NEXT_MODEL_H
#define HAMLET_DAEMON_NEXT_MODEL_H

#include "engine/engine.h"

/*
 * Open the current model, ID, to judge by, once all of it was found whole, in the background.  If *MADE, a
 * model that was learnt and published here, is the one, it is taken instead (*MADE becomes NULL): it needn't
 * be read.  Errors as engine_model().
 */
int next_model_open(
    struct engine *e, const char *id, struct model **made, struct model **model, struct err *err);

/* A model that couldn't be loaded, and until when it isn't tried again; no id: there is none. */
struct model_refused {
	char id[MODEL_ID_BYTES];
	int64_t until_ms;
};

/* Note that ID can't be loaded for ERR: a damaged one not until it is asked for again, any other (descriptors
 * or memory have run out, say) soon.  Return whether that is new. */
bool model_refuse(struct model_refused *r, const char *id, const struct err *err);

/* Return whether ID isn't to be tried now. */
bool model_is_refused(const struct model_refused *r, const char *id);

#endif
