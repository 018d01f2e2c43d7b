#include "config.h"

#include <stdint.h>

#include "base/json.h"
#include "engine/check.h"
#include "engine/engine.h"

int
check_recompute(
    struct engine *e, const struct verdict_row *row, struct buf *b, double *probability, struct err *err)
{
	struct classifier *c = NULL;
	struct model *model = NULL;
	struct judgement j;
	int rc;

	if (row->forced[0] != '\0') { /* nothing was computed then */
		json_open(b, '[');
		json_close(b, ']');
		*probability = row->probability;
		return 0;
	}
	if (engine_model(e, row->model, &model, err) == -1)
		return err_prefix(err, "verdict %s", row->id);
	rc = classifier_new(&c, err);
	if (rc == 0)
		rc = classify(c, model, &row->comment, FIELDS_ALL, &j, err);
	if (rc == 0) {
		check_evidence_json(c, &j, SIZE_MAX, b);
		*probability = j.probability;
	}
	classifier_free(c);
	model_unref(model);
	return rc;
}
