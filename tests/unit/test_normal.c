#include "config.h"

#include "unit.h"

#include "base/utf8.h"
#include "classifier/markup.h"
#include "classifier/normal.h"

struct fixture {
	struct buf out, scratch, cases;
	struct normal_counts counts;
};

static const char *
normal(struct fixture *f, const char *in)
{
	buf_clear(&f->out);
	buf_clear(&f->cases);
	memset(&f->counts, 0, sizeof(f->counts));
	normalise(&f->out, slice_of(in), &f->counts, &f->cases, &f->scratch);
	assert_true(utf8_valid(buf_slice(&f->out)));
	return buf_str(&f->out);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	buf_init(&f->out, BUF_NO_LIMIT);
	buf_init(&f->scratch, BUF_NO_LIMIT);
	buf_init(&f->cases, BUF_NO_LIMIT);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	buf_fini(&f->out);
	buf_fini(&f->scratch);
	buf_fini(&f->cases);
	free(f);
	return 0;
}

static void
folds_to_one_plain_form(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "Hello World", "hello world" },
		{ "caf\xc3\xa9 CAF\xc3\x89 cafe\xcc\x81", "cafe cafe cafe" },
		{ "caf\xe9 \x9a\x80", "cafe s\xe2\x82\xac" }, /* windows-1252 */
		{ "Tom &amp; Jerry &#65;&#x42; &unknown; &", "tom & jerry ab &unknown; &" },
		{ "\xef\xbc\xb6\xef\xbd\x89\xef\xbd\x81\xef\xbd\x87\xef\xbd\x92\xef\xbd\x81",
		    "viagra" }, /* full-width */
		{ "\xf0\x9d\x93\xbf\xf0\x9d\x93\xb2\xf0\x9d\x93\xaa\xf0\x9d\x93\xb0\xf0\x9d\x93\xbb\xf0\x9d"
		  "\x93\xaa",
		    "viagra" }, /* script letters */
		{ "v\xd1\x96\xd0\xb0gr\xd0\xb0", "viagra" }, /* Cyrillic twins */
		{ "c\xe2\x80\x8b"
		  "a\xc2\xad"
		  "s\xe2\x81\xa0ino",
		    "casino" }, /* invisible characters */
		{ "\xf0\x9f\x85\xb0\xf0\x9f\x85\xb1", "ab" }, /* boxed letters */
		{ "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82",
		    "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" }, /* Russian stays */
		{ "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4",
		    "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4" }, /* Hangul stays whole */
		{ "\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8",
		    "\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8" }, /* vowel signs stay */
		{ "\xe2\x80\xaeoediv\xe2\x80\xac ym", "video ym" }, /* an override, and its end */
		{ "&#8238;!won oediv ym", "my video now!" }, /* to the end */
		{ "\xe2\x80\xaeoediv <b>ym</b>\nnow", " video my  now" }, /* tags and lines end it */
		{ "\xe2\x80\xae\xd7\xa9\xd7\x9c", "\xd7\xa9\xd7\x9c" }, /* Hebrew runs so by itself */
		{ "\xe2\x80\xae\xe2\x82\xac\xc3\xa9t\xe2\x80\xac", "te\xe2\x82\xac" }, /* whole characters */
		{ "\xce\x9d\xce\xb5w \xce\xa5ou", "new you" }, /* Greek capitals: N, Y */
		{ "c\xd0\xb0r m\xd1\x83 \xd1\x83o\xcf\x85 \xd1\x83\xd0\xbe\xcf\x85",
		    "car my you you" }, /* a masked text: whole words too */
		{ "\xd4\x9d\xce\xbf\xd4\x9d", "wow" }, /* of two foreign alphabets */
		{ "a <b>bold</b> word", "a  bold  word" },
		{ "1 < 2 and 3 > 2", "1 < 2 and 3 > 2" },
		{ "[b]x[/b] [not code]", " x  [not code]" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(normal(f, cases[i].in), cases[i].out);
}

