#include "config.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "classifier/token.h"
#include "engine/check.h"
#include "engine/recompute.h"

#define DISGUISE_KIND "disguise" /* of the tokens in the shape field that say so */

static int
judge_again(struct engine *e, const struct verdict_row *row, struct buf *evidence, struct recomputed *out,
    struct err *err)
{
	const struct place place = { (uint64_t)row->site, true, row->prior };
	struct classifier *c = NULL;
	struct model *model = NULL;
	struct judgement j;
	int rc;

	if (engine_model(e, row->model, &model, err) == -1)
		return err_prefix(err, "verdict %s", row->id);
	rc = classifier_new(&c, err);
	if (rc == 0)
		rc = classify_at(c, model, &row->comment, FIELDS_ALL, &place, &j, err);
	if (rc == 0) {
		check_evidence_json(c, &j, SIZE_MAX, evidence);
		*out = (struct recomputed){ j.probability, j.known };
	}
	classifier_free(c);
	model_unref(model);
	return rc;
}

int
recompute(struct engine *e, const struct verdict_row *row, struct buf *evidence, struct recomputed *out,
    struct err *err)
{
	if (row->forced[0] == '\0')
		return judge_again(e, row, evidence, out, err);
	json_open(evidence, '['); /* nothing was computed then */
	json_close(evidence, ']');
	*out = (struct recomputed){ row->probability, NAN };
	return 0;
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
