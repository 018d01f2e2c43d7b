#include "config.h"

#include "fuzz.h"

#include "base/json.h"
#include "classifier/evidence.h"

/* The input is evidence as it is recorded.  Each piece lies within it, and a list of all is JSON. */

static size_t
take_all(struct slice packed)
{
	struct slice whole = packed;
	struct evidence_piece piece;
	size_t n = 0;
	int rc;

	while ((rc = evidence_take(&packed, &piece)) == 1) {
		CHECK(fuzz_within(piece.name, whole.p, whole.n) && fuzz_within(packed, whole.p, whole.n));
		CHECK(piece.field != NULL && strlen(piece.field) <= whole.n + 16);
		n++;
	}
	CHECK(rc == -1 || packed.n == 0);
	return rc == -1 ? SIZE_MAX : n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(fuzz_slice(data, size));
	struct slice packed = { copy, size };
	size_t n = take_all(packed);
	struct json *j = NULL;
	struct err err;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	if (evidence_json(packed, &b, &err) == 0) {
		CHECK(json_parse(&j, b.p, b.n, &err) == 0 && json_length(j) == n);
		json_free(j);
	} else {
		CHECK(n == SIZE_MAX && err.code == ERR_DAMAGED);
	}
	buf_fini(&b);
	free(copy);
	return 0;
}
