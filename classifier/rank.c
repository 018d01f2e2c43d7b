#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "classifier/classify.h"

#define GROUPS 32

static int
by_strength(const void *a, const void *b)
{
	const struct evidence *x = a, *y = b;
	double p = fabs(x->weight), q = fabs(y->weight);

	if (p != q)
		return p < q ? 1 : -1;
	return x->token < y->token ? -1 : x->token > y->token;
}

/* Move E[I] up to its place among the entries before it, which are in order. */
static void
move_up(struct evidence *e, size_t i)
{
	struct evidence moved = e[i];

	for (; i > 0 && by_strength(&moved, &e[i - 1]) < 0; i--)
		e[i] = e[i - 1];
	e[i] = moved;
}

/*
 * Return a weight that at least TOP entries of J have: what the TOPth of the greatest weights of GROUPS parts
 * is.  Few more than TOP reach it, whatever their order.
 */
static double
bound(const struct judgement *j, size_t top)
{
	double greatest[GROUPS] = { 0 };

	if (top == 0 || top > GROUPS || j->nevidence < GROUPS)
		return 0;
	for (size_t i = 0; i < j->nevidence; i++) {
		double weight = fabs(j->evidence[i].weight), *most = &greatest[i % GROUPS];

		*most = weight > *most ? weight : *most;
	}
	for (size_t i = 1; i < GROUPS; i++) {
		double moved = greatest[i];
		size_t k = i;

		for (; k > 0 && greatest[k - 1] < moved; k--)
			greatest[k] = greatest[k - 1];
		greatest[k] = moved;
	}
	return greatest[top - 1];
}

/* Bring all entries of J that can be among the TOP first to its front; return how many there are. */
static size_t
gather(struct judgement *j, size_t top)
{
	struct evidence *e = j->evidence, other;
	double least = bound(j, top);
	size_t n = 0;

	for (size_t i = 0; i < j->nevidence; i++) {
		if (fabs(e[i].weight) < least)
			continue;
		other = e[n];
		e[n++] = e[i];
		e[i] = other;
	}
	return n;
}

/* Put what of the outside evidence stands after the TOP first entries right behind them, in order; return how
 * many there are then. */
static size_t
take_outside(struct judgement *j, size_t top)
{
	struct evidence *e = j->evidence, other;
	size_t n = top;

	for (size_t i = top; i < j->nevidence; i++) {
		if (e[i].token < j->ntokens)
			continue;
		other = e[n];
		e[n++] = e[i];
		e[i] = other;
	}
	qsort(e + top, n - top, sizeof(*e), by_strength);
	return n;
}

size_t
judgement_rank(struct judgement *j, size_t top)
{
	struct evidence *e = j->evidence, other;
	size_t n;

	if (j->nevidence == 0)
		return 0;
	if (top >= j->nevidence) {
		qsort(e, j->nevidence, sizeof(*e), by_strength);
		return j->nevidence;
	}
	n = gather(j, top);
	for (size_t i = 0; i < top; i++)
		move_up(e, i);
	for (size_t i = top; i < n && top > 0; i++) {
		if (by_strength(&e[i], &e[top - 1]) >= 0)
			continue;
		other = e[top - 1];
		e[top - 1] = e[i];
		e[i] = other;
		move_up(e, top - 1);
	}
	return j->noutside == 0 ? top : take_outside(j, top);
}
