#ifndef HAMLET_CLASSIFIER_SELECTION_H
#define HAMLET_CLASSIFIER_SELECTION_H

#include "classifier/rows.h"
#include "classifier/train.h"

/* How many of the chosen examples have a token. */
struct tally {
	uint32_t spam, ham;
};

/* The rows chosen, in the order of ROWS, which stay as they are as long as it. */
struct selection {
	const struct rows *rows;
	const struct row **v;
	size_t n, spam; /* how many there are, and how many of them are spam */
	size_t own_spam, own_ham; /* chosen examples of single sites */
	struct tally *tally; /* by token's number */
	size_t tokens; /* numbers */
};

/* Choose from ROWS, whose tokens have numbers less than TOKENS, and count; -1 when memory ran out. */
int selection_init(struct selection *s, const struct rows *rows, const struct choice *c, size_t tokens);

/* Return how many tokens the chosen examples have. */
uint64_t selection_tokens(const struct selection *s);

void selection_fini(struct selection *s);

#endif
