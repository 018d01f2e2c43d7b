#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "classifier/classify.h"
#include "classifier/decide.h"
#include "classifier/model_impl.h"
#include "classifier/own.h"
#include "classifier/token.h"
#include "classifier/weigh.h"
#include "classifier/window.h"

#define RECENT 256 /* a power of 2 */
#define AHEAD 16 /* how many look-ups are under way at once */

/* A ratio, and what it was made of. */
struct ratio {
	uint32_t spam, ham; /* both 0: nothing is here */
	double ratio;
};

struct classifier {
	struct tokenizer *tokenizer;
	struct tokens tokens;
	struct ratio_table ratios;
	double offset; /* of the model at hand */
	struct ratio recent[RECENT]; /* at that offset, by a hash of their counts, of which one is large */
	struct evidence *evidence;
	double *ratio; /* of each token; NaN: unknown */
	double *own; /* the part of it that the site's own counts make */
	double *worth; /* what its ratio is multiplied with in all */
	uint8_t *group; /* of a known one */
	size_t cap; /* of all five; the evidence has room for two pieces a token, and for what is outside */
	size_t outside_cap;
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
	ratio_table_init(&c->ratios);
	c->offset = NAN;
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
	free(c->ratio);
	free(c->own);
	free(c->worth);
	free(c->group);
	window_scratch_fini(&c->windows);
	free(c);
}

static int
grow(void *list, size_t n, size_t size)
{
	void **p = list, *larger = realloc(*p, n * size);

	if (larger == NULL)
		return -1;
	*p = larger;
	return 0;
}

