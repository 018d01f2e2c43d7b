#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/left_out.h"

#define AHEAD 16 /* tokens whose counts are sent for */

int
left_out_init(struct left_out *l, const struct selection *rows, const struct vocabulary *v)
{
	*l = (struct left_out){ .rows = rows, .v = v };
	ratio_table_init(&l->ratios);
	l->in_part = calloc((size_t)v->common + 1, sizeof(*l->in_part));
	l->mark = calloc((size_t)v->common + 1, sizeof(*l->mark));
	return l->in_part == NULL || l->mark == NULL ? -1 : 0;
}

void
left_out_fini(struct left_out *l)
{
	window_scratch_fini(&l->windows);
	free(l->in_part);
	free(l->mark);
	free(l->ratio);
	free(l->number);
}

static int
reserve(struct left_out *l, size_t tokens)
{
	double *ratio;
	uint32_t *number;

	if (tokens <= l->cap)
		return 0;
	ratio = realloc(l->ratio, tokens * sizeof(*ratio));
	if (ratio != NULL)
		l->ratio = ratio;
	number = realloc(l->number, tokens * sizeof(*number));
	if (number != NULL)
		l->number = number;
	if (ratio == NULL || number == NULL)
		return -1;
	l->cap = tokens;
	return 0;
}

/* Note what token I of FIELD says, which the examples have C times, and add it to SUMS; NaN when none has. */
static void
add(struct left_out *l, size_t i, size_t field, struct tally c, double offset, struct field_sums *sums)
{
	size_t group;

	if (c.spam + c.ham == 0) {
		l->ratio[i] = NAN;
		return;
	}
	l->ratio[i] = ratio_of(&l->ratios, c.spam, c.ham, offset);
	group = weigh_group(field, (uint64_t)c.spam + c.ham);
	sums->sum[group] += l->ratio[i];
	sums->known[group]++;
}

static double
offset_without(const struct left_out *l, const struct row *row)
{
	size_t spam = l->rows->spam, ham = l->rows->n - spam;

	if (l->part != NULL)
		return ratio_offset((double)(spam - l->part->spam), (double)(ham - l->part->ham));
	return ratio_offset((double)(spam - row->spam), (double)(ham - !row->spam));
}

static int
add_windows(
    struct left_out *l, const struct unit *units, size_t n, const uint32_t *members, struct field_sums *sums)
{
	struct window windows[WINDOW_SIZES];

	if (window_worst(units, n, members, l->ratio, &l->windows, windows) == -1)
		return -1;
	window_note(sums, windows);
	return 0;
}

/* Return what C is without one example. */
static struct tally
without(struct tally c, bool spam)
{
	return (struct tally){ c.spam - spam, c.ham - !spam };
}

/* Return how many examples have the token NUMBER, of the first run, beside ROW or the part left out. */
static struct tally
tally_without(const struct left_out *l, uint32_t number, const struct row *row)
{
	struct tally c = l->rows->tally[number];

	if (l->part == NULL)
		return without(c, row->spam);
	return (struct tally){ c.spam - l->in_part[number].spam, c.ham - l->in_part[number].ham };
}

int
left_out_sums(struct left_out *l, const struct row *row, struct field_sums *sums)
{
	const uint32_t *number = row_numbers(l->rows->rows, row);
	const uint8_t *field = row_fields(l->rows->rows, row);
	const struct tally nobody = { 0 };
	double offset = offset_without(l, row);

	memset(sums, 0, sizeof(*sums));
	if (reserve(l, row->ntokens) == -1)
		return -1;
	for (size_t i = 0; i < row->ntokens; i++) {
		if (i + AHEAD < row->ntokens && number[i + AHEAD] < l->v->common)
			__builtin_prefetch(&l->rows->tally[number[i + AHEAD]]);
		add(l, i, field[i], number[i] < l->v->common ? tally_without(l, number[i], row) : nobody,
		    offset, sums);
	}
	return add_windows(l, row_units(l->rows->rows, row), row->nunits, row_members(l->rows->rows, row), sums);
}

/* Mark the tokens of the first run that ROW has itself. */
static void
mark_own(struct left_out *l, const struct row *row)
{
	const uint32_t *number = row_numbers(l->rows->rows, row);

	l->row++;
	for (size_t i = 0; i < row->ntokens; i++) {
		if (number[i] < l->v->common)
			l->mark[number[i]] = l->row;
	}
}

/* Find the numbers of T's tokens, many at once: they are all over a table of millions. */
static void
find_numbers(struct left_out *l, const struct tokens *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (i + VOCABULARY_AHEAD < t->n)
			vocabulary_prefetch(l->v, t->v[i + VOCABULARY_AHEAD].hash);
		l->number[i] = vocabulary_find(l->v, t->v[i].hash);
		if (l->number[i] != VOCABULARY_NONE)
			__builtin_prefetch(&l->rows->tally[l->number[i]]);
	}
}

/* Return how many examples have the token NUMBER, ROW itself not counted. */
static struct tally
tally_padded(const struct left_out *l, uint32_t number, const struct row *row)
{
	const struct rows *all = l->rows->rows;
	bool own;

	if (number == VOCABULARY_NONE)
		return (struct tally){ 0 };
	own = number < all->common ? l->mark[number] == l->row : all->owner[number - all->common] == row->example;
	return own ? without(l->rows->tally[number], row->spam) : l->rows->tally[number];
}

int
left_out_padded(struct left_out *l, const struct row *row, const struct tokens *t, struct field_sums *sums)
{
	double offset = offset_without(l, row);

	memset(sums, 0, sizeof(*sums));
	if (reserve(l, t->n) == -1)
		return -1;
	mark_own(l, row);
	find_numbers(l, t);
	for (size_t i = 0; i < t->n; i++)
		add(l, i, t->v[i].field, tally_padded(l, l->number[i], row), offset, sums);
	return add_windows(l, t->units, t->nunits, t->members, sums);
}

void
left_out_begin_part(struct left_out *l, const struct left_out_part *part)
{
	l->part = part;
}

void
left_out_count(struct left_out *l, const struct row *row, int sign)
{
	const uint32_t *number = row_numbers(l->rows->rows, row);

	for (size_t i = 0; i < row->ntokens; i++) {
		if (number[i] >= l->v->common)
			continue;
		if (row->spam)
			l->in_part[number[i]].spam += (uint32_t)sign;
		else
			l->in_part[number[i]].ham += (uint32_t)sign;
	}
}

void
left_out_end_part(struct left_out *l)
{
	l->part = NULL;
}
