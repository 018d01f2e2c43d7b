#include "config.h"

#include "unit.h"

#include <stdlib.h>

#include "base/hash.h"
#include "classifier/token_impl.h"

/* -- That what tokens are known by, their hashes, tells them apart -- */

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

/* -- What a comment is cut into -- */

/* The tokens of FIELD in comment C, with a bar before and after each. */
static const char *
tokens_of(const struct comment *c, enum field field, struct buf *b)
{
	struct tokenizer *tk;
	struct tokens t;
	struct err err;

	tokens_init(&t);
	buf_clear(b);
	buf_add_char(b, '|');
	assert_ok(tokenizer_new(&tk, &err), err);
	assert_ok(tokenize(tk, c, false, &t, &err), err);
	for (size_t i = 0; i < t.n; i++) {
		if (t.v[i].field != field)
			continue;
		token_text(&t, i, b);
		buf_add_char(b, '|');
	}
	tokenizer_free(tk);
	tokens_fini(&t);
	return buf_str(b);
}

static struct comment
comment_of(const char *content)
{
	struct comment c = { 0 };

	c.field[COMMENT_CONTENT] = slice_of(content);
	return c;
}

static const char *
tokens_in(const char *text, enum field field, struct buf *b)
{
	const struct comment c = comment_of(text);

	return tokens_of(&c, field, b);
}

/* The tokens of FIELD in a comment of TEXT by somebody with home page URL. */
static const char *
tokens_with_page(const char *text, const char *url, enum field field, struct buf *b)
{
	struct comment c = comment_of(text);

	c.field[COMMENT_URL] = slice_of(url);
	return tokens_of(&c, field, b);
}

/* The profile tokens of a comment by AUTHOR with home page URL. */
static const char *
profile_of(const char *author, const char *url, struct buf *b)
{
	struct comment c = comment_of("see roof-repair.example for more");

	c.field[COMMENT_AUTHOR] = slice_of(author);
	c.field[COMMENT_EMAIL] = slice_of("info@roof-repair.example");
	c.field[COMMENT_URL] = slice_of(url);
	return tokens_of(&c, FIELD_PROFILE, b);
}

static void
tells_how_commenters_present_themselves(void **state)
{
	static const struct {
		const char *author, *url, *has;
	} cases[] = {
		{ "Anna Lund", "", "|words of the name: 2|" },
		{ "Anna Lund", "", "|letters of the name: title|" },
		{ "gIRAqFDwSnyL", "", "|capitals inside the name: 3|" },
		{ "xkcdwq", "", "|consonants in a row: 6|" },
		{ "Roof Repair", "https://roof-repair.example", "|gives a site|" },
		{ "Roof Repair", "HTTPS://www.roof-repair.example/a/b/?x",
		    "|depth of the site's address: 2|" },
		{ "Roof Repair", "http://roofrepair.example", "|name in the host: 1|" },
		{ "Roof Repair", "http://roof-repair.example", "|mail at the site: 1|" },
		{ "Roof Repair", "http://roof-repair.example", "|site in the text: 1|" },
		{ "Roof Repair", "http://other.example", "|site in the text: 0|" },
		{ "Roof Repair", "http://a.example.com", "|labels of the host: 2|" },
		{ "Roof Repair", "http://a.b.info", "|labels of the host: 3|" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = profile_of(cases[i].author, cases[i].url, &b);

		if (strstr(got, cases[i].has) == NULL)
			fail_msg("%s, %s: no %s in %s", cases[i].author, cases[i].url, cases[i].has, got);
	}
	assert_null(strstr(profile_of("Anna", "", &b), "site"));
	assert_string_equal(profile_of("", "", &b), "|");
	buf_fini(&b);
}

static void
own_page_is_a_link_where_the_text_has_none(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	assert_non_null(strstr(tokens_with_page("nice post", "http://cheap-pills.info/buy", FIELD_URL, &b),
	    "|host: cheap-pills.info|"));
	assert_non_null(strstr(buf_str(&b), "|path word: buy|"));
	tokens_with_page("nice post, as on roofs.info/a", "http://cheap-pills.info/buy", FIELD_URL, &b);
	assert_non_null(strstr(buf_str(&b), "|host: roofs.info|"));
	assert_null(strstr(buf_str(&b), "pills"));
	assert_string_equal(tokens_with_page("nice post", "", FIELD_URL, &b), "|");
	buf_fini(&b);
}

static void
cuts_words_links_and_disguises(void **state)
{
	static const struct {
		enum field field;
		const char *text, *has;
	} cases[] = {
		{ FIELD_WORD, "Don't panic!!", "|don't|" },
		{ FIELD_WORD, "Don't panic!!", "|!!|" },
		{ FIELD_WORD, "see http://x.example/a", "|(link)|" },
		{ FIELD_WORD, "me@mail.example", "|(address)|" },
		{ FIELD_WORD, "v i a g r a", "|viagra|" },
		{ FIELD_WORD, "v.i.a.g.r.a", "|viagra|" },
		{ FIELD_WORD, "v1agra", "|viagra|" },
		{ FIELD_WORD, "soooooo good", "|soo|" },
		{ FIELD_WORD, "GREAT stuff", "|CAPITALS: great|" },
		{ FIELD_WORD, "call 5550123", "|digits: 7|" },
		{ FIELD_WORD, "\xe4\xbd\xa0\xe5\xa5\xbd\xe5\x90\x97",
		    "|\xe4\xbd\xa0\xe5\xa5\xbd|\xe5\xa5\xbd\xe5\x90\x97|" },
		{ FIELD_PAIR, "one two three", "|one two|one _ three|two three|" },
		{ FIELD_TRIPLE, "a b c d", "|a b c|a b _ d|a _ c d|b c d|" },
		{ FIELD_CHARS, "cat", "|_ca|cat|at_|_cat|cat_|_cat_|" },
		{ FIELD_URL, "http://www.Cheap-Pills.info/buy/now?x=1", "|host: cheap-pills.info|" },
		{ FIELD_URL, "http://www.cheap-pills.example/buy/now", "|path word: buy|" },
		{ FIELD_URL, "go to pills.info today", "|tld: info|" },
		{ FIELD_URL, "<a href='http://pills.example'>x</a>", "|host word: pills|" },
		{ FIELD_SHAPE, "v1agra", "|disguise: digits for letters|" },
		{ FIELD_SHAPE, "HELLO", "|capitals: 5|" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strstr(tokens_in(cases[i].text, cases[i].field, &b), cases[i].has) == NULL)
			fail_msg("%s: no %s in %s", cases[i].text, cases[i].has, buf_str(&b));
	}
	assert_null(strstr(tokens_in("the end.Next sentence", FIELD_URL, &b), "host"));
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_no_character_runs),
		cmocka_unit_test(no_fields_share_a_hash),
		cmocka_unit_test(own_page_is_a_link_where_the_text_has_none),
		cmocka_unit_test(cuts_words_links_and_disguises),
		cmocka_unit_test(tells_how_commenters_present_themselves),
	};

	return cmocka_run_group_tests_name("tokens", tests, NULL, NULL);
}
