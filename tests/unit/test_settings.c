#include "config.h"

#include "unit.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "daemon/rate.h"
#include "engine/settings.h"

static char path[] = "/tmp/hamlet-settings-XXXXXX";

static int
setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd == -1 ? -1 : close(fd);
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static int
load(struct config *c, const char *text, struct err *err)
{
	assert_ok(file_write_whole(path, text, strlen(text), err), *err);
	return config_load(c, path, err);
}

static void
values_are_read(void **state)
{
	struct config c;
	struct err err;

	(void)state;
	assert_ok(
	    load(&c,
		"# a comment\nlisten = { \"127.0.0.1:80\", \"[::1]:0\" } // and another\nsocket_mode = 0600\n"
		"idle_timeout = 2.5\nsynchronous = normal\nstrict_fields = no\nsocket_group = \"a # b\"\n"
		"discard_threshold = 0.9999\nlog_level = \"debug\"\n",
		&err),
	    err);
	assert_int_equal(c.listen.n, 2);
	assert_string_equal(c.listen.item[1], "[::1]:0");
	assert_int_equal(c.socket_mode, 0600);
	assert_int_equal(c.idle_timeout_ms, 2500);
	assert_int_equal(c.synchronous, CONFIG_NORMAL);
	assert_false(c.strict_fields);
	assert_string_equal(c.socket_group, "a # b");
	assert_true(c.discard_threshold > 0.99985);
	assert_int_equal(c.log_level, LOG_DEBUG);
	assert_int_equal(c.max_body, 1 << 20);
	assert_int_equal(c.max_form_fields, 2000);
	config_fini(&c);
}

static void
errors_name_file_line_and_key(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "# c\n\n/* d\n */\nfoo = 1\n", ":5: no such option 'foo'" },
		{ "workers = 2 # c\nmax_body = x\n", ":2: max_body: \"x\" is not a whole number" },
		{ "workers = 2\n// c\nmax_body = 3\n", ":3: max_body: 3 is not between" },
		{ "log_level = loud\n", ":1: log_level: \"loud\" is none of" },
		{ "strict_fields = perhaps\n", ":1: strict_fields: \"perhaps\" is neither" },
		{ "socket_mode = 0888\n", ":1: socket_mode: " },
		{ "listen = { \"127.0.0.1\" }\n", ":1: listen: \"127.0.0.1\" is not ADDR:PORT" },
		{ "listen = { \"::1:80\" }\n", ":1: listen: \"::1:80\" is not ADDR:PORT" },
		{ "listen = { \"a:99999\" }\n", ":1: listen: \"a:99999\" is not ADDR:PORT" },
		{ "idle_timeout = nan\n", ":1: idle_timeout: \"nan\" is not a number" },
		{ "\nlog_level = \"info\n", ":2: a quotation mark without its second" },
		{ "workers = 2\nsite \"a\" {\n\tretain_person = \"3d\"\n", ":2: a brace without its second" },
		{ "workers = 2 # {\nlisten = {\n", ":2: a brace without its second" },
		{ "workers = 2\n/* and so on\n", ":2: a comment without its end" },
		{ "workers = 2\nlisten = { \"${HOME}:80\" }\n", ":2: environment variables aren't read" },
		{ "workers = ${WORKERS}\n", ":1: environment variables aren't read" },
		{ "log_level = '${HOME}'\n", ":1: log_level: \"${HOME}\" is none of" },
		{ "log_level = \"\\${HOME}\"\n", ":1: log_level: \"${HOME}\" is none of" },
		{ "workers = 2 # ${not} read {\nlog_level = loud\n", ":2: log_level: \"loud\" is none of" },
		{ "retain_content = 90\n", ":1: retain_content: \"90\" is not a span of time" },
		{ "retain_content = -1d\n", ":1: retain_content: \"-1d\" is not a span of time" },
		{ "retain_person = 0d\n", ":1: retain_person: 0d is not between" },
		{ "retain_person = 99999999999999999999d\n", ":1: retain_person: " },
		{ "retain_person = 9223372036854775807w\n", ":1: retain_person: " },
		{ "site \"a\" {\n\tretain_person = soon\n}\n", ":2: retain_person: \"soon\" is not a span" },
		{ "site a {\n}\n\nsite \"b\" {\n\n\tretain = 3d\n}\n", ":6: no such option 'retain'" },
		{ "site \"A B\" {\n}\n", ":2: site: \"A B\" can't be a site's name" },
		{ "site a {\n}\nsite a {\n}\n", ":3: " },
		{ "site = a\n", ":1: " },
		{ "site \"a\" {\nworkers = 3\n}\n", ":2: no such option 'workers'" },
	};
	struct config c;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(load(&c, bad[i].text, &err), -1);
		assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
		if (strncmp(err.text + strlen(path), bad[i].says, strlen(bad[i].says)) != 0)
			fail_msg("'%s' doesn't say '%s'", err.text, bad[i].says);
	}
	assert_int_equal(config_load(&c, "/nowhere/at/all", &err), -1);
	assert_int_equal(config_load(&c, "/", &err), -1);
}

