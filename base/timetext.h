#ifndef HAMLET_BASE_TIMETEXT_H
#define HAMLET_BASE_TIMETEXT_H

#include <stdint.h>

#include "base/err.h"

#define TIME_TEXT_BYTES 32

/* Return the milliseconds since 1970 now. */
int64_t time_now_ms(void);

/* Return milliseconds of a clock that nobody can put back. */
int64_t time_steady_ms(void);

/* Write MS as RFC 3339 in UTC, such as 2026-11-22T20:03:00.123Z. */
void time_format(char out[TIME_TEXT_BYTES], int64_t ms);

/*
 * Set *MS from TEXT: RFC 3339 ("2026-11-22T20:03:00Z", "2026-11-22 20:03:00+01:00", "2026-11-22"; without
 * an offset: UTC) or an age before NOW_MS ("90s", "30m", "24h", "7d", "4w").
 */
int time_parse(int64_t *ms, const char *text, int64_t now_ms, struct err *err);

#endif
