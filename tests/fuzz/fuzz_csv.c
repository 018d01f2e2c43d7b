#include "config.h"

#include "read_corpus.h"

/* The input is a table of comments. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_corpus(CORPUS_CSV, data, size);
	return 0;
}
