#ifndef HAMLET_DAEMON_HEALTH_H
#define HAMLET_DAEMON_HEALTH_H

#include "daemon/call.h"

void health_alive(struct call *call); /* GET /healthz: the process answers */
void health_ready(struct call *call); /* GET /readyz: a model is loaded and the record can be written */

/* Return what *ERR or a code of a failed write means for the operator, in a few words. */
const char *health_reason(enum err_code code);

#endif
