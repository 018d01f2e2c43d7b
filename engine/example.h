#ifndef HAMLET_ENGINE_EXAMPLE_H
#define HAMLET_ENGINE_EXAMPLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "classifier/train.h"
#include "store/store.h"

/* What saying what a comment is comes to, for feedback and import alike. */
enum example_outcome {
	EXAMPLE_ADDED, /* the first word on this comment */
	EXAMPLE_SAME, /* the same had been said: nothing recorded */
	EXAMPLE_REPLACED /* another word had been said: this one replaces it */
};

/* Return where the example ROW comes from and for whom it counts. */
struct origin example_origin(const struct example_row *row);

/*
 * Each site has one word on a comment, its last one; and there is one that is nobody's, by import or by an
 * admin about a comment that no site sent.  A word replaces the one before it by the same speaker and no
 * other's: they count side by side, each for whom it was said.  So taking a word back leaves exactly what
 * there would be had it never been said.
 *
 * Look for the newest event of SITE (0: nobody's) about a comment with FINGERPRINT: the one that its next
 * word replaces.  *FOUND tells whether there is one; *ROW lives in A.
 */
int example_find(struct store *st, int64_t site, uint64_t fingerprint, struct arena *a,
    struct example_row *row, bool *found, struct err *err);

/* Look for a label in force on a comment with FINGERPRINT that SITE goes by: its own word, else nobody's. */
int example_known(struct store *st, int64_t site, uint64_t fingerprint, struct arena *a,
    struct example_row *row, bool *found, struct err *err);

/*
 * Record ROW (complete but for seq and replaces) as the word after KNOWN (NULL: there is none), if it says
 * anything new; if it takes a word back, without the comment's addresses.  Inside the caller's transaction.
 */
int example_say(struct store *st, struct example_row *row, const struct example_row *known,
    enum example_outcome *outcome, struct err *err);

#endif
