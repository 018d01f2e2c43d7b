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
 * Look for the newest event about a comment with FINGERPRINT that a new word would replace.  A site's word
 * replaces its own words; with SHARED (the admin's word) also what was imported for all sites.  SITE 0: any
 * site's words.  *FOUND tells whether there is one; *ROW lives in A.
 */
int example_find(struct store *st, int64_t site, uint64_t fingerprint, bool shared, struct arena *a,
    struct example_row *row, bool *found, struct err *err);

/*
 * Record ROW (complete but for seq and replaces) as the word after KNOWN (NULL: there is none), if it says
 * anything new. Inside the caller's transaction.
 */
int example_say(struct store *st, struct example_row *row, const struct example_row *known,
    enum example_outcome *outcome, struct err *err);

#endif
