#ifndef HAMLET_CLASSIFIER_EVIDENCE_H
#define HAMLET_CLASSIFIER_EVIDENCE_H

#include "base/buf.h"
#include "base/err.h"
#include "classifier/classify.h"

/*
 * Evidence as it is recorded: exact, and a third of what it takes as text.  For each piece, the strongest
 * first: its field's number, a byte; its weight, a double of 8 bytes with the least significant first; the
 * length of its token's name, 2 bytes likewise; the name.  A field that isn't one of enum field (the site's
 * own counts, and what is outside the model) has the number EVIDENCE_OTHER, and its own name and a NUL stand
 * before the token's and are counted.  No bytes: no evidence.
 */
#define EVIDENCE_OTHER 255

/* Append the evidence of the judgement that C has just made, at most MAX pieces, as it is recorded. */
void evidence_pack(const struct classifier *c, struct judgement *j, size_t max, struct buf *b);

/* One piece of recorded evidence; the names are borrowed from it. */
struct evidence_piece {
	const char *field;
	struct slice name;
	double weight;
};

/* Take the first piece off PACKED into *PIECE: 1, 0 when there is none, -1 when it isn't evidence as
 * recorded. */
int evidence_take(struct slice *packed, struct evidence_piece *piece);

/* Append PACKED, or a list as evidence was once recorded, to B as a JSON list of
 * {"field","token","weight"}; -1 and ERR_DAMAGED when it is neither. */
int evidence_json(struct slice packed, struct buf *b, struct err *err);

/* Append the evidence of the judgement that C has just made, at most MAX pieces, as such a list at once. */
void evidence_list(const struct classifier *c, struct judgement *j, size_t max, struct buf *b);

#endif
