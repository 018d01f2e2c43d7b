#ifndef HAMLET_CLASSIFIER_WALK_H
#define HAMLET_CLASSIFIER_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "classifier/lookup.h"
#include "classifier/model.h"
#include "classifier/section.h"

/*
 * The tokens of a model one after the other, in order of hash, wherever it is held.  It isn't taken for
 * granted that a file still is what it was when it was opened.
 */
struct walk {
	bool more; /* there is a token ahead, */
	uint64_t hash; /* this one */
	bool broken; /* something is missing, and walk_end() is going to say so */
	/* private from here on */
	struct section table, large, halves, names;
	const struct lookup_bucket *bucket;
	unsigned way; /* the place in it that the token ahead has */
	bool named;
};

struct walked {
	uint64_t hash;
	struct lookup_counts counts;
	const unsigned char *name; /* its length, its field, its text; NULL: not kept, or not asked for */
};

/* Begin to walk through M, with the names or without.  ERR_REFUSED when it was opened to judge only. */
int walk_start(struct walk *w, const struct model *m, bool named, struct err *err);

/* Go on behind the token ahead, of which there is one, and return it; its name is valid until the next call.
 */
struct walked walk_take(struct walk *w);

/* End the walk.  ERR_DAMAGED or ERR_IO when there was something wrong, or something is left. */
int walk_end(struct walk *w, struct err *err);

/* The same for who knows that nothing was wrong, or doesn't care. */
void walk_stop(struct walk *w);

#endif
