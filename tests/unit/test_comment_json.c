#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "corpus/comment_json.h"

struct fixture {
	struct arena *arena;
	struct json *json;
	struct err err;
};

static int
parse(struct fixture *f, struct comment *out, const char *text)
{
	f->arena = arena_new(1 << 20);
	assert_non_null(f->arena);
	assert_int_equal(json_parse(&f->json, text, strlen(text), &f->err), 0);
	return comment_from_json(out, f->json, f->arena, &f->err);
}

static void
drop(struct fixture *f)
{
	json_free(f->json);
	arena_free(f->arena);
}

static void
assert_field(const struct comment *c, enum comment_field field, const char *text)
{
	assert_true(c->field[field].p != NULL);
	assert_int_equal(c->field[field].n, strlen(text));
	assert_memory_equal(c->field[field].p, text, strlen(text));
}

static void
reads_all_members(void **state)
{
	struct fixture f;
	struct comment c;

	(void)state;
	assert_int_equal(
	    parse(&f, &c,
		"{\"author\":\"A\",\"email\":\"a@b.example\",\"url\":\"u\",\"content\":\"\",\"ip\":\"::1\","
		"\"user_agent\":\"ua\",\"referrer\":\"r\",\"permalink\":\"p\",\"type\":\"comment\",\"date\":"
		"\"d\","
		"\"lang\":\"en\",\"title\":\"t\",\"honeypot\":\"h\",\"user_role\":\"editor\","
		"\"context\":[\"one\",\"two\\nlines\"],\"unknown\":{\"a\":[1]},\"site\":7}"),
	    0);
	assert_field(&c, COMMENT_AUTHOR, "A");
	assert_field(&c, COMMENT_CONTENT, "");
	assert_field(&c, COMMENT_USER_AGENT, "ua");
	assert_field(&c, COMMENT_HONEYPOT, "h");
	assert_field(&c, COMMENT_USER_ROLE, "editor");
	assert_field(&c, COMMENT_CONTEXT, "one\ntwo lines\n");
	drop(&f);
}

static void
null_is_absent(void **state)
{
	struct fixture f;
	struct comment c;

	(void)state;
	assert_int_equal(parse(&f, &c, "{\"content\":\"x\",\"author\":null,\"context\":null}"), 0);
	assert_null(c.field[COMMENT_AUTHOR].p);
	assert_null(c.field[COMMENT_CONTEXT].p);
	assert_null(c.field[COMMENT_URL].p);
	drop(&f);
	assert_int_equal(parse(&f, &c, "{\"content\":\"x\",\"context\":[]}"), 0);
	assert_field(&c, COMMENT_CONTEXT, "");
	drop(&f);
}

static void
keeps_nul(void **state)
{
	struct fixture f;
	struct comment c;

	(void)state;
	assert_int_equal(parse(&f, &c, "{\"content\":\"a\\u0000b\"}"), 0);
	assert_int_equal(c.field[COMMENT_CONTENT].n, 3);
	assert_memory_equal(c.field[COMMENT_CONTENT].p, "a\0b", 3);
	drop(&f);
}

static void
names_the_bad_member(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "{\"author\":\"x\"}", "'content' is missing" },
		{ "{\"content\":null}", "'content' is missing" },
		{ "{\"content\":5}", "'content' is a number, not a string" },
		{ "{\"content\":\"x\",\"email\":[\"a\"]}", "'email' is a list, not a string" },
		{ "{\"content\":\"x\",\"lang\":{}}", "'lang' is an object, not a string" },
		{ "{\"content\":\"x\",\"url\":false}", "'url' is true or false, not a string" },
		{ "{\"content\":\"x\",\"context\":\"y\"}", "'context' is a string, not a list" },
		{ "{\"content\":\"x\",\"context\":[\"y\",1]}",
		    "'context' is a list whose item 2 is a number, not a string" },
		{ "[]", "a comment must be an object, and this is a list" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct comment c = { 0 };
		struct fixture f;

		assert_int_equal(parse(&f, &c, bad[i].text), -1);
		assert_int_equal(f.err.code, ERR_INPUT);
		assert_string_equal(f.err.text, bad[i].why);
		assert_null(c.field[COMMENT_CONTENT].p);
		drop(&f);
	}
}

static void
context_over_the_arena_fails(void **state)
{
	static const char text[] = "{\"content\":\"x\",\"context\":[\"0123456789\"]}";
	struct arena *tiny = arena_new(8);
	struct json *j;
	struct comment c;
	struct err err;

	(void)state;
	assert_int_equal(json_parse(&j, text, sizeof(text) - 1, &err), 0);
	assert_int_equal(comment_from_json(&c, j, tiny, &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	json_free(j);
	arena_free(tiny);
}

static void
writes_what_it_read(void **state)
{
	static const char text[] =
	    "{\"author\":\"\\u0000\\\"\",\"content\":\"\",\"context\":[\"a\",\"\",\"b\"]}";
	struct fixture f;
	struct comment c;
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	assert_int_equal(parse(&f, &c, text), 0);
	json_open(&b, '{');
	comment_to_json(&c, &b);
	json_close(&b, '}');
	assert_string_equal(buf_str(&b), text);
	drop(&f);

	buf_clear(&b);
	json_open(&b, '{');
	json_key(&b, "label");
	json_put_str(&b, "ham");
	comment_to_json(&(struct comment){ .field = { [COMMENT_CONTENT] = { "\xff!", 2 } } }, &b);
	json_close(&b, '}');
	assert_string_equal(buf_str(&b), "{\"label\":\"ham\",\"content\":\"\xef\xbf\xbd!\"}");
	buf_fini(&b);
}

static void
finds_columns(void **state)
{
	static const struct {
		const char *line, *why;
		size_t column;
	} cases[] = {
		{ "{\"url\":5}", "'url' is a number, not a string", 2 },
		{ "{\"author\":\"\xc3\xa9\", \"url\" : 5}", "'url' is a number, not a string", 16 },
		{ "{\"author\":\"url\",\"url\":5}", "'url' is a number, not a string", 17 },
		{ "{\"author\":\"url\"}", "'content' is missing", 1 },
		{ "{\"author\":\"url\"", "'url' is", 1 },
		{ "{\"author\":5}", "no name", 1 },
		{ "{\"\":5}", "'' is", 1 },
		{ "", "'url' is", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(comment_json_column(slice_of(cases[i].line), cases[i].why), cases[i].column);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all_members),
		cmocka_unit_test(null_is_absent),
		cmocka_unit_test(keeps_nul),
		cmocka_unit_test(names_the_bad_member),
		cmocka_unit_test(finds_columns),
		cmocka_unit_test(context_over_the_arena_fails),
		cmocka_unit_test(writes_what_it_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
