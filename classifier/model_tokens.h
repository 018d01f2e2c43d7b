#ifndef HAMLET_CLASSIFIER_MODEL_TOKENS_H
#define HAMLET_CLASSIFIER_MODEL_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "classifier/model.h"
#include "classifier/token.h"
#include "classifier/walk.h"
#include "classifier/weigh.h"

/*
 * What a model knows, token by token, for people who want to read it.  Judging has no need of this: it looks
 * tokens up by hash, and the names are kept in the snapshot for this walk alone.
 */
struct model_token {
	uint64_t hash;
	enum field field; /* FIELD_COUNT: not told, or a field that this version has no name for */
	struct slice name; /* any bytes; absent when it was not kept; valid as long as the model */
	uint32_t spam, ham; /* in how many comments of each class */
	double ratio; /* the log-likelihood ratio that judging reckons with: natural log, above 0 for spam */
};

/* Nothing to give back. */
struct model_tokens {
	struct walk walk; /* of a model that is in memory */
	struct offsets offsets;
	struct ratio_table ratios;
};

/* Begin with the first token of M, which must outlive W and be whole, not opened to judge or learn from; of
 * any other there are none. */
void model_tokens_start(struct model_tokens *w, const struct model *m);

/*
 * Fill *TOKEN with the next token and return true; false at the end.  Tokens come in order of hash, so two
 * models are compared by walking both side by side.
 */
bool model_tokens_next(struct model_tokens *w, struct model_token *token);

/* Return the weights of M, valid as long as M. */
const struct weights *model_weights(const struct model *m);

/* Set *F to the field called NAME and return 0, or -1 if there is none. */
int field_find(enum field *f, const char *name);

#endif
