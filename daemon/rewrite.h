#ifndef HAMLET_DAEMON_REWRITE_H
#define HAMLET_DAEMON_REWRITE_H

#include "daemon/hamletd.h"

/*
 * Rewriting the database after retention has erased something.  What is erased is overwritten where it stood,
 * but of rows that were moved between pages earlier, copies stay in unused parts of the file; a new one has
 * none.  Nobody can write meanwhile, so it is done at most once a day, only while no comments come, and only
 * as long as the file isn't large.
 */
#define REWRITE_BYTES_MAX (INT64_C(256) << 20) /* some 3 s */
#define REWRITE_EVERY_MS (INT64_C(24) * 3600 * 1000)
#define REWRITE_QUIET_MS 30000 /* without a verdict */
#define REWRITE_SOON_MS 1000

struct rewrite {
	bool soon;
	int64_t next_ms; /* of the monotonic clock: not before then */
	int64_t quiet_ms; /* since when there were no verdicts */
	unsigned long long verdicts; /* so far */
};

/* Have it done soon, however lately it was done: in the next second without a verdict. */
void rewrite_soon(struct rewrite *r);

/* Rewrite the database with E's handle, the keeper's own, if there is a reason and it is time. */
int rewrite_round(struct rewrite *r, struct hamletd *d, struct engine *e, struct err *err);

#endif
