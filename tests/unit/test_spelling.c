#include "config.h"

#include "unit.h"

#include "base/hash.h"
#include "classifier/token_impl.h"

/* What words are read as once their disguises are undone, and that what only looks like one stays. */

struct fixture {
	struct tokenizer *tk;
	struct tokens tokens;
	struct buf out;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	assert_ok(tokenizer_new(&f->tk, &err), err);
	tokens_init(&f->tokens);
	buf_init(&f->out, BUF_NO_LIMIT);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tokenizer_free(f->tk);
	tokens_fini(&f->tokens);
	buf_fini(&f->out);
	free(f);
	return 0;
}

static void
run(struct fixture *f, struct slice text)
{
	struct comment c = { .field[COMMENT_CONTENT] = text };
	struct err err;

	assert_ok(tokenize(f->tk, &c, true, &f->tokens, &err), err);
}

/* Return the units of TEXT, as read, with spaces between. */
static const char *
read_as(struct fixture *f, const char *text)
{
	const struct tokens *t = &f->tokens;

	run(f, slice_of(text));
	buf_clear(&f->out);
	for (size_t i = 0; i < t->nunits; i++) {
		if (i > 0)
			buf_add_char(&f->out, ' ');
		buf_add(&f->out, t->text.p + t->units[i].at, t->units[i].n);
	}
	return buf_str(&f->out);
}

static bool
has(struct fixture *f, enum field field, const char *text)
{
	for (size_t i = 0; i < f->tokens.n; i++) {
		buf_clear(&f->out);
		token_text(&f->tokens, i, &f->out);
		if (f->tokens.v[i].field == field && strcmp(buf_str(&f->out), text) == 0)
			return true;
	}
	return false;
}

struct reading {
	const char *in, *out;
};

static void
check(struct fixture *f, const struct reading *list, size_t n, const char *evidence)
{
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(read_as(f, list[i].in), list[i].out);
		if (!has(f, FIELD_SHAPE, evidence))
			fail_msg("%s: no \"%s\"", list[i].in, evidence);
	}
}

#define LOOKS_MAX 20 /* at a byte of text, on the average */
#define CHECK(list, evidence) check(*state, list, sizeof(list) / sizeof((list)[0]), evidence)

static void
closes_spaced_words_up(void **state)
{
	static const struct reading list[] = {
		{ "v i a g r a", "viagra" }, { "buy  v i a g r a  now", "buy viagra now" },
		{ "v.i.a.g.r.a!", "viagra !" }, { "v-i-a-g-r-a", "viagra" },
		{ "c * a * s * i * n * o", "casino" }, { "p_i_l_l_s", "pills" },
		{ "C h e c k   o u t  m y   v i d e o", "check out m y video" },
		{ "I  s u b s c r i b e d", "i subscribed" }, { "S.U.B.S.C.R.I.B.E", "subscribe" },
		{ "p\xc2\xb7i\xc2\xb7l\xc2\xb7l\xc2\xb7s", "pills" }, /* middle dots */
		{ "\xd0\xba \xd0\xb0 \xd0\xb7 \xd0\xb8 \xd0\xbd \xd0\xbe",
		    "\xd0\xba\xd0\xb0\xd0\xb7\xd0\xb8\xd0\xbd\xd0\xbe" }, /* kazino, in Cyrillic */
	};

	CHECK(list, "disguise: spaced-out word");
}

static void
reads_digits_for_letters(void **state)
{
	static const struct reading list[] = {
		{ "5ub5cr1be", "subscribe" },
		{ "ch4nn31", "channel" },
		{ "5ub$cr!b3 now", "subscribe now" },
		{ "my v1d30 411 0v3r", "my video all over" },
		{ "d0n'7 r34d 7h15 p0rn", "don't read this porn" },
		{ "P1e453 5h4r3!", "please share !" },
		{ "c4$1n0 b0nu5", "casino bonus" },
	};

	CHECK(list, "disguise: digits for letters");
}

