#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/left_out.h"

#define AHEAD 16 /* tokens whose counts are sent for */

/* A token of a padded text: its number, and whether the row had it without its padding. */
struct padded_token {
	uint32_t number;
	bool own;
};

int
left_out_init(struct left_out *l, const struct selection *rows, const struct vocabulary *v)
{
	*l = (struct left_out){ .rows = rows, .v = v, .totals = { 1, 1 } };
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
	free(l->padded);
}

static int
reserve(struct left_out *l, size_t tokens)
{
	double *ratio;
	struct padded_token *padded;

	if (tokens <= l->cap)
		return 0;
	ratio = realloc(l->ratio, tokens * sizeof(*ratio));
	if (ratio != NULL)
		l->ratio = ratio;
	padded = realloc(l->padded, tokens * sizeof(*padded));
	if (padded != NULL)
		l->padded = padded;
	if (ratio == NULL || padded == NULL)
		return -1;
	l->cap = tokens;
	return 0;
}

/* Return the ratio of a token that C examples have.  Few tokens have large counts, but they are in every
 * comment. */
static double
ratio_for(struct left_out *l, struct tally c, double offset)
{
	struct made_ratio *m;

	if (c.spam < RATIO_TABLE_SIZE && c.ham < RATIO_TABLE_SIZE)
		return ratio_of(&l->ratios, c.spam, c.ham, offset);
	m = &l->made[(c.spam * 0x9e3779b1u ^ c.ham * 0x85ebca6bu) >> 16 & (MADE_RATIOS - 1)];
	if (m->spam != c.spam || m->ham != c.ham || m->offset != offset)
		*m = (struct made_ratio){ c.spam, c.ham, offset,
			ratio_of(&l->ratios, c.spam, c.ham, offset) };
	return m->ratio;
}

/* Note what token I of FIELD says, which the examples have C times, and add it to SUMS; NaN when none has. */
static void
add(struct left_out *l, size_t i, size_t field, struct tally c, const struct offsets *o,
    struct field_sums *sums)
{
	size_t group;

	if (c.spam + c.ham == 0) {
		l->ratio[i] = NAN;
		return;
	}
	l->ratio[i] = ratio_for(l, c, o->of[weigh_varies(field)]);
	group = weigh_group(field, (uint64_t)c.spam + c.ham);
	sums->sum[group] += l->ratio[i];
	sums->known[group]++;
}

