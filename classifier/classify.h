#ifndef HAMLET_CLASSIFIER_CLASSIFY_H
#define HAMLET_CLASSIFIER_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "classifier/comment.h"
#include "classifier/model.h"

/*
 * Judging: comment -> tokens by field -> evidence -> probability.  A classifier is the working memory of one
 * thread (regular-expression state, token tables), used for one comment at a time and kept for the next.
 */
struct classifier;

enum verdict { VERDICT_HAM, VERDICT_UNSURE, VERDICT_SPAM };

/* What one token of the comment, or somebody outside the model, says, in natural-log odds: above 0 for spam,
 * below 0 for ham. */
struct evidence {
	const char *field; /* static: "word", "pair", "chars", "url", "author", "shape", ..., "own", "rule" */
	double weight;
	size_t token; /* which of the comment's tokens, past them the outside ones; for
			 classifier_token_name() */
};

/*
 * prior + the weights of all the evidence == log_odds == logit(probability), to within 1e-6.  log_odds is
 * held within +-JUDGEMENT_LOG_ODDS_MAX, where a double still tells probabilities apart that exactly.
 */
#define JUDGEMENT_LOG_ODDS_MAX 20.0

struct judgement {
	enum verdict verdict; /* by the thresholds there; unsure, too, where no word is known */
	double probability; /* calibrated P(spam) */
	double log_odds;
	double prior;
	double spam_threshold; /* the probability from which on it is spam, there */
	double
	    known; /* share of the comment's tokens that the model has seen, 0 to 1; 0 for an empty comment */
	struct evidence *evidence; /* complete, in no special order, one or two pieces a token; valid until
				      the next classify() */
	size_t nevidence;
	size_t noutside; /* how many pieces of it come from outside the model */
	size_t ntokens; /* evidence of a token from this one on comes from outside the model */
};

/* Make the working memory of one thread; ERR_NOMEM. */
int classifier_new(struct classifier **out, struct err *err);
void classifier_free(struct classifier *c); /* NULL is allowed */

/*
 * Which fields of a comment count.  FIELDS_CONTENT is what filters that only see text are compared on.
 */
enum fields { FIELDS_ALL, FIELDS_CONTENT };

/* Evidence that doesn't come from the model, such as an owner's rule that fires. */
struct outside {
	const char *field; /* static */
	const char *token; /* its name; borrowed until the next classify() */
	double weight;
};

#define OUTSIDE_MAX 10.0 /* what all of it may come to, either way */

/*
 * The greatest prior, either way: with OUTSIDE_MAX less than JUDGEMENT_LOG_ODDS_MAX, so that there is always
 * some room left for the model's evidence, which is scaled down to what there is.
 */
#define PRIOR_MAX 9.5

/*
 * Where a comment was made: what its site has learnt for itself, and what it starts from.  A site that gets
 * little spam has a lower prior; the probability is calibrated for it, and so is the threshold, so that as
 * much ham as the budget allows is blocked whatever the mix.
 */
struct place {
	uint64_t site; /* whose own counts count; 0: nobody's */
	bool has_prior;
	double prior; /* if has_prior: in place of the model's, as from place_prior() */
	double spam_threshold; /* in place of the model's, however low; 0: the model's */
	const struct outside *outside; /* evidence beside the model's, taken as it is */
	size_t noutside;
	bool outside_counts; /* it is reason enough to judge a comment of which nothing else was heard of */
};

/* Return MODEL's prior for a site of whose comments the share SPAM_SHARE, 0 < SPAM_SHARE < 1, is spam,
 * within +-PRIOR_MAX. */
double place_prior(const struct model *model, double spam_share);

/* Return the share of spam that PRIOR stands for; the opposite. */
double place_spam_share(const struct model *model, double prior);

/* Return the probability from which on MODEL says spam at PLACE (NULL: anywhere); at least that of log-odds
 * 0.2, unless PLACE has a threshold of its own. */
double place_threshold(const struct model *model, const struct place *place);

/* As classify(), for a comment made at PLACE (NULL: anywhere). */
int classify_at(struct classifier *c, const struct model *model, const struct comment *comment,
    enum fields fields, const struct place *place, struct judgement *out, struct err *err);

/*
 * Judge COMMENT by MODEL into *OUT.  Any bytes are allowed in any field; an empty comment gets a verdict too.
 * Fails with ERR_NOMEM only.
 */
int classify(struct classifier *c, const struct model *model, const struct comment *comment,
    enum fields fields, struct judgement *out, struct err *err);

/*
 * The same in two steps, for who needs the comment's normal form in between: read COMMENT, then judge what
 * was read.  COMMENT is borrowed until then.
 */
int classifier_read(struct classifier *c, const struct comment *comment, enum fields fields, struct err *err);
int classify_read(struct classifier *c, const struct model *model, const struct place *place,
    struct judgement *out, struct err *err);

/* Return the content of the comment last read in normal form (classifier/normal.h), valid until the next one.
 */
struct slice classifier_text(const struct classifier *c);

/*
 * Bring the TOP strongest pieces of J's evidence (greatest |weight|) to its front, in order, and after them
 * what of the outside evidence isn't one of them; returns how many there are of both.
 */
size_t judgement_rank(struct judgement *j, size_t top);

/* Append the name of evidence E of the last classify() to B, as people read it: "casino", "click … here". */
void classifier_token_name(const struct classifier *c, const struct evidence *e, struct buf *b);

/* Return "ham", "unsure" or "spam". */
const char *verdict_name(enum verdict v);

/* Set *V from "ham", "unsure" or "spam" and return 0, or -1. */
int verdict_parse(enum verdict *v, const char *name);

#endif
