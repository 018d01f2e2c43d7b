#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/settings_impl.h"

#define HOUR_MS INT64_C(3600000)
#define HOURS_MAX (100 * 366 * 24)

/* Return how many hours UNIT has; 0 if it isn't one. */
static int64_t
hours_of(const char *unit)
{
	if (strcmp(unit, "h") == 0)
		return 1;
	if (strcmp(unit, "d") == 0)
		return 24;
	return strcmp(unit, "w") == 0 ? INT64_C(7) * 24 : 0;
}

int
span_parse(int64_t *ms, const char *key, const char *text, struct err *err)
{
	int64_t n, unit;
	char *end;

	if (strcmp(text, "forever") == 0) {
		*ms = RETAIN_FOREVER;
		return 0;
	}
	errno = 0;
	n = strtoll(text, &end, 10);
	unit = hours_of(end);
	if (*text < '0' || *text > '9' || errno != 0 || unit == 0)
		return err_set(
		    err, ERR_INPUT, "%s: \"%.40s\" is not a span of time (36h, 90d, 4w, forever)", key, text);
	if (n < 1 || n > HOURS_MAX / unit)
		return err_set(err, ERR_INPUT, "%s: %.40s is not between 1h and 100 years", key, text);
	*ms = n * unit * HOUR_MS;
	return 0;
}

void
span_put(int64_t ms, struct buf *b)
{
	int64_t hours = ms / HOUR_MS;

	if (ms == RETAIN_FOREVER)
		buf_add_str(b, "forever");
	else if (hours % 24 == 0)
		buf_addf(b, "%" PRId64 "d", hours / 24);
	else
		buf_addf(b, "%" PRId64 "h", hours);
}
