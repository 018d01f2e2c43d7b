#include "config.h"

#include "known_model.h"

#include "classifier/override.h"
#include "classifier/token.h"

/*
 * The input is a comment, as fuzz_comment() cuts it.  Every token and unit lies within what it points into
 * and none comes twice.  A comment of an even length is tokenised once more: it has the same tokens, whatever
 * the memory was used for before, and those of the content alone come first.
 */
#define FRESH 8 /* every so many lengths that is done in new memory, else for the content alone */

static struct tokenizer *
tokenizer(void)
{
	static struct tokenizer *tk;
	struct err err;

	if (tk == NULL)
		CHECK(tokenizer_new(&tk, &err) == 0);
	return tk;
}

static void
check_token(const struct tokens *t, size_t i)
{
	const struct token *token = &t->v[i];

	CHECK(token->field < FIELD_COUNT && (size_t)token->at + token->n <= t->text.n);
	if (token->field == FIELD_PAIR || token->field == FIELD_TRIPLE)
		CHECK(token->unit < t->nunits && token->gap[0] >= 1 && token->gap[0] <= PAIR_GAP_MAX);
}

static void
check_unit(const struct tokens *t, size_t i)
{
	const struct unit *u = &t->units[i];

	CHECK((size_t)u->at + u->n <= t->text.n && u->word < t->n);
	CHECK((size_t)u->members + u->nmembers <= t->nmembers);
	CHECK(u->npairs <= PAIR_GAP_MAX);
	for (size_t k = 0; k < u->npairs; k++)
		CHECK(u->pair[k] < t->n);
}

/* No hash comes twice. */
static void
check_hashes(const struct tokens *t)
{
	unsigned bits = 1;
	uint32_t *seen; /* index + 1, by the hash's first bits */

	while ((size_t)1 << bits <= 2 * t->n)
		bits++;
	seen = calloc((size_t)1 << bits, sizeof(*seen));
	CHECK(seen != NULL);
	for (size_t i = 0; i < t->n; i++) {
		size_t at = (size_t)(t->v[i].hash >> (64 - bits));

		for (; seen[at] != 0; at = (at + 1) & (((size_t)1 << bits) - 1))
			CHECK(t->v[seen[at] - 1].hash != t->v[i].hash);
		seen[at] = (uint32_t)i + 1;
	}
	free(seen);
}

static void
check_tokens(const struct tokens *t)
{
	static struct buf b;

	CHECK(!t->failed && t->n <= TOKENS_MAX && t->probed <= 1000 + 8 * t->n);
	for (size_t i = 0; i < t->nmembers; i++)
		CHECK(t->members[i] < t->n);
	for (size_t i = 0; i < t->nunits; i++)
		check_unit(t, i);
	if (b.max == 0)
		buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < t->n; i++) {
		check_token(t, i);
		buf_clear(&b);
		token_text(t, i, &b);
	}
	CHECK(buf_ok(&b));
	check_hashes(t);
}

/* A has what B begins with. */
static void
check_same(const struct tokens *a, const struct tokens *b)
{
	CHECK(a->n <= b->n && a->nunits == b->nunits && a->nmembers == b->nmembers);
	for (size_t i = 0; i < a->n; i++)
		CHECK(a->v[i].hash == b->v[i].hash && a->v[i].field == b->v[i].field);
}

/* Undoing overrides moves bytes, and makes and loses none. */
static void
check_override(struct slice text)
{
	int count[256] = { 0 };
	char *copy = fuzz_copy(text);
	int wrong = 0;

	for (size_t i = 0; i < text.n; i++)
		count[(unsigned char)text.p[i]]++;
	CHECK(override_undo(copy, text.n) <= text.n);
	for (size_t i = 0; i < text.n; i++)
		count[(unsigned char)copy[i]]--;
	for (size_t i = 0; i < 256; i++)
		wrong |= count[i];
	CHECK(wrong == 0);
	free(copy);
}

/* Tokenise COMMENT anew, in new memory, or with CONTENT_ONLY in that of earlier comments: it must be as in
 * ALL. */
static void
check_again(const struct comment *comment, bool content_only, const struct tokens *all)
{
	static struct tokens again;
	struct err err;

	if (!content_only || again.text.max == 0)
		tokens_fini(&again);
	CHECK(tokenize(tokenizer(), comment, content_only, &again, &err) == 0);
	check_same(&again, all);
	CHECK(content_only || again.n == all->n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tokens tokens;
	struct comment comment = fuzz_comment(fuzz_slice(data, size));
	struct err err;

	if (tokens.text.max == 0)
		tokens_init(&tokens);
	CHECK(tokenize(tokenizer(), &comment, false, &tokens, &err) == 0);
	check_tokens(&tokens);
	if (size % 2 == 0)
		check_again(&comment, size % FRESH != 0, &tokens);
	check_override(comment.field[COMMENT_CONTENT]);
	return 0;
}
