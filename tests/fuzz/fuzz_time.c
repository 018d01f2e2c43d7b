#include "config.h"

#include "fuzz.h"

#include "base/timetext.h"

/* The input is a time or an age, as people write them; its first eight bytes are also taken for a time. */
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
	if (size >= sizeof(ms)) {
		memcpy(&ms, data, sizeof(ms));
		check_again(ms);
	}
	return 0;
}
