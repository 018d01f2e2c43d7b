#include "config.h"

#include "check_normal.h"

/* The input is a text, which is repeated until it is longer than what is looked at. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	while (b.n <= NORMAL_INPUT_MAX && size > 0)
		buf_add(&b, data, size);
	CHECK(buf_ok(&b));
	check_normal(buf_slice(&b));
	buf_fini(&b);
	return 0;
}
