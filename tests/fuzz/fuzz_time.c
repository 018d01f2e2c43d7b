#include "config.h"

#include "fuzz.h"

#include "base/timetext.h"
#include "daemon/period.h"

/* The input is a time or an age, as people write them, or a month, as clients ask for one; its first eight
 * bytes are also taken for a time. */
#define NOW_MS 1795377780123
#define YEAR_0_MS (-62167219200000)
#define LONGEST_AGE_MS 604800000000000 /* 1,000,000 weeks */
#define YEAR_10000_MS 253402300800000

/* What was read, written down, must be read the same. */
static void
check_again(int64_t ms)
{
	char text[TIME_TEXT_BYTES];
	struct err err;
	int64_t again;

	time_format(text, ms);
	CHECK(strlen(text) < sizeof(text));
	if (ms < YEAR_0_MS || ms >= YEAR_10000_MS)
		return;
	CHECK(time_parse(&again, text, NOW_MS, &err) == 0);
	CHECK(again == ms);
}

static void
check_month(struct slice text)
{
	char *copy = fuzz_copy(text), name[TIME_TEXT_BYTES];
	int64_t since, until;

	if (period_month((struct slice){ copy, text.n }, &since, &until) == 0) {
		CHECK(until - since >= 28 * (int64_t)86400000 && until - since <= 31 * (int64_t)86400000);
		period_name(PERIOD_MONTH, since, name);
		CHECK(slice_is(text, name));
	}
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(fuzz_slice(data, size));
	struct err err;
	int64_t ms;

	if (time_parse(&ms, text, NOW_MS, &err) == 0) {
		/* a time zone reaches a little past the years that four digits can write */
		CHECK(ms >= YEAR_0_MS - LONGEST_AGE_MS && ms <= YEAR_10000_MS + 86400000);
		check_again(ms);
	} else {
		CHECK(err.code == ERR_INPUT && *err.text != '\0');
	}
	free(text);
	check_month(fuzz_slice(data, size));
	if (size >= sizeof(ms)) {
		memcpy(&ms, data, sizeof(ms));
		check_again(ms);
	}
	return 0;
}
