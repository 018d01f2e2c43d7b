#include "config.h"

#include "check_normal.h"

/* The input is a text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_normal(fuzz_slice(data, size));
	return 0;
}
