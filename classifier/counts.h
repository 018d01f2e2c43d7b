#ifndef HAMLET_CLASSIFIER_COUNTS_H
#define HAMLET_CLASSIFIER_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "classifier/hashed.h"

/* Token counts that can still change.  Counts may be negative in a delta. */
struct count {
	uint64_t hash; /* 0: empty place */
	int32_t spam, ham;
	uint32_t name; /* offset + 1 into names, 0: not kept */
};

struct counts {
	struct hashed table; /* of struct count */
	struct buf names; /* as hashed_name() keeps them */
	bool with_names;
};

/* Make C empty; takes no memory yet.  WITH_NAMES: counts_name() keeps names. */
void counts_init(struct counts *c, bool with_names);

/* Free what C holds; C is as after counts_init(). */
void counts_fini(struct counts *c);

/* Return the entry for HASH (not 0), made with zero counts if absent, or NULL when memory ran out; valid
 * until the next call. */
struct count *counts_entry(struct counts *c, uint64_t hash);

/* Remember the text of ENTRY (just got from counts_entry) if names are kept and it has none yet; 0 or -1. */
int counts_name(struct counts *c, struct count *entry, unsigned field, const char *text, size_t n);

/* Return the entries with a count that isn't zero, by hash; the caller frees the list.  NULL when memory ran
 * out. */
struct count *counts_sorted(const struct counts *c, size_t *n);

#endif
