#include "config.h"

#include "unit.h"

#include "base/buf.h"
#include "classifier/phrases.h"

static struct phrases *
phrases_of(bool whole_words, const char *const *list, size_t n)
{
	struct phrases *p;
	struct err err;

	assert_ok(phrases_new(&p, whole_words, &err), err);
	for (size_t i = 0; i < n; i++)
		assert_ok(phrases_add(p, slice_of(list[i]), &err), err);
	assert_ok(phrases_seal(p, &err), err);
	return p;
}

#define PHRASES_OF(whole, ...)                                                                               \
	phrases_of(whole, (const char *const[]){ __VA_ARGS__ },                                              \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static bool
found(const struct phrases *p, const char *text)
{
	return phrases_find(p, slice_of(text), NULL);
}

/* Every length has its own way of being found, at the beginning, in the middle and at the end. */
static void
test_lengths(void **state)
{
	static const char *const all[] = { "q", "zj", "xkv", "wqzv", "jqwxz", "vvwwqq", "kkjjhhg", "bvcxbvcx",
		"mnbvcxzlk", "poiuytrewqlkjhgfdsamnbvcxz" };
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct phrases *p = phrases_of(false, &all[i], 1);
		struct slice which;

		assert_true(found(p, all[i]));
		snprintf(text, sizeof(text), "%s and", all[i]);
		assert_true(found(p, text));
		snprintf(text, sizeof(text), "the %sand", all[i]);
		assert_true(found(p, text));
		snprintf(text, sizeof(text), "the %s", all[i]);
		assert_true(phrases_find(p, slice_of(text), &which));
		assert_true(slice_is(which, all[i]));
		text[strlen(text) - 1] = '\0'; /* all but its last letter */
		assert_false(found(p, text));
		phrases_free(p);
	}
}

static void
test_nothing(void **state)
{
	struct phrases *p = phrases_of(false, NULL, 0);
	struct err err;

	(void)state;
	assert_false(found(p, "text"));
	assert_false(phrases_find(p, (struct slice){ NULL, 0 }, NULL));
	phrases_free(p);
	assert_ok(phrases_new(&p, false, &err), err);
	assert_int_equal(phrases_add(p, slice_of(""), &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	phrases_free(p);
}

/* What a plain search finds is found, and nothing else, whatever the phrases have in common. */
static void
test_against_a_plain_search(void **state)
{
	enum { PHRASES = 300, TEXTS = 2000 };
	char list[PHRASES][16], text[64];
	struct phrases *p;
	struct err err;
	unsigned seed = 1;

	(void)state;
	assert_ok(phrases_new(&p, false, &err), err);
	for (int i = 0; i < PHRASES; i++) {
		int n = 4 + rand_r(&seed) % 11;

		for (int k = 0; k < n; k++)
			list[i][k] = (char)('a' + rand_r(&seed) % 3);
		list[i][n] = '\0';
		assert_ok(phrases_add(p, slice_of(list[i]), &err), err);
	}
	assert_ok(phrases_seal(p, &err), err);
	assert_int_equal(phrases_count(p), PHRASES);
	for (int i = 0; i < TEXTS; i++) {
		int n = rand_r(&seed) % 20;
		bool expected = false;

		for (int k = 0; k < n; k++)
			text[k] = (char)('a' + rand_r(&seed) % 3);
		text[n] = '\0';
		for (int k = 0; k < PHRASES; k++)
			expected = expected || strstr(text, list[k]) != NULL;
		assert_int_equal(found(p, text), expected);
	}
	phrases_free(p);
}

/* Of phrases that begin with each other the shortest is told that stands there by itself. */
static void
test_nested(void **state)
{
	static const struct {
		const char *text, *which;
	} cases[] = {
		{ "play online poker room games", "online poker" },
		{ "play online poker rooms", "online poker" },
		{ "play online pokers", NULL },
		{ "play online p", NULL },
		{ "see online poker room games club now", "online poker" },
		{ "see online pokes", "online pokes" },
		{ "online paper", "online paper" },
	};
	struct phrases *any = PHRASES_OF(
	    false, "online poker", "online paper", "online poker rooms", "online");
	struct phrases *words = PHRASES_OF(true, "online poker room games club", "online paper",
	    "online poker room", "online pokes", "online poker");
	struct slice which;

	(void)state;
	assert_true(phrases_find(any, slice_of("an online poker room"), &which) && slice_is(which, "online"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool there = phrases_find(words, slice_of(cases[i].text), &which);

		assert_int_equal(there, cases[i].which != NULL);
		if (there)
			assert_true(slice_is(which, cases[i].which));
	}
	phrases_free(any);
	phrases_free(words);
}

/* Each of many phrases that begin alike is found, and what only begins so isn't; a list may be all links. */
static void
test_many_alike(void **state)
{
	enum { PHRASES = 40000 };
	struct phrases *p;
	char text[64];
	struct err err;
	struct buf b;

	(void)state;
	assert_ok(phrases_new(&p, false, &err), err);
	for (int i = 0; i < PHRASES; i++) {
		snprintf(text, sizeof(text), "https://w%d.example/", i * 7);
		assert_ok(phrases_add(p, slice_of(text), &err), err);
	}
	assert_ok(phrases_seal(p, &err), err);
	for (int i = 0; i < PHRASES; i++) {
		snprintf(text, sizeof(text), "at https://w%d.example/", i);
		assert_int_equal(found(p, text), i % 7 == 0);
	}
	buf_init(&b, BUF_NO_LIMIT);
	while (b.n < 4000000)
		buf_add_str(&b, "https://w1.");
	assert_false(phrases_find(p, buf_slice(&b), NULL)); /* compared with each it would take minutes */
	buf_fini(&b);
	phrases_free(p);
}

static void
test_whole_words(void **state)
{
	struct phrases *p = PHRASES_OF(true, "ass", "online poker", "$$$", "賭場", "казино");

	(void)state;
	assert_true(found(p, "ass"));
	assert_true(found(p, "an ass, that"));
	assert_false(found(p, "first class"));
	assert_false(found(p, "assembly"));
	assert_true(found(p, "play online poker!"));
	assert_false(found(p, "play online pokers"));
	assert_true(found(p, "for$$$now"));
	assert_true(found(p, "這個賭場很好")); /* written without spaces */
	assert_true(found(p, "это казино."));
	assert_false(found(p, "это казиношка"));
	assert_false(found(p, "éass")); /* a letter, too */
	phrases_free(p);
}

static void
test_fold(void **state)
{
	struct buf b, scratch;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	buf_init(&scratch, BUF_NO_LIMIT);
	phrases_fold(&b, slice_of("ViaGRA ÄÖÜ Ж é\xff"));
	assert_string_equal(buf_str(&b), "viagra äöü ж éÿ");
	buf_clear(&b);
	phrases_fold(&b, slice_of("\x8aIT\x92S"));
	assert_string_equal(buf_str(&b), "šit’s");
	buf_clear(&b);
	phrases_normalise(&b, slice_of("  Ｏnline\n\n <b>Poker</b>  "), &scratch);
	assert_string_equal(buf_str(&b), "online poker");
	buf_fini(&b);
	buf_fini(&scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_against_a_plain_search),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_many_alike),
		cmocka_unit_test(test_whole_words),
		cmocka_unit_test(test_fold),
	};

	return cmocka_run_group_tests_name("phrases", tests, NULL, NULL);
}
