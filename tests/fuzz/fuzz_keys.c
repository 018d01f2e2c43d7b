#include "config.h"

#include "fuzz.h"

#include "base/crypto.h"
#include "store/keys.h"

/* The input is the file of the chain's keys. */

static void
check_list(const struct key *list, size_t n)
{
	CHECK(n >= 1 && n <= KEYS_MAX && list[0].from == 1);
	for (size_t i = 1; i < n; i++)
		CHECK(list[i].from > list[i - 1].from);
}

/* Each key is in force from its row to the one before the next's. */
static void
check_force(const struct keys *k)
{
	for (size_t i = 0; i < k->nchain; i++) {
		CHECK(keys_chain(k, k->chain[i].from) == &k->chain[i].secret);
		if (i > 0)
			CHECK(keys_chain(k, k->chain[i].from - 1) == &k->chain[i - 1].secret);
	}
	CHECK(keys_sign(k, INT64_MAX) == &k->sign[k->nsign - 1].secret);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FUZZ_PATH_BYTES];
	struct keys k = { 0 };
	struct err err;

	fuzz_file(fuzz_slice(data, size), path);
	k.path = strdup(path);
	CHECK(k.path != NULL && crypto_init(&err) == 0);
	if (keys_read(&k, &err) == 0) {
		check_list(k.chain, k.nchain);
		check_list(k.sign, k.nsign);
		check_force(&k);
	} else {
		CHECK(err.code == ERR_DAMAGED || err.code == ERR_LIMIT);
		CHECK(strncmp(err.text, path, strlen(path)) == 0);
	}
	keys_fini(&k);
	return 0;
}