static void
keeps_the_addresses_of_links(void **state)
{
	static const char *const links[] = {
		"<a href=\"http://Pills.example/Buy\">here</a>",
		"<A rel=nofollow HREF='http://pills.example/buy'>here</A>",
		"<a href=http://pills.example/buy>here</a>",
		"<a href=\\\"http://pills.example/buy\\\">here</a>",
		"[url=http://pills.example/buy]here[/url]",
		"&lt;a href=&quot;http://pills.example/buy&quot;&gt;here&lt;/a&gt;",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		const char *out = normal(f, links[i]);

		assert_non_null(strstr(out, " http://pills.example/buy "));
		assert_non_null(strstr(out, " here "));
		assert_int_equal(f->counts.anchors + f->counts.bbcode > 0, 1);
	}
}

static void
counts_what_was_hidden(void **state)
{
	struct fixture *f = *state;

	normal(f, "v\xd1\x96\xd0\xb0gra");
	assert_int_equal(f->counts.lookalikes, 2);
	normal(f, "ca\xe2\x80\x8bsino");
	assert_int_equal(f->counts.invisible, 1);
	normal(f, "\xef\xbc\xb6iagra");
	assert_int_equal(f->counts.disguised, 1);
	normal(f, "\xe2\x80\xaeoediv\xe2\x80\xac");
	assert_int_equal(f->counts.reversed, 5);
	normal(f, "the end\xef\xbb\xbf \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xa7"); /* a mark after a word,
											  a joined emoji */
	assert_int_equal(f->counts.invisible, 0);
	normal(f,
	    "An honest caf\xc3\xa9 in Z\xc3\xbcrich\xe2\x80\xa6 \xd0\xb8 "
	    "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82");
	assert_int_equal(f->counts.lookalikes + f->counts.invisible + f->counts.disguised, 0);
}

/* Sizes, scripts and capitals are those of the text that a reader sees. */
static void
measures_the_text_as_read(void **state)
{
	static const char *const disguised[] = {
		"c\xe2\x80\x8b\xc2\xad"
		"asino Now",
		"\xef\xbd\x83\xef\xbd\x81sino \xef\xbc\xaeow",
		"\xf0\x9d\x93\xac\xf0\x9d\x93\xaasino \xf0\x9d\x90\x8dow",
		"c\xd0\xb0sin\xd0\xbe N\xd0\xbew",
		"c\xcc\xb6"
		"a\xcc\xb6sino Now",
	};
	struct fixture *f = *state;
	struct normal_counts plain;

	normal(f, "casino Now");
	plain = f->counts;
	for (size_t i = 0; i < sizeof(disguised) / sizeof(disguised[0]); i++) {
		assert_string_equal(normal(f, disguised[i]), "casino now");
		assert_int_equal(f->counts.bytes, plain.bytes);
		assert_int_equal(f->counts.letters, plain.letters);
		assert_int_equal(f->counts.capitals, plain.capitals);
		assert_int_equal(f->counts.latin, plain.latin);
		assert_int_equal(f->counts.cyrillic, 0);
	}
}

static void
notes_how_words_were_written(void **state)
{
	struct fixture *f = *state;
	const struct cased_word *w;

	normal(f, "plain Title CAPS iPhone A");
	assert_int_equal(f->cases.n / sizeof(*w), 3);
	w = (const struct cased_word *)(const void *)f->cases.p;
	assert_int_equal(w[0].at, 6);
	assert_int_equal(w[0].letter_case, CASE_INITIAL);
	assert_int_equal(w[1].letter_case, CASE_CAPITALS);
	assert_int_equal(w[2].letter_case, CASE_INITIAL);
}

static void
takes_any_bytes_and_is_bounded(void **state)
{
	struct fixture *f = *state;
	size_t n = 300000;
	char *in = malloc(n + 1);
	unsigned seed = 1;

	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245u + 12345u;
			in[i] = (char)(seed >> 16);
		}
		buf_clear(&f->out);
		normalise(&f->out, (struct slice){ in, n }, &f->counts, &f->cases, &f->scratch);
		assert_true(buf_ok(&f->out));
		assert_true(utf8_valid(buf_slice(&f->out)));
		assert_true(f->out.n < 5 * NORMAL_INPUT_MAX);
	}
	memset(in, '<', n);
	buf_clear(&f->out);
	normalise(&f->out, (struct slice){ in, n }, &f->counts, NULL, &f->scratch);
	assert_true(f->out.n <= NORMAL_INPUT_MAX + 1);
	free(in);
}

