#include "config.h"

#include <string.h>
#include <time.h>

#include "daemon/period.h"

int64_t
period_start(enum period period, int64_t now_ms, size_t back)
{
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	gmtime_r(&now, &tm);
	tm.tm_sec = tm.tm_min = tm.tm_hour = 0;
	switch (period) {
	case PERIOD_DAY:
		tm.tm_mday -= (int)back;
		break;
	case PERIOD_MONTH:
		tm.tm_mday = 1;
		tm.tm_mon -= (int)back;
		break;
	case PERIOD_YEAR:
		tm.tm_mday = 1;
		tm.tm_mon = 0;
		tm.tm_year -= (int)back;
		break;
	}
	return (int64_t)timegm(&tm) * 1000;
}

void
period_name(enum period period, int64_t since_ms, char name[TIME_TEXT_BYTES])
{
	static const size_t chars[] = { [PERIOD_DAY] = 10, [PERIOD_MONTH] = 7, [PERIOD_YEAR] = 4 };

	time_format(name, since_ms);
	name[chars[period]] = '\0';
}

/* Set *OUT to the number that the N digits at P make; -1 when they aren't digits. */
static int
digits(const char *p, size_t n, int *out)
{
	for (*out = 0; n > 0; n--, p++) {
		if (*p < '0' || *p > '9')
			return -1;
		*out = *out * 10 + (*p - '0');
	}
	return 0;
}

int
period_month(struct slice text, int64_t *since_ms, int64_t *until_ms)
{
	struct tm tm = { .tm_mday = 1 };
	int year, month;

	if (text.n != 7 || text.p[4] != '-' || digits(text.p, 4, &year) == -1 ||
	    digits(text.p + 5, 2, &month) == -1 || year < 1970 || month < 1 || month > 12)
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	*since_ms = (int64_t)timegm(&tm) * 1000;
	tm = (struct tm){ .tm_mday = 1, .tm_year = year - 1900, .tm_mon = month };
	*until_ms = (int64_t)timegm(&tm) * 1000;
	return 0;
}
