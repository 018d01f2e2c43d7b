#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "classifier/weigh.h"
#include "classifier/window.h"

/* In units; a window moves on by half its size. */
static const size_t sizes[WINDOW_SIZES] = { 4, 8 };

struct tally {
	double sum;
	uint32_t known;
};

void
window_scratch_fini(struct window_scratch *s)
{
	free(s->own);
	free(s->pairs);
	*s = (struct window_scratch){ 0 };
}

static int
reserve(struct window_scratch *s, size_t n)
{
	struct tally *own, *pairs;

	if (n <= s->cap)
		return 0;
	own = realloc(s->own, n * sizeof(*own));
	if (own != NULL)
		s->own = own;
	pairs = realloc(s->pairs, n * sizeof(*pairs));
	if (pairs != NULL)
		s->pairs = pairs;
	if (own == NULL || pairs == NULL)
		return -1;
	s->cap = n;
	return 0;
}

/* Add RATIO unless it is NaN: without a branch, which would go either way as often as tokens are unknown. */
static inline void
add(struct tally *t, double ratio)
{
	bool known = ratio == ratio;

	t->sum += known ? ratio : 0;
	t->known += known;
}

static void
add_totals(struct window_scratch *s, const struct unit *units, size_t n, const uint32_t *members,
    const double *ratio)
{
	struct tally own = { 0 }, pairs = { 0 };

	s->own[0] = s->pairs[0] = own;
	for (size_t i = 0; i < n; i++) {
		const struct unit *u = &units[i];

		add(&own, ratio[u->word]);
		for (size_t k = 0; k < u->nmembers; k++)
			add(&own, ratio[members[u->members + k]]);
		for (size_t k = 0; k < u->npairs; k++)
			add(&pairs, ratio[u->pair[k]]);
		s->own[i + 1] = own;
		s->pairs[i + 1] = pairs;
	}
}

/* The window from FIRST to END: its units, and the pairs that begin in it less those that reach out of it. */
static struct window
measure(
    const struct window_scratch *s, const struct unit *units, const double *ratio, size_t first, size_t end)
{
	struct tally out = { 0 };

	for (size_t i = end - first > PAIR_GAP_MAX ? end - PAIR_GAP_MAX : first; i < end; i++) {
		for (size_t k = end - i - 1; k < units[i].npairs; k++)
			add(&out, ratio[units[i].pair[k]]);
	}
	return (struct window){
		.first = first,
		.end = end,
		.sum = s->own[end].sum - s->own[first].sum + s->pairs[end].sum - s->pairs[first].sum -
		    out.sum,
		.known = s->own[end].known - s->own[first].known + s->pairs[end].known -
		    s->pairs[first].known - out.known,
	};
}

static double
strength(const struct window *w)
{
	return w->known == 0 ? 0 : w->sum / sqrt(w->known);
}

static struct window
worst(const struct window_scratch *s, const struct unit *units, const double *ratio, size_t n, size_t size)
{
	size_t last = n > size ? n - size : 0;
	struct window w, found = { 0 };
	double most = 0, of_w;

	for (size_t first = 0; n > 0; first = first + size / 2 < last ? first + size / 2 : last) {
		w = measure(s, units, ratio, first, first + size < n ? first + size : n);
		of_w = strength(&w);
		if (w.known > 0 && (found.known == 0 || of_w > most)) {
			found = w;
			most = of_w;
		}
		if (first == last)
			break;
	}
	return found;
}

int
window_worst(const struct unit *units, size_t n, const uint32_t *members, const double *ratio,
    struct window_scratch *scratch, struct window out[WINDOW_SIZES])
{
	if (reserve(scratch, n + 1) == -1)
		return -1;
	add_totals(scratch, units, n, members, ratio);
	for (size_t i = 0; i < WINDOW_SIZES; i++)
		out[i] = worst(scratch, units, ratio, n, sizes[i]);
	return 0;
}

void
window_note(struct field_sums *sums, const struct window windows[WINDOW_SIZES])
{
	for (size_t i = 0; i < WINDOW_SIZES; i++) {
		sums->window_sum[i] = windows[i].sum;
		sums->window_known[i] = windows[i].known;
	}
}

void
window_give(
    const struct unit *units, const uint32_t *members, const struct window *w, double share, double *worth)
{
	for (size_t i = w->first; i < w->end; i++) {
		const struct unit *u = &units[i];

		worth[u->word] += share;
		for (size_t k = 0; k < u->nmembers; k++)
			worth[members[u->members + k]] += share;
		for (size_t k = 0; k < u->npairs && i + k + 1 < w->end; k++)
			worth[u->pair[k]] += share;
	}
}
