#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/left_out.h"

void
left_out_init(struct left_out *l, const struct rows *rows, const struct counts *counts)
{
	*l = (struct left_out){ .rows = rows, .counts = counts };
	ratio_table_init(&l->ratios);
}

void
left_out_fini(struct left_out *l)
{
	window_scratch_fini(&l->windows);
	free(l->ratio);
	free(l->seen);
}

static int
reserve(struct left_out *l, size_t tokens)
{
	double *ratio;

	if (tokens <= l->ratio_cap)
		return 0;
	ratio = realloc(l->ratio, tokens * sizeof(*ratio));
	if (ratio == NULL)
		return -1;
	l->ratio = ratio;
	l->ratio_cap = tokens;
	return 0;
}

/* Find what token I, HASH of FIELD, says, with its own row's count (or that of the whole part) taken away
 * where OWN is set, and add it to SUMS; NaN when nobody else has it. */
static void
add_without(struct left_out *l, size_t i, uint64_t hash, size_t field, const struct row *row, bool own,
    double offset, struct field_sums *sums)
{
	const struct count *e = counts_find(l->counts, hash);
	const struct count *part = l->part == NULL ? NULL : counts_find(&l->part->counts, hash);
	uint32_t spam, ham;
	size_t group;

	l->ratio[i] = NAN;
	if (e == NULL)
		return;
	spam = (uint32_t)e->spam - (l->part == NULL && own && row->spam);
	ham = (uint32_t)e->ham - (l->part == NULL && own && !row->spam);
	if (part != NULL) {
		spam -= (uint32_t)part->spam;
		ham -= (uint32_t)part->ham;
	}
	if (spam + ham == 0)
		return;
	l->ratio[i] = ratio_of(&l->ratios, spam, ham, offset);
	group = weigh_group(field, spam + ham);
	sums->sum[group] += l->ratio[i];
	sums->known[group]++;
}

static void
send_for(const struct left_out *l, uint64_t hash)
{
	counts_prefetch(l->counts, hash);
	if (l->part != NULL)
		counts_prefetch(&l->part->counts, hash);
}

static double
offset_without(const struct left_out *l, const struct row *row)
{
	size_t ham = rows_count(l->rows) - l->rows->spam;

	if (l->part != NULL)
		return ratio_offset((double)(l->rows->spam - l->part->spam), (double)(ham - l->part->ham));
	return ratio_offset((double)(l->rows->spam - row->spam), (double)(ham - !row->spam));
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

int
left_out_sums(struct left_out *l, const struct row *row, struct field_sums *sums)
{
	const uint64_t *hash = row_hashes(l->rows, row);
	const uint8_t *field = row_fields(l->rows, row);
	double offset = offset_without(l, row);

	memset(sums, 0, sizeof(*sums));
	if (reserve(l, row->ntokens) == -1)
		return -1;
	for (size_t i = 0; i < row->ntokens; i++) {
		if (i + COUNTS_AHEAD < row->ntokens)
			send_for(l, hash[i + COUNTS_AHEAD]);
		add_without(l, i, hash[i], field[i], row, true, offset, sums);
	}
	return add_windows(l, row_units(l->rows, row), row->nunits, row_members(l->rows, row), sums);
}

/* Return the place of HASH in the table of the row's own tokens, or the empty one where it would be. */
static uint64_t *
seen_place(struct left_out *l, uint64_t hash)
{
	size_t at = hash & (l->seen_size - 1);

	while (l->seen[at] != 0 && l->seen[at] != hash)
		at = (at + 1) & (l->seen_size - 1);
	return &l->seen[at];
}

static int
note_own(struct left_out *l, const struct row *row)
{
	const uint64_t *hash = row_hashes(l->rows, row);
	size_t size = 1024;
	uint64_t *seen;

	while (size < 2 * (size_t)row->ntokens)
		size *= 2;
	if (size > l->seen_size) {
		seen = realloc(l->seen, size * sizeof(*seen));
		if (seen == NULL)
			return -1;
		l->seen = seen;
		l->seen_size = size;
	}
	memset(l->seen, 0, l->seen_size * sizeof(*l->seen));
	for (size_t i = 0; i < row->ntokens; i++)
		*seen_place(l, hash[i]) = hash[i];
	return 0;
}

int
left_out_padded(struct left_out *l, const struct row *row, const struct tokens *t, struct field_sums *sums)
{
	double offset = offset_without(l, row);

	memset(sums, 0, sizeof(*sums));
	if (reserve(l, t->n) == -1 || note_own(l, row) == -1)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		bool own = *seen_place(l, t->v[i].hash) != 0;

		if (i + COUNTS_AHEAD < t->n)
			send_for(l, t->v[i + COUNTS_AHEAD].hash);
		add_without(l, i, t->v[i].hash, t->v[i].field, row, own, offset, sums);
	}
	return add_windows(l, t->units, t->nunits, t->members, sums);
}
