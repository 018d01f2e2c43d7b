#ifndef HAMLET_CLASSIFIER_LONE_H
#define HAMLET_CLASSIFIER_LONE_H

#include "classifier/rows.h"

/*
 * Sources of one class: a blog of which only ham was kept, a list of nothing but spam.  Within such a source
 * nothing is to be told apart, and between it and others what tells spam from ham is mostly where it comes
 * from: it teaches the counts, but hardly the weights, the constant and the thresholds.
 *
 * A source is lone when less than one in LONE_MIXED of its rows is of the other class; rows whose source
 * isn't known are one source.  Where lone ham is, compared with the ham of the other sources, more than lone
 * spam compared with their spam, each lone ham row counts so much less in the fit that both are alike; and
 * the other way round.  With fewer than LONE_LEAST rows of each class in sources of both, every row counts 1.
 */
#define LONE_MIXED 50
#define LONE_LEAST 20

struct lone {
	uint64_t *source; /* the lone ones, in rising order */
	size_t n;
	size_t spam, ham; /* their rows */
	double spam_weight, ham_weight; /* how much a row of theirs counts, 0 to 1 */
};

/* Find the lone sources among N rows, which are in the order of their sources; -1 when memory ran out. */
int lone_find(struct lone *l, const struct row *const *by_source, size_t n);
void lone_fini(struct lone *l);

/* Return how much ROW counts in the fit. */
double lone_weight(const struct lone *l, const struct row *row);

#endif
