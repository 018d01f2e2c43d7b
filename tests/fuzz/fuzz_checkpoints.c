#include "config.h"

#include "fuzz.h"

#include "base/crypto.h"
#include "engine/audit.h"

/* The input is a file of exported checkpoints.  What is read is signed, in order, and can be written again.
 */

static void
check_again(const struct checkpoint *list, size_t n)
{
	struct checkpoint *again;
	char path[FUZZ_PATH_BYTES];
	struct err err;
	struct buf b;
	size_t m;

	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < n; i++) {
		checkpoint_json(&list[i], &b);
		buf_add_char(&b, '\n');
	}
	CHECK(buf_ok(&b));
	fuzz_file(buf_slice(&b), path);
	CHECK(checkpoints_read(&again, &m, path, &err) == 0 && m == n);
	for (size_t i = 0; i < n; i++)
		CHECK(again[i].seq == list[i].seq && again[i].time_ms == list[i].time_ms);
	free(again);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FUZZ_PATH_BYTES];
	struct checkpoint *list;
	struct err err;
	size_t n;

	fuzz_file(fuzz_slice(data, size), path);
	CHECK(crypto_init(&err) == 0);
	if (checkpoints_read(&list, &n, path, &err) == 0) {
		for (size_t i = 1; i < n; i++)
			CHECK(list[i].seq >= list[i - 1].seq);
		check_again(list, n);
		free(list);
	} else {
		CHECK(err.code == ERR_INPUT && strncmp(err.text, path, strlen(path)) == 0);
	}
	return 0;
}
