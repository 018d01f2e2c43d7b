#ifndef HAMLET_CLASSIFIER_MODEL_IMPL_H
#define HAMLET_CLASSIFIER_MODEL_IMPL_H

#include "classifier/model.h"
#include "classifier/snapshot.h"

/* What is inside a model, for the files of this folder that judge by it or derive another from it. */
const struct snapshot_header *model_header(const struct model *m);
const struct snapshot_slot *model_slots(const struct model *m);
const unsigned char *model_names(const struct model *m); /* NULL if opened to judge only */
size_t model_names_bytes(const struct model *m);

/*
 * Make a model of the N bytes at P, from large_alloc(), a snapshot that was just made and sealed here: it
 * isn't checked again.  *OUT owns them from now on; they are freed on failure too.
 */
int model_take(struct model **out, void *p, size_t n, struct err *err);

/* Return the place in the slots where a search for HASH begins. */
static inline uint64_t
model_home(const struct snapshot_header *h, uint64_t hash)
{
	return (uint64_t)((unsigned __int128)hash * h->homes >> 64);
}

/* Return the slot of HASH, searching from HOME, or NULL.  The slots stand in order of hash, with empty ones
 * between. */
static inline const struct snapshot_slot *
model_find(const struct snapshot_slot *slots, uint64_t home, uint64_t hash)
{
	for (const struct snapshot_slot *s = slots + home; s->hash != 0 && s->hash <= hash; s++) {
		if (s->hash == hash)
			return s;
	}
	return NULL;
}

#endif
