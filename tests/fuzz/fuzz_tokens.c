#include "config.h"

#include "known_model.h"

#include "classifier/override.h"
#include "classifier/token.h"

/*
 * The input is a comment, as fuzz_comment() cuts it.  Every token and unit lies within what it points into,
 * none comes twice, and the same comment has the same tokens, whatever the memory was used for before.
 */

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

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void
check_hashes(const struct tokens *t)
{
	uint64_t *all = calloc(t->n + 1, sizeof(*all));

	CHECK(all != NULL);
	for (size_t i = 0; i < t->n; i++)
		all[i] = t->v[i].hash;
	qsort(all, t->n, sizeof(*all), by_value);
	for (size_t i = 1; i < t->n; i++)
		CHECK(all[i] != all[i - 1]);
	free(all);
}

static void
check_tokens(const struct tokens *t)
{
	struct buf b;

	CHECK(!t->failed && t->n <= TOKENS_MAX && t->probed <= 1000 + 8 * t->n);
	for (size_t i = 0; i < t->nmembers; i++)
		CHECK(t->members[i] < t->n);
	for (size_t i = 0; i < t->nunits; i++)
		check_unit(t, i);
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < t->n; i++) {
		check_token(t, i);
		token_text(t, i, &b);
	}
	CHECK(buf_ok(&b));
	buf_fini(&b);
	check_hashes(t);
}

static void
check_same(const struct tokens *a, const struct tokens *b)
{
	CHECK(a->n == b->n && a->nunits == b->nunits && a->nmembers == b->nmembers);
	for (size_t i = 0; i < a->n; i++)
		CHECK(a->v[i].hash == b->v[i].hash && a->v[i].field == b->v[i].field);
}

/* Undoing overrides moves bytes, and makes and loses none. */
static void
check_override(struct slice text)
{
	size_t count[256] = { 0 };
	char *copy = fuzz_copy(text);

	for (size_t i = 0; i < text.n; i++)
		count[(unsigned char)text.p[i]]++;
	CHECK(override_undo(copy, text.n) <= text.n);
	for (size_t i = 0; i < text.n; i++)
		count[(unsigned char)copy[i]]--;
	for (size_t i = 0; i < 256; i++)
		CHECK(count[i] == 0);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tokens used;
	struct comment comment = fuzz_comment(fuzz_slice(data, size));
	struct tokens fresh;
	struct err err;

	if (used.text.max == 0)
		tokens_init(&used);
	tokens_init(&fresh);
	for (int only = 0; only < 2; only++) {
		CHECK(tokenize(tokenizer(), &comment, only != 0, &used, &err) == 0);
		check_tokens(&used);
		CHECK(tokenize(tokenizer(), &comment, only != 0, &fresh, &err) == 0);
		check_same(&used, &fresh);
	}
	tokens_fini(&fresh);
	check_override(comment.field[COMMENT_CONTENT]);
	return 0;
}
