#ifndef HAMLET_ENGINE_RETENTION_H
#define HAMLET_ENGINE_RETENTION_H

#include "engine/engine.h"
#include "engine/settings.h"
#include "store/chain.h"

/*
 * Retention: what has been kept for as long as the settings let it be is erased, part by part.  One pass goes
 * over all sites (removed ones too).  It reads with a handle of its own and leaves writing to whoever owns
 *the write handle, in batches so small that nobody waits for them:
 *
 *	retention_begin(&r, e, config, now, err);
 *	while ((rc = retention_next(r, &batch, err)) == 1)
 *		retention_apply(st, &batch, err); in a transaction, and then, or if that failed,
 *		retention_applied(r);
 *	retention_end(st, r, err); in a transaction, if rc is 0
 *	retention_free(r);
 *
 * Verdicts: each part by its setting; with the text or the person goes the fingerprint.  Examples: addresses
 *as of verdicts, and when those of the verdict go that is corrected.  Text and person stay while the example
 *is in force, for without them it can't be taken back exactly; afterwards they go as content does, and older
 *snapshots of models that still count them go first.
 */
struct retention;

#define RETENTION_BATCH 32 /* records: some 5 ms of the recorder's time */
#define RETENTION_KINDS 6 /* of what is erased: the parts of verdicts, and two of examples */

/* Return what KIND (below RETENTION_KINDS) is called: "content", "example_addresses"... */
const char *retention_kind_name(int kind);

struct retention_batch {
	bool examples; /* else verdicts */
	unsigned parts; /* of each record */
	int kind; /* as what it is counted */
	int64_t seq[RETENTION_BATCH];
	size_t n;
};

/* Start a pass with what CONFIG (borrowed for the whole pass) says, at NOW_MS. */
int retention_begin(
    struct retention **out, struct engine *e, const struct config *config, int64_t now_ms, struct err *err);

/* Find what is to be erased next: 1 with *BATCH filled, 0 at the end, -1.  Takes the publish lock when
 * snapshots must go. */
int retention_next(struct retention *r, struct retention_batch *batch, struct err *err);

/* Erase BATCH, and add to what the pass has erased so far, which is on record too in case it is interrupted.
 */
int retention_apply(struct store *st, const struct retention_batch *batch, struct err *err);

/* Say that the batch was applied, or won't be. */
void retention_applied(struct retention *r);

/* Record the pass as an event "purge" with its counts, if it erased anything, and how far it got. */
int retention_end(struct store *st, const struct retention *r, struct err *err);

/*
 * Set *UNTIDY to whether anything was erased since the database was last rewritten (store_vacuum()): copies
 * of rows that were moved may still stand in unused parts of its pages.
 */
int retention_untidy(struct store *st, bool *untidy, struct err *err);

/* Remember that it was rewritten. */
int retention_rewritten(struct store *st, struct err *err);

/* Return how many batches have been found so far. */
size_t retention_batches(const struct retention *r);

void retention_free(struct retention *r); /* NULL is allowed */

#endif
