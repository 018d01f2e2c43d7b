#ifndef HAMLET_CLASSIFIER_COUNT_TOKENS_H
#define HAMLET_CLASSIFIER_COUNT_TOKENS_H

#include <stdbool.h>

#include "classifier/counts.h"
#include "classifier/token.h"

/* Add SIGN to the count of each token of T in its class, and keep its text where names are kept; -1 when
 * memory ran out. */
int count_tokens(struct counts *counts, const struct tokens *t, bool spam, int sign);

/* The same for SITE's own counts (see classifier/own.h), which have no names. */
int count_own_tokens(struct counts *counts, const struct tokens *t, uint64_t site, bool spam, int sign);

#endif
