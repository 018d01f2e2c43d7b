#ifndef HAMLET_CLASSIFIER_RX_H
#define HAMLET_CLASSIFIER_RX_H

#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Regular expressions, by PCRE2 with JIT; rx.c is the only file that sees it.  Every match is limited in
 * steps and in memory. A struct rx is working memory too: one thread each.
 */
struct rx;

/* Compile PATTERN (UTF, Unicode properties).  ERR_INPUT says where in it and why. */
int rx_compile(struct rx **out, const char *pattern, struct err *err);
void rx_free(struct rx *rx); /* NULL is allowed */

struct rx_match {
	size_t start, end;
	int group; /* the highest-numbered group that took part; 0 if none did */
};

/*
 * Find the first match in S, which must be well-formed UTF-8, at or after FROM.  Return 1 and fill *M, or 0
 * when there is none (or a limit was hit, which is the same to the caller: this text has no more to say).
 */
int rx_next(struct rx *rx, struct slice s, size_t from, struct rx_match *m);

/*
 * Return whether PATTERN, in either case of letters unless it says (?-i), occurs in S, which must be
 * well-formed UTF-8: 1, 0, or -1 when a limit was hit first.  RX is only read, so threads may share it.
 * *STEPS (NULL is allowed) becomes what it took, 200,000 and 8 for each byte of S at most: items of the
 * pattern that were tried, and bytes that they went over; where PATTERN refers back to what it has captured,
 * a sixteenth of the longest of that for each item, too.  The other limit is 16 MiB of memory (64 where
 * PCRE2 has no JIT), which no search of 64 kB was found to need.
 */
int rx_occurs(const struct rx *rx, struct slice s, size_t *steps);

/* Compile PATTERN (N bytes, well-formed UTF-8) for rx_occurs(); as rx_compile(). */
int rx_compile_any_case(struct rx **out, const char *pattern, size_t n, struct err *err);

#endif
