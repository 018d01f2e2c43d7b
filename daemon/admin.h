#ifndef HAMLET_DAEMON_ADMIN_H
#define HAMLET_DAEMON_ADMIN_H

#include "daemon/call.h"

/* What is answered on the admin socket only. */
void admin_metrics(struct call *call); /* GET /metrics: Prometheus text */
void admin_reload(
    struct call *call); /* POST /v1/admin/reload: settings, sites, model; answers when that is done */
void admin_status(struct call *call); /* GET /v1/admin/status */
void admin_rules(struct call *call); /* GET /v1/admin/rules: the rules in force, and their hits */

#endif
