#include "config.h"

#include "read_corpus.h"

/* The input is an export from WordPress. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_corpus(CORPUS_WXR, data, size);
	return 0;
}
