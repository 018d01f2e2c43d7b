#include "config.h"

#include <time.h>

#include "base/buf.h"
#include "corpus/lint.h"
#include "corpus/clusters.h"
#include "corpus/near_duplicates.h"
#include "corpus_fixture.h"
#include "engine/review_clusters.h"

/* Put comments into the fixture's corpus, one a line of TEXT. */
static void
fill(struct fixture *f, const char *text)
{
	f->options.format = CORPUS_TEXT;
	f->options.label = LABEL_HAM;
	assert_int_equal(read_text(f, text), 0);
}

static size_t
find(struct fixture *f, struct near_pair *first)
{
	struct near_pair *pairs;
	size_t n;

	assert_int_equal(near_duplicates(&pairs, &n, &f->corpus, &f->err), 0);
	if (n > 0)
		*first = pairs[0];
	free(pairs);
	return n;
}

static void
finds_near_duplicates(void **state)
{
	struct fixture *f = *state;
	struct near_pair pair;

	/* 9 words each, 6 shingles, 3 of them in both: 3 / (6 + 6 - 3). */
	fill(f,
	    "something quite different stands here, and it has more words\n"
	    "alpha beta gamma delta epsilon zeta one two three\n"
	    "ALPHA <b>beta</b>, gamma 12 delta; epsilon zeta four five six\n");
	assert_int_equal(find(f, &pair), 1);
	assert_int_equal(pair.a, 1);
	assert_int_equal(pair.b, 2);
	assert_true(pair.similarity > 0.33333 && pair.similarity < 0.33334);
}

static void
leaves_different_texts_alone(void **state)
{
	struct fixture *f = *state;
	struct near_pair pair;

	/* 2 of 6 shingles in both: 2 / 10. */
	fill(f,
	    "alpha beta gamma delta epsilon zeta one two three\nzero beta gamma delta epsilon zeta four five "
	    "six\n");
	assert_int_equal(find(f, &pair), 0);
}

static void
short_texts_must_be_equal(void **state)
{
	struct fixture *f = *state;
	struct near_pair pair;

	fill(f,
	    "Thanks!\nThanks!\nthank you\nThank you.\nso very true indeed\nso very true\nlove this "
	    "post\n!\n!\n"
	    "\xe8\xb0\xa2\xe8\xb0\xa2\xe5\x88\x86\xe4\xba\xab\n\xe8\xb0\xa2\xe8\xb0\xa2\xe5\x88\x86\xe4\xba"
	    "\xab\n");
	assert_int_equal(find(f, &pair), 0);
	fill(f, "So VERY true...\n");
	assert_int_equal(find(f, &pair), 1);
	assert_int_equal(pair.a, 5);
	assert_int_equal(pair.b, 11);
	assert_true(pair.similarity > 0.999);
}

static void
compares_characters_where_words_have_no_spaces(void **state)
{
	struct fixture *f = *state;
	struct near_pair pair;

	fill(f,
	    "我按照文章里的步骤重新安装了一遍服务器,现在终于可以正常访问了\n"
	    "按照文章里的步骤重新安装了一遍服务器,可是还是打不开\n"
	    "昨天晚上带孩子去了海边,风太大没有看到日落,有点可惜\n");
	assert_int_equal(find(f, &pair), 1);
	assert_int_equal(pair.a, 0);
	assert_int_equal(pair.b, 1);
}

/* All pairs of a few hundred made-up texts, against the definition. */
static void
agrees_with_the_definition(void **state)
{
	enum { ROWS = 300, WORDS = 10 };
	static unsigned char words[ROWS][WORDS];
	struct fixture *f = *state;
	struct near_pair *pairs;
	size_t n, expected = 0;
	unsigned seed = 7;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	for (int r = 0; r < ROWS; r++) {
		for (int w = 0; w < WORDS; w++) {
			seed = seed * 1103515245 + 12345;
			words[r][w] = (unsigned char)(seed >> 16 & 1);
			buf_addf(&b, "%s ", words[r][w] ? "one" : "zero");
		}
		buf_add_char(&b, '\n');
	}
	fill(f, buf_str(&b));
	buf_fini(&b);
	for (int r = 0; r < ROWS; r++) {
		for (int s = r + 1; s < ROWS; s++) {
			unsigned x = 0, y = 0; /* with two words there are 16 shingles: a bit each */

			for (int w = 0; w + 3 < WORDS; w++) {
				x |= 1u << (words[r][w] * 8 + words[r][w + 1] * 4 + words[r][w + 2] * 2 +
					 words[r][w + 3]);
				y |= 1u << (words[s][w] * 8 + words[s][w + 1] * 4 + words[s][w + 2] * 2 +
					 words[s][w + 3]);
			}
			expected += __builtin_popcount(x & y) / (double)__builtin_popcount(x | y) >=
			    NEAR_DUPLICATE;
		}
	}
	assert_int_equal(near_duplicates(&pairs, &n, &f->corpus, &f->err), 0);
	assert_int_equal(n, expected);
	assert_true(n > 100 && n < NEAR_PAIRS_MAX);
	free(pairs);
}

