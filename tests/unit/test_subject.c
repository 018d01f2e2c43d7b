#include "config.h"

#include "unit.h"

#include "classifier/fold.h"
#include "classifier/normal.h"
#include "engine/hosts.h"
#include "engine/subject.h"

static bool
within(const char *address, const char *range)
{
	struct address_range r;
	struct address a;
	struct err err;

	assert_ok(address_range_parse(&r, slice_of(range), &err), err);
	assert_int_equal(address_parse(&a, slice_of(address)), 0);
	return address_within(&a, &r);
}

static void
test_ranges(void **state)
{
	(void)state;
	assert_true(within("192.0.2.1", "192.0.2.0/24"));
	assert_true(within("192.0.2.255", "192.0.2.0/24"));
	assert_false(within("192.0.3.0", "192.0.2.0/24"));
	assert_true(within("192.0.2.130", "192.0.2.128/25"));
	assert_false(within("192.0.2.127", "192.0.2.128/25"));
	assert_true(within("192.0.2.7", "192.0.2.7"));
	assert_false(within("192.0.2.8", "192.0.2.7"));
	assert_true(within("1.2.3.4", "0.0.0.0/0"));
	assert_false(within("2001:db8::1", "0.0.0.0/0"));
	assert_true(within("2001:db8:ffff::1", "2001:db8::/32"));
	assert_false(within("2001:db9::1", "2001:db8::/32"));
	assert_true(within("::1", "::/0"));
	assert_false(within("192.0.2.1", "::/0"));
	assert_false(within("192.0.2.1", "::/64"));
	assert_true(within("192.0.2.1", "::ffff:0:0/96"));
	assert_true(within("::ffff:192.0.2.1", "192.0.2.0/24")); /* the same address */
	assert_true(within("2001:DB8::A", "2001:db8::a"));
}

static void
test_bad_ranges(void **state)
{
	static const char *const bad[] = { "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4/33", "1.2.3.4/",
		"1.2.3.4/-1", "1.2.3.0/8", "2001:db8::/129", "2001:db8::1/32", "example.com", "1.2.3.4/2x",
		"1.2.3.4 ", "::ffff::1" };
	struct address_range r;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (address_range_parse(&r, slice_of(bad[i]), &err) != -1)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(err.code, ERR_INPUT);
	}
}

/* Every way to write an address becomes one; what isn't an address stays. */
static void
test_one_form(void **state)
{
	static const char *const table[][2] = { { "2001:DB8:8:0:0:0:0:8", "2001:db8:8::8" },
		{ "2001:0db8:0008:0000:0000:0000:0000:0008", "2001:db8:8::8" },
		{ "2001:db8:8::0.0.0.8", "2001:db8:8::8" }, { "2001:db8:8::8", "2001:db8:8::8" },
		{ "::ffff:192.0.2.1", "192.0.2.1" }, { "::FFFF:c000:0201", "192.0.2.1" },
		{ "0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1" }, { "192.0.2.1", "192.0.2.1" },
		{ "0:0::1", "::1" }, { "192.0.2.01", "192.0.2.01" }, { "Unknown", "Unknown" },
		{ " 2001:DB8::1", " 2001:DB8::1" }, { "[2001:DB8::1]", "[2001:DB8::1]" },
		{ "FE80::1%eth0", "FE80::1%eth0" }, { "2001:DB8::/32", "2001:DB8::/32" }, { "", "" },
		{ "::ffff:192.0.2.1, 2001:DB8::1, 2001:DB8::2, 2001:DB8::3, 10.0.0.1",
		    "::ffff:192.0.2.1, 2001:DB8::1, 2001:DB8::2, 2001:DB8::3, 10.0.0.1" } };
	struct arena *a = arena_new(1 << 16);
	struct slice ip = { NULL, 0 };

	(void)state;
	assert_int_equal(address_tidy(&ip, a), 0);
	assert_null(ip.p);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ip = slice_of(table[i][0]);
		assert_int_equal(address_tidy(&ip, a), 0);
		if (!slice_is(ip, table[i][1]))
			fail_msg("%s became %.*s", table[i][0], (int)ip.n, ip.p);
	}
	arena_free(a);
}

