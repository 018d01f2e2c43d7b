#include "config.h"

#include "fuzz.h"

#include <math.h>

#include "base/crypto.h"
#include "base/tree.h"
#include "engine/flood.h"

/*
 * The input is the file that the flood guard remembers by.  Its last bytes are made its digest, unless the
 * input ends in an odd byte, so that what is behind the checksum is reached too.
 */
#define NOW_MS INT64_C(1800000000000)
#define WINDOW_MS INT64_C(3600000)

static void
ask(struct flood *f, struct slice input)
{
	struct flood_keys k = { .site = 1, .nhosts = 1, .host_name = { "spam.example" } };
	struct flood_found found;
	double sum = 0;

	for (size_t at = 0; at + 8 <= input.n && at < 800; at += 8) {
		memcpy(&k.text, input.p + at, 8);
		k.address = k.host[0] = k.text;
		flood_find(f, &k, NOW_MS, &found);
		CHECK(found.n <= FLOOD_FOUND_MAX);
		sum = 0;
		for (size_t i = 0; i < found.n; i++) {
			CHECK(isfinite(found.v[i].weight) && found.v[i].weight > 0);
			CHECK(strnlen(found.name[i], sizeof(found.name[i])) < sizeof(found.name[i]));
			sum += found.v[i].weight;
		}
		CHECK(sum <= FLOOD_WEIGHT_MAX);
		flood_note(f, &k, at % 16 != 0, NOW_MS);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(fuzz_slice(data, size)), path[FUZZ_PATH_BYTES];
	struct digest digest;
	struct flood *f;
	struct err err;

	CHECK(crypto_init(&err) == 0 && flood_new(&f, 64, WINDOW_MS, &err) == 0);
	if (size >= sizeof(digest) && copy[size - 1] % 2 == 0) {
		CHECK(tree_digest(&digest, copy, size - sizeof(digest), &err) == 0);
		memcpy(copy + size - sizeof(digest), &digest, sizeof(digest));
	}
	fuzz_file((struct slice){ copy, size }, path);
	if (flood_load(f, path, NOW_MS, &err) == -1) {
		CHECK(err.code == ERR_DAMAGED || err.code == ERR_REFUSED);
		CHECK(strncmp(err.text, path, strlen(path)) == 0);
	}
	ask(f, (struct slice){ copy, size });
	flood_free(f);
	free(copy);
	return 0;
}
