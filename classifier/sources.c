#include "config.h"

#include <stdlib.h>

#include "classifier/sources.h"

/* The rows of one source stay in the order of all, which is where they stand in memory. */
static int
by_source(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Sources have no order but that of what they hold: names of files don't matter. */
static int
by_first_key(const void *a, const void *b, void *order)
{
	const struct row *const *rows = order;
	uint64_t x = rows[((const struct source *)a)->first]->key,
		 y = rows[((const struct source *)b)->first]->key;

	return x < y ? -1 : x > y;
}

/* Return the source that begins at FIRST of the N rows in ORDER. */
static struct source
source_from(const struct row *const *order, size_t first, size_t n)
{
	struct source s = { .first = first, .end = first };

	for (; s.end < n && order[s.end]->source == order[first]->source; s.end++) {
		s.spam += order[s.end]->spam;
		s.ham += !order[s.end]->spam;
	}
	return s;
}

int
sources_find(struct sources *s, const struct selection *rows)
{
	size_t n = rows->n, spam = rows->spam, ham = n - spam, their_spam = 0, their_ham = 0;

	*s = (struct sources){ .order = malloc((n + 1) * sizeof(struct row *)),
		.v = malloc((n / SOURCES_ROWS + 1) * sizeof(*s->v)) };
	if (s->order == NULL || s->v == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		s->order[i] = rows->v[i];
	qsort(s->order, n, sizeof(*s->order), by_source);
	for (size_t i = 0; i < n;) {
		struct source found = source_from(s->order, i, n);

		if (s->order[i]->source != 0 && found.end - found.first >= SOURCES_ROWS &&
		    2 * found.spam <= spam && 2 * found.ham <= ham) {
			s->v[s->n++] = found;
			their_spam += found.spam;
			their_ham += found.ham;
		}
		i = found.end;
	}
	qsort_r(s->v, s->n, sizeof(*s->v), by_first_key, s->order);
	if (s->n < SOURCES_LEAST || 2 * their_spam < spam || 2 * their_ham < ham)
		s->n = 0;
	return 0;
}

void
sources_fini(struct sources *s)
{
	free(s->order);
	free(s->v);
}

int
sources_leave_out(const struct sources *s, size_t i, struct left_out *l,
    int (*each)(const struct row *row, const struct field_sums *sums, void *arg), void *arg)
{
	const struct source *source = &s->v[i];
	const struct left_out_part part = { source->spam, source->ham };
	struct field_sums sums;
	int rc = 0;

	left_out_begin_part(l, &part);
	for (size_t k = source->first; k < source->end; k++)
		left_out_count(l, s->order[k], 1);
	for (size_t k = source->first; rc == 0 && k < source->end; k++) {
		rc = left_out_sums(l, s->order[k], &sums);
		if (rc == 0)
			rc = each(s->order[k], &sums, arg);
	}
	for (size_t k = source->first; k < source->end; k++)
		left_out_count(l, s->order[k], -1);
	left_out_end_part(l);
	return rc == 0 ? 0 : -1;
}
