#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "engine/ranking.h"

#define LONGER_IS_BETTER 1e-9 /* a byte, as a share of the score */

struct ranked {
	double score;
	uint64_t turn; /* when it was offered */
	size_t place; /* of its item */
};

int
ranking_init(struct ranking *r, size_t max, size_t item_bytes, struct err *err)
{
	*r = (struct ranking){ .item_bytes = item_bytes, .max = max };
	r->heap = reallocarray(NULL, max, sizeof(*r->heap));
	r->items = reallocarray(NULL, max, item_bytes);
	return r->heap != NULL && r->items != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

void
ranking_fini(struct ranking *r)
{
	free(r->heap);
	free(r->items);
	*r = (struct ranking){ .n = 0 };
}

/* Compare so that the better one comes first. */
static int
by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->score < y->score || x->score > y->score)
		return x->score < y->score ? 1 : -1;
	return x->turn < y->turn ? -1 : x->turn > y->turn;
}

static void
swap(struct ranked *a, struct ranked *b)
{
	struct ranked other = *a;

	*a = *b;
	*b = other;
}

static void
sift_up(struct ranked *heap, size_t i)
{
	for (; i > 0 && by_rank(&heap[i], &heap[(i - 1) / 2]) > 0; i = (i - 1) / 2)
		swap(&heap[i], &heap[(i - 1) / 2]);
}

static void
sift_down(struct ranked *heap, size_t n)
{
	size_t i = 0, worst;

	for (;;) {
		worst = i;
		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < n; k++) {
			if (by_rank(&heap[k], &heap[worst]) > 0)
				worst = k;
		}
		if (worst == i)
			return;
		swap(&heap[i], &heap[worst]);
		i = worst;
	}
}

double
ranking_prefer_long(double score, struct slice name)
{
	size_t n = name.n;

	for (size_t i = 0; i + 2 < name.n; i++) {
		if (name.p[i] == ':' && name.p[i + 1] == ' ')
			n = name.n - i - 2;
	}
	return score * (1 + LONGER_IS_BETTER * (double)n);
}

void *
ranking_offer(struct ranking *r, double score)
{
	struct ranked one = { score, r->offered++, r->n };

	if (isnan(score))
		return NULL;
	if (r->n < r->max) {
		r->heap[r->n++] = one;
		sift_up(r->heap, r->n - 1);
		return r->items + one.place * r->item_bytes;
	}
	if (by_rank(&one, &r->heap[0]) > 0)
		return NULL;
	one.place = r->heap[0].place;
	r->heap[0] = one;
	sift_down(r->heap, r->n);
	return r->items + one.place * r->item_bytes;
}

void
ranking_sort(struct ranking *r)
{
	if (r->n > 0)
		qsort(r->heap, r->n, sizeof(*r->heap), by_rank);
}

const void *
ranking_item(const struct ranking *r, size_t i)
{
	return r->items + r->heap[i].place * r->item_bytes;
}
