#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/hash.h"
#include "classifier/token.h"
#include "classifier/token_impl.h"

#define SEEN_FIRST_BITS 13 /* few of the places taken: which are can't be foretold */

/*
 * One pass over the folded text.  Groups: 1 a link, 2 an e-mail address, 3 a word, 4 a word with a disguised
 * letter in it, 5 anything else that is seen.  Top-level domains without a scheme before them are those that
 * comments really carry.
 */
static const char unit_pattern[] =
    "((?:(?:h(?:tt|xx)ps?|ftp)://|www\\.)[^\\s<>\"'()\\[\\]]++"
    "|(?<![\\p{L}\\p{N}.@-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.){1,5}+(?<=\\.)"
    "(?:com|net|org|info|biz|ru|cn|tk|ly|gl|be|co|me|tv|us|uk|de|fr|nl|it|es|pl|br|in|id|eu|su|ua|xyz|top|"
    "site|online|club|shop"
    "|store|live|pro|vip|win|icu|app|dev|io|gg|cc|ws|mobi|name|example|test|invalid)(?![\\p{L}\\p{N}-])(?:[/"
    "?\\#:][^\\s<>\"'()\\[\\]]*+)?)"
    "|([a-z0-9._%+-]{1,64}+@[a-z0-9.-]{1,200}\\.[a-z]{2,24})"
    "|([\\p{L}\\p{N}\\p{M}]++(?:'[\\p{L}\\p{N}\\p{M}]++)*+)"
    "|([!?]++|[$\\x{20ac}\\x{a3}%]++|[:;=]-?[)(dp3](?![\\p{L}\\p{N}])|<3)"
    "|([^\\s\\p{L}\\p{N}\\p{M}])";

static const char *const names[FIELD_COUNT] = {
	[FIELD_WORD] = "word",
	[FIELD_PAIR] = "pair",
	[FIELD_CHARS] = "chars",
	[FIELD_URL] = "url",
	[FIELD_AUTHOR] = "author",
	[FIELD_SHAPE] = "shape",
	[FIELD_TOPIC] = "topic",
	[FIELD_TRIPLE] = "triple",
	[FIELD_EMAIL] = "email",
	[FIELD_SITE] = "site",
	[FIELD_PROFILE] = "profile",
};

const char *
field_name(enum field f)
{
	return names[f];
}

