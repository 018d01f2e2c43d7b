#include "config.h"

#include "base/json.h"
#include "cli/models_diff.h"

#define DIGITS 8
#define PROBABILITY_DIGITS 17

/* -- Pairs: before and after -- */

static void
put_doubles(struct buf *b, const char *key, const double x[2], int digits)
{
	json_key(b, key);
	json_open(b, '[');
	json_put_double(b, x[0], digits);
	json_put_double(b, x[1], digits);
	json_close(b, ']');
}

static void
put_counts(struct buf *b, const char *key, uint64_t before, uint64_t after)
{
	json_key(b, key);
	json_open(b, '[');
	json_put_int(b, (int64_t)before);
	json_put_int(b, (int64_t)after);
	json_close(b, ']');
}

static void
put_verdicts(struct buf *b, const enum verdict v[2])
{
	json_key(b, "verdict");
	json_open(b, '[');
	json_put_str(b, verdict_name(v[0]));
	json_put_str(b, verdict_name(v[1]));
	json_close(b, ']');
}

/* -- Tokens -- */

static void
put_list(struct buf *b, const char *key, const struct ranking *r)
{
	const struct diff_token *t;

	json_key(b, key);
	json_open(b, '[');
	for (size_t i = 0; i < r->n; i++) {
		t = ranking_item(r, i);
		json_open(b, '{');
		json_key(b, "field");
		json_put_str(b, field_name(t->field));
		json_key(b, "token");
		json_put_slice(b, t->name);
		put_counts(b, "spam", t->spam[0], t->spam[1]);
		put_counts(b, "ham", t->ham[0], t->ham[1]);
		put_doubles(b, "ratio", t->ratio, DIGITS);
		json_close(b, '}');
	}
	json_close(b, ']');
}

static void
put_tokens(struct buf *b, const struct model_diff *d)
{
	json_key(b, "tokens");
	json_open(b, '{');
	json_add_int(b, "same", d->same);
	json_add_int(b, "changed", d->changed);
	json_add_int(b, "new", d->appeared);
	json_add_int(b, "gone", d->gone);
	json_add_int(b, "unlisted", d->unlisted);
	put_list(b, "most_changed", &d->changes);
	put_list(b, "most_telling_new", &d->arrivals);
	put_list(b, "most_telling_gone", &d->losses);
	json_close(b, '}');
}

/* -- Weights and thresholds -- */

static void
put_weights_of(struct buf *b, const struct model *m, size_t field)
{
	json_open(b, '[');
	for (size_t k = 0; k < FIELD_FEATURES; k++)
		json_put_double(b, model_weights(m)->field[field][k], DIGITS);
	json_close(b, ']');
}

static void
put_windows_of(struct buf *b, const struct model *m)
{
	json_open(b, '[');
	for (size_t k = 0; k < WINDOWS_MAX; k++)
		json_put_double(b, model_weights(m)->window[k], DIGITS);
	json_close(b, ']');
}

static void
put_weights(struct buf *b, const struct models_compared *c)
{
	json_key(b, "weights");
	json_open(b, '[');
	for (size_t f = 0; f < FIELD_COUNT; f++) {
		const struct field_worth *before = &c->tokens.fields[0][f], *after = &c->tokens.fields[1][f];

		json_open(b, '{');
		json_key(b, "field");
		json_put_str(b, field_name((enum field)f));
		put_doubles(b, "tokens_a_comment", (double[2]){ before->known, after->known }, DIGITS);
		put_doubles(b, "worth", (double[2]){ before->worth, after->worth }, DIGITS);
		json_key(b, "weights");
		json_open(b, '[');
		put_weights_of(b, c->models[0], f);
		put_weights_of(b, c->models[1], f);
		json_close(b, ']');
		json_close(b, '}');
	}
	json_close(b, ']');
	json_key(b, "windows");
	json_open(b, '[');
	put_windows_of(b, c->models[0]);
	put_windows_of(b, c->models[1]);
	json_close(b, ']');
}

