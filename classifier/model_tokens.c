#include "config.h"

#include <string.h>

#include "classifier/model_impl.h"
#include "classifier/model_tokens.h"

void
model_tokens_start(struct model_tokens *w, const struct model *m)
{
	const struct snapshot_header *h = model_header(m);

	if (walk_start(&w->walk, m, true, NULL) == -1)
		w->walk.more = false;
	w->offsets = ratio_offsets(&h->weights.totals, (double)h->spam, (double)h->ham);
	ratio_table_init(&w->ratios);
}

bool
model_tokens_next(struct model_tokens *w, struct model_token *token)
{
	struct walked t;

	if (!w->walk.more)
		return false;
	t = walk_take(&w->walk);
	*token = (struct model_token){
		.hash = t.hash, .field = FIELD_COUNT, .spam = t.counts.spam, .ham = t.counts.ham
	};
	if (t.name != NULL) {
		token->name = (struct slice){ (const char *)t.name + 2, t.name[0] };
		token->field = t.name[1] < FIELD_COUNT ? (enum field)t.name[1] : FIELD_COUNT;
	}
	token->ratio = ratio_of(
	    &w->ratios, token->spam, token->ham, w->offsets.of[weigh_varies(token->field)]);
	return true;
}

const struct weights *
model_weights(const struct model *m)
{
	return &model_header(m)->weights;
}

int
field_find(enum field *f, const char *name)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		if (strcmp(field_name((enum field)i), name) == 0) {
			*f = (enum field)i;
			return 0;
		}
	}
	return -1;
}
