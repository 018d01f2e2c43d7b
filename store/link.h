#ifndef HAMLET_STORE_LINK_H
#define HAMLET_STORE_LINK_H

#include "store/keys.h"
#include "store/record.h"
#include "store/sql.h"

/*
 * Private to store/: adding to the chain.  The head stands in a table of its own, sealed with the key, and
 * not only as the chain's last row: whoever cuts the chain's end off leaves a gap in the numbers, whatever is
 * added after.  It is written once a transaction, at its end.
 */
struct chain {
	struct keys keys;
	bool entered; /* this transaction has read the head and the keys */
	bool known; /* the head below is as it stands; else it is to be read again */
	bool moved; /* rows were added in this transaction */
	int64_t seq; /* the head */
	struct digest digest;
	struct record record; /* the one being added */
};

/* From chain.c.  In the transaction that makes the chain's tables: make the key, if there is none, and chain
 * what was recorded before there was a chain. */
int chain_found(struct store *st, struct err *err);

/* Make a handle that writes ready: read the keys, and see that they are this chain's. */
int chain_open(struct store *st, struct err *err);
void chain_close(struct store *st);

void chain_enter(struct store *st); /* a transaction has begun */
int chain_leave(struct store *st, struct err *err); /* it is about to be committed */
void chain_forget(struct store *st); /* some of it was, or may have been, undone */

/* Return a record of KIND to be filled, the handle's only one. */
struct record *chain_record(struct store *st, enum record_kind kind);

/* Bind the seals of R to the next parameters of Q. */
void chain_bind_seals(struct sql *q, const struct record *r);

/* Add the record just filled, which is in its table with the seq REF, to the chain. */
int chain_append(struct store *st, int64_t ref, struct err *err);

/* Fill *OUT with what seals the head SEQ with digest D under KEY. */
void chain_head_seal(struct digest *out, const struct digest *key, int64_t seq, const struct digest *d);

/* The head on record. */
struct head {
	int64_t seq;
	struct digest digest;
	struct digest seal;
	int64_t last; /* the chain's greatest number, 0: it has no rows */
	struct digest last_digest;
};

/* Read the head; ERR_DAMAGED when there is none. */
int chain_read_head(struct store *st, struct head *h, struct err *err);

/* Make the head known to this transaction. */
int chain_find_head(struct store *st, struct err *err);

/* Begin a transaction unless one is open, and end it according to RC, which is returned (-1 if the end
 * fails). */
int chain_begin_own(struct store *st, bool *own, struct err *err);
int chain_end_own(struct store *st, bool own, int rc, struct err *err);

#endif
