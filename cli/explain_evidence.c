#include "config.h"

#include <math.h>

#include "cli/explain.h"

#define MOST 0.75 /* name fields until they make up this share of a side */
#define NAMED_MAX 3
#define TOKENS_TOLD_MAX 5
/* Natural-log odds below which nothing is said of it. */
#define TOKEN_WORTH_SAYING 0.05
#define PRIOR_WORTH_SAYING 0.5

/* The fields as an owner would call them. */
static void
put_field_name(struct buf *b, struct slice name)
{
	static const struct {
		const char *field, *words;
	} known[] = {
		{ "word", "the words" },
		{ "pair", "pairs of words" },
		{ "triple", "phrases" },
		{ "chars", "pieces of words" },
		{ "url", "the links" },
		{ "author", "the commenter's name" },
		{ "email", "the e-mail address" },
		{ "site", "the commenter's own site" },
		{ "shape", "the look of the text" },
		{ "topic", "how it fits the page" },
		{ "profile", "how the commenter appears" },
		{ "own", "what this site itself has taught" },
		{ "rule", "the owner's rules" },
		{ "flood", "what came in a burst" },
		{ "honeypot", "the field hidden from people, which was filled in" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (slice_is(name, known[i].field)) {
			buf_add_str(b, known[i].words);
			return;
		}
	}
	buf_add_str(b, "the field ");
	text_safe(b, name);
}

/* What speaks for one side: SIGN 1 for spam, -1 against it. */
static double
side_total(const struct explanation *x, double sign)
{
	double total = 0;

	for (size_t i = 0; i < x->nfields; i++)
		total += fmax(0, x->fields[i].sum * sign);
	return total;
}

/* Return which field not yet USED speaks most for a side; x->nfields: none does. */
static size_t
strongest_field(const struct explanation *x, double sign, const bool used[EXPLAIN_FIELDS_MAX])
{
	size_t best = x->nfields;

	for (size_t i = 0; i < x->nfields; i++) {
		if (!used[i] && x->fields[i].sum * sign > 0 &&
		    (best == x->nfields || x->fields[i].sum * sign > x->fields[best].sum * sign))
			best = i;
	}
	return best;
}

/* Fill ORDER with the strongest fields of a side, as many as make up most of it; return how many, and set
 * *SHARE to what they make up. */
static size_t
strongest_fields(const struct explanation *x, double sign, size_t order[NAMED_MAX], double *share)
{
	bool used[EXPLAIN_FIELDS_MAX] = { false };
	double total = side_total(x, sign);
	size_t n = 0, at;

	for (*share = 0; n < NAMED_MAX && *share < MOST; n++) {
		at = strongest_field(x, sign, used);
		if (at == x->nfields)
			break;
		used[at] = true;
		order[n] = at;
		*share += x->fields[at].sum * sign / total;
	}
	return n;
}

static void
put_side(const struct explanation *x, double sign, struct buf *b)
{
	size_t order[NAMED_MAX], n;
	double share;

	n = strongest_fields(x, sign, order, &share);
	if (share > 0.995)
		buf_add_str(b, "only ");
	else if (share > 0.6)
		buf_add_str(b, "mostly ");
	else
		buf_add_str(b, "above all ");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_str(b, i + 1 == n ? " and " : ", ");
		put_field_name(b, x->fields[order[i]].name);
	}
	if (share <= 0.995)
		buf_addf(b, " (%.0f %% of it)", 100 * share);
}

static void
say_balance(double spam, double ham, struct buf *b)
{
	double more = fmax(spam, ham), less = fmin(spam, ham);

	if (more <= 1.25 * less) {
		buf_addf(b, "The two just about balance (%.1f to %.1f). ", spam, ham);
		return;
	}
	buf_addf(b, "The %s %soutweighs the %s (%.1f to %.1f). ", spam > ham ? "former" : "latter",
	    more > 10 * less	  ? "by far "
		: more > 3 * less ? "clearly "
				  : "",
	    spam > ham ? "latter" : "former", more, less);
}

/* Each field counts by its sum: one of its tokens, which are told next, may say the opposite. */
static void
say_fields(const struct explanation *x, struct buf *b)
{
	double spam = side_total(x, 1), ham = side_total(x, -1);

	if (spam <= 0 && ham <= 0) {
		buf_add_str(b, "Nothing in it has been seen before, so there is no evidence either way. ");
		return;
	}
	if (x->incomplete != NULL)
		buf_add_str(b, "Only its strongest evidence is on record. ");
	if (spam > 0) {
		buf_add_str(b, "What speaks for spam is ");
		put_side(x, 1, b);
	} else {
		buf_add_str(b, "No field as a whole speaks for spam");
	}
	if (ham > 0) {
		buf_add_str(b, "; what speaks against it is ");
		put_side(x, -1, b);
	} else {
		buf_add_str(b, "; no field as a whole speaks against it");
	}
	buf_add_str(b, ". ");
	if (spam > 0 && ham > 0)
		say_balance(spam, ham, b);
}

/* -- Tokens -- */

/* Fragments of words are many, alike, and say nothing to a reader that the words don't. */
static bool
readable(const struct json *item)
{
	return !slice_is(json_text(json_member(item, "field")), "chars");
}

static void
put_token(const struct json *item, struct buf *b)
{
	buf_add_str(b, "\u201c");
	text_safe(b, json_text(json_member(item, "token")));
	buf_add_str(b, "\u201d (");
	text_safe(b, json_text(json_member(item, "field")));
	buf_addf(b, ", %.1f)", fabs(json_number(json_member(item, "weight"), 0)));
}

/* Put those of TOLD that speak for the side of SIGN; return how many. */
static size_t
put_tokens(const struct json *const *told, size_t n, double sign, struct buf *b)
{
	size_t of_side = 0, put = 0;

	for (size_t i = 0; i < n; i++)
		of_side += json_number(json_member(told[i], "weight"), 0) * sign > 0;
	for (size_t i = 0; i < n; i++) {
		if (json_number(json_member(told[i], "weight"), 0) * sign <= 0)
			continue;
		if (put > 0)
			buf_add_str(b, put + 1 == of_side ? " and " : ", ");
		put_token(told[i], b);
		put++;
	}
	return put;
}

static void
say_tokens(const struct explanation *x, struct buf *b)
{
	const struct json *told[TOKENS_TOLD_MAX], *item;
	size_t n = 0, spam;

	for (size_t i = 0; i < json_length(x->evidence) && n < TOKENS_TOLD_MAX; i++) {
		item = json_item(x->evidence, i);
		if (readable(item) && fabs(json_number(json_member(item, "weight"), 0)) >= TOKEN_WORTH_SAYING)
			told[n++] = item;
	}
	if (n == 0)
		return;
	buf_add_str(b, n == 1 ? "What told most is " : "What told most are ");
	spam = put_tokens(told, n, 1, b);
	if (spam > 0)
		buf_add_str(b, " for spam");
	if (spam > 0 && spam < n)
		buf_add_str(b, ", and ");
	if (put_tokens(told, n, -1, b) > 0)
		buf_add_str(b, " against it");
	buf_add_str(b, ". ");
}

void
explain_evidence(const struct explanation *x, struct buf *b)
{
	if (x->evidence_erased)
		buf_add_str(b, "The evidence for that has been erased. ");
	else
		say_fields(x, b);
	if (fabs(x->row.prior) >= PRIOR_WORTH_SAYING)
		buf_addf(b, "Before it has read anything, the model leans to %s (%.1f). ",
		    x->row.prior > 0 ? "spam" : "ham", fabs(x->row.prior));
	say_tokens(x, b);
}