static struct offsets
offsets_without(const struct left_out *l, const struct row *row)
{
	size_t spam = l->rows->spam, ham = l->rows->n - spam;

	if (l->part != NULL)
		return ratio_offsets(
		    &l->totals, (double)(spam - l->part->spam), (double)(ham - l->part->ham));
	return ratio_offsets(&l->totals, (double)(spam - row->spam), (double)(ham - !row->spam));
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

/* Fill *SUMS for ROW, of whose tokens of the first run TALLY says how many examples have them.  Those of the
 * second run nobody else has. */
static int
sum_row(struct left_out *l, const struct row *row, struct offsets o,
    struct tally (*tally)(const struct left_out *l, uint32_t number, const struct row *row),
    struct field_sums *sums)
{
	const struct rows *all = l->rows->rows;
	const uint32_t *number = row_numbers(all, row);
	const uint8_t *field = row_fields(all, row);
	const struct tally nobody = { 0 };

	memset(sums, 0, sizeof(*sums));
	if (reserve(l, row->ntokens) == -1)
		return -1;
	for (size_t i = 0; i < row->ntokens; i++) {
		if (i + AHEAD < row->ntokens && number[i + AHEAD] < l->v->common)
			__builtin_prefetch(&l->rows->tally[number[i + AHEAD]]);
		add(l, i, field[i], number[i] < l->v->common ? tally(l, number[i], row) : nobody, &o, sums);
	}
	return add_windows(l, row_units(all, row), row->nunits, row_members(all, row), sums);
}

int
left_out_sums(struct left_out *l, const struct row *row, struct field_sums *sums)
{
	return sum_row(l, row, offsets_without(l, row), tally_without, sums);
}

static struct tally
tally_whole(const struct left_out *l, uint32_t number, const struct row *row)
{
	(void)row;
	return l->rows->tally[number];
}

int
left_out_stranger(struct left_out *l, const struct row *row, struct field_sums *sums)
{
	size_t spam = l->rows->spam;
	struct offsets o = ratio_offsets(&l->totals, (double)spam, (double)(l->rows->n - spam));

	return sum_row(l, row, o, tally_whole, sums);
}

/* Mark ROW's own tokens from FROM to END, as far as they are of the first run. */
static void
mark_own(struct left_out *l, const struct row *row, size_t from, size_t end)
{
	const uint32_t *number = row_numbers(l->rows->rows, row);

	l->row++;
	for (size_t i = from; i < end; i++) {
		if (number[i] < l->v->common)
			l->mark[number[i]] = l->row;
	}
}

static bool
is_own(const struct left_out *l, const struct row *row, uint32_t number)
{
	return number < l->v->common ? l->mark[number] == l->row : number - row->alone < row->nalone;
}

/*
 * Padding leaves the row's own tokens in their order, so most of them are found by going along with T: those
 * before the padding's own, and those of other fields after it.  The others, which a search has to find, are
 * given the number VOCABULARY_NONE; what ROW has of its own among them is marked.
 */
static void
go_along(struct left_out *l, const struct row *row, const struct tokens *t)
{
	const uint32_t *number = row_numbers(l->rows->rows, row);
	size_t from = 0, end = row->ntokens, i, n = t->n;

	for (; end > 0 && n > 0 && l->v->hash[number[end - 1]] == t->v[n - 1].hash; end--)
		l->padded[--n] = (struct padded_token){ number[end - 1], true };
	for (i = 0; i < n; i++) {
		if (from + AHEAD < end)
			__builtin_prefetch(&l->v->hash[number[from + AHEAD]]);
		if (from < end && l->v->hash[number[from]] == t->v[i].hash) {
			l->padded[i] = (struct padded_token){ number[from++], true };
		} else {
			l->padded[i] = (struct padded_token){ VOCABULARY_NONE, false };
			hashed_prefetch(&l->v->table, t->v[i].hash);
		}
	}
	mark_own(l, row, from, end);
}

/* Search for the token I of T that going along didn't find. */
static void
search(struct left_out *l, const struct tokens *t, size_t i)
{
	uint32_t number;

	if (l->padded[i].own)
		return;
	number = vocabulary_find(l->v, t->v[i].hash);
	l->padded[i].number = number;
	if (number == VOCABULARY_NONE)
		return;
	__builtin_prefetch(&l->rows->tally[number]);
	if (number < l->v->common)
		__builtin_prefetch(&l->mark[number]);
}

/* Return how many examples have token I, ROW itself not counted. */
static struct tally
tally_padded(const struct left_out *l, size_t i, const struct row *row)
{
	const struct padded_token *p = &l->padded[i];

	if (p->number == VOCABULARY_NONE || (p->own && p->number >= l->v->common))
		return (struct tally){ 0 };
	if (p->own || is_own(l, row, p->number))
		return without(l->rows->tally[p->number], row->spam);
	return l->rows->tally[p->number];
}

int
left_out_padded(struct left_out *l, const struct row *row, const struct tokens *t, struct field_sums *sums)
{
	struct offsets o = offsets_without(l, row);

	memset(sums, 0, sizeof(*sums));
	if (reserve(l, t->n) == -1)
		return -1;
	go_along(l, row, t);
	for (size_t i = 0; i < t->n; i++)
		search(l, t, i);
	for (size_t i = 0; i < t->n; i++)
		add(l, i, t->v[i].field, tally_padded(l, i, row), &o, sums);
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
