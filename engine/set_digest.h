#ifndef HAMLET_ENGINE_SET_DIGEST_H
#define HAMLET_ENGINE_SET_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "classifier/train.h"

/*
 * A digest of a set of examples, which doesn't depend on their order: the sum, modulo 2^256, of each one's
 * BLAKE2b digest (AdHash: Bellare and Micciancio, "A new paradigm for collision-free hashing", 1997).  So
 * learning adds to it and unlearning takes away, exactly, and two models with the same digest were made of
 * the same examples.  It tells sets apart; it is no proof against somebody who writes examples in order to
 * hit a sum.
 */
struct set_digest {
	uint64_t part[4]; /* the least significant first */
};

#define SET_DIGEST_HEX (sizeof(struct set_digest) * 2 + 1)

/* Put the example into *D (all zeros: the empty set), or with TAKE_BACK out of it.  ERR_NOMEM. */
int set_digest_add(struct set_digest *d, const struct comment *comment, enum label label,
    const struct origin *from, bool take_back, struct err *err);

/* Put all of OTHER, which may be a difference, into *D. */
void set_digest_join(struct set_digest *d, const struct set_digest *other);

/* Write D as hexadecimal digits. */
void set_digest_text(const struct set_digest *d, char out[SET_DIGEST_HEX]);

/* Read *D from TEXT, as written by set_digest_text(): 0, or -1 when it isn't. */
int set_digest_parse(struct set_digest *d, const char *text);

#endif
