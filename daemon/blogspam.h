#ifndef HAMLET_DAEMON_BLOGSPAM_H
#define HAMLET_DAEMON_BLOGSPAM_H

#include "daemon/call.h"

/* The calls of blogspam.net's JSON API; replies are compared byte for byte by their clients. */
void blogspam_check(struct call *call);
void blogspam_classify(struct call *call);
void blogspam_stats(struct call *call);
void blogspam_plugins(struct call *call);
void blogspam_lookup(struct call *call);

#endif
