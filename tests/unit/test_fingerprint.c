#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "classifier/normal.h"
#include "engine/fingerprint.h"

/* Return the fingerprint of C, which is the same where its normal form is at hand. */
static uint64_t
fingerprint(const struct comment *c)
{
	struct normal_counts counts = { 0 };
	uint64_t number = comment_fingerprint(c);
	struct buf text, scratch;

	buf_init(&text, BUF_NO_LIMIT);
	buf_init(&scratch, BUF_NO_LIMIT);
	normalise(&text, c->field[COMMENT_CONTENT], &counts, NULL, &scratch);
	assert_true(comment_fingerprint_of(c, (struct slice){ buf_str(&text), text.n }) == number);
	buf_fini(&text);
	buf_fini(&scratch);
	return number;
}

static uint64_t
of(const char *author, const char *email, const char *url, const char *content)
{
	struct comment c = { 0 };

	c.field[COMMENT_AUTHOR] = slice_of(author);
	c.field[COMMENT_EMAIL] = slice_of(email);
	c.field[COMMENT_URL] = slice_of(url);
	c.field[COMMENT_CONTENT] = slice_of(content);
	return fingerprint(&c);
}

/* The comment of protocol/akismet.md section 6, as four calls of one WordPress carry it. */
static void
test_shapes(void **state)
{
	static const char *const shapes[][2] = {
		{ "Zoë O\\'Example",
		    "Héllo wörld & 100% \\\"quoted\\\" + more\r\nsecond line https://example.com/x?a=1&b=2" },
		{ "Zoë O'Example",
		    "Héllo wörld & 100% \"quoted\" + more\nsecond line https://example.com/x?a=1&b=2" },
		{ "Zoë O'Example",
		    "Héllo wörld &amp; 100% \"quoted\" + more\nsecond line "
		    "https://example.com/x?a=1&amp;b=2" },
		{ "Zoe\xcc\x88 O&#039;Example",
		    "  H&eacute;llo w\xc3\xb6rld &amp; 100% &quot;quoted&quot; + more\n\n second line "
		    "https://example.com/x?a=1&#038;b=2\n" },
	};
	uint64_t first = of(shapes[0][0], "z@example.com", "http://example.org/", shapes[0][1]);

	(void)state;
	assert_true(first != 0);
	for (size_t i = 1; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		assert_true(of(shapes[i][0], "z@example.com", "http://example.org/", shapes[i][1]) == first);
}

static void
test_markup(void **state)
{
	uint64_t raw = of("a", "b", "c", "<a href=\"http://example.com/\">look</a> <em>here</em>");

	(void)state;
	assert_true(of("a", "b", "c", "<a href=\\\"http://example.com/\\\">look</a> <em>here</em>") == raw);
	assert_true(
	    of("a", "b", "c", "<a href=\"http://example.com/\" rel=\"nofollow ugc\">look</a> here") == raw);
	assert_true(of("a", "b", "c", "<a href=\"http://example.net/\">look</a> <em>here</em>") != raw);
	assert_true(of("a", "b", "c", "<em>here</em> look") != raw);
}

static void
test_fields_count(void **state)
{
	uint64_t base = of("ann", "ann@example.com", "http://ann.example", "hello there");

	(void)state;
	assert_true(of("bob", "ann@example.com", "http://ann.example", "hello there") != base);
	assert_true(of("ann", "bob@example.com", "http://ann.example", "hello there") != base);
	assert_true(of("ann", "ann@example.com", "http://bob.example", "hello there") != base);
	assert_true(of("ann", "ann@example.com", "http://ann.example", "hello here") != base);
	assert_true(of("ANN", "Ann@Example.com", "https://ann.example/", "Hello, there!") == base);
	assert_true(of("annann", "@example.com", "ann.example", "hello there") !=
	    base); /* fields don't run together */
}

static void
test_backslashes(void **state)
{
	(void)state;
	/* The tag is only read rightly when its quotes are undone. */
	assert_true(of(NULL, NULL, NULL, "C:\\\\dir \\'x\\'") == of(NULL, NULL, NULL, "C:\\dir 'x'"));
	/* One bare quote: these backslashes are the writer's own, and the digit after one stays. */
	assert_true(of(NULL, NULL, NULL, "it's \\0 here") == of(NULL, NULL, NULL, "it's 0 here"));
	assert_true(of(NULL, NULL, NULL, "it\\'s \\0 here") == of(NULL, NULL, NULL, "it's here"));
}

static void
test_little_text(void **state)
{
	uint64_t none = of(NULL, NULL, NULL, NULL);

	(void)state;
	assert_true(none != 0);
	assert_true(of("", "", "", "") == none);
	assert_true(of(NULL, NULL, NULL, ":-)") != none);
	assert_true(of(NULL, NULL, NULL, ":-)") != of(NULL, NULL, NULL, ":-("));
	assert_true(of(NULL, NULL, NULL, "\xf0\x9f\x91\x8d") != of(NULL, NULL, NULL, "\xf0\x9f\x92\x8b"));
	assert_true(of(NULL, NULL, NULL, "\xf0\x9f\x91\x8d") == of(NULL, NULL, NULL, " &#x1f44d; "));
	assert_true(of(NULL, NULL, NULL, "谢谢") != of(NULL, NULL, NULL, "多谢"));
}

/* Any bytes at all, ends and lone lead bytes among them. */
static void
test_any_bytes(void **state)
{
	char bytes[64];
	uint64_t x = 88172645463325252u;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct comment c = { 0 };
		size_t n;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			bytes[i] = (char)x;
		}
		n = x % (sizeof(bytes) + 1);
		c.field[COMMENT_CONTENT] = (struct slice){ malloc(n + 1), n };
		memcpy((char *)(uintptr_t)c.field[COMMENT_CONTENT].p, bytes, n);
		assert_true(fingerprint(&c) != 0);
		free((char *)(uintptr_t)c.field[COMMENT_CONTENT].p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_markup),
		cmocka_unit_test(test_fields_count),
		cmocka_unit_test(test_backslashes),
		cmocka_unit_test(test_little_text),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests_name("fingerprint", tests, NULL, NULL);
}