static void
put_totals(struct buf *b, const struct models_compared *c)
{
	const struct totals_share *before = &model_weights(c->models[0])->totals,
				  *after = &model_weights(c->models[1])->totals;

	json_key(b, "totals");
	json_open(b, '{');
	put_doubles(b, "spam", (double[2]){ before->spam, after->spam }, DIGITS);
	put_doubles(b, "ham", (double[2]){ before->ham, after->ham }, DIGITS);
	json_close(b, '}');
}

static void
put_models(struct buf *b, const struct models_compared *c)
{
	const struct model_info *before = model_info(c->models[0]), *after = model_info(c->models[1]);

	json_key(b, "models");
	json_open(b, '[');
	json_put_str(b, before->id);
	json_put_str(b, after->id);
	json_close(b, ']');
	put_counts(b, "spam", before->spam, after->spam);
	put_counts(b, "ham", before->ham, after->ham);
	put_doubles(b, "spam_threshold", (double[2]){ before->spam_threshold, after->spam_threshold },
	    PROBABILITY_DIGITS);
	put_doubles(b, "unsure_threshold", (double[2]){ before->unsure_threshold, after->unsure_threshold },
	    PROBABILITY_DIGITS);
	put_doubles(b, "max_blocked_ham",
	    (double[2]){ before->blocked_ham_budget, after->blocked_ham_budget }, PROBABILITY_DIGITS);
	put_doubles(b, "prior",
	    (double[2]){ model_weights(c->models[0])->bias, model_weights(c->models[1])->bias },
	    PROBABILITY_DIGITS);
	put_totals(b, c);
}

/* -- Verdicts -- */

static void
put_moves(struct buf *b, const struct verdict_diff *v)
{
	json_key(b, "moves");
	json_open(b, '[');
	for (int from = VERDICT_HAM; from <= VERDICT_SPAM; from++) {
		for (int to = VERDICT_HAM; to <= VERDICT_SPAM; to++) {
			if (from == to || v->moved[LABEL_HAM][from][to] + v->moved[LABEL_SPAM][from][to] == 0)
				continue;
			json_open(b, '{');
			put_verdicts(b, (enum verdict[2]){ (enum verdict)from, (enum verdict)to });
			json_add_int(b, "ham", v->moved[LABEL_HAM][from][to]);
			json_add_int(b, "spam", v->moved[LABEL_SPAM][from][to]);
			json_close(b, '}');
		}
	}
	json_close(b, ']');
}

static void
put_flips(struct buf *b, const struct ranking *r)
{
	const struct verdict_flip *f;

	json_key(b, "flips");
	json_open(b, '[');
	for (size_t i = 0; i < r->n; i++) {
		f = ranking_item(r, i);
		json_open(b, '{');
		json_key(b, "id");
		json_put_str(b, f->id);
		json_key(b, "label");
		json_put_str(b, label_name(f->label));
		put_verdicts(b, f->verdict);
		put_doubles(b, "probability", f->probability, PROBABILITY_DIGITS);
		json_key(b, "excerpt");
		json_put_str(b, f->excerpt);
		json_close(b, '}');
	}
	json_close(b, ']');
}

static void
put_judged(struct buf *b, const struct verdict_diff *v)
{
	uint64_t better, worse;

	verdict_diff_count(v, &better, &worse);
	json_key(b, "verdicts");
	json_open(b, '{');
	json_add_int(b, "examples", v->examples);
	json_add_int(b, "judged", v->judged);
	json_add_int(b, "changed", better + worse);
	json_add_int(b, "better", better);
	json_add_int(b, "worse", worse);
	put_moves(b, v);
	put_flips(b, &v->flips);
	json_close(b, '}');
}

int
models_diff_json(struct cli *cli, const struct models_compared *c, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	put_models(&b, c);
	put_tokens(&b, &c->tokens);
	put_weights(&b, c);
	put_judged(&b, &c->verdicts);
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}
