#ifndef HAMLET_ENGINE_MODEL_DIFF_H
#define HAMLET_ENGINE_MODEL_DIFF_H

#include <stdint.h>

#include "base/err.h"
#include "classifier/model_tokens.h"
#include "engine/ranking.h"
#include "store/store.h"

/* What changed from one model to another.  Index 0 of a pair is the model before, 1 the one after. */

/* How many of a field's tokens a comment has on average, as far as a model knows them, and what the ratio of
 * each that isn't rare is multiplied with in such a comment. */
struct field_worth {
	double known, worth;
};

/*
 * Tokens.  A ratio that hangs on one or two comments jumps at the next one, and one that hangs on thousands
 * is always a little different.  So changes are ranked by how unlikely they are to be chance: in squares of
 * their standard error (which is about 1 / sqrt(n) for a token seen in n comments), times what the field's
 * ratios are worth to the verdict:
 *
 *     strength = (ratio after - ratio before)^2 * n * worth,  n: in how many comments, the greater count
 *
 * A token that one of the models doesn't know has ratio 0 there.  Tokens with equal counts are no change,
 * even though all ratios move a little with the totals.
 */
struct diff_token {
	enum field field;
	struct slice name; /* as in struct model_token */
	uint32_t spam[2], ham[2];
	double ratio[2], strength;
};

struct model_diff {
	struct field_worth fields[2][FIELD_COUNT];
	uint64_t same, changed, appeared, gone; /* how many tokens */
	uint64_t unlisted; /* of those that differ: without a name, or of a field that isn't known */
	struct ranking changes, arrivals, losses; /* of struct diff_token */
};

/*
 * Compare the tokens of BEFORE and AFTER, which must outlive *D; the LIMIT strongest of each kind are listed,
 * of FIELD only unless it is FIELD_COUNT.  ERR_NOMEM.  The caller gives D back in both cases.
 */
int model_diff(struct model_diff *d, const struct model *before, const struct model *after, enum field field,
    size_t limit, struct err *err);
void model_diff_fini(struct model_diff *d);

/* Verdicts.  Work is bounded: of more examples than this, about as many are judged, the same ones each time.
 */
#define VERDICT_DIFF_MAX 20000
#define FLIP_EXCERPT_BYTES 400

struct verdict_flip {
	char id[ULID_CHARS + 1]; /* of the example */
	enum label label;
	enum verdict verdict[2];
	double probability[2];
	char excerpt[FLIP_EXCERPT_BYTES + 1]; /* the beginning of the comment's text; any bytes but NUL */
};

struct verdict_diff {
	uint64_t examples, judged; /* in force, and how many of them were judged */
	uint64_t moved[2][3][3]; /* by label, verdict before, verdict after */
	struct ranking flips; /* of struct verdict_flip: where the log-odds moved farthest */
};

/*
 * Judge the examples in force in ST by both models and their own thresholds.  PROGRESS (NULL is allowed) is
 * told the share done.  The caller gives V back in both cases.
 */
int verdict_diff(struct verdict_diff *v, struct store *st, const struct model *before,
    const struct model *after, size_t limit, void (*progress)(double share, void *arg), void *progress_arg,
    struct err *err);
void verdict_diff_fini(struct verdict_diff *v);

/* How many of the verdicts that changed moved towards (better) and away from (worse) what the example is. */
void verdict_diff_count(const struct verdict_diff *v, uint64_t *better, uint64_t *worse);

#endif
