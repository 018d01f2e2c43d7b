#ifndef HAMLET_DAEMON_DRIFT_WATCH_H
#define HAMLET_DAEMON_DRIFT_WATCH_H

#include "daemon/hamletd.h"

/*
 * The keeper's look at drift: it has the daily figures added up, tells the log of each figure that leaves its
 * usual range once, and of sites whose corrections look poisoned, and hands the metrics their lines.  One
 * thread.
 */
struct drift_watch {
	int64_t looked_ms; /* by http_clock_ms() */
	bool more; /* records wait to be added up */
	int64_t *told; /* keys of what the log has been told */
	size_t ntold;
};

void drift_watch_fini(struct drift_watch *w);

/* Look now if it is time, or at any rate with NOW; ERR_* when the record could not be read or written. */
int drift_watch_round(struct drift_watch *w, struct hamletd *d, struct engine *e, bool now, struct err *err);

#endif
