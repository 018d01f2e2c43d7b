#ifndef HAMLET_CLASSIFIER_MODEL_IMPL_H
#define HAMLET_CLASSIFIER_MODEL_IMPL_H

#include "classifier/model.h"
#include "classifier/section.h"
#include "classifier/snapshot.h"

/* What is inside a model, for the files of this folder that judge by it or derive another from it. */
const struct snapshot_header *model_header(const struct model *m);
const struct snapshot_slot *model_slots(const struct model *m); /* NULL if opened to learn from */
const unsigned char *model_names(const struct model *m); /* NULL if opened to judge only */
size_t model_names_bytes(const struct model *m);

/* Begin to go through the slots or the names of M, to learn from it.  ERR_REFUSED when it was opened to judge
 * only. */
int model_slots_section(const struct model *m, struct section *s, struct err *err);
int model_names_section(const struct model *m, struct section *s, struct err *err);

/*
 * Make a model of the N bytes at P, from large_alloc(), a snapshot that was just made and sealed here as ID:
 * it isn't checked again.  With JUDGES_ONLY its names aren't among them.  *OUT owns them from now on; they
 * are freed on failure too.
 */
int model_take(
    struct model **out, void *p, size_t n, const struct digest *id, bool judges_only, struct err *err);

/* Return the place in the slots where a search for HASH begins. */
static inline uint64_t
model_home(const struct snapshot_header *h, uint64_t hash)
{
	return (uint64_t)((unsigned __int128)hash * h->homes >> 64);
}

/*
 * Return the slot of HASH, searching from HOME, or NULL.  The slots stand in order of hash, with empty ones
 * between, so how many of the next ones are less, and not empty, says where it would have to be: four at a
 * time, without a branch on each, which could not be foretold.
 */
static inline const struct snapshot_slot *
model_find(const struct snapshot_slot *slots, uint64_t home, uint64_t hash)
{
	const uint64_t below = hash - 1; /* an empty slot's 0 less 1 is more than any */
	size_t less;

	for (const struct snapshot_slot *s = slots + home;; s += SNAPSHOT_EMPTY_LAST) {
		less = (s[0].hash - 1 < below) + (s[1].hash - 1 < below) + (s[2].hash - 1 < below) +
		    (s[3].hash - 1 < below);
		if (less < SNAPSHOT_EMPTY_LAST)
			return s[less].hash == hash ? s + less : NULL;
	}
}
_Static_assert(SNAPSHOT_EMPTY_LAST == 4, "the loop is written out");

#endif
