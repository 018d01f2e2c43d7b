#include "config.h"

#include <stdlib.h>

#include "engine/evaluate.h"
#include "engine/teach.h"

int
teach_corpus(
    struct trainer **out, const struct corpus *c, const struct train_options *options, struct err *err)
{
	int rc = 0;

	if (trainer_new(out, options, err) == -1)
		return -1;
	for (size_t i = 0; rc == 0 && i < c->n; i++) {
		const struct example *row = &c->rows[i];

		if (row->label != LABEL_NONE)
			rc = trainer_add(*out, &row->comment, row->label, &row->origin, err);
	}
	if (rc == 0)
		rc = trainer_settle(*out, err);
	if (rc == -1)
		trainer_free(*out);
	return rc;
}

unsigned char *
teach_folds(const struct corpus *c, const unsigned char *folds, struct err *err)
{
	unsigned char *fold = malloc(c->n + 1);
	size_t n = 0;

	if (fold == NULL) {
		err_set(err, ERR_NOMEM, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < c->n; i++) {
		if (c->rows[i].label == LABEL_NONE)
			continue;
		fold[n++] = !example_is_tested(&c->rows[i]) ? CHOICE_NEVER : folds != NULL ? folds[i] : 0;
	}
	return fold;
}

size_t *
teach_rows(const struct corpus *c, struct err *err)
{
	size_t *row = malloc((c->n + 1) * sizeof(*row)), n = 0;

	if (row == NULL)
		err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; row != NULL && i < c->n; i++) {
		if (c->rows[i].label != LABEL_NONE)
			row[n++] = i;
	}
	return row;
}
