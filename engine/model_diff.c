#include "config.h"

#include <math.h>
#include <string.h>

#include "engine/model_diff.h"

struct comparison {
	struct model_diff *d;
	enum field only; /* FIELD_COUNT: all */
};

/* Measure how many tokens of each field a comment has, and what they are worth then. */
static void
find_worth(struct field_worth fields[FIELD_COUNT], const struct model *m)
{
	const struct model_info *info = model_info(m);
	double comments = (double)(info->spam + info->ham);
	struct model_tokens walk;
	struct model_token token;

	memset(fields, 0, FIELD_COUNT * sizeof(*fields));
	model_tokens_start(&walk, m);
	while (model_tokens_next(&walk, &token)) {
		if (token.field != FIELD_COUNT && comments > 0)
			fields[token.field].known += ((double)token.spam + (double)token.ham) / comments;
	}
	for (int f = 0; f < FIELD_COUNT; f++)
		fields[f].worth = weigh_multiplier(
		    model_weights(m), (size_t)f, (uint32_t)lround(fields[f].known));
}

static void
list(struct comparison *c, struct ranking *r, const struct model_token *a, const struct model_token *b)
{
	const struct model_token *named = b->name.n > 0 ? b : a;
	double na = (double)a->spam + (double)a->ham, nb = (double)b->spam + (double)b->ham, moved, strength;
	struct diff_token *place;

	if (named->field == FIELD_COUNT) {
		c->d->unlisted++;
		return;
	}
	if (c->only != FIELD_COUNT && c->only != named->field)
		return;
	moved = b->ratio - a->ratio;
	strength = moved * moved * fmax(na, nb) *
	    fmax(c->d->fields[0][named->field].worth, c->d->fields[1][named->field].worth);
	place = ranking_offer(r, ranking_prefer_long(strength, named->name));
	if (place != NULL)
		*place = (struct diff_token){
			.field = named->field,
			.name = named->name,
			.spam = { a->spam, b->spam },
			.ham = { a->ham, b->ham },
			.ratio = { a->ratio, b->ratio },
			.strength = strength,
		};
}

static void
compare(struct comparison *c, const struct model_token *a, const struct model_token *b)
{
	static const struct model_token none = { .field = FIELD_COUNT };

	if (a == NULL) {
		c->d->appeared++;
		list(c, &c->d->arrivals, &none, b);
	} else if (b == NULL) {
		c->d->gone++;
		list(c, &c->d->losses, a, &none);
	} else if (a->spam == b->spam && a->ham == b->ham) {
		c->d->same++;
	} else {
		c->d->changed++;
		list(c, &c->d->changes, a, b);
	}
}

/* Walk both models side by side: their tokens are in the same order. */
static void
walk(struct comparison *c, const struct model *before, const struct model *after)
{
	struct model_tokens wa, wb;
	struct model_token a, b;
	bool more_a, more_b, take_a, take_b;

	model_tokens_start(&wa, before);
	model_tokens_start(&wb, after);
	more_a = model_tokens_next(&wa, &a);
	more_b = model_tokens_next(&wb, &b);
	while (more_a || more_b) {
		take_a = more_a && (!more_b || a.hash <= b.hash);
		take_b = more_b && (!more_a || b.hash <= a.hash);
		compare(c, take_a ? &a : NULL, take_b ? &b : NULL);
		if (take_a)
			more_a = model_tokens_next(&wa, &a);
		if (take_b)
			more_b = model_tokens_next(&wb, &b);
	}
}

int
model_diff(struct model_diff *d, const struct model *before, const struct model *after, enum field field,
    size_t limit, struct err *err)
{
	struct comparison c = { d, field };

	memset(d, 0, sizeof(*d));
	if (ranking_init(&d->changes, limit, sizeof(struct diff_token), err) == -1 ||
	    ranking_init(&d->arrivals, limit, sizeof(struct diff_token), err) == -1 ||
	    ranking_init(&d->losses, limit, sizeof(struct diff_token), err) == -1)
		return -1;
	find_worth(d->fields[0], before);
	find_worth(d->fields[1], after);
	walk(&c, before, after);
	ranking_sort(&d->changes);
	ranking_sort(&d->arrivals);
	ranking_sort(&d->losses);
	return 0;
}

void
model_diff_fini(struct model_diff *d)
{
	ranking_fini(&d->changes);
	ranking_fini(&d->arrivals);
	ranking_fini(&d->losses);
}
