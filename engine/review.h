#ifndef HAMLET_ENGINE_REVIEW_H
#define HAMLET_ENGINE_REVIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "classifier/classify.h"
#include "engine/engine.h"

/*
 * The review queue: the recorded comments whose label would teach most.
 *
 * Near-duplicates (corpus/near_duplicates.h) are one entry.  A label is recorded for one comment of each site
 * the entry has comments of, since what is said of a site's comments counts for that site; the rest is
 * settled by it: what is alike to a comment that somebody has labelled on that site, or anywhere with effect
 * for all, doesn't come up.
 *
 * Entries of which the current model is unsure come first; then, and among them, by
 *
 *     teaches = H(p) * log2(1 + n) * (1 + novelty)
 *
 * H(p) is the entropy in bits of the model's probability, n the number of comments alike, novelty the share
 * of the comment's tokens that the model has never seen.  The first is uncertainty sampling (Lewis and Gale,
 * "A sequential algorithm for training text classifiers", 1994); the second weighs it with how much of the
 * record it stands for, as information density does (Settles and Craven, "An analysis of active learning
 * strategies for sequence labeling tasks", 2008), by the logarithm since one campaign isn't to fill the
 * queue; the third prefers what brings new tokens in, at most twofold.
 *
 * Looked at are the newest REVIEW_UNSURE_MAX verdicts of unsure and the newest REVIEW_OTHERS_MAX of the
 * others, no tests, no forced ones, and none without text.
 */
#define REVIEW_DAYS 7
#define REVIEW_UNSURE_MAX 2000
#define REVIEW_OTHERS_MAX 2000
#define REVIEW_SETTLED_MAX 4000 /* labelled comments that are compared with, the newest */

/* The comment of one site that is labelled for an entry. */
struct review_pick {
	char id[ULID_CHARS + 1]; /* of the verdict */
	const char *site;
};

struct review_entry {
	struct verdict_row row; /* of the comment that is shown, as recorded */
	enum verdict verdict; /* what the current model says of it */
	double probability, known, teaches;
	const char *evidence; /* JSON list, the strongest first */
	size_t alike; /* how many comments, with this one */
	struct review_pick *picks; /* what a label is recorded for; the first one is the comment shown */
	size_t npicks;
};

struct review {
	struct review_entry *entries;
	size_t n;
	struct arena *arena; /* holds all of it */
};

/*
 * Fill *R with the queue for MODEL of verdicts since SINCE_MS (0: the last REVIEW_DAYS days) and of SITE (0:
 * all).  The caller gives R back in both cases.
 */
int review_find(struct review *r, struct engine *e, const struct model *model, int64_t since_ms, int64_t site,
    struct err *err);
void review_fini(struct review *r);

#endif