static void
sites_have_sections_of_their_own(void **state)
{
	static const char text[] = "contact = \"privacy@example.org\"\nsite blog {\n\tretain_content = "
				   "36h\n\tcontact = \"ask # me\"\n}\n"
				   "site \"news.example\" {\n\tretain_addresses = forever # always\n}\nsite "
				   "empty {}\nretain_person = 2w\n";
	struct config_privacy of;
	struct config c, copy;
	struct err err;

	(void)state;
	assert_ok(load(&c, text, &err), err);
	assert_ok(config_copy(&copy, &c, &err), err);
	config_fini(&c);
	assert_int_equal(copy.sites.n, 3);
	config_privacy_of(&copy, "blog", &of);
	assert_true(of.retain_ms[RETAINED_CONTENT] == 36 * 3600000);
	assert_true(of.retain_ms[RETAINED_PERSON] == 14 * 24 * 3600000);
	assert_string_equal(of.contact, "ask # me");
	config_privacy_of(&copy, "news.example", &of);
	assert_true(of.retain_ms[RETAINED_CONTENT] == INT64_C(90) * 24 * 3600000);
	assert_true(of.retain_ms[RETAINED_ADDRESS] == RETAIN_FOREVER);
	assert_string_equal(of.contact, "privacy@example.org");
	config_privacy_of(&copy, "unheard-of", &of);
	assert_true(of.retain_ms[RETAINED_ADDRESS] == 7 * 24 * 3600000);
	config_fini(&copy);
}

static void
the_sample_is_the_defaults(void **state)
{
	struct config sample, defaults;
	struct err err;
	struct buf b;
	size_t i = 0;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	config_sample(&b);
	assert_ok(load(&sample, buf_str(&b), &err), err);
	assert_ok(config_defaults(&defaults, &err), err);
	assert_null(config_difference(&sample, &defaults, &i));
	config_fini(&sample);
	config_fini(&defaults);
	buf_fini(&b);
}

static void
only_what_can_be_reloaded_is(void **state)
{
	struct config now, later, copy;
	const struct config_key *key;
	struct err err;
	size_t i = 0;

	(void)state;
	assert_ok(
	    load(&now, "listen = { \"a:1\" }\nworkers = 3\nblogspam_listen = { \"b:2\" }\n", &err), err);
	assert_ok(load(&later, "workers = 5\nunsure_as = spam\nblogspam_site = wiki\n", &err), err);
	assert_ok(config_copy(&copy, &now, &err), err);
	assert_ok(config_apply_reloadable(&copy, &later, &err), err);
	assert_int_equal(copy.workers, 3);
	assert_int_equal(copy.unsure_as, CONFIG_UNSURE_SPAM);
	assert_string_equal(copy.listen.item[0], "a:1");
	assert_string_equal(copy.blogspam_listen.item[0], "b:2");
	assert_true(copy.blogspam_listen.item[0] != now.blogspam_listen.item[0]);
	assert_string_equal(copy.blogspam_site, "wiki");
	assert_string_equal(now.blogspam_site, "default");
	key = config_difference(&now, &copy, &i);
	assert_string_equal(key->name, "blogspam_site");
	key = config_difference(&now, &copy, &i);
	assert_string_equal(key->name, "unsure_as");
	assert_true(key->reloadable);
	assert_null(config_difference(&now, &copy, &i));
	config_fini(&now);
	config_fini(&later);
	config_fini(&copy);
}

static void
a_site_gets_what_its_rate_allows(void **state)
{
	struct rate *r;
	struct err err;

	(void)state;
	assert_ok(rate_new(&r, &err), err);
	for (int i = 0; i < 60; i++)
		assert_int_equal(rate_take(r, 7, 60, 1, 1000), 0);
	assert_int_equal(rate_take(r, 7, 60, 1, 1000), 2);
	assert_int_equal(rate_take(r, 8, 60, 1, 1000), 0); /* another site's bucket is its own */
	assert_int_equal(rate_take(r, 7, 60, 1, 2100), 0);
	assert_true(rate_take(r, 7, 60, 1, 2100) > 0);
	assert_true(rate_take(r, 7, 60, 1000, 30000) > 0);
	assert_int_equal(
	    rate_take(r, 7, 60, 1000, 90000), 0); /* more than a full bucket holds: once, when it is full */
	for (int64_t site = 100; site > 0; site--)
		assert_int_equal(rate_take(r, site + 1000, 1, 1, 0), 0);
	for (int64_t site = 100; site > 0; site--)
		assert_int_not_equal(rate_take(r, site + 1000, 1, 1, 0), 0);
	rate_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(errors_name_file_line_and_key),
		cmocka_unit_test(sites_have_sections_of_their_own),
		cmocka_unit_test(the_sample_is_the_defaults),
		cmocka_unit_test(only_what_can_be_reloaded_is),
		cmocka_unit_test(a_site_gets_what_its_rate_allows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
