#ifndef HAMLET_ENGINE_SHIPPED_H
#define HAMLET_ENGINE_SHIPPED_H

#include "base/err.h"
#include "corpus/corpus.h"

/*
 * Append the rows of the corpus that comes with Hamlet to C: the files *.jsonl, by name, of the folder
 * $HAMLET_CORPUS, or else of the one it was installed in.  ERR_NOT_FOUND when there is none.
 */
int shipped_corpus_read(struct corpus *c, struct err *err);

#endif
