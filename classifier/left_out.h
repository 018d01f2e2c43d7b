#ifndef HAMLET_CLASSIFIER_LEFT_OUT_H
#define HAMLET_CLASSIFIER_LEFT_OUT_H

#include "classifier/counts.h"
#include "classifier/rows.h"
#include "classifier/weigh.h"
#include "classifier/window.h"

/* Rows that are left out together, with what they count. */
struct left_out_part {
	struct counts counts;
	size_t spam, ham;
};

/*
 * Left-out evidence: what a model without a row would say of that row.  The row's own count is taken from
 * each of its tokens and from its class's total, which is exact and needs no folds.
 */
struct left_out {
	const struct rows *rows;
	const struct counts *counts;
	const struct left_out_part *part; /* the rows to leave out; NULL: only the row at hand */
	struct ratio_table ratios;
	struct window_scratch windows;
	double *ratio; /* of the tokens at hand */
	uint64_t *seen; /* open addressing: the hashes of the row's own tokens */
	size_t ratio_cap, seen_size;
};

void left_out_init(struct left_out *l, const struct rows *rows, const struct counts *counts);
void left_out_fini(struct left_out *l);

/* Fill *SUMS for ROW; -1 when memory ran out. */
int left_out_sums(struct left_out *l, const struct row *row, struct field_sums *sums);

/*
 * The same for ROW's comment with more text after it, whose tokens are T.  Of the tokens that came in with
 * that text the model knows all it knows: an attacker pads with words that the filter has seen.
 */
int left_out_padded(
    struct left_out *l, const struct row *row, const struct tokens *t, struct field_sums *sums);

#endif
