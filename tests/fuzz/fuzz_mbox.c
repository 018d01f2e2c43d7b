#include "config.h"

#include "read_corpus.h"

/* The input is a mailbox. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_corpus(CORPUS_MBOX, data, size);
	return 0;
}