static bool
is_public(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(&a, slice_of(text)), 0);
	return address_is_public(&a);
}

static void
test_public(void **state)
{
	(void)state;
	assert_true(is_public("8.8.8.8"));
	assert_true(is_public("2001:db8::1"));
	assert_false(is_public("127.0.0.1"));
	assert_false(is_public("10.1.2.3"));
	assert_false(is_public("192.168.1.1"));
	assert_false(is_public("100.64.0.1"));
	assert_false(is_public("::1"));
	assert_false(is_public("fe80::1"));
	assert_false(is_public("fd00::1"));
}

static void
assert_hosts(const char *text, const char *expected)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	hosts_find(&b, slice_of(text));
	assert_string_equal(buf_str(&b), expected);
	buf_fini(&b);
}

static void
test_hosts(void **state)
{
	struct buf b;

	(void)state;
	assert_hosts(
	    "see http://One.example/x and https://user:pw@two.example:8080?q.", "one.example\ntwo.example\n");
	assert_hosts("http://a.example http://A.EXAMPLE/", "a.example\n");
	assert_hosts("www.one.example, and (www.two.example)", "www.one.example\nwww.two.example\n");
	assert_hosts("<a href='//cdn.example/x'>", "cdn.example\n");
	assert_hosts("awww.sweet.example me@www.x.example", "");
	assert_hosts("http://localhost/ http:// // http://.example ", "");
	assert_hosts("http://a.example.", "a.example\n");
	assert_hosts("http://a.example//b.example/c", "a.example\nb.example\n");
	buf_init(&b, BUF_NO_LIMIT);
	hosts_of_url(&b, slice_of("Site.example/path"));
	hosts_of_url(&b, slice_of("http://other.example"));
	hosts_of_url(&b, slice_of("none"));
	assert_string_equal(buf_str(&b), "site.example\nother.example\n");
	buf_clear(&b);
	hosts_of_url(&b, slice_of("a.example/?u=http://good.example"));
	hosts_of_url(&b, slice_of("b.example//"));
	hosts_of_url(&b, slice_of("c.example?//good.example"));
	hosts_of_url(&b, slice_of("d.example:80#//"));
	hosts_of_url(&b, slice_of("//e.example/f.example"));
	hosts_of_url(&b, slice_of("https:"));
	assert_string_equal(
	    buf_str(&b), "a.example\ngood.example\nb.example\nc.example\nd.example\ne.example\n");
	buf_fini(&b);
	assert_true(host_within(slice_of("a.b.example"), slice_of("b.example")));
	assert_true(host_within(slice_of("b.example"), slice_of("b.example")));
	assert_false(host_within(slice_of("ab.example"), slice_of("b.example")));
	assert_false(host_within(slice_of("b.example"), slice_of("a.b.example")));
}

/* Each host once, also where the list has some before, however many links there are; and all of them. */
static void
test_many_hosts(void **state)
{
	struct buf text, found;
	struct slice list, host;
	size_t n = 0;

	(void)state;
	buf_init(&text, BUF_NO_LIMIT);
	buf_init(&found, BUF_NO_LIMIT);
	hosts_of_url(&found, slice_of("7.example"));
	for (int i = 0; i < 10000; i++)
		buf_addf(&text, "//%d.Example ", i % 62);
	hosts_find(&found, buf_slice(&text));
	for (list = buf_slice(&found); hosts_next(&list, &host); n++)
		;
	assert_int_equal(n, 62);
	for (int i = 0; i < 100; i++)
		buf_addf(&text, "//%d.example ", i);
	hosts_find(&found, buf_slice(&text));
	for (n = 0, list = buf_slice(&found); hosts_next(&list, &host); n++)
		;
	assert_int_equal(n, 100);
	assert_memory_equal(buf_str(&found), "7.example\n0.example\n", 20);
	buf_fini(&text);
	buf_fini(&found);
}

