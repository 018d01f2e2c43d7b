#ifndef HAMLET_ENGINE_TEACH_H
#define HAMLET_ENGINE_TEACH_H

#include "classifier/train.h"
#include "corpus/corpus.h"

/* Make a trainer that holds the labelled rows of C, in their order; C is borrowed until return. */
int teach_corpus(
    struct trainer **out, const struct corpus *c, const struct train_options *options, struct err *err);

/* Return the folds of such a trainer's examples, which the caller frees, or NULL with ERR_NOMEM.  FOLDS has
 * one for each row of C (NULL: all 0); what isn't tested (engine/evaluate.h) isn't learnt from either. */
unsigned char *teach_folds(const struct corpus *c, const unsigned char *folds, struct err *err);

/* Return which rows of C they are, likewise. */
size_t *teach_rows(const struct corpus *c, struct err *err);

#endif
