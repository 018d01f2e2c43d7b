#include "config.h"

#include "read_corpus.h"

/* The input is plain text, a comment a line. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_corpus(CORPUS_TEXT, data, size);
	return 0;
}