/* How far a domain goes among letters beyond ASCII. */
static void
test_foreign_length(void **state)
{
	char marks[1 + 2 * 40 + 1] = "a";

	(void)state;
	for (size_t i = 1; i + 1 < sizeof(marks); i += 2)
		memcpy(marks + i, "\xcc\x81", 2);
	assert_int_equal(fold_domain_length(slice_of(marks)), 1 + 2 * 30);
	assert_int_equal(fold_domain_length(slice_of("bücher。de”x")), 12);
	assert_int_equal(fold_domain_length(slice_of("a\xff")), 1);
	/* made of a "/", and of a blank with an accent */
	assert_int_equal(fold_domain_length(slice_of("ab\xef\xbc\x8f.de")), 2);
	assert_int_equal(fold_domain_length(slice_of("am\xcd\xba.de")), 2);
	assert_int_equal(fold_domain_length(slice_of("")), 0);
}

static void
test_views(void **state)
{
	struct comment c = { 0 };
	struct subject s;
	struct address a;

	(void)state;
	c.field[COMMENT_AUTHOR] = slice_of("  Jane\tDOE ");
	c.field[COMMENT_EMAIL] = slice_of("Jane@Site.Example");
	c.field[COMMENT_URL] = slice_of("https://jane.example");
	c.field[COMMENT_CONTENT] = slice_of(
	    "Buy via<b></b>GRA\n<a href=\"http://pills.example/x\">here</a> \xff");
	subject_init(&s, &c);
	assert_true(slice_is(subject_author(&s), "jane doe"));
	assert_true(slice_is(subject_email(&s), "jane@site.example"));
	assert_true(slice_is(subject_hosts(&s), "jane.example\npills.example\n"));
	assert_non_null(memmem(subject_fold(&s).p, subject_fold(&s).n, "\nbuy viagra\nhere ÿ\n", 20));
	assert_non_null(memmem(subject_fold(&s).p, subject_fold(&s).n, "<a href=\"http://pills", 21));
	assert_int_equal(subject_field(&s, COMMENT_CONTENT).n, c.field[COMMENT_CONTENT].n + 1);
	assert_int_equal(subject_field(&s, COMMENT_USER_AGENT).n, 0);
	assert_int_equal(subject_address(&s, &a), -1);
	assert_true(subject_ok(&s));
	subject_fini(&s);
}

/* A normal form that is at hand already gives the same views. */
static void
test_text_at_hand(void **state)
{
	struct normal_counts counts = { 0 };
	struct buf text, scratch;
	struct comment c = { 0 };
	struct subject made, given;

	(void)state;
	c.field[COMMENT_CONTENT] = slice_of("  Buy\n\n<b>NOW</b>  at http://pills.example/x \xff ");
	buf_init(&text, BUF_NO_LIMIT);
	buf_init(&scratch, BUF_NO_LIMIT);
	normalise(&text, c.field[COMMENT_CONTENT], &counts, NULL, &scratch);
	subject_init(&made, &c);
	subject_init(&given, &c);
	given.text = buf_slice(&text);
	assert_true(slice_equal(subject_normal(&given), subject_normal(&made)));
	assert_true(slice_is(subject_normal(&given), "buy now at http://pills.example/x y"));
	assert_true(slice_equal(subject_hosts(&given), subject_hosts(&made)));
	subject_fini(&made);
	subject_fini(&given);
	buf_fini(&text);
	buf_fini(&scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_bad_ranges),
		cmocka_unit_test(test_one_form),
		cmocka_unit_test(test_public),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_many_hosts),
		cmocka_unit_test(test_foreign_length),
		cmocka_unit_test(test_views),
		cmocka_unit_test(test_text_at_hand),
	};

	return cmocka_run_group_tests_name("subject", tests, NULL, NULL);
}
