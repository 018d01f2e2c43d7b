#include "config.h"

#include "unit.h"

#include <stdlib.h>

#include "base/hash.h"
#include "classifier/token_impl.h"

/* That what tokens are known by, their hashes, tells them apart. */

struct list {
	uint64_t *v;
	size_t n, cap;
};

static void
add(struct list *l, uint64_t hash)
{
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 4096 : 2 * l->cap;
		l->v = realloc(l->v, l->cap * sizeof(*l->v));
		assert_non_null(l->v);
	}
	l->v[l->n++] = hash;
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Sort L and drop repetitions; return how many are left. */
static size_t
distinct(struct list *l)
{
	size_t n = 0;

	qsort(l->v, l->n, sizeof(*l->v), by_number);
	for (size_t i = 0; i < l->n; i++) {
		if (i == 0 || l->v[i] != l->v[i - 1])
			l->v[n++] = l->v[i];
	}
	return l->n = n;
}

/* Add the hashes of the tokens of FIELD in T to L; return how many there are. */
static size_t
add_field(struct list *l, const struct tokens *t, enum field field)
{
	size_t before = l->n;

	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].field == field && t->v[i].kind == NULL)
			add(l, t->v[i].hash);
	}
	return l->n - before;
}

/* Write all words of three letters that begin with FIRST, but for "aaa", which is read as "aa". */
static void
write_words(struct buf *text, char first)
{
	for (char b = 'a'; b <= 'z'; b++) {
		for (char c = 'a'; c <= 'z'; c++) {
			const char word[] = { first, b, c, ' ' };

			if (b != first || c != first)
				buf_add(text, word, sizeof(word));
		}
	}
}

#define WORDS (26 * 26 - 1)
#define RUNS (26 + 5 * WORDS) /* "_ab", then "abc", "bc_", "_abc", "abc_" and "_abc_" of each */
#define RUNS_SHARED (26 * WORDS - 26 * 26) /* "bc_", which stands in the words of all first letters */

static void
words_are_no_character_runs(void **state)
{
	struct list words = { 0 }, runs = { 0 }, all = { 0 };
	struct tokenizer *tk;
	struct tokens t;
	struct buf text;
	struct err err;

	(void)state;
	assert_ok(tokenizer_new(&tk, &err), err);
	tokens_init(&t);
	buf_init(&text, BUF_NO_LIMIT);
	for (char first = 'a'; first <= 'z'; first++) {
		struct comment c = { 0 };

		buf_clear(&text);
		write_words(&text, first);
		c.field[COMMENT_CONTENT] = buf_slice(&text);
		assert_ok(tokenize(tk, &c, true, &t, &err), err);
		assert_int_equal(add_field(&words, &t, FIELD_WORD), WORDS);
		assert_int_equal(add_field(&runs, &t, FIELD_CHARS), RUNS);
		add_field(&all, &t, FIELD_WORD);
		add_field(&all, &t, FIELD_CHARS);
	}
	assert_int_equal(distinct(&words), 26 * WORDS);
	assert_int_equal(distinct(&runs), 26 * RUNS - RUNS_SHARED);
	assert_int_equal(distinct(&all), words.n + runs.n);
	free(words.v);
	free(runs.v);
	free(all.v);
	tokens_fini(&t);
	tokenizer_free(tk);
	buf_fini(&text);
}

#define LETTERS ('z' - '_' + 1)

/* Add the hashes, under every field's seed, of the N letters at TEXT with all letters in place of those at I
 * and K.  XXH3 takes several texts bit by bit together with the seed: what looks alike is what is alike in
 * places. */
static void
add_variants(struct list *of, char *text, size_t n, size_t i, size_t k)
{
	const char was[2] = { text[i], text[k] };

	for (int v = 0; v < LETTERS * LETTERS; v++) {
		text[i] = (char)('_' + v % LETTERS);
		text[k] = (char)('_' + v / LETTERS);
		for (enum field f = 0; f < FIELD_COUNT; f++)
			add(&of[f], hash_bytes(text, n, token_seed(f)));
	}
	text[i] = was[0];
	text[k] = was[1];
}

static void
no_fields_share_a_hash(void **state)
{
	struct list of[FIELD_COUNT] = { 0 }, all = { 0 };
	size_t sum = 0;

	(void)state;
	for (size_t n = 1; n <= 8; n++) {
		char text[] = "casinoes";

		for (size_t i = 0; i < n; i++) {
			for (size_t k = i; k < n; k++)
				add_variants(of, text, n, i, k);
		}
	}
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		sum += distinct(&of[f]);
		for (size_t i = 0; i < of[f].n; i++)
			add(&all, of[f].v[i]);
		assert_int_equal(of[f].n, of[0].n);
		free(of[f].v);
	}
	assert_true(of[0].n > 50000);
	assert_int_equal(distinct(&all), sum);
	free(all.v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_no_character_runs),
		cmocka_unit_test(no_fields_share_a_hash),
	};

	return cmocka_run_group_tests_name("tokens", tests, NULL, NULL);
}
