#include "config.h"

#include <math.h>
#include <string.h>

#include "engine/telling.h"

static double
share(uint32_t part, uint64_t whole)
{
	return whole == 0 ? 0 : part / (double)whole;
}

static void
take(struct telling *t, const struct model_info *info, const struct model_token *token)
{
	double pull = (share(token->spam, info->spam) - share(token->ham, info->ham)) * token->ratio;
	struct telling_field *f;
	struct telling_token *place;

	if (token->field == FIELD_COUNT) {
		t->unlisted++;
		return;
	}
	f = &t->fields[token->field];
	f->tokens++;
	if (!(pull > 0)) /* shares and smoothed ratio disagree: it tells nothing */
		return;
	place = ranking_offer(token->ratio > 0 ? &f->spam : &f->ham, ranking_prefer_long(pull, token->name));
	if (place != NULL)
		*place = (struct telling_token){ token->name, token->spam, token->ham, token->ratio, pull };
}

int
telling_find(struct telling *t, const struct model *m, size_t limit, struct err *err)
{
	struct model_tokens walk;
	struct model_token token;

	memset(t, 0, sizeof(*t));
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (ranking_init(&t->fields[f].spam, limit, sizeof(struct telling_token), err) == -1 ||
		    ranking_init(&t->fields[f].ham, limit, sizeof(struct telling_token), err) == -1)
			return -1;
	}
	model_tokens_start(&walk, m);
	while (model_tokens_next(&walk, &token))
		take(t, model_info(m), &token);
	for (int f = 0; f < FIELD_COUNT; f++) {
		ranking_sort(&t->fields[f].spam);
		ranking_sort(&t->fields[f].ham);
	}
	return 0;
}

void
telling_fini(struct telling *t)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		ranking_fini(&t->fields[f].spam);
		ranking_fini(&t->fields[f].ham);
	}
}