/* Where a word may be honest it stays, and what it may stand for is told too. */
static void
tells_both_readings(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(read_as(f, "buy v1agra here"), "buy v1agra here");
	assert_true(has(f, FIELD_WORD, "v1agra"));
	assert_true(has(f, FIELD_WORD, "viagra"));
	assert_string_equal(read_as(f, "c1al15 v1d305"), "cialis videos");
	assert_true(has(f, FIELD_WORD, "written: c1al15"));
	assert_true(has(f, FIELD_WORD, "cialis"));
	assert_true(has(f, FIELD_WORD, "clalls"));
}

/* A word that was told as a reading of another has its own character runs where it stands. */
static void
keeps_the_runs_of_words_told_before(void **state)
{
	static const char *const texts[] = { "first c1al15 here", "c1al15 here", "v1agra and viagra" };
	struct fixture *f = *state;
	const struct tokens *t = &f->tokens;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct unit *u;

		run(f, slice_of(texts[i]));
		u = &t->units[i == 1 ? 0 : i == 2 ? 2 : 1];
		assert_int_equal(u->n, 6); /* 6, 5 and 4 of 3 to 5 characters, the ends marked */
		assert_int_equal(u->nmembers, 15);
		buf_clear(&f->out);
		token_text(t, t->members[u->members], &f->out);
		assert_string_equal(buf_str(&f->out), i == 2 ? "_vi" : "_ci");
	}
}

static void
joins_split_links(void **state)
{
	static const struct reading list[] = {
		{ "see example . com now", "see example.com now" },
		{ "youtube . com/watch?v=AbC now", "youtube.com/watch?v=abc now" },
		{ "my-pills (dot) co (dot) uk/buy", "my-pills.co.uk/buy" },
		{ "pills[dot]net", "pills.net" },
		{ "pills {.} info", "pills.info" },
		{ "youtu . be/x1", "youtu.be/x1" },
		{ "www . pills . me", "www.pills.me" },
		{ "pills .com", "pills.com" },
		{ "a . b . pills . com . thanks", "a.b.pills.com . thanks" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		read_as(f, list[i].in);
		assert_true(has(f, FIELD_SHAPE, "disguise: split link"));
		assert_true(has(f, FIELD_SHAPE, "links: 1"));
	}
	assert_string_equal(read_as(f, "see example . com now"), "see (link) now");
	read_as(f, list[1].in);
	assert_true(has(f, FIELD_URL, "host: youtube.com"));
	assert_true(has(f, FIELD_URL, "path word: watch"));
	read_as(f, list[2].in);
	assert_true(has(f, FIELD_URL, "host: my-pills.co.uk"));
}

/* Ordinary text: each is read as it is, but for small letters. */
static void
leaves_ordinary_text_alone(void **state)
{
	static const char *const list[] = {
		"the u.s.a. and the u.k., e.g. i.e. a.k.a. p.s. r.i.p.",
		"U.S.S.R. and Y.M.C.A. and N A T O",
		"J. R. R. Tolkien and C. S. Lewis and J.R.R. Tolkien",
		"a b c or a, b, c or a) b) c)",
		"a b c d e f g h",
		"u v w x y z",
		"1. e4 e5 2. Nf3 Nc6 3. Bb5 a6",
		"C G Am F and G D A E and c a f e",
		"y r u a n i c u",
		"x + y + z = w",
		"+44 20 7946 0958, (555) 010-1234, 555.010.1234",
		":-) ;-) :d <3 \\o/ ^_^ t_t",
		"mp3 mp4 h2o 1st 2nd 10am 3d b2b p2p c++ i18n l10n a11y k8s utf8 x86 ipv4 win32 v1.2.3 4k",
		"it costs $100, 99 cents, 1000 or 3.50 or 1 500 000",
		"log4j 1.2 and md5sum of the file, at 10:45, on 2019-01-01",
		"an mp3s folder on my disk with songs of many years in it and nothing else at all",
		"iphone4s and ps3 and xbox360 in 2011",
		"for (i = 0; i < n; i++) { a[i] = b[i] * c; }",
		"$this->foo = $bar; echo \"$path\"; ssh root@localhost",
		"@alice thanks! wow!this is great!really",
		"i like this . me too . it is fine . in the end . be good",
		"the dot com bubble of the net",
		"gostei muito. com certeza vou voltar",
		"so good .. very good ... yes",
		"#win #top10 #covid19",
		"\xed\x95\x9c \xea\xb5\xad \xec\x96\xb4 \xeb\xa7\x90", /* Korean syllables */
		"\xe6\x88\x91 \xe7\x9a\x84 \xe4\xb9\xa6 \xe5\xa5\xbd", /* Chinese characters */
		("\xd0\xb8 \xd1\x8f \xd0\xb2 \xd0\xb4\xd0\xbe\xd0\xbc\xd0\xb5 \xd1\x81 "
		 "\xd0\xbd\xd0\xb5\xd0\xb9"),
		"d3adb33f 0xdeadbeef a94a8fe5",
		"s4 g7 a380 b52 r2d2 c3po",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		run(f, slice_of(list[i]));
		for (size_t k = 0; k < f->tokens.nunits; k++) {
			if (f->tokens.units[k].undone)
				fail_msg("%s: read as %s", list[i], read_as(f, list[i]));
		}
	}
}

/* Whatever the text, each of its units is looked at a few times, and what is kept of it grows with it. */
static void
is_linear(void **state)
{
	static const char *const worst[] = { "a ", "a.", "a-", "b . ", "b (dot) ", "com . ", "4", "4a", "4!",
		"@a$", "1", "1 ", "1l1", "a-", "a . a-a-a-a-a-a-a-a-a . ", "a.a.a.b.b ", "b3b3 ", "x  x ",
		"z  z.z", "q.w.e ", "w4w4-", "411 4ll 1i1 " };
	struct fixture *f = *state;
	struct buf text;

	buf_init(&text, BUF_NO_LIMIT);
	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
		buf_clear(&text);
		while (text.n < 65000)
			buf_add_str(&text, worst[i]);
		run(f, buf_slice(&text));
		assert_true(f->tokens.looked_at <= LOOKS_MAX * text.n);
		assert_true(f->tokens.text.n <= 16 * text.n);
	}
	buf_fini(&text);
}

