#ifndef HAMLET_STORE_CHAIN_H
#define HAMLET_STORE_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "store/store.h"

/*
 * The chain makes the record tamper-evident.  Every record (a row of verdict, example, model, model_name,
 * pruning or event) has one row in the table chain, written in the same transaction.  Its digest is
 * BLAKE2b-256, keyed with a key that is kept outside the database (chain.key beside it, mode 0600), over the
 * digest before it, the row's number, and every column of the record.  So nobody without the key can change,
 * remove, add or move a record unseen; what those who have the key can't do either, signed checkpoints show
 * (store_chain_sign()).
 *
 * What a comment says and who wrote it enter as salted digests, one for each part of enum part.  Each has a
 * salt of its own in the record (the columns ..._seal); erasing a part empties its columns and puts its
 * digest in the salt's place, so that the chain still verifies and nothing is left to try guesses on.
 */
enum part {
	PART_CONTENT, /* content, permalink, type, date, lang, title, honeypot, user_role, context */
	PART_PERSON, /* author, email, url */
	PART_ADDRESS, /* ip, user_agent, referrer */
	PART_FINGERPRINT, /* of author, email, url and content */
	PART_EVIDENCE /* verdicts only: the strongest tokens, which are bits of the text */
};
#define PARTS 5

/* Sets of parts. */
#define PART_SET(part) (1u << (part))
#define PARTS_PERSONAL (PART_SET(PARTS) - 1) /* all of them */
#define PARTS_JUDGED (PART_SET(PART_CONTENT) | PART_SET(PART_PERSON)) /* what the classifier sees */

/*
 * Erase PARTS of the verdict, or the example event, SEQ; what is erased already stays so.  Erasing content or
 * person erases the fingerprint too, for guesses could be tried on it.  Evidence has to be named by itself.
 * An example's counts need its text: take it back and let that be learnt first.  ERR_NOT_FOUND.
 */
int store_verdict_erase(struct store *st, int64_t seq, unsigned parts, struct err *err);
int store_example_erase(struct store *st, int64_t seq, unsigned parts, struct err *err);

/* Set *PARTS to the set of parts of the verdict ID that are erased; ERR_NOT_FOUND. */
int store_verdict_erased(struct store *st, const char *id, unsigned *parts, struct err *err);

/* -- Events: what was done, by whom, besides judging and labelling -- */

struct event_row {
	int64_t seq;
	int64_t time_ms;
	const char *kind; /* "site-added", "model-used", "erased", "key-rotated", ... */
	const char *who; /* user name; "" if not known */
	const char *detail; /* a JSON object */
};

/*
 * Record that WHO did KIND now; DETAIL is a JSON object, NULL for an empty one.  It is never erased, so it
 * must hold nothing of a commenter's.
 */
int store_event_add(struct store *st, const char *kind, const char *who, const char *detail, struct err *err);

/* The same with the JSON object that DETAIL holds; ERR_NOMEM if memory ran out for it. */
int store_event_json(
    struct store *st, const char *kind, const char *who, const struct buf *detail, struct err *err);

/* Call EACH for the events since SINCE_MS (0: all), oldest first. */
int store_log_walk(struct store *st, int64_t since_ms, int (*each)(const struct event_row *row, void *arg),
    void *arg, struct err *err);

/* -- Verifying -- */

enum chain_fault {
	CHAIN_WHOLE,
	CHAIN_ALTERED, /* a record isn't what was recorded */
	CHAIN_MISSING, /* a record is gone */
	CHAIN_INSERTED, /* a record was never recorded */
	CHAIN_REORDERED, /* a record stands in another's place */
	CHAIN_LINK, /* a row of the chain itself is altered, missing or moved */
	CHAIN_CUT /* the end of the chain is gone */
};

/* What a walk over the whole chain found; after a fault it ends. */
struct chain_report {
	int64_t records; /* that were found whole */
	int64_t erased; /* parts of them that are erased */
	int64_t seq; /* the chain's head, or the row at which the fault was found */
	struct digest head; /* digest of the last row */
	enum chain_fault fault;
	const char *kind; /* of the record at fault: "verdict", ...; NULL: none is known */
	int64_t ref; /* its seq */
	int64_t time_ms; /* when it was made; 0: not known */
	char id[80]; /* its id, made safe for a terminal by nobody; "" if not known */
	char text[ERR_TEXT_MAX]; /* the fault, for people */
};

struct chain_verify {
	void (*progress)(double share, void *arg); /* or NULL */
	/* Called for each row of the chain, with the time of its record (0: it has none); or NULL. */
	void (*each)(int64_t seq, const struct digest *digest, int64_t time_ms, void *arg);
	void *arg;
};

/*
 * Walk over all records, as of one moment, and fill *REPORT.  -1 only when that can't be done: no key, or a
 * database that can't be read.
 */
int store_chain_verify(
    struct store *st, const struct chain_verify *how, struct chain_report *report, struct err *err);

/* -- The head, and the keys -- */

/* Set *SEQ and *DIGEST to the head of the chain, 0 and zeros for an empty one.  ERR_DAMAGED when it isn't
 * ours. */
int store_chain_head(struct store *st, int64_t *seq, struct digest *digest, struct err *err);

/* Sign the N bytes at P, which are about the head SEQ, with the key for signing that was in force then. */
int store_chain_sign(struct store *st, int64_t seq, const void *p, size_t n,
    unsigned char public_key[SIGN_KEY_BYTES], unsigned char signature[SIGNATURE_BYTES], struct err *err);

/*
 * Make new keys, for the chain and for signing, and record as WHO that from the next row on they are in
 * force. The old ones stay in chain.key, for the old rows.
 */
int store_chain_rotate(struct store *st, const char *who, struct err *err);

#endif
