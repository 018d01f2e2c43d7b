#ifndef HAMLET_CLASSIFIER_ROWS_H
#define HAMLET_CLASSIFIER_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "classifier/token.h"

/* The training examples as the fit needs them: their comments, their tokens' hashes and fields, their units.
 */

struct list {
	void *p;
	size_t n, cap;
};

struct row {
	uint64_t key; /* of its tokens and class, to put the rows in an order of their own */
	size_t tokens, units, members; /* where its own begin in the lists */
	uint32_t ntokens, nunits;
	bool spam;
	uint64_t source; /* where it comes from; 0: not known */
	struct comment comment; /* a copy of ours */
};

struct rows {
	struct list rows; /* struct row */
	struct list hash; /* uint64_t, of all rows' tokens, one after the other */
	struct list field; /* uint8_t, likewise */
	struct list
	    units; /* struct unit, likewise; their indices count from the row's first token and member */
	struct list members; /* uint32_t, likewise */
	size_t spam; /* rows that are */
	struct arena *text; /* where the comments' fields live */
};

void rows_fini(struct rows *r);

/* Keep a row for COMMENT from SOURCE, whose tokens are T; -1 when memory ran out. */
int rows_add(
    struct rows *r, const struct comment *comment, const struct tokens *t, bool spam, uint64_t source);

/* Put the rows in an order that depends on nothing but them. */
void rows_sort(struct rows *r);

static inline size_t
rows_count(const struct rows *r)
{
	return r->rows.n;
}

const struct row *rows_at(const struct rows *r, size_t i);
const uint64_t *row_hashes(const struct rows *r, const struct row *row);
const uint8_t *row_fields(const struct rows *r, const struct row *row);
const struct unit *row_units(const struct rows *r, const struct row *row);
const uint32_t *row_members(const struct rows *r, const struct row *row);

#endif