/* Append words whose tokens have the same last bits of their hash, as anyone can find. */
static void
add_alike(struct buf *text, size_t words, unsigned bits)
{
	char word[] = "aaaaaaaa";

	for (size_t found = 0; found < words;) {
		for (size_t i = 0; ++word[i] > 'z'; i++)
			word[i] = 'a';
		if (hash_bytes(word, strlen(word), token_seed(FIELD_WORD)) << (64 - bits) != 0)
			continue;
		buf_add_str(text, word);
		buf_add_char(text, ' ');
		found++;
	}
}

/* Words that are chosen to fall on one place of a table don't. */
static void
spreads_chosen_words(void **state)
{
	struct fixture *f = *state;
	struct tokens other;
	struct buf text;

	buf_init(&text, BUF_NO_LIMIT);
	add_alike(&text, 256, 14);
	run(f, buf_slice(&text));
	assert_true(f->tokens.n > 4000 && f->tokens.n < 1 << 14);
	assert_true(f->tokens.probed < 2 * f->tokens.n);
	tokens_init(&other);
	assert_true(other.secret != f->tokens.secret);
	tokens_fini(&other);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(closes_spaced_words_up, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_digits_for_letters, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_both_readings, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_the_runs_of_words_told_before, setup, teardown),
		cmocka_unit_test_setup_teardown(joins_split_links, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_ordinary_text_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(is_linear, setup, teardown),
		cmocka_unit_test_setup_teardown(spreads_chosen_words, setup, teardown),
	};

	return cmocka_run_group_tests_name("spelling", tests, NULL, NULL);
}
