#include "config.h"

#include "unit.h"

#include "base/buf.h"
#include "classifier/rx.h"

/* Return how many steps PATTERN takes on TEXT, and in *FOUND what came of it. */
static size_t
steps_of(const char *pattern, struct slice text, int *found)
{
	struct rx *rx;
	struct err err;
	size_t steps;

	assert_int_equal(rx_compile_any_case(&rx, pattern, strlen(pattern), &err), 0);
	*found = rx_occurs(rx, text, &steps);
	rx_free(rx);
	return steps;
}

/* The limit is on all of a search, not on what is done from one place: these look harmless, and grow with the
 * square or the cube of a text that is written for them. */
static void
test_steps(void **state)
{
	static const char *const slow[] = { "buy.*cheap.*zz", "(?:buy|get).*(?:cheap|free).*zz",
		"\\S*\\s*\\S*zz", "\\b(\\w+)\\b.*\\b\\1\\b.*zz" };
	static const char *const fast[] = { "buy", "viagra|cialis", "\\bcheaper\\b", "[a-z]+@[a-z]+\\.ru" };
	struct buf text;
	int found;

	(void)state;
	buf_init(&text, BUF_NO_LIMIT);
	while (text.n < 60000)
		buf_add_str(&text, "buy cheap ");
	buf_add_char(&text, 'z');
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		assert_true(steps_of(slow[i], buf_slice(&text), &found) <= 200000 + 8 * text.n + text.n + 1);
		assert_int_equal(found, -1);
		steps_of(slow[i], slice_of("buy it cheap, buy it today zz"), &found);
		assert_int_equal(found, 1);
	}
	for (size_t i = 0; i < sizeof(fast) / sizeof(fast[0]); i++) {
		assert_true(steps_of(fast[i], buf_slice(&text), &found) <= 16 * text.n);
		assert_int_equal(found, i == 0);
	}
	buf_fini(&text);
}

/* To compare what was captured is no item of the pattern, but may take as long as thousands. */
static void
test_references(void **state)
{
	const size_t n = 60000;
	char *text = malloc(n);
	int found;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', n);
	text[n - 1] = 'z'; /* or it is seen at once that there is none */
	/* all of them tried, with half of the text to compare at each: 28,000 bytes a step */
	assert_true(steps_of("^(.*)\\1zz", (struct slice){ text, n }, &found) > 200000);
	assert_int_equal(found, -1);
	assert_true(steps_of("(\\w)\\1\\1\\1", slice_of("sooo good, soooo good"), &found) < 1000);
	assert_int_equal(found, 1);
	assert_true(steps_of("^(\\w+) and \\1$", slice_of("again and again"), &found) < 1000);
	assert_int_equal(found, 1);
	free(text);
}

/* Set TEXT to PIECE again and again, TIMES, and END. */
static void
repeat(struct buf *text, const char *piece, size_t times, const char *end)
{
	buf_clear(text);
	for (size_t i = 0; i < times; i++)
		buf_add_str(text, piece);
	buf_add_str(text, end);
}

/* Only steps end a search of what people write, not how many places it can go back to; and where it has to
 * begin again with more room for those, the steps of the first try don't count. */
static void
test_deep(void **state)
{
	static const struct {
		const char *pattern, *piece;
		size_t times;
		const char *end;
		size_t steps; /* at most */
	} deep[] = {
		{ "^(\\w+\\s+)+spam", "word ", 1200, "spam", 10000 },
		{ "^(\\w+\\s+)+spam", "word ", 13000, "spam", 110000 },
		{ "^(?:(?!http).)*$", "word ", 1200, "spam", 31000 },
		{ "^(?:(?!http).)*$", "word ", 13000, "spam", 330000 },
		{ "^(?:a|b)*c", "ab", 1500, "c", 11000 },
		{ "^(?:a|b)*c", "ab", 32000, "c", 230000 },
		{ "^buy(.|\\n)*now", "buy\n", 16000, "now", 210000 },
		{ "^(?:(?:(a)|(b))(?1)?)*c", "ab", 32000, "c", 712000 },
	};
	struct buf text;
	size_t steps;
	int found;

	(void)state;
	buf_init(&text, BUF_NO_LIMIT);
	for (size_t i = 0; i < sizeof(deep) / sizeof(deep[0]); i++) {
		repeat(&text, deep[i].piece, deep[i].times, deep[i].end);
		steps = steps_of(deep[i].pattern, buf_slice(&text), &found);
		if (found != 1 || steps > deep[i].steps)
			fail_msg("%s, %zu bytes: %d, %zu steps", deep[i].pattern, text.n, found, steps);
	}
	buf_fini(&text);
}

/* What would need more memory than a search may have is given up, though it has steps left. */
static void
test_memory(void **state)
{
	struct buf text;
	int found;

	(void)state;
	buf_init(&text, BUF_NO_LIMIT);
	repeat(&text, "word\n", 400000, "");
	assert_true(steps_of("^(.|\\n)*now", buf_slice(&text), &found) < 200000 + 8 * text.n);
	assert_int_equal(found, -1);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("rx", tests, NULL, NULL);
}
