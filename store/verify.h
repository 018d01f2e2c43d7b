#ifndef HAMLET_STORE_VERIFY_H
#define HAMLET_STORE_VERIFY_H

#include "store/link.h"

/*
 * Private to store/: the walk over the chain.  One cursor goes over the chain, and one over each chained
 * table, whose records were chained in the order of their seq.
 */
struct cursor {
	struct sql q;
	bool there; /* stands on a record; else the table is at its end */
	int64_t ref;
};

struct walk {
	struct store *st;
	const struct chain_verify *how;
	struct chain_report *report;
	struct keys keys;
	struct head head;
	bool headless;
	struct sql chain;
	struct cursor cursors[RECORD_KINDS + 1];
	struct record record;
	struct link link; /* the row of the chain as stored */
	struct digest previous; /* digest stored in the row before */
	char last[160]; /* the last record that was whole, for people */
	int64_t last_ms; /* and its time; 0: it has none */
};

/* Go to the next record of KIND. */
int verify_advance(struct walk *w, enum record_kind kind, struct err *err);

/* Read the next row of the chain: 1, 0 at the end, -1. */
int verify_next_link(struct walk *w, struct err *err);

/* Set L->digest to what it should be for the record under the cursor of its kind, after PREVIOUS. */
int verify_compute(struct walk *w, struct link *l, const struct digest *previous, struct err *err);

/*
 * From verify_fault.c: say in the report what is wrong, looking for the likeliest explanation.  Each returns
 * 0, or -1 when the database can't be read.
 */
int fault_gap(struct walk *w, int64_t expected, struct err *err); /* numbers of the chain are missing */
int fault_link(struct walk *w, const char *what); /* the row of the chain is nonsense */
int fault_absent(struct walk *w, struct err *err); /* its record isn't there */
int fault_unchained(struct walk *w, enum record_kind kind, struct err *err); /* a record that no row is of */
int fault_mismatch(struct walk *w, const struct digest *computed, struct err *err);
int fault_part(struct walk *w, enum part part, const char *what); /* of the record */
int fault_end(struct walk *w, const char *what, struct err *err); /* the head doesn't fit */

#endif