/* One character that stands for a sentence is read as that, but not a text of nothing else. */
static void
grows_little(void **state)
{
	static const char *const worst[] = { "\xef\xb7\xba", "\xef\xb7\xba ", "\xe3\x8c\x96", "\xbc",
		"\xe2\x82\xa8", "\xe3\x8e\xaf" };
	struct fixture *f = *state;
	struct buf in;

	normal(f, worst[0]);
	assert_int_equal(f->out.n, 33);
	buf_init(&in, BUF_NO_LIMIT);
	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
		buf_clear(&in);
		while (in.n < NORMAL_INPUT_MAX)
			buf_add_str(&in, worst[i]);
		buf_clear(&f->out);
		normalise(&f->out, buf_slice(&in), &f->counts, NULL, &f->scratch);
		assert_true(f->out.n <= 2 * NORMAL_INPUT_MAX);
	}
	buf_fini(&in);
}

/* However many tags begin and none, or only the last, ends: each byte is looked at once for its end. */
static void
looks_for_ends_once(void **state)
{
	static const char *const ends[] = { "", ">", "]", "]>" };
	char text[20000];

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct markup m = { 0 };
		size_t n = sizeof(text);

		for (size_t k = 0; k < n; k++)
			text[k] = k % 2 == 0 ? '<' : '[';
		memcpy(text + n - strlen(ends[i]), ends[i], strlen(ends[i]));
		for (size_t k = 0; k < n - 2; k++) {
			const char *end = markup_end(&m, (struct slice){ text + k, n - k });
			const char *right = memchr(text + k, k % 2 == 0 ? '>' : ']',
			    n - k < MARKUP_MAX_BYTES ? n - k : MARKUP_MAX_BYTES);

			assert_ptr_equal(end, right);
		}
		assert_true(m.looked_at <= 2 * n);
	}
}

/* Letters are counted as what they fold to, and taken back as that where they stand in for Latin ones. */
static void
counts_letters_as_read(void **state)
{
	static const char *const texts[] = {
		"hello w\xf0\x9d\x9b\xbctch this now", /* a mathematical alpha */
		"hello w\xce\xb1tch this now", /* a Greek one */
		"hello w\xf0\x9d\x90\x9atch this now", /* a mathematical a */
		"hello w\xe1\xbe\x80tch this now", /* an alpha with an iota below: two letters */
		"the \xe2\x84\xa6wner of this", /* the sign for ohm */
		"the sta\xef\xac\x83ng of this", /* a ligature of three letters */
		"a \xe2\x92\xa3 b \xe2\x91\xa0", /* letters in brackets, a digit in a circle */
		"\xf0\x9d\x9b\xbc\xf0\x9d\x9b\xbd\xf0\x9d\x9b\xbe", /* nothing but mathematical Greek */
	};
	struct fixture *f = *state;
	const struct normal_counts *c = &f->counts;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t of_scripts, letters = 0;

		for (const char *p = normal(f, texts[i]); *p != '\0'; p++)
			letters += (*p >= 'a' && *p <= 'z') || (unsigned char)*p >= 0xc0;
		of_scripts = c->latin + c->cyrillic + c->greek + c->han + c->kana + c->hangul + c->arabic +
		    c->hebrew + c->thai + c->indic + c->other;
		assert_int_equal(c->letters, letters);
		assert_int_equal(of_scripts, letters);
		assert_true(c->greek <= letters && c->other <= letters);
	}
	assert_int_equal(c->greek, 3);
	normal(f, texts[0]);
	assert_int_equal(c->greek, 0);
	assert_int_equal(c->latin, 17);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(folds_to_one_plain_form, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_the_addresses_of_links, setup, teardown),
		cmocka_unit_test_setup_teardown(counts_what_was_hidden, setup, teardown),
		cmocka_unit_test_setup_teardown(measures_the_text_as_read, setup, teardown),
		cmocka_unit_test_setup_teardown(counts_letters_as_read, setup, teardown),
		cmocka_unit_test_setup_teardown(notes_how_words_were_written, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_any_bytes_and_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(grows_little, setup, teardown),
		cmocka_unit_test(looks_for_ends_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
