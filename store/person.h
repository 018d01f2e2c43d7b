#ifndef HAMLET_STORE_PERSON_H
#define HAMLET_STORE_PERSON_H

#include "store/chain.h"

/*
 * Everything that is held of one person, who is known by one of these; the others are NULL.  Blanks around
 * what is on record don't count.  Verdicts and examples that belong together are found when one of them still
 * says whose it is.
 */
struct person {
	const char *email; /* in either case, if ASCII */
	const char *ip; /* however the address is written; exactly, if it isn't one, but in either case */
	const char *author; /* exactly */
};

/* Call EACH for the verdicts on WHO's comments (those of seq FIRST to LAST), and for the example events about
 * them, by seq; as the walks of store/store.h. */
int store_person_verdicts(struct store *st, const struct person *who, int64_t first, int64_t last,
    int (*each)(const struct verdict_row *row, void *arg), void *arg, struct err *err);
int store_person_examples(struct store *st, const struct person *who,
    int (*each)(const struct example_row *row, void *arg), void *arg, struct err *err);

/* Set *BY to the event that replaced the example event SEQ; 0: none has. */
int store_example_replacement(struct store *st, int64_t seq, int64_t *by, struct err *err);

/* Set *LOST to whether a model of POSITION counts an example that was taken back and erased since: what it
 * learnt can't be subtracted any more. */
int store_examples_lost(struct store *st, int64_t position, bool *lost, struct err *err);

/* Rewrite the whole database file, so that it holds nothing but what is on record.  No one else can write
 * meanwhile.
 */
int store_vacuum(struct store *st, struct err *err);

#endif
