#ifndef HAMLET_STORE_RECORD_H
#define HAMLET_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "store/chain.h"

/*
 * Private to store/: one row of a chained table, as the chain's digest sees it.  It is filled column by
 * column from the second on (the first is its number), either while its values are bound for insertion, or as
 * they are read back.  Each value is encoded with its type, and its length where that varies, so that no two
 * rows have one encoding; doubles by their bits.
 *
 * A column belongs to the body, to one of the parts that can be erased, or is the seal of one.  A seal is a
 * part's salt, or, once it is erased, its digest and what proves that the key's holder erased it.
 *
 * Columns that a later schema appends are no part of older records: a row of the chain says how many columns
 * its digest covers, and the others must be as if the record had been made before they were there.
 */
enum record_kind {
	RECORD_VERDICT = 1, /* these numbers are on disk */
	RECORD_EXAMPLE,
	RECORD_MODEL,
	RECORD_MODEL_NAME,
	RECORD_PRUNING,
	RECORD_EVENT
};
#define RECORD_KINDS 6

#define SALT_BYTES 16
#define PROOF_BYTES 16
#define ERASED_BYTES (DIGEST_BYTES + PROOF_BYTES)
#define COLUMNS_MAX 96
#define SALTS_AHEAD 32 /* rows whose salts one system call fetches */

/* A chained table.  Columns by their place; 0: it has none such. */
struct record_table {
	const char *name;
	const char *walk; /* a query for all rows with seq >= ?1 */
	int id, time; /* what names a record to people */
	int comment; /* the first of the comment's columns */
	int fingerprint, evidence;
	int seals; /* the first of the parts' seals, in the order of enum part */
	int parts; /* how many of them it has */
};

struct record {
	enum record_kind kind;
	const struct record_table *table;
	int columns; /* filled so far, and the first */
	struct buf body;
	struct buf part[PARTS];
	bool filled[PARTS]; /* some column of it isn't empty */
	unsigned char seal[PARTS][ERASED_BYTES];
	size_t seal_bytes[PARTS];
	struct buf whole; /* what is digested in the end */
	unsigned char random[SALTS_AHEAD * PARTS * SALT_BYTES]; /* salts to come; used ones are wiped */
	size_t nrandom; /* bytes of it that are left, at its end */
};

const struct record_table *record_table(enum record_kind kind);

void record_init(struct record *r);
void record_fini(struct record *r);

/* Make R an empty record of KIND, without seals. */
void record_begin(struct record *r, enum record_kind kind);

/* Give each part of R a fresh salt. */
void record_salt(struct record *r);

/* The next column's value. */
void record_null(struct record *r);
void record_int(struct record *r, int64_t v);
void record_real(struct record *r, double v);
void record_bytes(struct record *r, bool text, const void *p, size_t n);

/* Return the part that COLUMN of R's table belongs to, or -1; *SEAL is set to whether it is its seal. */
int record_part(const struct record_table *table, int column, bool *seal);

/* Fill *OUT with the digest of PART, from its columns and salt. */
void record_part_digest(const struct record *r, enum part part, struct digest *out);

/* Return whether PART is erased. */
bool record_erased(const struct record *r, enum part part);

/* Write to OUT what proves that the holder of KEY erased PART, whose digest was D, of the record REF. */
void record_proof(unsigned char out[PROOF_BYTES], const struct digest *key, const struct record *r,
    int64_t ref, enum part part, const struct digest *d);

/* A row of the chain. */
struct link {
	int64_t seq;
	enum record_kind kind;
	int64_t ref;
	int64_t columns; /* of the record that the digest covers */
	struct digest digest;
};

/* Set L->digest from the rest of L, the digest PREVIOUS and the record R, with KEY; -1 when memory ran out.
 */
int record_link(struct record *r, struct link *l, const struct digest *previous, const struct digest *key);

#endif
