#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/timetext.h"

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
time_now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t
time_steady_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

void
time_format(char out[TIME_TEXT_BYTES], int64_t ms)
{
	int64_t rest = ((ms % 1000) + 1000) % 1000;
	time_t t = (time_t)(ms / 1000 - (ms % 1000 < 0));
	struct tm tm;
	size_t n;

	if (gmtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	n = strftime(out, TIME_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, TIME_TEXT_BYTES - n, ".%03dZ", (int)rest);
}

/* Set *MS from an age such as "7d"; 0 when TEXT isn't one. */
static int
parse_age(int64_t *ms, const char *text, int64_t now_ms)
{
	static const char units[] = "smhdw";
	static const int64_t seconds[] = { 1, 60, 3600, 86400, 604800 };
	const char *unit;
	char *end;
	long n;

	n = strtol(text, &end, 10);
	if (end == text || n < 0 || n > 1000000 || *end == '\0' || end[1] != '\0')
		return 0;
	unit = strchr(units, *end);
	if (unit == NULL)
		return 0;
	*ms = now_ms - n * seconds[unit - units] * 1000;
	return 1;
}

/* Read the fraction of a second that *P begins with, if any, and go past it; return its milliseconds, or -1.
 */
static long
parse_fraction(const char **p)
{
	long milli = 0, unit = 100;

	if (**p != '.')
		return 0;
	if ((*p)[1] < '0' || (*p)[1] > '9')
		return -1;
	for (++*p; **p >= '0' && **p <= '9'; ++*p, unit /= 10)
		milli += (**p - '0') * unit;
	return milli;
}

/* Set *SECONDS from "Z", "+01:00", "-0530" or nothing; 0 when TEXT isn't one. */
static int
parse_offset(long *seconds, const char *text)
{
	int h, m, used = 0;
	char sign;

	*seconds = 0;
	if (*text == '\0' || strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
		return 1;
	if ((sscanf(text, "%c%2d:%2d%n", &sign, &h, &m, &used) < 3 &&
		sscanf(text, "%c%2d%2d%n", &sign, &h, &m, &used) < 3) ||
	    text[used] != '\0' || (sign != '+' && sign != '-') || h > 14 || m > 59)
		return 0;
	*seconds = (h * 3600L + m * 60L) * (sign == '-' ? -1 : 1);
	return 1;
}

int
time_parse(int64_t *ms, const char *text, int64_t now_ms, struct err *err)
{
	struct tm tm = { 0 };
	long offset, milli = 0;
	const char *rest;

	if (parse_age(ms, text, now_ms))
		return 0;
	rest = strptime(text, "%Y-%m-%d", &tm);
	if (rest != NULL && (*rest == 'T' || *rest == 't' || *rest == ' '))
		rest = strptime(rest + 1, "%H:%M:%S", &tm);
	if (rest != NULL)
		milli = parse_fraction(&rest);
	if (rest == NULL || milli == -1 || !parse_offset(&offset, rest))
		return err_set(err, ERR_INPUT,
		    "'%.40s' is neither a time (2026-11-22T20:03:00Z) nor an age (30m, 24h, 7d)", text);
	*ms = ((int64_t)timegm(&tm) - offset) * 1000 + milli;
	return 0;
}
