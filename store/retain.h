#ifndef HAMLET_STORE_RETAIN_H
#define HAMLET_STORE_RETAIN_H

#include "store/chain.h"

/* Finding what of the record has been kept for as long as it may be.  Erasing it is store/chain.h. */

/* Fill SEQS, of MAX, with the first *N verdicts of SITE after seq AFTER that were made before BEFORE_MS and
 * still have PART. */
int store_verdicts_due(struct store *st, int64_t site, enum part part, int64_t after, int64_t before_ms,
    int64_t *seqs, size_t max, size_t *n, struct err *err);

/* Move *AFTER on to where the next verdict of SITE that still has PART comes, or to the record's end. */
int store_verdicts_done(struct store *st, int64_t site, enum part part, int64_t *after, struct err *err);

/* Fill SEQS with example events of SITE (0: nobody's) that still have addresses and were made before
 * BEFORE_MS, or on a verdict that was: a correction has the addresses of its verdict. */
int store_examples_due(
    struct store *st, int64_t site, int64_t before_ms, int64_t *seqs, size_t max, size_t *n, struct err *err);

/* An example event that still has its text, but was replaced by a later one, or said that a comment is none.
 */
struct example_past {
	int64_t seq;
	int64_t by; /* the event that replaced it; itself if it said that the comment is no example */
};

/* Fill PAST with those of SITE (0: nobody's) that have been so since before BEFORE_MS, where BY is at most
 * UPTO. */
int store_examples_past(struct store *st, int64_t site, int64_t before_ms, int64_t upto,
    struct example_past *past, size_t max, size_t *n, struct err *err);

#endif