int
tokenizer_new(struct tokenizer **out, struct err *err)
{
	struct tokenizer *tk = calloc(1, sizeof(*tk));

	if (tk == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (rx_compile(&tk->units, unit_pattern, err) == -1) {
		free(tk);
		return err_prefix(err, "tokenizer");
	}
	*out = tk;
	return 0;
}

void
tokenizer_free(struct tokenizer *tk)
{
	if (tk == NULL)
		return;
	rx_free(tk->units);
	free(tk);
}

void
tokens_init(struct tokens *t)
{
	*t = (struct tokens){ 0 };
	crypto_random(&t->secret, sizeof(t->secret));
	t->secret |= 1;
	buf_init(&t->text, 16u << 20);
	buf_init(&t->scratch, 16u << 20);
	buf_init(&t->cases, 16u << 20);
}

void
tokens_fini(struct tokens *t)
{
	free(t->v);
	free(t->units);
	free(t->seen);
	free(t->members);
	buf_fini(&t->text);
	buf_fini(&t->scratch);
	buf_fini(&t->cases);
	tokens_init(t);
}

/* Put the tokens so far into a table of 2^BITS places. */
static int
seen_resize(struct tokens *t, unsigned bits)
{
	size_t size = (size_t)1 << bits;
	uint32_t *seen = size == t->seen_size ? t->seen : realloc(t->seen, size * sizeof(*seen));

	if (seen == NULL)
		return -1;
	if (size != t->seen_size || ++t->round == SEEN_ROUNDS) {
		memset(seen, 0, size * sizeof(*seen));
		t->round = 1;
	}
	t->seen = seen;
	t->seen_size = size;
	t->seen_shift = 64 - bits;
	for (size_t i = 0; i < t->n; i++)
		*token_place(t, t->v[i].hash) = seen_entry(t, i);
	t->room = at_most(at_most(t->cap, size / 2), TOKENS_MAX);
	return 0;
}

static int
grow(struct tokens *t)
{
	size_t cap = t->cap == 0 ? 512 : t->cap * 2;
	struct token *v;

	if (t->n < t->cap)
		return 0;
	v = realloc(t->v, cap * sizeof(*v));
	if (v == NULL)
		return -1;
	t->v = v;
	t->cap = cap;
	return 0;
}

bool
token_make_room(struct tokens *t)
{
	unsigned bits = 64 - t->seen_shift;

	if (t->n >= TOKENS_MAX)
		return false;
	if (grow(t) == -1 || seen_resize(t, t->n * 2 >= t->seen_size ? bits + 1 : bits) == -1)
		t->failed = true;
	return !t->failed;
}

/* Return what the hashes of FIELD's tokens of KIND begin with.  There are few kinds, all of them literals. */
static uint64_t
kind_seed(struct tokens *t, enum field field, const char *kind)
{
	struct kind_seed *k = &t->kinds[((uintptr_t)kind >> 2 ^ field) % KIND_SEEDS];

	if (k->kind != kind || k->field != field)
		*k = (struct kind_seed){ kind, field, hash_bytes(kind, strlen(kind), token_seed(field)) };
	return k->seed;
}

size_t
token_add_text(struct tokens *t, enum field field, const char *kind, size_t at, size_t n)
{
	uint64_t seed = token_seed(field);
	struct token *token;
	size_t index;

	if (!buf_ok(&t->text)) {
		t->failed = true;
		return 0;
	}
	if (kind != NULL)
		seed = kind_seed(t, field, kind);
	token = token_new(t, hash_bytes(t->text.p + at, n, seed), &index);
	if (token == NULL)
		return index;
	token->field = (uint8_t)field;
	token->kind = kind;
	token->at = (uint32_t)at;
	token->n = (uint16_t)n;
	return index;
}

void
token_add_new(struct tokens *t, enum field field, const char *kind, struct slice text)
{
	size_t at = t->text.n;

	if (text.n > WORD_MAX_BYTES)
		text.n = WORD_MAX_BYTES;
	buf_add_slice(&t->text, text);
	token_add_text(t, field, kind, at, text.n);
}

void
token_add_number(struct tokens *t, enum field field, const char *kind, size_t number)
{
	char digits[24];
	size_t at = t->text.n, n = sizeof(digits);

	do
		digits[--n] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	buf_add(&t->text, digits + n, sizeof(digits) - n);
	token_add_text(t, field, kind, at, t->text.n - at);
}

size_t
magnitude(size_t n)
{
	size_t k = 0;

	for (; n > 0; n >>= 1)
		k++;
	return k;
}

/* Put together what was split and read what stands for letters; the shape is that of the text as read. */
static void
undo_disguises(struct tokens *t, struct normal_counts *counts)
{
	size_t bytes, digits;

	units_join_links(t);
	bytes = units_close_up(t);
	digits = units_unleet(t);
	counts->bytes -= at_most(bytes, counts->bytes);
	counts->digits -= at_most(digits, counts->digits);
}

int
tokenize(
    struct tokenizer *tk, const struct comment *comment, bool content_only, struct tokens *t, struct err *err)
{
	struct normal_counts counts = { 0 };

	t->n = t->nunits = t->nmembers = t->looked_at = t->probed = 0;
	t->failed = false;
	buf_clear(&t->text);
	buf_clear(&t->cases);
	if (seen_resize(t, SEEN_FIRST_BITS) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	normalise(&t->text, comment->field[COMMENT_CONTENT], &counts, &t->cases, &t->scratch);
	t->normal = t->text.n;
	buf_add_char(&t->text, '\n');
	units_scan(tk, t, 0);
	undo_disguises(t, &counts);
	tokens_of_links(t);
	tokens_of_text(t);
	tokens_of_shape(t, &counts);
	if (!content_only) {
		tokens_of_author(t, comment);
		tokens_of_profile(t, comment);
		tokens_of_topic(t, comment);
	}
	if (t->failed || !buf_ok(&t->text) || !buf_ok(&t->cases))
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}

static void
unit_text(const struct tokens *t, const struct unit *u, struct buf *b)
{
	buf_add(b, t->text.p + u->at, u->n);
}

void
token_text(const struct tokens *t, size_t i, struct buf *b)
{
	const struct token *token = &t->v[i];
	const struct unit *u;

	if (token->gap[0] == 0) {
		if (token->kind != NULL) {
			buf_add_str(b, token->kind);
			buf_add(b, ": ", 2);
		}
		buf_add(b, t->text.p + token->at, token->n);
		return;
	}
	u = &t->units[token->unit];
	unit_text(t, u, b);
	for (int k = 0; k < 2 && token->gap[k] != 0; k++) {
		for (int skipped = 1; skipped < token->gap[k]; skipped++)
			buf_add_str(b, " _");
		buf_add_char(b, ' ');
		u += token->gap[k];
		unit_text(t, u, b);
	}
}
