#ifndef HAMLET_CLASSIFIER_SNAPSHOT_H
#define HAMLET_CLASSIFIER_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "classifier/counts.h"
#include "classifier/lookup.h"
#include "classifier/weigh.h"

/*
 * The snapshot file, version 8.  All numbers little-endian; every section starts at a multiple of 64 bytes.
 *
 *   header   struct snapshot_header: magic, version, sizes, totals, weights, thresholds, and where each
 * section after it is, with a digest of the bytes from its start to that of the next (base/tree.h) table the
 * token counts as they are looked up: struct lookup_bucket.  Tokens stand in order of hash, so that a table
 * is the same bytes whatever order they came in. large    counts that don't fit in there: struct
 * lookup_large, in order of hash halves   for each token in order its hash's upper half, 32 bits: with the
 * lower one in the table the hash. Judging does without this and what follows; learning doesn't. names token
 * texts for people: for each token in order a length byte, field byte and text; may be empty digest
 * BLAKE2b-256 of all before the table; its hexadecimal form is the model's id
 */
#define SNAPSHOT_MAGIC "HAMLET\r\n"
#define SNAPSHOT_VERSION 8u
#define SNAPSHOT_ALIGN 64
#define SNAPSHOT_COMMENTS_MAX (1u << 30) /* of each class */

enum snapshot_part { SNAPSHOT_TABLE, SNAPSHOT_LARGE, SNAPSHOT_HALVES, SNAPSHOT_NAMES, SNAPSHOT_PARTS };

struct snapshot_section {
	uint64_t at, bytes; /* from the start of the file; without what fills it up to the next */
	struct digest digest;
};

struct snapshot_header {
	char magic[8];
	uint32_t version;
	uint32_t header_bytes;
	uint64_t tokens;
	uint64_t homes; /* buckets that a hash can point to */
	uint64_t digest_at;
	struct snapshot_section section[SNAPSHOT_PARTS];
	uint64_t spam, ham; /* comments counted for everybody */
	uint64_t own_spam, own_ham; /* and for single sites, see own.h */
	uint64_t position; /* last example event included */
	unsigned char parent[32]; /* digest of the model this one was learnt from, or zeros */
	struct weights weights;
	double spam_share; /* that weights.bias is for */
	double spam_threshold, unsure_threshold, blocked_ham_budget;
};

/*
 * Make a snapshot of the N counts in LIST, which are in order of hash and whose names stand in NAMES, with
 * the totals, weights and thresholds of HEADER.  The caller frees *OUT.  ERR_DAMAGED when a count is below
 * zero.
 */
int snapshot_encode(const struct snapshot_header *header, const struct count *list, size_t n,
    struct slice names, void **out, size_t *size, struct err *err);

/*
 * For who writes the sections itself: say in H where everything stands, the tokens' number and homes being
 * right, with what F came to when they were put into a table of none, and NAMES_BYTES of names; and what
 * version this is.
 */
void snapshot_lay_out(struct snapshot_header *h, const struct lookup_filling *f, uint64_t names_bytes);

/* Or, where all else stays where it is, N bytes of names. */
void snapshot_set_names_bytes(struct snapshot_header *h, uint64_t n);

/* Return where PART ends and the next begins. */
uint64_t snapshot_part_end(const struct snapshot_header *h, enum snapshot_part part);

/* Return the table of the snapshot at P; and the zeroed one there as one to be filled. */
struct lookup snapshot_lookup(const void *p);
struct lookup_filling snapshot_filling(void *p);

/*
 * Check that the N bytes at P are a whole, undamaged snapshot of this version: sizes, order and digests.
 * ERR_DAMAGED says what is wrong.
 */
int snapshot_verify(const void *p, size_t n, struct err *err);

/*
 * The same in steps, for who reads a file of N bytes piece by piece: what H says of its layout; then, at P
 * what stands before the table, against the digest at the end; then each part's digest, as found; and what is
 * in the parts, of which none behind LAST are there.
 */
int snapshot_check_layout(const struct snapshot_header *h, size_t n, struct err *err);
int snapshot_check_header(const void *p, const struct digest *at_end, struct err *err);
int snapshot_check_digest(
    const struct snapshot_header *h, enum snapshot_part part, const struct digest *found, struct err *err);
int snapshot_check_content(const void *p, enum snapshot_part last, struct err *err);

/* Write the right digests into the snapshot at P, whose layout is right. */
int snapshot_seal(void *p, struct err *err);

/* The same where only table and large counts are there, and the other digests are in the header already; what
 * would stand at the end goes to *ID. */
int snapshot_seal_to_judge(void *p, struct digest *id, struct err *err);

#endif
