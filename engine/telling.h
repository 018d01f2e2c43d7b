#ifndef HAMLET_ENGINE_TELLING_H
#define HAMLET_ENGINE_TELLING_H

#include <stdint.h>

#include "base/err.h"
#include "classifier/model_tokens.h"
#include "engine/ranking.h"

/*
 * The most telling tokens of a model, by field.
 *
 * Ranking by ratio alone would show what was seen once or twice: where nothing contradicts, a ratio is as
 * great as it can be.  Ranking by count shows the commonest words.  What is wanted is how much a token does
 * to tell the classes apart: its ratio times the difference of the shares of spam and of ham comments that
 * have it,
 *
 *     pull = (spam / all spam - ham / all ham) * ratio
 *
 * which is the distance that this token alone puts between the log-odds of the average spam comment and the
 * average ham comment (its term in the divergence of the two classes).  A frequent word that leans to neither
 * side has both factors small, a rare one has the first one small; and as shares are compared, not counts,
 * the class mix of the training set plays no part.
 */
struct telling_token {
	struct slice name; /* as in struct model_token: borrowed from the model */
	uint32_t spam, ham;
	double ratio, pull;
};

struct telling {
	struct telling_field {
		uint64_t tokens; /* how many tokens of the field there are, with a name */
		struct ranking spam, ham; /* of struct telling_token */
	} fields[FIELD_COUNT];
	uint64_t unlisted; /* tokens without a name, or of a field that isn't known */
};

/* Find the LIMIT most telling tokens of M for each field and class.  ERR_NOMEM.  The caller gives T back in
 * both cases. */
int telling_find(struct telling *t, const struct model *m, size_t limit, struct err *err);
void telling_fini(struct telling *t);

#endif
