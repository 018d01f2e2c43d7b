#ifndef HAMLET_DAEMON_PERIOD_H
#define HAMLET_DAEMON_PERIOD_H

#include <stdint.h>

#include "base/slice.h"
#include "base/timetext.h"

/* Days, months and years of the calendar, in UTC, by which Akismet's calls count. */
enum period { PERIOD_DAY, PERIOD_MONTH, PERIOD_YEAR };

#define PERIOD_DAY_MS INT64_C(86400000)

/* Return the start of the period BACK periods before the one that NOW_MS is in. */
int64_t period_start(enum period period, int64_t now_ms, size_t back);

/* Write the period that begins at SINCE_MS to NAME: 2026-11-22, 2026-11 or 2026. */
void period_name(enum period period, int64_t since_ms, char name[TIME_TEXT_BYTES]);

/* Set *SINCE_MS and *UNTIL_MS to where the month TEXT ("2026-11") begins and ends; -1 when it is none. */
int period_month(struct slice text, int64_t *since_ms, int64_t *until_ms);

#endif
