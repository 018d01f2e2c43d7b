#include "config.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "classifier/evidence.h"
#include "classifier/token.h"
#include "engine/check.h"
#include "engine/outlook.h"
#include "engine/recompute.h"
#include "store/chain.h"

#define DISGUISE_KIND "disguise" /* of the tokens in the shape field that say so */
#define ARENA_BYTES ((size_t)16 << 20) /* more than recorded evidence is */

/* Return where ROW was judged: all of it that is on record. */
static struct place
place_of(const struct verdict_row *row)
{
	return (struct place){ .site = (uint64_t)row->site, .has_prior = true, .prior = row->prior };
}

static int
judge_again(struct engine *e, const struct verdict_row *row, struct buf *evidence, struct recomputed *out,
    struct err *err)
{
	struct place place = place_of(row);
	struct arena *a = arena_new(ARENA_BYTES);
	struct classifier *c = NULL;
	struct model *model = NULL;
	struct outlook *o = NULL; /* rules and bursts can't be computed again */
	struct judgement j;
	int rc;

	rc = a != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
	if (rc == 0 && (rc = engine_model_to_judge(e, row->model, &model, err)) == -1)
		err_prefix(
		    err, "verdict %s can't be computed again without the model that judged it", row->id);
	if (rc == 0)
		rc = outlook_recorded(&o, row, a, err);
	if (rc == 0)
		rc = classifier_new(&c, err);
	place.outside = o != NULL ? o->outside : NULL;
	place.noutside = o != NULL ? o->n : 0;
	if (rc == 0)
		rc = classify_at(c, model, &row->comment, FIELDS_ALL, &place, &j, err);
	if (rc == 0) {
		evidence_list(c, &j, SIZE_MAX, evidence);
		*out = (struct recomputed){ j.probability, j.known, j.spam_threshold };
	}
	classifier_free(c);
	model_unref(model);
	arena_free(a);
	return rc;
}

/* Refuse with CODE if what ROW was computed from isn't there any more. */
static int
check_there(struct engine *e, const struct verdict_row *row, enum err_code code, struct err *err)
{
	unsigned erased;

	if (store_verdict_erased(e->store, row->id, &erased, err) == -1)
		return -1;
	if ((erased & PARTS_JUDGED) == 0)
		return 0;
	return err_set(err, code,
	    "verdict %s: what it was computed from has been erased, it can't be computed again", row->id);
}

int
recompute(struct engine *e, const struct verdict_row *row, struct buf *evidence, struct recomputed *out,
    struct err *err)
{
	if (!check_unasked(row->forced))
		return check_there(e, row, ERR_NOT_FOUND, err) == -1
		    ? -1
		    : judge_again(e, row, evidence, out, err);
	json_open(evidence, '['); /* nothing was computed then */
	json_close(evidence, ']');
	*out = (struct recomputed){ row->probability, NAN, 0 };
	return 0;
}

int
recompute_threshold(struct engine *e, const struct verdict_row *row, double *spam, struct err *err)
{
	const struct place place = place_of(row);
	struct model *model;

	if (engine_model_to_judge(e, row->model, &model, err) == -1)
		return -1;
	*spam = place_threshold(model, &place);
	model_unref(model);
	return 0;
}

int
recompute_probability(struct engine *e, const struct verdict_row *row, double *probability, struct err *err)
{
	struct recomputed found;
	struct buf evidence;
	int rc;

	if (check_unasked(row->forced))
		return err_set(err, ERR_REFUSED,
		    "verdict %s: it was given without asking the classifier (%s), there is nothing to "
		    "compute",
		    row->id, row->forced);
	if (check_there(e, row, ERR_REFUSED, err) == -1)
		return -1;
	buf_init(&evidence, BUF_NO_LIMIT);
	rc = judge_again(e, row, &evidence, &found, err);
	buf_fini(&evidence);
	if (rc == -1)
		return -1;
	*probability = found.probability;
	if ((row->gone & PART_SET(PART_EVIDENCE)) == 0 ||
	    memcmp(probability, &row->probability, sizeof(*probability)) == 0)
		return 0;
	return err_set(err, ERR_REFUSED,
	    "verdict %s: what rules and the flood guard may have said has been erased, it can't be computed "
	    "again",
	    row->id);
}

int
check_recompute(
    struct engine *e, const struct verdict_row *row, struct buf *b, double *probability, struct err *err)
{
	struct recomputed found;

	if (recompute(e, row, b, &found, err) == -1)
		return -1;
	*probability = found.probability;
	return 0;
}

static void
put_disguises(const struct tokens *t, struct buf *names)
{
	const struct token *token;

	json_open(names, '[');
	for (size_t i = 0; i < t->n; i++) {
		token = &t->v[i];
		if (token->field == FIELD_SHAPE && token->kind != NULL &&
		    strcmp(token->kind, DISGUISE_KIND) == 0)
			json_put_slice(names, (struct slice){ t->text.p + token->at, token->n });
	}
	json_close(names, ']');
}

int
recompute_disguises(const struct comment *comment, struct buf *names, struct err *err)
{
	struct tokenizer *tk;
	struct tokens t;
	int rc;

	if (tokenizer_new(&tk, err) == -1)
		return -1;
	tokens_init(&t);
	rc = tokenize(tk, comment, false, &t, err);
	if (rc == 0)
		put_disguises(&t, names);
	tokens_fini(&t);
	tokenizer_free(tk);
	return rc;
}
