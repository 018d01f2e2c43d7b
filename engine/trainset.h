#ifndef HAMLET_ENGINE_TRAINSET_H
#define HAMLET_ENGINE_TRAINSET_H

#include <stdint.h>

#include "base/err.h"
#include "corpus/corpus.h"
#include "store/store.h"

/*
 * Read the examples in force into C (empty, from corpus_init()) and set *POSITION to the last event seen. The
 * log is read in one go, so what C holds and *POSITION belong together whatever others record meanwhile.
 */
int trainset_read(struct store *st, struct corpus *c, uint64_t *position, struct err *err);

#endif
