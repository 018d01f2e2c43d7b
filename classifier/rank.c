#include "config.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/classify.h"

#define GROUPS 32
#define FEW (2 * GROUPS) /* pieces, which are put in order at once */

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
 * Return a number that grows with |E->weight|: its exponent and the first 20 bits behind the point, as IEEE
 * 754 has them.  Such numbers are compared four at a time, without a branch on each, which couldn't be
 * foretold.
 */
static inline int32_t
key_of(const struct evidence *e)
{
	uint64_t bits;

	memcpy(&bits, &e->weight, sizeof(bits));
	return (int32_t)(bits >> 32 & INT32_MAX);
}

/* Return how many of the GROUPS numbers at KEY are greater than LEAST. */
static inline int
count_greater(const int32_t *key, int32_t least)
{
	int n = 0;

	for (size_t i = 0; i < GROUPS; i++)
		n += key[i] > least;
	return n;
}

/*
 * Return a key that at least TOP entries of J reach: what the TOPth of the greatest keys of GROUPS parts is.
 * Few more than TOP do, whatever their order.
 */
static int32_t
bound(const struct judgement *j, size_t top)
{
	int32_t greatest[GROUPS] = { 0 }, least = INT32_MAX;

	if (top == 0 || top > GROUPS || j->nevidence < GROUPS)
		return 0;
	for (size_t i = 0; i < j->nevidence; i++) {
		int32_t key = key_of(&j->evidence[i]), *most = &greatest[i % GROUPS];

		*most = key > *most ? key : *most;
	}
	for (size_t i = 0; i < GROUPS; i++) {
		if (greatest[i] < least && count_greater(greatest, greatest[i]) < (int)top)
			least = greatest[i];
	}
	return least;
}

/* Bring all entries of J that can be among the TOP first to its front; return how many there are: with more
 * than FEW, as there can be where many are the same, all of them. */
static size_t
gather(struct judgement *j, size_t top)
{
	struct evidence *e = j->evidence, other;
	const int32_t least = bound(j, top);
	size_t at[FEW + 1], n = 0;

	for (size_t i = 0; i < j->nevidence; i++) {
		at[n] = i;
		n += key_of(&e[i]) >= least;
		if (n > FEW)
			return j->nevidence;
	}
	for (size_t i = 0; i < n; i++) {
		other = e[i];
		e[i] = e[at[i]];
		e[at[i]] = other;
	}
	return n;
}

/* Bring the N entries at E, at most FEW, in the order of their keys. */
static void
order_few(struct evidence *e, size_t n)
{
	struct evidence sorted[FEW];
	int32_t key[FEW];

	for (size_t i = 0; i < FEW; i++)
		key[i] = i < n ? key_of(&e[i]) : -1;
	for (size_t i = 0; i < n; i++) {
		int at = count_greater(key, key[i]) + count_greater(key + GROUPS, key[i]);

		for (size_t k = 0; k < i; k++)
			at += key[k] == key[i];
		sorted[at] = e[i];
	}
	memcpy(e, sorted, n * sizeof(*e));
}

/* Bring the TOP strongest of the N entries at E to its front, in order. */
static void
order_top(struct evidence *e, size_t n, size_t top)
{
	struct evidence other;

	if (n <= FEW)
		order_few(e, n); /* so that next to nothing is left to do */
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
	struct evidence *e = j->evidence;

	if (j->nevidence == 0)
		return 0;
	if (top >= j->nevidence) {
		qsort(e, j->nevidence, sizeof(*e), by_strength);
		return j->nevidence;
	}
	order_top(e, gather(j, top), top);
	return j->noutside == 0 ? top : take_outside(j, top);
}
