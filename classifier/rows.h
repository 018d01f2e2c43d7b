#ifndef HAMLET_CLASSIFIER_ROWS_H
#define HAMLET_CLASSIFIER_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "classifier/token.h"
#include "classifier/vocabulary.h"

/* The training examples as counting and the fit need them: their comments, their tokens' numbers and fields,
 * their units. */

struct list {
	void *p;
	size_t n, cap;
};

struct row {
	uint64_t key; /* of its tokens and class, to put the rows in an order of their own */
	size_t tokens, units, members; /* where its own begin in the lists */
	uint32_t ntokens, nunits;
	uint32_t example; /* how many were added before it */
	uint32_t alone, nalone; /* once settled: the numbers of the tokens that it alone has */
	bool spam;
	uint64_t source; /* where it comes from; 0: not known */
	struct comment comment; /* a copy of ours */
};

/* An example of a single site, which is counted only. */
struct own_row {
	size_t tokens;
	uint32_t ntokens;
	uint32_t example;
	bool spam;
};

struct rows {
	struct list rows; /* struct row */
	struct list own; /* struct own_row */
	struct list number; /* uint32_t, of all rows' tokens, one after the other */
	struct list field; /* uint8_t, likewise */
	struct list
	    units; /* struct unit, likewise; their indices count from the row's first token and member */
	struct list members; /* uint32_t, likewise */
	struct arena *text; /* where the comments' fields live */
};

void rows_fini(struct rows *r);

/* Keep a row for COMMENT from SOURCE, example number EXAMPLE, whose tokens are T and get their numbers, and
 * names, in V; -1 when memory ran out. */
int rows_add(struct rows *r, struct vocabulary *v, const struct comment *comment, const struct tokens *t,
    bool spam, uint64_t source, uint32_t example);

/* The same for an example of SITE's own (see classifier/own.h). */
int rows_add_own(
    struct rows *r, struct vocabulary *v, const struct tokens *t, uint64_t site, bool spam, uint32_t example);

/* Put the rows in an order that depends on nothing but them. */
void rows_sort(struct rows *r);

/* Do that and settle V, whose numbers are then those of the rows; -1 when memory ran out.  Nothing is added
 * any more. */
int rows_settle(struct rows *r, struct vocabulary *v);

static inline size_t
rows_count(const struct rows *r)
{
	return r->rows.n;
}

const struct row *rows_at(const struct rows *r, size_t i);
const uint32_t *row_numbers(const struct rows *r, const struct row *row);
const uint8_t *row_fields(const struct rows *r, const struct row *row);
const struct unit *row_units(const struct rows *r, const struct row *row);
const uint32_t *row_members(const struct rows *r, const struct row *row);

const struct own_row *rows_own(const struct rows *r, size_t i);
const uint32_t *own_numbers(const struct rows *r, const struct own_row *row);

#endif
