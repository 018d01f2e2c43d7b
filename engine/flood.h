#ifndef HAMLET_ENGINE_FLOOD_H
#define HAMLET_ENGINE_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "classifier/classify.h"
#include "engine/hosts.h"
#include "engine/sites.h"
#include "engine/subject.h"

/*
 * The flood guard: what comes in bursts, the same text, the same linked host, the same address, within the
 * last one to two windows (an hour each) and across sites, is evidence.  What is seen is kept in a table of
 * fixed size, a slot a key, which forgets by windows; of each key it holds which sites and which addresses or
 * texts it came with, as sets of 64 bits, so that the same comment checked again counts once.
 *
 * The weights are chosen, not fitted, for there is no data of bursts; each is a step in natural-log odds:
 *
 *   same text, 48 bytes of letters or more without links and digits (people's short thanks are alike):
 *     on 5 sites or more             +3     nobody writes one long text to five blogs within two hours
 *     on 3 or 4 sites                +2
 *     on 2 sites, by 2 addresses     +1
 *     on 2 sites, by one              0     a reader of two blogs with one question
 *     on one site, by 5 addresses    +1     a swarm; fewer may be people behind changing addresses
 *     on one site, by fewer           0     clients send again, owners answer many with the same words
 *   same linked host, if at least half of the comments with it, and one good one more, looked like spam to
 *   the classifier (what everybody links to doesn't count, nor does the site's own host):
 *     suspects on 4 sites or more    +1.5
 *     suspects on 2 or 3 sites       +0.75
 *     5 different suspect texts      +0.75
 *   same address (IPv6: the same /64; private ones, such as a proxy's, don't count), if at least four
 *   fifths of its comments, and one good one more, looked like spam:
 *     suspects on 3 sites or more    +1
 *     5 different suspect texts      +0.5
 *
 * All of it comes to FLOOD_WEIGHT_MAX at most: a comment with a probability of less than 1 in 60 can't become
 * spam by it.  Comments dated over a day back, as those of an import, are left alone.
 */
struct flood;

#define FLOOD_WEIGHT_MAX 4.0
#define FLOOD_HOSTS_MAX 8 /* of one comment that are looked at */
#define FLOOD_FOUND_MAX 3

/* Make an empty guard with room for SLOTS keys, each 56 bytes, and windows of WINDOW_MS. */
int flood_new(struct flood **out, size_t slots, int64_t window_ms, struct err *err);
void flood_free(struct flood *f); /* NULL is allowed */

/* What a comment is known by; 0: that doesn't count. */
struct flood_keys {
	uint64_t site, text, address;
	uint64_t host[FLOOD_HOSTS_MAX];
	char host_name[FLOOD_HOSTS_MAX][HOST_BYTES_MAX + 1];
	size_t nhosts;
	bool none; /* nothing of it counts */
};
void flood_keys(struct flood_keys *k, struct subject *s, const struct site *site, int64_t now_ms);

/* What the guard has to say of a comment. */
struct flood_found {
	struct outside v[FLOOD_FOUND_MAX]; /* of field "flood" */
	char name[FLOOD_FOUND_MAX][HOST_BYTES_MAX + 64];
	size_t n;
};

/* Fill *OUT with what speaks against the comment of K at NOW_MS.  Any thread. */
void flood_find(struct flood *f, const struct flood_keys *k, int64_t now_ms, struct flood_found *out);

/* Take note of the comment of K; SUSPECT: without the guard it looked more like spam than not.  Any thread.
 */
void flood_note(struct flood *f, const struct flood_keys *k, bool suspect, int64_t now_ms);

/* Return how many comments were noted, for telling whether there is anything new to save. */
unsigned long long flood_noted(const struct flood *f);

/* Forget everything. */
void flood_forget(struct flood *f);

/* Return the length of F's windows. */
int64_t flood_window_ms(const struct flood *f);

/* Write what F still remembers at NOW_MS to PATH, whole or not at all. */
int flood_save(struct flood *f, const char *path, int64_t now_ms, struct err *err);

/* Take over what PATH remembers, and clear away what saving left that was killed: nobody else may be saving.
 * ERR_DAMAGED and nothing taken when it isn't whole; ERR_NOT_FOUND when it
 * isn't there; ERR_REFUSED when it was made with other windows. */
int flood_load(struct flood *f, const char *path, int64_t now_ms, struct err *err);

#endif
