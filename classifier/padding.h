#ifndef HAMLET_CLASSIFIER_PADDING_H
#define HAMLET_CLASSIFIER_PADDING_H

#include "base/buf.h"
#include "classifier/left_out.h"

/*
 * What a spammer puts around his text so that it passes.  Words by turns: mostly those of other people's ham
 * as they stand, now and then the ones that speak most for ham, as one takes who knows the filter.
 */
#define PADDING_WORDS 40 /* such words */
#define PADDING_HAM_MAX 2000 /* ham rows that they are looked for in */

struct padding {
	const struct selection *rows; /* borrowed */
	size_t *ham, nham; /* which rows are ham that has words, in rising order */
	struct buf words; /* a space before each */
	size_t at[PADDING_WORDS + 1], n; /* where each begins, and where the last one ends */
};

/* Find in the rows of L, which must be in their own order, the words that speak most for ham; -1 when memory
 * ran out. */
int padding_init(struct padding *p, struct tokenizer *tk, const struct left_out *l);
void padding_fini(struct padding *p);

/* Append the padding of row I to TEXT, which depends on the rows alone; false when there is no ham to take it
 * from. */
bool padding_add(const struct padding *p, size_t i, struct buf *text);

#endif
