#ifndef HAMLET_ENGINE_AUDIT_H
#define HAMLET_ENGINE_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/engine.h"
#include "store/chain.h"

/*
 * Checkpoints of the record's chain: at a time its head was this digest, signed with Ed25519.  Kept where the
 * owner of the machine can't change them, they bind also whoever has the chain's key: what came before them
 * can't be written anew.
 */
struct checkpoint {
	int64_t seq; /* the row of the chain */
	int64_t time_ms; /* of the newest record up to there; of the export for the head itself */
	struct digest digest;
	unsigned char public_key[SIGN_KEY_BYTES], signature[SIGNATURE_BYTES];
};

/* Append C as one JSON object. */
void checkpoint_json(const struct checkpoint *c, struct buf *b);

#define CHECKPOINTS_MAX ((size_t)64 << 20) /* bytes of a file of them */

/*
 * Read the checkpoints of FILE, JSON Lines, into *LIST, which the caller frees, by ascending seq.  ERR_INPUT
 * with the line when one is malformed, or its signature doesn't hold; *LIST is then NULL.
 */
int checkpoints_read(struct checkpoint **list, size_t *n, const char *file, struct err *err);

/* Make the checkpoint of the head as it is now. */
int audit_checkpoint(struct engine *e, struct checkpoint *c, struct err *err);

/*
 * Verify the whole chain and call PUT for a checkpoint of the last row of each hour since SINCE_MS in which
 * something was recorded, and for the head.  Nothing is put, and *REPORT says why, when the chain is broken.
 */
int audit_export(struct engine *e, int64_t since_ms, void (*progress)(double share, void *arg),
    void *progress_arg, int (*put)(const struct checkpoint *c, void *arg, struct err *err), void *arg,
    struct chain_report *report, struct err *err);

/* What verifying came to. */
struct audit {
	struct chain_report chain;
	size_t checkpoints; /* that were compared */
	int64_t bad_seq; /* of the first that the chain doesn't go through; 0: none */
	int64_t bad_time_ms;
};

/* Verify the chain and compare it with the N checkpoints of LIST, in the order of their seq. */
int audit_verify(struct engine *e, const struct checkpoint *list, size_t n,
    void (*progress)(double share, void *arg), void *progress_arg, struct audit *out, struct err *err);

#endif
