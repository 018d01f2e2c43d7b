#include "config.h"

#include "read_corpus.h"

/* The input is labelled comments, an object a line. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_corpus(CORPUS_JSONL, data, size);
	return 0;
}
