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
	struct totals totals;
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
delta_add(struct delta *d, const struct comment *comment, enum label label, const struct origin *from,
    bool take_back, struct err *err)
{
	static const struct origin nowhere;
	bool spam = label == LABEL_SPAM;
	int sign = take_back ? -1 : 1;

	if (from == NULL)
		from = &nowhere;
	if (tokenize(d->tokenizer, comment, d->fields == FIELDS_CONTENT, &d->tokens, err) == -1)
		return -1;
	if (from->site != 0 && count_own_tokens(&d->counts, &d->tokens, from->site, spam, sign) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (from->site != 0)
		*(spam ? &d->totals.own_spam : &d->totals.own_ham) += sign;
	if (from->site != 0 && !from->shared)
		return 0;
	if (count_tokens(&d->counts, &d->tokens, spam, sign) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	*(spam ? &d->totals.spam : &d->totals.ham) += sign;
	return 0;
}

int
delta_apply(const struct delta *d, const struct model *base, const char *parent, uint64_t position,
    bool judges_only, struct model **out, struct err *err)
{
	struct digest named;

	if (hex_decode(named.bytes, sizeof(named.bytes), parent) == -1)
		return err_set(err, ERR_DAMAGED, "'%.64s' is not a model's id", parent);
	return model_merge(base, &d->counts, &d->totals, &named, position, judges_only, out, err);
}
