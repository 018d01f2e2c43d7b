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

#endif
