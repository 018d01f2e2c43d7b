#include "config.h"

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
