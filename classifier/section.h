#ifndef HAMLET_CLASSIFIER_SECTION_H
#define HAMLET_CLASSIFIER_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * One section of a snapshot, piece after piece from its beginning to its end: in memory, or in a file, of
 * which a quarter of a megabyte is at hand at a time.  Pieces are SECTION_PIECE_MAX bytes long at most.
 */
struct section {
	const unsigned char *next, *end; /* what is at hand */
	unsigned char *room; /* of a file: where that is; NULL: in memory */
	int fd; /* the file, borrowed, */
	uint64_t at, left; /* and what of the section is still to be read from it */
	int failed; /* errno; -1: it ends within a piece */
};
#define SECTION_PIECE_MAX 4096u

/* Begin with the N bytes at P. */
void section_in_memory(struct section *s, const void *p, uint64_t n);

/* Begin with the N bytes at AT of FD. */
int section_in_file(struct section *s, int fd, uint64_t at, uint64_t n, struct err *err);

/* Have at least N bytes at hand; false at the end, and when something was wrong. */
bool section_more(struct section *s, size_t n);

/* Return the next N bytes, which are valid until the next call; NULL when there are none. */
static inline const void *
section_look(struct section *s, size_t n)
{
	return (size_t)(s->end - s->next) >= n || section_more(s, n) ? s->next : NULL;
}

/* The same, and go on behind them. */
static inline const void *
section_take(struct section *s, size_t n)
{
	const void *p = section_look(s, n);

	if (p != NULL)
		s->next += n;
	return p;
}

/* End it; see that nothing was wrong and nothing is left.  ERR_IO, or ERR_DAMAGED. */
int section_end(struct section *s, struct err *err);

#endif
