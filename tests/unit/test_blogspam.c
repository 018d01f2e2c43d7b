#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "daemon/period.h"
#include "engine/blogspam.h"
#include "engine/blogspam_options.h"
#include "engine/blogspam_words.h"

#define S(text) slice_of(text)

static void
test_options(void **state)
{
	struct slice rest = S(" a , b=1,,c = x=y ,\td=,"), name, value;
	static const struct {
		const char *name, *value;
	} want[] = { { "a", NULL }, { "b", "1" }, { "c", "x=y" }, { "d", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(blogspam_option(&rest, &name, &value));
		assert_true(slice_is(name, want[i].name));
		assert_true(slice_equal(value, S(want[i].value)));
		assert_int_equal(value.p == NULL, want[i].value == NULL);
	}
	assert_false(blogspam_option(&rest, &name, &value));
	rest = (struct slice){ NULL, 0 };
	assert_false(blogspam_option(&rest, &name, &value));
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *options;
		int64_t want; /* -1: none */
	} cases[] = { { "n=20", 20 }, { "n=2k", 2048 }, { "n=2 K", 2048 }, { "n=1,n=3", 3 }, { "n=1,n=x", 1 },
		{ "m=1", -1 }, { "n", -1 }, { "n=", -1 }, { "n=-1", -1 }, { "n=k", -1 }, { "n=1.5", -1 },
		{ "n=99999999999999999999", 1000000000 }, { "", -1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t n = -1;

		assert_int_equal(blogspam_option_number(S(cases[i].options), "n", &n), cases[i].want != -1);
		assert_int_equal(n, cases[i].want);
	}
}

static void
test_excludes(void **state)
{
	(void)state;
	assert_true(blogspam_excludes(S("exclude=size"), "40-size.js"));
	assert_true(blogspam_excludes(S("fail, exclude = 40-size.js "), "40-size.js"));
	assert_true(blogspam_excludes(S("exclude=.*"), "40-size.js"));
	assert_true(blogspam_excludes(S("exclude=^4"), "40-size.js"));
	assert_true(blogspam_excludes(S("exclude=x,exclude=siz[ef]"), "40-size.js"));
	assert_false(blogspam_excludes(S("exclude="), "40-size.js"));
	assert_false(blogspam_excludes(S("exclude"), "40-size.js"));
	assert_false(blogspam_excludes(S("exclude=^s"), "40-size.js"));
	assert_false(blogspam_excludes(S("exclude=(("), "40-size.js"));
	assert_false(blogspam_excludes(S("excluded=size"), "40-size.js"));
	/* limits on what a match may cost hold here too */
	assert_false(blogspam_excludes(S("exclude=^(((a|4|-)*)*)*$"), "40-40-40-40-40-40-40-40-size.js"));
}

static void
test_limits(void **state)
{
	static char many[BLOGSPAM_OPTIONS_MAX + 2];
	struct err err;

	(void)state;
	memset(many, 'x', sizeof(many) - 1);
	assert_int_equal(blogspam_options_check(S(many), &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	many[BLOGSPAM_OPTIONS_MAX] = '\0';
	assert_int_equal(blogspam_options_check(S(many), &err), 0);
	many[0] = '\0';
	for (int i = 0; i < BLOGSPAM_NAMED_MAX; i++)
		strcat(many, "exclude=a,");
	assert_int_equal(blogspam_options_check(S(many), &err), 0);
	strcat(many, "mandatory");
	assert_int_equal(blogspam_options_check(S(many), &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
test_tidy(void **state)
{
	static const char *const cases[][2] = { { "192.0.2.1", "192.0.2.1" }, { " 192.0.2.1\n", "192.0.2.1" },
		{ "192.0.2.1:80", "192.0.2.1" }, { "::FFFF:192.0.2.1", "192.0.2.1" },
		{ "::ffff:192.0.2.1:80", "192.0.2.1" }, { "2001:db8::1", "2001:db8::1" },
		{ "[2001:db8::1]:80", "2001:db8::1" }, { "::ffff:c000:201", "::ffff:c000:201" }, { "[", "[" },
		{ "", "" }, { ":", ":" }, { "[]", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(slice_is(blogspam_ip_tidy(S(cases[i][0])), cases[i][1]));
	assert_null(blogspam_ip_tidy((struct slice){ NULL, 0 }).p);
}

static void
test_within(void **state)
{
	static const struct {
		const char *ip, *range;
		bool within;
	} cases[] = { { "10.20.30.47", "10.20.30.40/29", true }, { "10.20.30.48", "10.20.30.40/29", false },
		{ "10.20.30.39", "10.20.30.40/29", false }, { "10.20.30.41", "10.20.30.45/29", true },
		{ "1.2.3.4", "1.2.3.4", true }, { "1.2.3.4", "1.2.3.5", false },
		{ "1.2.3.4", "0.0.0.0/0", true }, { "1.2.3.4", "1.2.3.4/32", true },
		{ "1.2.3.4", "1.2.3.4/33", false }, { "1.2.3.4", "1.2.3.4/", false },
		{ "1.2.3.4", "/8", false }, { "1.2.3.4", "", false },
		{ "2001:db8::1", "2001:db8::/32", true }, { "2001:db9::1", "2001:db8::/32", false },
		{ "2001:db8::1", "2001:DB8:0::1", true }, { "2001:db8::1", "0.0.0.0/0", false },
		{ "1.2.3.4", "::/0", false }, { "1.2.3.4", "::ffff:1.2.3.0/24", true },
		{ "x", "0.0.0.0/0", false } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(blogspam_ip_within(S(cases[i].ip), S(cases[i].range)), cases[i].within);
}

static void
test_lists(void **state)
{
	(void)state;
	assert_true(blogspam_listed(BLOGSPAM_NAMES, S("Best VIAGRA!")));
	assert_true(blogspam_listed(BLOGSPAM_NAMES, S("horny")));
	assert_true(blogspam_listed(BLOGSPAM_DOMAINS, S("http://xberi.net/a")));
	assert_false(blogspam_listed(BLOGSPAM_NAMES, S("Nike Okafor")));
	assert_false(blogspam_listed(BLOGSPAM_NAMES, S("thorny rose")));
	assert_false(blogspam_listed(BLOGSPAM_NAMES, S("hornyé")));
	assert_false(blogspam_listed(BLOGSPAM_SUBJECTS, S("viagra")));
	assert_false(blogspam_listed(BLOGSPAM_NAMES, (struct slice){ NULL, 0 }));
}

/* Read BODY in A; the caller frees the result. */
static struct json *
submission(struct blogspam *b, const char *body, struct arena *a)
{
	struct json *j;
	struct err err;

	assert_int_equal(blogspam_parse(&j, S(body), a, &err), 0);
	assert_int_equal(blogspam_read(b, j, a, &err), 0);
	return j;
}

static void
test_fields(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct blogspam b;
	struct json *j = submission(&b,
	    "{\"Comment\":\"\\ud800 a \\\\u0000 "
	    "\\u0000\",\"SUBJECT\":\"s\",\"IP\":\"::ffff:192.0.2.1\",\"name\":null,"
	    "\"link\":7,\"test\":1,\"site\":\"HTTP://a\"}",
	    a);

	(void)state;
	assert_true(slice_is(b.field[BLOGSPAM_COMMENT], "\xef\xbf\xbd a \\u0000 \xef\xbf\xbd"));
	assert_true(slice_is(b.comment.field[COMMENT_CONTENT], "s\n\n\xef\xbf\xbd a \\u0000 \xef\xbf\xbd"));
	assert_true(slice_is(b.comment.field[COMMENT_IP], "192.0.2.1"));
	assert_null(b.comment.field[COMMENT_AUTHOR].p);
	assert_null(b.comment.field[COMMENT_URL].p);
	assert_true(b.test);
	assert_true(blogspam_has_site(&b));
	json_free(j);
	j = submission(&b, "{\"ip\":\"[2001:DB8:0::0:1]\"}", a);
	assert_true(slice_is(b.comment.field[COMMENT_IP], "2001:db8::1"));
	json_free(j);
	j = submission(&b, "{\"site\":\"http://\"}", a);
	assert_false(blogspam_has_site(&b));
	assert_false(blogspam_says_something(&b));
	assert_null(b.comment.field[COMMENT_CONTENT].p);
	json_free(j);
	arena_free(a);
}

static void
test_outcome(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct blogspam_outcome out;
	struct blogspam b;
	struct json *j = submission(
	    &b, "{\"ip\":\"192.0.2.1\",\"comment\":\"five words are enough here\"}", a);

	(void)state;
	blogspam_run(&b, &out);
	assert_int_equal(out.answer, BLOGSPAM_NEXT);
	assert_string_equal(out.test->name, "90-bayesian.js");
	json_free(j);
	j = submission(
	    &b, "{\"ip\":\"192.0.2.1\",\"comment\":\"four are too few\",\"options\":\"exclude=bayes\"}", a);
	blogspam_run(&b, &out);
	assert_int_equal(out.answer, BLOGSPAM_SPAM);
	assert_string_equal(out.test->name, "45-wordcount.js");
	json_free(j);
	j = submission(&b, "{\"options\":\"exclude=.*\"}", a);
	blogspam_run(&b, &out);
	assert_int_equal(out.answer, BLOGSPAM_OK);
	assert_non_null(out.why);
	json_free(j);
	arena_free(a);
}

/* Links that never end, or begin again and again, take no time worth speaking of. */
static void
test_many_links(void **state)
{
	static char text[400000];
	struct blogspam b = { .json = NULL };
	struct blogspam_outcome out;

	(void)state;
	for (size_t i = 0; i + 4 < sizeof(text); i += 3)
		memcpy(text + i, "<a ", 4);
	b.field[BLOGSPAM_COMMENT] = S(text);
	b.field[BLOGSPAM_IP] = S("192.0.2.1");
	blogspam_run(&b, &out);
	assert_int_equal(out.answer, BLOGSPAM_NEXT);
}

static void
test_periods(void **state)
{
	int64_t since, until, now = INT64_C(1709212345000); /* 2024-02-29 13:12:25 */
	static const char *const bad[] = { "", "2024", "2024-1", "2024-13", "2024-00", "2024/02", "24-02-01",
		"1969-12" };
	char name[TIME_TEXT_BYTES];

	(void)state;
	period_name(PERIOD_DAY, period_start(PERIOD_DAY, now, 60), name);
	assert_string_equal(name, "2023-12-31");
	period_name(PERIOD_MONTH, period_start(PERIOD_MONTH, now, 2), name);
	assert_string_equal(name, "2023-12");
	period_name(PERIOD_YEAR, period_start(PERIOD_YEAR, now, 1), name);
	assert_string_equal(name, "2023");
	assert_int_equal(period_month(S("2024-02"), &since, &until), 0);
	assert_int_equal(since, period_start(PERIOD_MONTH, now, 0));
	assert_int_equal((until - since) / PERIOD_DAY_MS, 29);
	assert_int_equal(period_month(S("2023-12"), &since, &until), 0);
	assert_int_equal((until - since) / PERIOD_DAY_MS, 31);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(period_month(S(bad[i]), &since, &until), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_excludes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_tidy),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_outcome),
		cmocka_unit_test(test_many_links),
		cmocka_unit_test(test_periods),
	};

	return cmocka_run_group_tests_name("blogspam", tests, NULL, NULL);
}