static void
is_quick_and_bounded(void **state)
{
	struct fixture *f = *state;
	struct near_pair pair;
	clock_t start;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < 5000; i++) {
		for (int w = 0; w < 100; w++)
			buf_addf(&b, "word ");
		buf_add_char(&b, '\n');
	}
	fill(f, buf_str(&b));
	start = clock();
	assert_int_equal(find(f, &pair), NEAR_PAIRS_MAX);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10);
	buf_fini(&b);
}

/* -- Clusters -- */

/* Put words drawn by *SEED from OF into B, N of them. */
static void
put_words(struct buf *b, int n, unsigned of, unsigned *seed)
{
	for (int w = 0; w < n; w++) {
		*seed = *seed * 1103515245 + 12345;
		buf_addf(b, "%c%c%c ", 'a' + (*seed >> 16) % of % 26, 'a' + (*seed >> 16) % of / 26 % 26,
		    'a' + (*seed >> 16) % of / 676);
	}
}

/* Clusters are what pairs lead to, step by step. */
static void
clusters_are_what_pairs_make(void **state)
{
	enum { ROWS = 300 };
	struct fixture *f = *state;
	size_t cluster[ROWS], expected[ROWS], n, several = 0;
	struct near_pair *pairs;
	unsigned seed = 7;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	for (int r = 0; r < ROWS; r++) {
		put_words(&b, 8, 4, &seed);
		buf_add_char(&b, '\n');
	}
	fill(f, buf_str(&b));
	buf_fini(&b);
	assert_int_equal(near_duplicates(&pairs, &n, &f->corpus, &f->err), 0);
	for (size_t i = 0; i < ROWS; i++)
		expected[i] = i;
	for (size_t i = 0; i < n; i++)
		clusters_join(expected, pairs[i].a, pairs[i].b);
	free(pairs);
	assert_int_equal(near_clusters(cluster, &f->corpus, &f->err), 0);
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(cluster[i], clusters_root(expected, i));
		several += cluster[i] == i;
	}
	assert_in_range(several, 20, ROWS - 20);
}

/* However large a campaign is, what else is alike is found. */
static void
a_campaign_hides_no_other_clusters(void **state)
{
	enum { CAMPAIGN = 5000, PAIRS = 40, ROWS = CAMPAIGN + 2 * PAIRS };
	static struct slice texts[ROWS];
	static size_t at[ROWS], cluster[ROWS];
	struct err err;
	unsigned seed = 7, pair;
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < ROWS; i++) {
		at[i] = b.n;
		pair = 1000 + (unsigned)(i - CAMPAIGN) / 2;
		put_words(&b, 30, 17576, i < CAMPAIGN ? &(unsigned){ 1 } : &pair);
		put_words(&b, 3, 17576, &seed);
		texts[i].n = b.n - at[i];
	}
	assert_true(buf_ok(&b));
	for (int i = 0; i < ROWS; i++)
		texts[i].p = b.p + at[i];
	assert_int_equal(review_clusters(cluster, texts, ROWS, &err), 0);
	for (size_t i = 0; i < ROWS; i++)
		assert_int_equal(cluster[i], i < CAMPAIGN ? 0 : i - (i - CAMPAIGN) % 2);
	buf_fini(&b);
}

static void
empty_corpus(void **state)
{
	struct fixture *f = *state;
	struct near_pair pair;

	assert_int_equal(find(f, &pair), 0);
}

