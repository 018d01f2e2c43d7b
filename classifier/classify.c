#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/classify.h"
#include "classifier/model_impl.h"
#include "classifier/token.h"
#include "classifier/weigh.h"
#include "classifier/window.h"

#define AHEAD 16 /* how many look-ups are under way at once */

struct classifier {
	struct tokenizer *tokenizer;
	struct tokens tokens;
	struct ratio_table ratios;
	struct evidence *evidence;
	double *ratio; /* of each token; NaN: unknown */
	size_t cap; /* of both */
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
	window_scratch_fini(&c->windows);
	free(c);
}

static int
make_room(struct classifier *c, struct err *err)
{
	struct evidence *e;
	double *ratio;

	if (c->tokens.n <= c->cap)
		return 0;
	e = realloc(c->evidence, c->tokens.n * sizeof(*e));
	if (e != NULL)
		c->evidence = e;
	ratio = realloc(c->ratio, c->tokens.n * sizeof(*ratio));
	if (ratio != NULL)
		c->ratio = ratio;
	if (e == NULL || ratio == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	c->cap = c->tokens.n;
	return 0;
}

static void
prefetch(const struct snapshot_slot *slots, const struct snapshot_header *h, const struct tokens *t, size_t i)
{
	if (i < t->n)
		__builtin_prefetch(&slots[model_home(h, t->v[i].hash)]);
}

/* Look every token up: its ratio, and the sums of the fields. */
static void
look_up(struct classifier *c, const struct model *model, struct field_sums *sums)
{
	const struct snapshot_header *h = model_header(model);
	const struct snapshot_slot *slots = model_slots(model), *slot;
	const struct tokens *t = &c->tokens;
	double offset = ratio_offset((double)h->spam, (double)h->ham), r;

	for (size_t i = 0; i < AHEAD; i++)
		prefetch(slots, h, t, i);
	for (size_t i = 0; i < t->n; i++) {
		prefetch(slots, h, t, i + AHEAD);
		slot = model_find(slots, model_home(h, t->v[i].hash), t->v[i].hash);
		c->ratio[i] = NAN;
		if (slot == NULL)
			continue;
		r = ratio_of(&c->ratios, slot->spam, slot->ham, offset);
		c->ratio[i] = r;
		sums->sum[t->v[i].field] += r;
		sums->known[t->v[i].field]++;
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
	double r = s->c->ratio[token];

	if (!isnan(r))
		s->c->evidence[token].weight += r * s->multiplier;
}

/* Turn ratios into shares of the log-odds, which SQUEEZE holds within what a probability can show.  Return
 * how many there are. */
static size_t
weigh_evidence(struct classifier *c, const struct weights *w, const struct field_sums *sums,
    const struct window windows[WINDOW_SIZES], double squeeze)
{
	const struct tokens *t = &c->tokens;
	struct share share = { c, 0 };
	double multiplier[FIELDS_MAX];
	size_t n = 0;

	for (size_t f = 0; f < FIELDS_MAX; f++)
		multiplier[f] = weigh_multiplier(w, f, sums->known[f]) * squeeze;
	for (size_t i = 0; i < t->n; i++)
		c->evidence[i] = (struct evidence){ field_name((enum field)t->v[i].field),
			c->ratio[i] * multiplier[t->v[i].field], i };
	for (size_t k = 0; k < WINDOW_SIZES; k++) {
		share.multiplier = weigh_window_multiplier(w, k, sums->window_known[k]) * squeeze;
		window_walk(t->units, t->members, &windows[k], add_window_share, &share);
	}
	for (size_t i = 0; i < t->n; i++) {
		if (!isnan(c->ratio[i]))
			c->evidence[n++] = c->evidence[i];
	}
	return n;
}

static enum verdict
decide(const struct snapshot_header *h, double probability, const struct field_sums *sums)
{
	if (probability >= h->spam_threshold)
		return VERDICT_SPAM;
	if (sums->known[FIELD_WORD] == 0) /* not a word of it has been seen before: who is to say? */
		return VERDICT_UNSURE;
	return probability >= h->unsure_threshold ? VERDICT_UNSURE : VERDICT_HAM;
}

int
classify(struct classifier *c, const struct model *model, const struct comment *comment, enum fields fields,
    struct judgement *out, struct err *err)
{
	const struct snapshot_header *h = model_header(model);
	struct field_sums sums = { 0 };
	struct window windows[WINDOW_SIZES];
	double z, squeeze = 1;
	size_t n;

	if (tokenize(c->tokenizer, comment, fields == FIELDS_CONTENT, &c->tokens, err) == -1 ||
	    make_room(c, err) == -1)
		return -1;
	look_up(c, model, &sums);
	if (window_worst(
		c->tokens.units, c->tokens.nunits, c->tokens.members, c->ratio, &c->windows, windows) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	window_note(&sums, windows);
	z = weigh(&h->weights, &sums);
	if (fabs(z) > JUDGEMENT_LOG_ODDS_MAX) {
		squeeze = (copysign(JUDGEMENT_LOG_ODDS_MAX, z) - h->weights.bias) / (z - h->weights.bias);
		z = copysign(JUDGEMENT_LOG_ODDS_MAX, z);
	}
	n = weigh_evidence(c, &h->weights, &sums, windows, squeeze);
	*out = (struct judgement){
		.log_odds = z,
		.probability = 1 / (1 + exp(-z)),
		.prior = h->weights.bias,
		.known = c->tokens.n == 0 ? 0 : (double)n / (double)c->tokens.n,
		.evidence = c->evidence,
		.nevidence = n,
	};
	out->verdict = decide(h, out->probability, &sums);
	return 0;
}

static int
by_strength(const void *a, const void *b)
{
	const struct evidence *x = a, *y = b;
	double p = fabs(x->weight), q = fabs(y->weight);

	if (p != q)
		return p < q ? 1 : -1;
	return x->token < y->token ? -1 : x->token > y->token;
}

/* Move E[I] up to its place among the entries before it, which are in order. */
static void
move_up(struct evidence *e, size_t i)
{
	struct evidence moved = e[i];

	for (; i > 0 && by_strength(&moved, &e[i - 1]) < 0; i--)
		e[i] = e[i - 1];
	e[i] = moved;
}

size_t
judgement_rank(struct judgement *j, size_t top)
{
	struct evidence *e = j->evidence, other;

	if (j->nevidence == 0)
		return 0;
	if (top >= j->nevidence) {
		qsort(e, j->nevidence, sizeof(*e), by_strength);
		return j->nevidence;
	}
	for (size_t i = 0; i < top; i++)
		move_up(e, i);
	for (size_t i = top; i < j->nevidence && top > 0; i++) {
		if (by_strength(&e[i], &e[top - 1]) >= 0)
			continue;
		other = e[top - 1];
		e[top - 1] = e[i];
		e[i] = other;
		move_up(e, top - 1);
	}
	return top;
}

void
classifier_token_name(const struct classifier *c, const struct evidence *e, struct buf *b)
{
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
