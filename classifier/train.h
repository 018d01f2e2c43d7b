#ifndef HAMLET_CLASSIFIER_TRAIN_H
#define HAMLET_CLASSIFIER_TRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "classifier/classify.h"
#include "classifier/comment.h"
#include "classifier/model.h"

/*
 * Training: add labelled comments, then build a model of all of them, or models of parts of them.  The
 * comments are kept, and their tokens as numbers (5 bytes each), so that the field weights, the calibration
 * and the thresholds can be fitted on out-of-fold evidence, and a comment is cut into tokens once for all
 * models. Both the counts and the fit depend only on the set of examples and not on their order.
 */
struct trainer;

struct train_options {
	enum fields fields;
	double blocked_ham_budget; /* most share of ham to be called spam, such as 0.005 */
	bool names; /* keep the token dictionary for people (not needed to judge) */
	uint64_t position; /* recorded in the model: see struct model_info */
	/* Called now and then with the share done, 0 to 1; NULL is allowed. */
	void (*progress)(double share, void *arg);
	void *progress_arg;
};

int trainer_new(struct trainer **out, const struct train_options *options, struct err *err);
void trainer_free(struct trainer *t); /* NULL is allowed */

/* Where an example comes from, and for whom it counts; all zero: for everybody, from nobody knows where. */
struct origin {
	uint64_t source; /* the same number for the examples of one data set, one site...; see sources.h */
	uint64_t site; /* not 0: an example of that site's own, see own.h */
	bool shared; /* a site's own example counts for everybody too */
};

/* Return the number of the source called NAME, never 0. */
uint64_t origin_source(struct slice name);

/* Count COMMENT as LABEL (ham or spam); both and FROM (NULL: as if all zero) are borrowed until return. */
int trainer_add(struct trainer *t, const struct comment *comment, enum label label, const struct origin *from,
    struct err *err);

/*
 * Build the model of all that was added, in memory; the caller holds one reference to *OUT.  There is no
 * minimum: with no examples, or of one class only, the model is honest about knowing little.
 */
int trainer_build(struct trainer *t, struct model **out, struct err *err);

/* Say that nothing will be added any more: from then on several threads may build models at once. */
int trainer_settle(struct trainer *t, struct err *err);

/* Those of the examples that a model is made of. */
struct choice {
	const unsigned char *fold; /* of each example, as they were added; NULL: all are taken */
	unsigned char left_out; /* the fold that isn't taken; nor is CHOICE_NEVER */
};

#define CHOICE_NEVER 255

/* The same as trainer_build(), for CHOICE, by OPTIONS, whose fields and names must be no more than those of
 * T, which is settled. */
int trainer_build_of(const struct trainer *t, const struct choice *choice,
    const struct train_options *options, struct model **out, struct err *err);

/* What the model of a choice makes of an example that it left out. */
struct left_out_judgement {
	uint32_t example; /* as they were added */
	double probability;
	enum verdict verdict;
};

/*
 * Call EACH for every example that CHOICE leaves out as its fold with what the model that trainer_build_of()
 * would make would say of it; the model isn't put together for that.  *TOKENS is how many it would have.
 */
int trainer_judge_left_out(const struct trainer *t, const struct choice *choice,
    const struct train_options *options, void (*each)(const struct left_out_judgement *j, void *arg),
    void *arg, uint64_t *tokens, struct err *err);

/* A change to a model's counts: examples to add and to take back. */
struct delta;

int delta_new(struct delta **out, enum fields fields, struct err *err);
void delta_free(struct delta *d); /* NULL is allowed */

/* Add COMMENT as LABEL, or with TAKE_BACK subtract it; FROM as in trainer_add(). */
int delta_add(struct delta *d, const struct comment *comment, enum label label, const struct origin *from,
    bool take_back, struct err *err);

/*
 * Make the model BASE + D, with the weights and thresholds of BASE, that includes the store's events up to
 * POSITION; the caller holds one reference to *OUT.  Adding and then taking back gives the same counts, bit
 * for bit.  PARENT is the id of the model that it is said to be learnt from: that of BASE, or where D is
 * several steps together that of the last but one; the result is what the steps lead to, to the last byte.
 * With JUDGES_ONLY it is no more of that model than judging takes, which is half the memory.
 * ERR_DAMAGED when a count would fall below zero; ERR_REFUSED when BASE was opened to judge only.
 */
int delta_apply(const struct delta *d, const struct model *base, const char *parent, uint64_t position,
    bool judges_only, struct model **out, struct err *err);

#endif
