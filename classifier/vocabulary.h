#ifndef HAMLET_CLASSIFIER_VOCABULARY_H
#define HAMLET_CLASSIFIER_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "classifier/hashed.h"

/*
 * The tokens of all training examples, each with a number: its counts are then found without a search, in a
 * list of one's own, for any choice of the examples.
 *
 * While tokens still come in they are numbered as they come.  Settling numbers them anew, in two runs: first
 * those that several examples have, then those of a single one.  What a single one has says nothing of it
 * once it is left out, so most look-ups stay within the first run, which is a fraction of all.
 */
#define VOCABULARY_NONE UINT32_MAX
#define VOCABULARY_ALONE (UINT32_MAX - 1) /* no number yet, to be one of the second run */

struct vocabulary_place {
	uint64_t hash; /* 0: empty place */
	uint32_t number, seen; /* in how many examples */
};

struct vocabulary {
	struct hashed table; /* of struct vocabulary_place */
	uint32_t *name; /* by number: offset + 1 into names, 0: not kept; NULL: none is */
	size_t name_cap;
	struct buf names; /* as hashed_name() keeps them */
	bool with_names;
	/* once settled */
	uint64_t *hash; /* by number */
	uint32_t *order; /* the numbers in order of hash */
	uint32_t common; /* the first number of the second run */
};

/* Make V empty; takes no memory yet.  WITH_NAMES: the tokens' texts are wanted. */
void vocabulary_init(struct vocabulary *v, bool with_names);

/* Free what V holds; V is as after vocabulary_init(). */
void vocabulary_fini(struct vocabulary *v);

/* Return the place of the token with HASH (not 0), which has a new number if it wasn't there yet, or NULL
 * when memory ran out; valid until the next call. */
struct vocabulary_place *vocabulary_add(struct vocabulary *v, uint64_t hash);

/* Return whether the text of token NUMBER is still to be told. */
static inline bool
vocabulary_wants_name(const struct vocabulary *v, uint32_t number)
{
	return v->with_names && v->name[number] == 0;
}

/* Keep TEXT as the one that token NUMBER of FIELD is read as; 0 or -1. */
int vocabulary_name(struct vocabulary *v, uint32_t number, unsigned field, const char *text, size_t n);

/*
 * Begin to number the tokens for good.  Return a list, by the numbers that they have, of VOCABULARY_NONE for
 * those of the first run, whose length is V->common, and VOCABULARY_ALONE for the others; the caller puts the
 * new numbers there, gives it to vocabulary_settle() and frees it.  NULL when memory ran out.
 */
uint32_t *vocabulary_unsettle(struct vocabulary *v);

/* Give the tokens the numbers NOW; -1 when memory ran out. */
int vocabulary_settle(struct vocabulary *v, const uint32_t *now);

/* Return the number of the token with HASH, or VOCABULARY_NONE. */
uint32_t vocabulary_find(const struct vocabulary *v, uint64_t hash);

#endif