static void
collect(void *arg, const struct example *row, enum lint_problem problem, struct slice text)
{
	struct buf *b = arg;

	(void)row;
	buf_addf(b, "%d %.*s;", (int)problem, (int)text.n, text.p == NULL ? "" : text.p);
}

static void
assert_lint(enum comment_field field, const char *text, const char *found)
{
	struct example row = { .comment = { .field = { [COMMENT_CONTENT] = slice_of("x") } } };
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	row.comment.field[field] = slice_of(text);
	lint_row(&row, collect, &b);
	assert_string_equal(buf_str(&b), found);
	buf_fini(&b);
}

static void
finds_foreign_domains(void **state)
{
	(void)state;
	assert_lint(COMMENT_CONTENT, "see http://google.com/x and (https://a.google.com).",
	    "0 google.com;0 a.google.com;");
	assert_lint(
	    COMMENT_CONTENT, "<a href=\"HTTPS://Shop.RU\">www.shop2.ru.</a>", "0 Shop.RU;0 shop2.ru;");
	assert_lint(COMMENT_CONTENT, "mail me: j.doe@gmail.com!", "0 gmail.com;");
	assert_lint(COMMENT_CONTENT, "http://example.com@evil.org http://a.example:80@evil.org/",
	    "0 evil.org;0 evil.org;");
	assert_lint(COMMENT_CONTENT, "http://notexample.com http://a.example.co http://8.8.8.8/",
	    "0 notexample.com;0 a.example.co;0 8.8.8.8;");
	assert_lint(COMMENT_CONTENT, "http://\xd1\x8f.\xd1\x80\xd1\x84/", "0 \xd1\x8f.\xd1\x80\xd1\x84;");
	assert_lint(COMMENT_URL, "google.com/x", "0 google.com;");
	assert_lint(COMMENT_URL, "http://google.com", "0 google.com;");
	assert_lint(COMMENT_EMAIL, "a@b@gmail.com", "0 gmail.com;");
	assert_lint(COMMENT_PERMALINK, "https://blog.com/", "0 blog.com;");
}

static void
allows_reserved_domains(void **state)
{
	(void)state;
	assert_lint(COMMENT_CONTENT,
	    "http://a.example http://example.com/ https://x.y.example.ORG. www.a.test, http://q.invalid?x=1 "
	    "http://localhost:8080/ http://192.0.2.7/ http://127.0.0.1 http://router/ me@mail.example "
	    "@john.smith "
	    "left-pad@1.2.3 root@server [url=http://a.example]x[/url] mailto:a@b.example http:// www. 3.14",
	    "");
	assert_lint(COMMENT_URL, "/about", "");
	assert_lint(COMMENT_URL, "a.example/x", "");
	assert_lint(COMMENT_URL, "", "");
	assert_lint(COMMENT_EMAIL, "x@post.example", "");
	assert_lint(COMMENT_EMAIL, "", "");
	assert_lint(COMMENT_USER_AGENT, "bot (+http://www.google.com/bot.html)", "");
}

static void
finds_languages_and_empty_content(void **state)
{
	(void)state;
	assert_lint(COMMENT_LANG, "en", "");
	assert_lint(COMMENT_LANG, "pt-BR", "");
	assert_lint(COMMENT_LANG, "xx", "1 xx;");
	assert_lint(COMMENT_LANG, "english", "1 english;");
	assert_lint(COMMENT_LANG, "", "1 ;");
	assert_lint(COMMENT_LANG, "n ", "1 n ;");
	assert_lint(COMMENT_CONTENT, "", "2 ;");
	assert_lint(COMMENT_CONTENT, " \n\t", "2 ;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_near_duplicates, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_different_texts_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(short_texts_must_be_equal, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    compares_characters_where_words_have_no_spaces, setup, teardown),
		cmocka_unit_test_setup_teardown(agrees_with_the_definition, setup, teardown),
		cmocka_unit_test_setup_teardown(is_quick_and_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(clusters_are_what_pairs_make, setup, teardown),
		cmocka_unit_test(a_campaign_hides_no_other_clusters),
		cmocka_unit_test_setup_teardown(empty_corpus, setup, teardown),
		cmocka_unit_test(finds_foreign_domains),
		cmocka_unit_test(allows_reserved_domains),
		cmocka_unit_test(finds_languages_and_empty_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
