#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/real.h"
#include "classifier/classify.h"
#include "classifier/decide.h"
#include "classifier/model_impl.h"
#include "classifier/own.h"
#include "classifier/ratios.h"
#include "classifier/token.h"
#include "classifier/weigh.h"
#include "classifier/window.h"

struct classifier {
	struct tokenizer *tokenizer;
	struct tokens tokens;
	struct ratios ratios;
	struct evidence *evidence;
	double *worth; /* what each token's ratio is multiplied with in all */
	size_t cap, evidence_cap; /* of these */
	const struct outside *outside; /* of the comment at hand */
	struct window_scratch windows;
};

static const char *const verdict_names[] = { "ham", "unsure", "spam" };

int
classifier_new(struct classifier **out, struct err *err)
{
	struct classifier *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (tokenizer_new(&c->tokenizer, err) == -1) {
		free(c);
		return -1;
	}
	tokens_init(&c->tokens);
	ratios_init(&c->ratios);
	*out = c;
	return 0;
}

void
classifier_free(struct classifier *c)
{
	if (c == NULL)
		return;
	tokenizer_free(c->tokenizer);
	tokens_fini(&c->tokens);
	free(c->evidence);
	free(c->worth);
	ratios_fini(&c->ratios);
	window_scratch_fini(&c->windows);
	free(c);
}

/* Make room for what is said of the comment at hand, with OUTSIDE pieces of evidence beside the model's: two
 * pieces for tokens that its site has counted too, and one behind the last that is kept. */
static int
make_room(struct classifier *c, size_t outside, struct err *err)
{
	size_t n = c->tokens.n, pieces = n + c->ratios.nown + outside + 1;

	if (n > c->cap) {
		if (list_resize(&c->worth, n, sizeof(*c->worth)) == -1)
			return err_set(err, ERR_NOMEM, "out of memory");
		c->cap = n;
	}
	if (pieces > c->evidence_cap) {
		if (list_resize(&c->evidence, pieces, sizeof(*c->evidence)) == -1)
			return err_set(err, ERR_NOMEM, "out of memory");
		c->evidence_cap = pieces;
	}
	return 0;
}

/* Find what each token's ratio is worth; SQUEEZE holds the sum within what a probability can show. */
static void
weigh_tokens(struct classifier *c, const struct multipliers *m, const struct window windows[WINDOW_SIZES],
    double squeeze)
{
	const struct tokens *t = &c->tokens;
	double multiplier[GROUPS_MAX];

	for (size_t g = 0; g < GROUPS_MAX; g++)
		multiplier[g] = m->group[g] * squeeze;
	for (size_t i = 0; i < t->n; i++)
		c->worth[i] = multiplier[c->ratios.group[i]];
	for (size_t k = 0; k < WINDOW_SIZES; k++)
		window_give(t->units, t->members, &windows[k], m->window[k] * squeeze, c->worth);
}

/* Turn ratios into shares of the log-odds; return how many there are, and in *KNOWN of how many tokens. */
static size_t
list_evidence(struct classifier *c, size_t *known)
{
	struct evidence *e = c->evidence;
	const char *names[FIELD_COUNT];
	size_t n = 0;

	for (enum field f = 0; f < FIELD_COUNT; f++)
		names[f] = field_name(f);
	*known = 0;
	for (size_t i = 0; i < c->tokens.n; i++) {
		double ratio = c->ratios.ratio[i], own = c->ratios.own[i], shared = ratio - own;
		bool is_known = ratio == ratio;

		/* Written in any case, and kept by counting it: there is no saying which tokens are known. */
		e[n] = (struct evidence){ names[c->tokens.v[i].field], shared * c->worth[i], i };
		n += is_known & ((own == 0) | (shared != 0));
		*known += is_known;
		if (own != 0)
			e[n++] = (struct evidence){ OWN_FIELD, own * c->worth[i], i };
	}
	return n;
}

/* Gather the evidence on the comment at hand: the sums of its fields and its worst windows. */
static int
gather(struct classifier *c, const struct model *model, const struct place *place, struct field_sums *sums,
    struct window windows[WINDOW_SIZES])
{
	const struct tokens *t = &c->tokens;

