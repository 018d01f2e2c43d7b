#include "config.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "classifier/evidence.h"
#include "classifier/token.h"
#include "engine/check.h"
#include "engine/recompute.h"
#include "store/chain.h"

#define DISGUISE_KIND "disguise" /* of the tokens in the shape field that say so */

/* What stood outside the model then, as it was recorded: rules and bursts can't be computed again. */
struct recorded {
	struct outside *v;
	char **names;
	size_t n;
};

static void
recorded_fini(struct recorded *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->names[i]);
	free(r->names);
	free(r->v);
}

/* Take E, a piece of the recorded evidence, if it is of the field FIELD. */
static int
take_recorded(struct recorded *r, const struct evidence_piece *e, const char *field)
{
	if (strcmp(e->field, field) != 0)
		return 0;
	r->names[r->n] = strndup(e->name.p, e->name.n);
	if (r->names[r->n] == NULL)
		return -1;
	r->v[r->n] = (struct outside){ field, r->names[r->n], e->weight };
	r->n++;
	return 0;
}

/* Fill *R from ROW; the caller gives it back in both cases. */
static int
read_recorded(struct recorded *r, const struct verdict_row *row, struct err *err)
{
	struct slice rest = row->evidence;
	struct evidence_piece e;
	size_t n = 0;
	int rc;

	while ((rc = evidence_take(&rest, &e)) == 1)
		n++;
	if (rc == -1)
		return err_set(err, ERR_DAMAGED, "verdict %s: evidence that was not recorded so", row->id);
	r->v = calloc(n + 1, sizeof(*r->v));
	r->names = calloc(n + 1, sizeof(*r->names));
	if (r->v == NULL || r->names == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (rest = row->evidence; evidence_take(&rest, &e) == 1;) {
		if (take_recorded(r, &e, CHECK_FIELD_RULE) == -1 ||
		    take_recorded(r, &e, CHECK_FIELD_FLOOD) == -1)
			return err_set(err, ERR_NOMEM, "out of memory");
	}
	return 0;
}

static int
judge_again(struct engine *e, const struct verdict_row *row, struct buf *evidence, struct recomputed *out,
    struct err *err)
{
	struct place place = { .site = (uint64_t)row->site, .has_prior = true, .prior = row->prior };
	struct recorded r = { .n = 0 };
	struct classifier *c = NULL;
	struct model *model = NULL;
	struct judgement j;
	int rc;

	if (engine_model_to_judge(e, row->model, &model, err) == -1)
		return err_prefix(err, "verdict %s", row->id);
	rc = read_recorded(&r, row, err);
	place.outside = r.v;
	place.noutside = r.n;
	if (rc == 0)
		rc = classifier_new(&c, err);
	if (rc == 0)
		rc = classify_at(c, model, &row->comment, FIELDS_ALL, &place, &j, err);
	if (rc == 0) {
		evidence_list(c, &j, SIZE_MAX, evidence);
		*out = (struct recomputed){ j.probability, j.known };
	}
	classifier_free(c);
	recorded_fini(&r);
	model_unref(model);
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
	*out = (struct recomputed){ row->probability, NAN };
	return 0;
}

int
recompute_probability(struct engine *e, const struct verdict_row *row, double *probability, struct err *err)
{
	struct recomputed found;
	struct buf evidence;
	int rc;

	if (row->forced[0] != '\0')
		return err_set(err, ERR_REFUSED,
		    "verdict %s: it was given without asking the classifier (%s), there is nothing to "
		    "compute",
		    row->id, row->forced);
	if (check_there(e, row, ERR_REFUSED, err) == -1)
		return -1;
	buf_init(&evidence, BUF_NO_LIMIT);
	rc = judge_again(e, row, &evidence, &found, err);
	buf_fini(&evidence);
	if (rc == 0)
		*probability = found.probability;
	return rc;
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
