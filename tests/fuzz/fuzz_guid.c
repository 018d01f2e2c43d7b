#include "config.h"

#include "fuzz.h"

#include "base/guid.h"

/* The input is an id, in either form, as a client sends it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(fuzz_slice(data, size));
	char ulid[ULID_CHARS + 1], again[ULID_CHARS + 1], guid[GUID_CHARS + 1];

	if (guid_to_ulid(ulid, (struct slice){ copy, size }) == 0) {
		CHECK(ulid_valid(ulid, ULID_CHARS) && ulid[ULID_CHARS] == '\0');
		guid_from_ulid(guid, ulid);
		CHECK(strlen(guid) == GUID_CHARS && strspn(guid, "0123456789abcdef") == GUID_CHARS);
		CHECK(guid_to_ulid(again, slice_of(guid)) == 0 && strcmp(again, ulid) == 0);
	} else {
		CHECK(!ulid_valid(copy, size));
	}
	free(copy);
	return 0;
}
