#include "config.h"

#include "fuzz.h"

#include "daemon/accept.h"

/* The input is an Accept or Accept-Language header, or a language tag. */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "en", "de", "fr" };
	char *copy = fuzz_copy(fuzz_slice(data, size));
	struct slice s = { copy, size };
	double html = accept_type(s, "text/html");
	int found = accept_language(s, names, 3);

	CHECK(html >= 0 && html <= 1);
	CHECK(found >= -1 && found < 3);
	CHECK(!(language_is(s, "en") && language_is(s, "de")));
	free(copy);
	return 0;
}
