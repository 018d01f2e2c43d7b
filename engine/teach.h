#ifndef HAMLET_ENGINE_TEACH_H
#define HAMLET_ENGINE_TEACH_H

#include "classifier/train.h"
#include "corpus/corpus.h"

/* Make a trainer that holds the labelled rows of C, in their order; C is borrowed until return. */
int teach_corpus(
    struct trainer **out, const struct corpus *c, const struct train_options *options, struct err *err);

#endif