static int
make_room(struct classifier *c, size_t outside, struct err *err)
{
	size_t n = c->tokens.n;

	if (n <= c->cap && outside <= c->outside_cap)
		return 0;
	n = n < c->cap ? c->cap : n;
	outside = outside < c->outside_cap ? c->outside_cap : outside;
	if (grow(&c->evidence, 2 * n + outside, sizeof(*c->evidence)) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	c->outside_cap = outside;
	if (n <= c->cap)
		return 0;
	if (grow(&c->ratio, n, sizeof(*c->ratio)) == -1 || grow(&c->own, n, sizeof(*c->own)) == -1 ||
	    grow(&c->worth, n, sizeof(*c->worth)) == -1 || grow(&c->group, n, sizeof(*c->group)) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	c->cap = n;
	return 0;
}

/* A model's token counts. */
struct table {
	const struct snapshot_header *h;
	const struct snapshot_slot *slots;
};

static void
prefetch(const struct table *m, uint64_t hash)
{
	const struct snapshot_slot *slot = &m->slots[model_home(m->h, hash)];

	__builtin_prefetch(slot);
	__builtin_prefetch(slot + 3); /* half of all tokens stand in the next line of the cache */
}

static const struct snapshot_slot *
find(const struct table *m, uint64_t hash)
{
	return model_find(m->slots, model_home(m->h, hash), hash);
}

/* Get ready for a model with this offset: it is another one seldom. */
static void
set_offset(struct classifier *c, double offset)
{
	if (c->offset == offset)
		return;
	memset(c->recent, 0, sizeof(c->recent));
	c->offset = offset;
}

/* Return the ratio of a token with the counts of SLOT.  Few tokens have large counts, which take logarithms,
 * but they are in every comment. */
static double
ratio_for(struct classifier *c, const struct snapshot_slot *slot)
{
	uint32_t spam = slot->spam, ham = slot->ham;
	struct ratio *r;

	if (spam < RATIO_TABLE_SIZE && ham < RATIO_TABLE_SIZE)
		return ratio_of(&c->ratios, spam, ham, c->offset);
	r = &c->recent[(spam * 0x9e3779b1u ^ ham * 0x85ebca6bu) >> 16 & (RECENT - 1)];
	if (r->spam != spam || r->ham != ham)
		*r = (struct ratio){ spam, ham, ratio_of(&c->ratios, spam, ham, c->offset) };
	return r->ratio;
}

/* Look every token up among the shared counts: its ratio, and the sums of the fields. */
static void
look_up(struct classifier *c, const struct table *m, struct field_sums *sums)
{
	const struct tokens *t = &c->tokens;

	set_offset(c, ratio_offset((double)m->h->spam, (double)m->h->ham));
	for (size_t i = 0; i < AHEAD && i < t->n; i++)
		prefetch(m, t->v[i].hash);
	for (size_t i = 0; i < t->n; i++) {
		const struct snapshot_slot *slot;

		if (i + AHEAD < t->n)
			prefetch(m, t->v[i + AHEAD].hash);
		slot = find(m, t->v[i].hash);
		c->own[i] = 0;
		c->ratio[i] = NAN;
		if (slot == NULL)
			continue;
		c->ratio[i] = ratio_for(c, slot);
		c->group[i] = (uint8_t)weigh_group(t->v[i].field, (uint64_t)slot->spam + slot->ham);
		sums->sum[c->group[i]] += c->ratio[i];
		sums->known[c->group[i]]++;
	}
}

/* Token I, counted in OWN by the site and in SHARED (NULL: nowhere) by all: move it to the group that both
 * make, and its ratio with it. */
static void
add_own(struct classifier *c, size_t i, const struct own *own, const struct snapshot_slot *mine,
    const struct snapshot_slot *shared, struct field_sums *sums)
{
	uint64_t seen = (uint64_t)mine->spam + mine->ham;
	double ratio = own_ratio(own, mine, shared);

	if (shared != NULL) {
		seen += (uint64_t)shared->spam + shared->ham;
		sums->sum[c->group[i]] -= c->ratio[i];
		sums->known[c->group[i]]--;
	}
	c->own[i] = shared != NULL ? ratio - c->ratio[i] : ratio;
	c->ratio[i] = ratio;
	c->group[i] = (uint8_t)weigh_group(c->tokens.v[i].field, seen);
	sums->sum[c->group[i]] += ratio;
	sums->known[c->group[i]]++;
}

/* Look every token up among the site's own counts, and let them have their say. */
static void
look_up_own(struct classifier *c, const struct table *m, const struct own *own, struct field_sums *sums)
{
	const struct tokens *t = &c->tokens;

	for (size_t i = 0; i < AHEAD && i < t->n; i++)
		prefetch(m, own_hash(t->v[i].hash, own->site));
	for (size_t i = 0; i < t->n; i++) {
		const struct snapshot_slot *slot;

		if (i + AHEAD < t->n)
			prefetch(m, own_hash(t->v[i + AHEAD].hash, own->site));
		slot = find(m, own_hash(t->v[i].hash, own->site));
		if (slot != NULL)
			add_own(c, i, own, slot, find(m, t->v[i].hash), sums);
	}
}

struct share {
	struct classifier *c;
	double multiplier;
};

/* Give a token of the worst window its second share. */
static void
add_window_share(uint32_t token, void *arg)
{
	const struct share *s = arg;

	s->c->worth[token] += s->multiplier;
}

/* Find what each token's ratio is worth; SQUEEZE holds the sum within what a probability can show. */
static void
weigh_tokens(struct classifier *c, const struct weights *w, const struct field_sums *sums,
    const struct window windows[WINDOW_SIZES], double squeeze)
{
	const struct tokens *t = &c->tokens;
	struct share share = { c, 0 };
	double multiplier[GROUPS_MAX];

	for (size_t g = 0; g < GROUPS_MAX; g++)
		multiplier[g] = weigh_multiplier(w, g, weigh_known(sums, g % FIELDS_MAX)) * squeeze;
	for (size_t i = 0; i < t->n; i++)
		c->worth[i] = isnan(c->ratio[i]) ? 0 : multiplier[c->group[i]];
	for (size_t k = 0; k < WINDOW_SIZES; k++) {
		share.multiplier = weigh_window_multiplier(w, k, sums->window_known[k]) * squeeze;
		window_walk(t->units, t->members, &windows[k], add_window_share, &share);
	}
}

/* Turn ratios into shares of the log-odds; return how many there are, and in *KNOWN of how many tokens. */
static size_t
list_evidence(struct classifier *c, size_t *known)
{
	const char *names[FIELD_COUNT];
	size_t n = 0;

	for (enum field f = 0; f < FIELD_COUNT; f++)
		names[f] = field_name(f);
	*known = 0;
	for (size_t i = 0; i < c->tokens.n; i++) {
		const char *field = names[c->tokens.v[i].field];
		double shared = c->ratio[i] - c->own[i];

		if (isnan(c->ratio[i]))
			continue;
		++*known;
		if (c->own[i] == 0 || shared != 0)
			c->evidence[n++] = (struct evidence){ field, shared * c->worth[i], i };
		if (c->own[i] != 0)
			c->evidence[n++] = (struct evidence){ OWN_FIELD, c->own[i] * c->worth[i], i };
	}
	return n;
}

/* Gather the evidence on the comment at hand: the sums of its fields and its worst windows. */
static int
gather(struct classifier *c, const struct table *m, const struct place *place, struct field_sums *sums,
    struct window windows[WINDOW_SIZES])
{
	struct own own = own_open(m->h, m->slots, place != NULL ? place->site : 0);

	look_up(c, m, sums);
	if (own.site != 0)
		look_up_own(c, m, &own, sums);
	if (window_worst(
		c->tokens.units, c->tokens.nunits, c->tokens.members, c->ratio, &c->windows, windows) == -1)
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
	const struct table m = { model_header(model), model_slots(model) };
	double prior = place != NULL && place->has_prior ? place->prior : m.h->weights.bias;
	struct field_sums sums = { 0 };
	struct window windows[WINDOW_SIZES];
	double z, base = prior + outside_sum(place), squeeze = 1;
	size_t known;

	if (make_room(c, place != NULL ? place->noutside : 0, err) == -1)
		return -1;
	if (gather(c, &m, place, &sums, windows) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	z = weigh(&m.h->weights, &sums) - m.h->weights.bias + base;
	if (fabs(z) > JUDGEMENT_LOG_ODDS_MAX) {
		squeeze = (copysign(JUDGEMENT_LOG_ODDS_MAX, z) - base) / (z - base);
		z = copysign(JUDGEMENT_LOG_ODDS_MAX, z);
	}
	weigh_tokens(c, &m.h->weights, &sums, windows, squeeze);
	*out = (struct judgement){ .log_odds = z, .probability = 1 / (1 + real_exp(-z)), .prior = prior };
	out->evidence = c->evidence;
	out->ntokens = c->tokens.n;
	out->noutside = place != NULL ? place->noutside : 0;
	out->nevidence = list_outside(c, place, list_evidence(c, &known));
	out->known = c->tokens.n == 0 ? 0 : (double)known / (double)c->tokens.n;
	out->spam_threshold = place_threshold(model, place);
	out->verdict = decide(&sums, out->probability, out->spam_threshold, m.h->unsure_threshold,
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
