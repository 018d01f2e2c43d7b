#ifndef HAMLET_CLASSIFIER_SNAPSHOT_H
#define HAMLET_CLASSIFIER_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "classifier/counts.h"
#include "classifier/weigh.h"

/*
 * The snapshot file, version 6.  All numbers little-endian; every section starts at a multiple of 64 bytes.
 *
 *   header   struct snapshot_header: magic, version, sizes, totals, weights, thresholds, digests of the two
 *            sections after it (base/tree.h), from each one's start to that of the next
 *   slots    the token counts: open addressing, 16 bytes a slot, in order of hash, so that a table is the
 *            same bytes whatever order its tokens came in.  A token's first place is hash * homes / 2^64; it
 *            stands there or in the run after it.  Hash 0 marks an empty slot; the last four are empty.
 *   names    token texts for people: for each token in slot order a length byte, field byte and text; may be
 *            empty.  Judging does without.
 *   digest   BLAKE2b-256 of all before the slots; its hexadecimal form is the model's id
 */
#define SNAPSHOT_MAGIC "HAMLET\r\n"
#define SNAPSHOT_VERSION 6u
#define SNAPSHOT_ALIGN 64
#define SNAPSHOT_EMPTY_LAST 4 /* slots, so that every search ends */
#define SNAPSHOT_COMMENTS_MAX (1u << 30) /* of each class */

struct snapshot_slot {
	uint64_t hash;
	uint32_t spam, ham; /* in how many comments of each class the token was seen */
};

struct snapshot_header {
	char magic[8];
	uint32_t version;
	uint32_t header_bytes;
	uint64_t tokens; /* slots in use */
	uint64_t homes; /* places that a hash can point to */
	uint64_t slots; /* slots in all: homes, the overflow at the end and the empty ones */
	uint64_t slots_at, names_at, names_bytes, digest_at; /* offsets from the start of the file */
	uint64_t spam, ham; /* comments counted for everybody */
	uint64_t own_spam, own_ham; /* and for single sites, see own.h */
	uint64_t position; /* last example event included */
	unsigned char parent[32]; /* digest of the model this one was learnt from, or zeros */
	struct weights weights;
	double spam_share; /* that weights.bias is for */
	double spam_threshold, unsure_threshold, blocked_ham_budget;
	struct digest slots_digest, names_digest;
};

/*
 * Make a snapshot of the N counts in LIST, which are in order of hash and whose names stand in NAMES, with
 * the totals, weights and thresholds of HEADER.  The caller frees *OUT.  ERR_DAMAGED when a count is below
 * zero.
 */
int snapshot_encode(const struct snapshot_header *header, const struct count *list, size_t n,
    struct slice names, void **out, size_t *size, struct err *err);

/*
 * For who writes the sections itself: say in H->homes how many there are for H->tokens; then, with USED slots
 * up to the last one in use and NAMES_BYTES of names, where everything stands, and what version this is.
 */
void snapshot_set_homes(struct snapshot_header *h);
void snapshot_lay_out(struct snapshot_header *h, uint64_t used, uint64_t names_bytes);

/* Or, where all else stays where it is, N bytes of names. */
void snapshot_set_names_bytes(struct snapshot_header *h, uint64_t n);

/*
 * Check that the N bytes at P are a whole, undamaged snapshot of this version: sizes, order and digests.
 * ERR_DAMAGED says what is wrong.
 */
int snapshot_verify(const void *p, size_t n, struct err *err);

/* The same in parts, for who reads a file of N bytes piece by piece: what H says of its layout; then, at P
 * what stands before the slots, against the digest at the end; then each section against its own, as found.
 */
int snapshot_check_layout(const struct snapshot_header *h, size_t n, struct err *err);
int snapshot_check_header(const void *p, const struct digest *at_end, struct err *err);
int snapshot_check_slots(const void *p, const struct digest *found, struct err *err);
int snapshot_check_names(const void *p, const struct digest *found, struct err *err);

/* Write the right digests into the snapshot at P, whose layout is right. */
int snapshot_seal(void *p, struct err *err);

/* The same where only what stands before the names is there, and NAMES is their section's digest; what would
 * stand at the end goes to *ID. */
int snapshot_seal_without_names(void *p, const struct digest *names, struct digest *id, struct err *err);

#endif
