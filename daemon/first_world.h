#ifndef HAMLET_DAEMON_FIRST_WORLD_H
#define HAMLET_DAEMON_FIRST_WORLD_H

#include "daemon/hamletd.h"

/* Put the first world together from the state directory: CONFIG (taken over), the sites, the current model.
 */
int first_world(struct hamletd *d, struct config *config, struct err *err);

#endif
