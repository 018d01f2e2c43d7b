#include "config.h"

#include <string.h>

#include "classifier/model_impl.h"
#include "classifier/model_tokens.h"

void
model_tokens_start(struct model_tokens *w, const struct model *m)
{
	const struct snapshot_header *h = model_header(m);

	w->model = m;
	w->slot = 0;
	w->name_at = 0;
	w->offsets = ratio_offsets(&h->weights.totals, (double)h->spam, (double)h->ham);
	ratio_table_init(&w->ratios);
}

/* Take the next name; the order of the names is that of the tokens. */
static void
take_name(struct model_tokens *w, struct model_token *token)
{
	const unsigned char *name = model_names(w->model) + w->name_at;

	token->field = FIELD_COUNT;
	token->name = (struct slice){ NULL, 0 };
	if (w->name_at + 2 > model_names_bytes(w->model))
		return;
	w->name_at += 2u + name[0];
	if (name[0] == 0) /* then the field stands for nothing either */
		return;
	token->name = (struct slice){ (const char *)name + 2, name[0] };
	if (name[1] < FIELD_COUNT)
		token->field = (enum field)name[1];
}

bool
model_tokens_next(struct model_tokens *w, struct model_token *token)
{
	const struct snapshot_header *h = model_header(w->model);
	const struct snapshot_slot *slots = model_slots(w->model), *slot;

	while (w->slot < h->slots && slots[w->slot].hash == 0)
		w->slot++;
	if (w->slot == h->slots)
		return false;
	slot = &slots[w->slot++];
	take_name(w, token);
	token->hash = slot->hash;
	token->spam = slot->spam;
	token->ham = slot->ham;
	token->ratio = ratio_of(&w->ratios, slot->spam, slot->ham, w->offsets.of[weigh_varies(token->field)]);
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
