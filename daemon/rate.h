#ifndef HAMLET_DAEMON_RATE_H
#define HAMLET_DAEMON_RATE_H

#include <stdint.h>

#include "base/err.h"

/* How much each site has asked for lately: one bucket a site, filled at its rate, with room for one minute's
 * worth.  Any thread. */
struct rate;

int rate_new(struct rate **out, struct err *err);
void rate_free(struct rate *r); /* NULL is allowed */

/*
 * Take N from the bucket of SITE, which allows PER_MINUTE (over 0), at NOW_MS.  Return 0 when it had them,
 * else after how many seconds to ask again, and take nothing.  More than the bucket holds is given when it is
 * full.
 */
int rate_take(struct rate *r, int64_t site, int64_t per_minute, int64_t n, int64_t now_ms);

#endif
