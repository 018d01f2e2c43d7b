#ifndef HAMLET_CLASSIFIER_LEFT_OUT_H
#define HAMLET_CLASSIFIER_LEFT_OUT_H

#include "classifier/selection.h"
#include "classifier/weigh.h"
#include "classifier/window.h"

/* Rows that are left out together: how many of each class. */
struct left_out_part {
	size_t spam, ham;
};

/* A ratio, and what it was made of. */
struct made_ratio {
	uint32_t spam, ham; /* both 0: nothing is here */
	double offset, ratio;
};
#define MADE_RATIOS 256 /* a power of 2 */

/*
 * Left-out evidence: what a model without a row would say of that row.  The row's own count is taken from
 * each of its tokens and from its class's total, which is exact and needs no folds.
 */
struct left_out {
	const struct selection *rows;
	const struct vocabulary *v; /* settled */
	const struct left_out_part *part; /* the rows to leave out; NULL: only the row at hand */
	struct totals_share totals; /* how much of all to reckon with: all, unless changed */
	struct tally *in_part; /* what they count, by number of the first run; else all zero */
	struct ratio_table ratios;
	struct made_ratio made[MADE_RATIOS]; /* of large counts, which take logarithms, by a hash of them */
	struct window_scratch windows;
	double *ratio; /* of the tokens at hand */
	struct padded_token *padded; /* the same tokens */
	size_t cap; /* of both */
	uint32_t *mark; /* by number of the first run: the last padded row that has it itself */
	uint32_t row; /* how many padded rows there were */
};

/* -1 when memory ran out; L is to be given back all the same. */
int left_out_init(struct left_out *l, const struct selection *rows, const struct vocabulary *v);
void left_out_fini(struct left_out *l);

/* Fill *SUMS for ROW; -1 when memory ran out. */
int left_out_sums(struct left_out *l, const struct row *row, struct field_sums *sums);

/* The same for a row that isn't among the chosen ones: nothing is to be taken away. */
int left_out_stranger(struct left_out *l, const struct row *row, struct field_sums *sums);

/*
 * The same for ROW's comment with more text after it, whose tokens are T.  Of the tokens that came in with
 * that text the model knows all it knows: an attacker pads with words that the filter has seen.
 */
int left_out_padded(
    struct left_out *l, const struct row *row, const struct tokens *t, struct field_sums *sums);

/* From here to left_out_end_part() leave PART out, which has ROWs that are counted with SIGN 1 at its
 * beginning and with -1 at its end. */
void left_out_begin_part(struct left_out *l, const struct left_out_part *part);
void left_out_count(struct left_out *l, const struct row *row, int sign);
void left_out_end_part(struct left_out *l);

#endif
