#include "config.h"

#include "known_model.h"

/* The input is a comment, as fuzz_comment() cuts it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct comment comment = fuzz_comment(fuzz_slice(data, size));

	fuzz_judge(fuzz_model(), &comment, FIELDS_ALL);
	fuzz_judge(fuzz_model(), &comment, FIELDS_CONTENT);
	return 0;
}
