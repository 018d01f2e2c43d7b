#ifndef HAMLET_CLASSIFIER_SOURCES_H
#define HAMLET_CLASSIFIER_SOURCES_H

#include "classifier/left_out.h"

/*
 * Where the examples come from.  What one source happens to carry tells it apart from the others, not spam
 * from ham; weights that are to hold on a site nobody has seen are therefore fitted on evidence that leaves
 * out not only the row itself but all rows of its source.
 *
 * A source is left out where it has SOURCES_ROWS rows or more and at most half of the spam and of the ham is
 * its own: what is left must still know both.  With fewer than SOURCES_LEAST such sources, or if they don't
 * hold half of each class, there is nothing to learn from them.
 */
#define SOURCES_ROWS 20
#define SOURCES_LEAST 3

struct source {
	size_t first, end; /* of sources.order */
	size_t spam, ham;
};

struct sources {
	const struct row **order; /* the rows, by source */
	struct source *v; /* those to leave out */
	size_t n;
};

/* Find the sources of ROWS, which stay as they are as long as S, to leave out; -1 when memory ran out. */
int sources_find(struct sources *s, const struct selection *rows);
void sources_fini(struct sources *s);

/*
 * Call EACH for every row of source I with its evidence from all rows but the source's own; a non-zero return
 * ends it.  -1 when memory ran out or EACH said so.
 */
int sources_leave_out(const struct sources *s, size_t i, struct left_out *l,
    int (*each)(const struct row *row, const struct field_sums *sums, void *arg), void *arg);

#endif
