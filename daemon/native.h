#ifndef HAMLET_DAEMON_NATIVE_H
#define HAMLET_DAEMON_NATIVE_H

#include "daemon/call.h"

/* The native JSON calls of interface.md, section 3. */
void native_check(struct call *call); /* POST /v1/check */
void native_feedback(struct call *call); /* POST /v1/feedback */
void native_verdict(struct call *call); /* GET /v1/verdicts/ID */

#endif
