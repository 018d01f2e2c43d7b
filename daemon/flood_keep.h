#ifndef HAMLET_DAEMON_FLOOD_KEEP_H
#define HAMLET_DAEMON_FLOOD_KEEP_H

#include "daemon/hamletd.h"

/* Keeping what the flood guard remembers in its file, no longer than it is remembered; the keeper's. */
struct flood_keep {
	int64_t saved_ms; /* when it was last saved; 0: it wasn't */
	unsigned long long noted; /* flood_noted() then */
	int64_t looked_ms; /* when it was last looked whether there is anything to save */
};

/*
 * Forget everything if somebody was erased since the last time; save what is new, NOW or once a minute, and
 * what is old once a window, so that the file forgets too.
 */
int flood_keep_round(struct flood_keep *k, struct hamletd *d, bool now, struct err *err);

#endif