	if (ratios_find(&c->ratios, t, model, place != NULL ? place->site : 0, sums) == -1 ||
	    window_worst(t->units, t->nunits, t->members, c->ratios.ratio, &c->windows, windows) == -1)
		return -1;
	window_note(sums, windows);
	return 0;
}

/* Add what is outside the model to the N pieces of evidence there are; return how many there are then. */
static size_t
list_outside(struct classifier *c, const struct place *place, size_t n)
{
	c->outside = place != NULL ? place->outside : NULL;
	for (size_t i = 0; place != NULL && i < place->noutside; i++)
		c->evidence[n++] = (struct evidence){ c->outside[i].field, c->outside[i].weight,
			c->tokens.n + i };
	return n;
}

static double
outside_sum(const struct place *place)
{
	double sum = 0;

	for (size_t i = 0; place != NULL && i < place->noutside; i++)
		sum += place->outside[i].weight;
	return sum;
}

int
classifier_read(struct classifier *c, const struct comment *comment, enum fields fields, struct err *err)
{
	return tokenize(c->tokenizer, comment, fields == FIELDS_CONTENT, &c->tokens, err);
}

struct slice
classifier_text(const struct classifier *c)
{
	return (struct slice){ c->tokens.text.p, c->tokens.normal };
}

int
classify_read(struct classifier *c, const struct model *model, const struct place *place,
    struct judgement *out, struct err *err)
{
	const struct snapshot_header *h = model_header(model);
	double prior = place != NULL && place->has_prior ? place->prior : h->weights.bias;
	struct field_sums sums = { 0 };
	struct window windows[WINDOW_SIZES];
	struct multipliers multipliers;
	double z, base = prior + outside_sum(place), squeeze = 1;
	size_t known;

	if (gather(c, model, place, &sums, windows) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (make_room(c, place != NULL ? place->noutside : 0, err) == -1)
		return -1;
	weigh_multipliers(&h->weights, &sums, &multipliers);
	z = weigh_by(&h->weights, &multipliers, &sums) - h->weights.bias + base;
	if (fabs(z) > JUDGEMENT_LOG_ODDS_MAX) {
		squeeze = z != base ? (copysign(JUDGEMENT_LOG_ODDS_MAX, z) - base) / (z - base) : 0;
		z = copysign(JUDGEMENT_LOG_ODDS_MAX, z);
	}
	weigh_tokens(c, &multipliers, windows, squeeze);
	*out = (struct judgement){ .log_odds = z, .probability = 1 / (1 + real_exp(-z)), .prior = prior };
	out->evidence = c->evidence;
	out->ntokens = c->tokens.n;
	out->noutside = place != NULL ? place->noutside : 0;
	out->nevidence = list_outside(c, place, list_evidence(c, &known));
	out->known = c->tokens.n == 0 ? 0 : (double)known / (double)c->tokens.n;
	out->spam_threshold = place_threshold(model, place);
	out->verdict = decide(&sums, out->probability, out->spam_threshold, h->unsure_threshold,
	    place != NULL && place->outside_counts);
	return 0;
}

int
classify_at(struct classifier *c, const struct model *model, const struct comment *comment,
    enum fields fields, const struct place *place, struct judgement *out, struct err *err)
{
	if (classifier_read(c, comment, fields, err) == -1)
		return -1;
	return classify_read(c, model, place, out, err);
}

int
classify(struct classifier *c, const struct model *model, const struct comment *comment, enum fields fields,
    struct judgement *out, struct err *err)
{
	return classify_at(c, model, comment, fields, NULL, out, err);
}

void
classifier_token_name(const struct classifier *c, const struct evidence *e, struct buf *b)
{
	if (e->token >= c->tokens.n)
		buf_add_str(b, c->outside[e->token - c->tokens.n].token);
	else
		token_text(&c->tokens, e->token, b);
}

const char *
verdict_name(enum verdict v)
{
	return verdict_names[v];
}

int
verdict_parse(enum verdict *v, const char *name)
{
	for (int i = VERDICT_HAM; i <= VERDICT_SPAM; i++) {
		if (strcmp(name, verdict_names[i]) == 0) {
			*v = (enum verdict)i;
			return 0;
		}
	}
	return -1;
}
