#include "config.h"

#include <stdlib.h>

#include "classifier/count_tokens.h"
#include "classifier/merge.h"
#include "classifier/train.h"

struct delta {
	enum fields fields;
	struct tokenizer *tokenizer;
	struct tokens tokens;
	struct counts counts;
	int64_t spam, ham;
};

int
delta_new(struct delta **out, enum fields fields, struct err *err)
{
	struct delta *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	d->fields = fields;
	tokens_init(&d->tokens);
	counts_init(&d->counts, true);
	if (tokenizer_new(&d->tokenizer, err) == -1) {
		delta_free(d);
		return -1;
	}
	*out = d;
	return 0;
}

void
delta_free(struct delta *d)
{
	if (d == NULL)
		return;
	tokenizer_free(d->tokenizer);
	tokens_fini(&d->tokens);
	counts_fini(&d->counts);
	free(d);
}

int
delta_add(struct delta *d, const struct comment *comment, enum label label, bool take_back, struct err *err)
{
	int sign = take_back ? -1 : 1;

	if (tokenize(d->tokenizer, comment, d->fields == FIELDS_CONTENT, &d->tokens, err) == -1)
		return -1;
	if (count_tokens(&d->counts, &d->tokens, label == LABEL_SPAM, sign) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	*(label == LABEL_SPAM ? &d->spam : &d->ham) += sign;
	return 0;
}

int
delta_apply(
    const struct delta *d, const struct model *parent, uint64_t position, struct model **out, struct err *err)
{
	return model_merge(parent, &d->counts, d->spam, d->ham, position, out, err);
}
