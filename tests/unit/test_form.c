#include "config.h"

#include "unit.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/utf8.h"
#include "daemon/akismet_fields.h"
#include "daemon/charset.h"
#include "daemon/form.h"
#include "base/guid.h"
#include "daemon/percent.h"

#define S(text) ((struct slice){ (text), sizeof(text) - 1 })

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	return arena == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
assert_slice(struct slice s, const char *expected)
{
	if (expected == NULL) {
		assert_null(s.p);
		return;
	}
	assert_non_null(s.p);
	if (s.n != strlen(expected) || memcmp(s.p, expected, s.n) != 0)
		fail_msg("'%.*s' is not '%s'", (int)s.n, s.p, expected);
}

static void
fields_are_decoded(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *name, *value; /* what form_get(name) is to be */
	} table[] = {
		{ "", 0, "a", NULL },
		{ "&", 0, "a", NULL },
		{ "a=1", 1, "a", "1" },
		{ "a=1&", 1, "a", "1" },
		{ "&&a=1&&b=2&", 2, "b", "2" },
		{ "a", 1, "a", "" },
		{ "a&b=2", 2, "a", "" },
		{ "a=", 1, "a", "" },
		{ "a=1&a=2", 2, "a", "2" },
		{ "a=b=c", 1, "a", "b=c" },
		{ "a=x+y%20z%2B", 1, "a", "x y z+" },
		{ "a=%0D%0A", 1, "a", "\r\n" },
		{ "blog=http://x.y/?z", 1, "blog", "http://x.y/?z" },
		{ "comment_context%5B0%5D=a", 1, "comment_context[0]", "a" },
		{ "=1", 1, "", "1" },
		{ "a=%e9%E9", 1, "a", "\xe9\xe9" },
	};
	struct form form;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_ok(form_parse(&form, slice_of(table[i].text), 10, arena, &err), err);
		assert_int_equal(form.n, table[i].n);
		assert_slice(form_get(&form, table[i].name), table[i].value);
	}
}

static void
malformed_forms_are_refused(void **state)
{
	static const char *const bad[] = { "a=%", "a=%4", "a=%4x", "a=%x4", "%=1", "a=1&b=%zz", "a=1%" };
	struct form form;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(form_parse(&form, slice_of(bad[i]), 10, arena, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
	}
}

static void
nul_is_a_byte_like_others(void **state)
{
	struct form form;
	struct err err;

	(void)state;
	assert_ok(form_parse(&form, S("a\0b=1&a%00=2&c=x\0y&d=x%00y"), 10, arena, &err), err);
	assert_int_equal(form.n, 4);
	assert_true(form_get(&form, "a").p == NULL);
	assert_int_equal(form_get(&form, "c").n, 3);
	assert_memory_equal(form_get(&form, "c").p, "x\0y", 3);
	assert_memory_equal(form_get(&form, "d").p, "x\0y", 3);
}

static void
fields_have_a_limit(void **state)
{
	struct form form;
	struct err err;

	(void)state;
	assert_ok(form_parse(&form, S("a=1&b=2&&&c=3&"), 3, arena, &err), err);
	assert_int_equal(form_parse(&form, S("a=1&b=2&c=3&d"), 3, arena, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

#define PART(name, value) "--B\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"

static void
multipart_is_taken_apart(void **state)
{
	static const char body[] = "prologue\r\n" PART("a", "1\r\n--Bx is no boundary? it is")
	    PART("b c", "") "--B\nContent-Type: text/plain\nContent-disposition: form-data; filename=x; "
			    "name=plain\n\nv--B\n--B--\r\n";
	struct form form;
	struct err err;

	(void)state;
	/* a boundary is one wherever it begins a line, as RFC 2046 has it: the first part ends at "--Bx", and
	 * what follows is none */
	assert_int_equal(form_parse_multipart(&form, S(body), S("B"), 10, arena, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_ok(
	    form_parse_multipart(&form,
		S(PART("a", "1\r\n2") PART("b c", "") "--B\nContent-disposition: form-data; filename=x; "
						      "name=plain\n\nv--B\n--B--\r\n"),
		S("B"), 10, arena, &err),
	    err);
	assert_int_equal(form.n, 3);
	assert_slice(form_get(&form, "a"), "1\r\n2");
	assert_slice(form_get(&form, "b c"), "");
	assert_slice(form_get(&form, "plain"), "v--B");
}

/* A boundary is looked for at the beginnings of lines, not wherever something like it stands: that would take
 * as long as the square of what a hostile client sends. */
static void
a_boundary_is_looked_for_line_by_line(void **state)
{
	static const char boundary[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	const size_t n = 1 << 20;
	char *body = malloc(n + 256);
	struct form form;
	struct err err;
	size_t head;

	(void)state;
	assert_non_null(body);
	head = (size_t)sprintf(body, "--%s\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n", boundary);
	memset(body + head, 'a', n);
	memcpy(body + head + n / 2, "--", 2); /* in the middle of a line */
	sprintf(body + head + n, "\r\n--%s--\r\n", boundary);
	assert_ok(form_parse_multipart(&form, slice_of(body), slice_of(boundary), 10, arena, &err), err);
	assert_int_equal(form.n, 1);
	assert_int_equal(form_get(&form, "x").n, n);
	free(body);
}

static void
malformed_multipart_is_refused(void **state)
{
	static const char *const bad[] = { "", "--B", "--B--x", "--B\r\n\r\n", PART("a", "1"),
		"--B\r\nX: y\r\n\r\nv\r\n--B--", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n--B--",
		"no boundary at all" };
	struct form form;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (strcmp(bad[i], "--B--x") == 0)
			continue; /* an end without any part is an empty form */
		assert_int_equal(form_parse_multipart(&form, slice_of(bad[i]), S("B"), 10, arena, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
	}
	assert_int_equal(form_parse_multipart(&form, S("--B--"), S(""), 10, arena, &err), -1);
	assert_ok(form_parse_multipart(&form, S("--B--"), S("B"), 10, arena, &err), err);
	assert_int_equal(form.n, 0);
	assert_int_equal(form_parse_multipart(&form, S(PART("a", "1") PART("b", "2") PART("c", "3") "--B--"),
			     S("B"), 2, arena, &err),
	    -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
noise_in_multipart_is_survived(void **state)
{
	static const char good[] = PART("a", "1\r\n2") PART("b", "x") "--B--\r\n";
	char bytes[sizeof(good)];
	struct form form;
	struct err err;

	(void)state;
	srand(4);
	for (int round = 0; round < 5000; round++) {
		arena_reset(arena);
		memcpy(bytes, good, sizeof(good));
		for (int k = rand() % 5; k >= 0; k--)
			bytes[(size_t)rand() % (sizeof(good) - 1)] = "\r\n-B:;\"= "[rand() % 9];
		if (form_parse_multipart(
			&form, (struct slice){ bytes, sizeof(good) - 1 }, S("B"), 5, arena, &err) == 0)
			assert_true(form.n <= 5);
	}
}

static void
content_types_are_told_apart(void **state)
{
	static const struct {
		const char *type;
		enum form_kind kind;
		const char *boundary;
	} table[] = {
		{ "", FORM_URLENCODED, NULL },
		{ "application/x-www-form-urlencoded", FORM_URLENCODED, NULL },
		{ "application/X-WWW-form-urlencoded ; charset=UTF-8", FORM_URLENCODED, NULL },
		{ "application/x-www-form-urlencoded;charset=UTF-8", FORM_URLENCODED, NULL },
		{ "multipart/form-data; boundary=abc", FORM_MULTIPART, "abc" },
		{ "multipart/form-data; charset=x; Boundary=\"a b\"", FORM_MULTIPART, "a b" },
		{ "multipart/form-data", FORM_MULTIPART, NULL },
		{ "application/json; charset=utf-8", FORM_JSON, NULL },
		{ "text/plain", FORM_OTHER, NULL },
		{ "application/x-www-form-urlencodedx", FORM_OTHER, NULL },
	};
	struct slice boundary;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(form_kind(slice_of(table[i].type), &boundary), table[i].kind);
		assert_slice(boundary, table[i].boundary);
	}
}

static struct akismet_fields
fields_of(const char *text)
{
	struct akismet_fields f;
	struct form form;
	struct err err;

	assert_ok(form_parse(&form, slice_of(text), 100, arena, &err), err);
	assert_ok(akismet_fields(&f, &form, arena, &err), err);
	return f;
}

static void
akismet_fields_become_a_comment(void **state)
{
	struct akismet_fields f = fields_of(
	    "comment_author=Zo%C3%AB&comment_author_email&comment_content=a%FFb"
	    "&content_type=reply&referer=r&user_ip=1.2.3.4"
	    "&comment_context[]=x&comment_context%5B1%5D=y%0Az&comment_"
	    "context=w&blog=b&user_agent=Firefox&unknown=1");

	(void)state;
	assert_slice(f.comment.field[COMMENT_AUTHOR], "Zo\xc3\xab");
	assert_slice(f.comment.field[COMMENT_EMAIL], "");
	assert_slice(f.comment.field[COMMENT_URL], NULL);
	assert_slice(f.comment.field[COMMENT_CONTENT],
	    "a\xc3\xbf"
	    "b"); /* not UTF-8: read as windows-1252 */
	assert_slice(f.comment.field[COMMENT_TYPE], "reply");
	assert_slice(f.comment.field[COMMENT_REFERRER], "r");
	assert_slice(f.comment.field[COMMENT_IP], "1.2.3.4");
	assert_slice(fields_of("user_ip=2001:DB8:0::0:1").comment.field[COMMENT_IP], "2001:db8::1");
	assert_slice(f.comment.field[COMMENT_CONTEXT], "x\ny z\nw\n");
	assert_slice(f.comment.field[COMMENT_USER_AGENT], "Firefox");
	assert_slice(f.blog, "b");
	assert_null(f.forced);
	assert_false(f.test);
}

static void
a_library_in_place_of_the_visitor_is_dropped(void **state)
{
	(void)state;
	assert_slice(
	    fields_of("user_agent=Generic+Node.js/1.0.0+%7C+Akismet+2.4.0").comment.field[COMMENT_USER_AGENT],
	    NULL);
}

static void
honeypots_are_found(void **state)
{
	(void)state;
	assert_slice(fields_of("honeypot_field_name=h&h=bot").comment.field[COMMENT_HONEYPOT], "bot");
	assert_slice(fields_of("honeypot_field_name=h&h=").comment.field[COMMENT_HONEYPOT], NULL);
	assert_slice(fields_of("honeypot_field_name=comment_content&comment_content=hi")
			 .comment.field[COMMENT_HONEYPOT],
	    NULL);
	assert_slice(fields_of("akismet_api_honeypot_field=bot").comment.field[COMMENT_HONEYPOT], "bot");
	assert_slice(fields_of("POST_ak_hp_textarea=bot").comment.field[COMMENT_HONEYPOT], "bot");
	assert_slice(fields_of("POST_ak_hp_textarea").comment.field[COMMENT_HONEYPOT], "");
}

static void
forced_verdicts_are_told_in_order(void **state)
{
	static const struct {
		const char *text, *forced;
	} table[] = {
		{ "user_role=administrator", "administrator" },
		{ "user_role=editor,+administrator", "administrator" },
		{ "user_role=administrators", NULL },
		{ "user_role=Administrator", NULL },
		{ "comment_author=viagra-test-123", "guaranteed-spam" },
		{ "comment_author=+akismet-guaranteed-spam%0A", "guaranteed-spam" },
		{ "comment_author=viagra-test-1234", NULL },
		{ "comment_author_email=akismet-guaranteed-spam@example.com", "guaranteed-spam" },
		{ "comment_author=viagra-test-123&user_role=administrator", "administrator" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *forced = fields_of(table[i].text).forced;

		if (table[i].forced == NULL)
			assert_null(forced);
		else
			assert_string_equal(forced, table[i].forced);
	}
}

static void
test_flags_have_many_spellings(void **state)
{
	(void)state;
	assert_true(fields_of("is_test=1").test);
	assert_true(fields_of("is_test=True").test);
	assert_false(fields_of("is_test=0").test);
	assert_false(fields_of("is_test=false").test);
	assert_false(fields_of("is_test=").test);
	assert_false(fields_of("is_test").test);
}

static void
charsets_become_utf8(void **state)
{
	static const struct {
		const char *charset, *in, *out;
	} table[] = {
		{ "", "Zo\xeb", "Zo\xc3\xab" },
		{ "UTF-8", "Zo\xc3\xab \xff", "Zo\xc3\xab \xc3\xbf" },
		{ "iso-8859-1", "Zo\xeb", "Zo\xc3\xab" },
		{ "ISO-8859-15", "\xa4", "\xe2\x82\xac" },
		{ "windows-1251", "\xcf\xf0", "\xd0\x9f\xd1\x80" },
		{ "Shift_JIS", "\x83\x65", "\xe3\x83\x86" },
		{ "windows-1252", "a\x81z", "a\xef\xbf\xbdz" },
		{ "GBK", "\xb0", "\xef\xbf\xbd" },
		{ "UTF-7//TRANSLIT", "+AOk-", "+AOk-" },
		{ "a-name-that-is-longer-than-any", "\xeb", "\xc3\xab" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct charset *cs = charset_open(slice_of(table[i].charset), arena);
		bool failed = false;

		assert_slice(charset_text(cs, slice_of(table[i].in), arena, &failed), table[i].out);
		assert_false(failed);
		charset_close(cs);
	}
}

/* Names as pages have them, each with text that only the encoding that browsers mean by it can read. */
static void
charsets_are_what_browsers_mean(void **state)
{
	static const struct {
		const char *names, *in, *out;
	} table[] = {
		{ "iso-8859-1 ISO8859-1 iso_8859-1:1987 latin1 L1 us-ascii cp1252 windows-1252 x-cp1252 "
		  "utf-7 none",
		    "\x93\x80 5\x85\x94 it\x92s", "“€ 5…” it’s" },
		{ "iso-8859-2 latin2 ISO_8859-2", "\xb1", "ą" },
		{ "windows-1251 cp1251 x-cp1251", "\xcf\xf0\x97", "Пр—" },
		{ "KOI8-R koi8r KOI8", "\xf0\xd2", "Пр" },
		{ "ibm866 cp866", "\x8f\xe0", "Пр" },
		{ "iso-8859-7 greek", "\xe1", "α" },
		{ "iso-8859-8 iso-8859-8-i iso-8859-8-e hebrew logical visual", "\xf9", "ש" },
		{ "iso-8859-9 latin5 windows-1254 cp1254", "\xf0\x93", "ğ“" },
		{ "TIS-620 iso-8859-11 windows-874 cp874", "\xa1\x93", "ก“" },
		{ "Shift_JIS shift-jis sjis x-sjis cp932 windows-31j ms_kanji",
		    "\x87\x40\x81\x60\x5c\xfb\xfc", "①～\\髙" },
		{ "EUC-JP eucjp x-euc-jp", "\xad\xa1\xa1\xc1\x5c", "①～\\" },
		{ "GB2312 gb_2312-80 euc-cn gbk x-gbk cp936 gb18030", "\xe9\x46\x81\x30\x84\x36", "镕¥" },
		{ "EUC-KR euckr ks_c_5601-1987 cp949 windows-949 korean", "\x8c\x63\xb0\xa1", "똠가" },
		{ "Big5 big5-hkscs cn-big5 x-x-big5", "\x8c\x63\xa4\x40", "稪一" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct slice names = slice_of(table[i].names);

		while (names.n > 0) {
			struct charset *cs = charset_open(slice_take(&names, ' '), arena);
			bool failed = false;

			assert_slice(charset_text(cs, slice_of(table[i].in), arena, &failed), table[i].out);
			assert_false(failed);
			charset_close(cs);
		}
	}
}

static void
any_bytes_in_any_charset_become_utf8(void **state)
{
	static const char *const names[] = { "", "gb18030", "euc-kr", "big5", "iso-8859-7", "shift_jis",
		"euc-jp" };
	char bytes[64];

	(void)state;
	srand(5);
	for (int round = 0; round < 2000; round++) {
		struct charset *cs = charset_open(slice_of(names[round % 7]), arena);
		struct slice in = { bytes, (size_t)rand() % sizeof(bytes) }, out;
		bool failed = false;

		for (size_t i = 0; i < in.n; i++)
			bytes[i] = (char)rand();
		out = charset_text(cs, in, arena, &failed);
		charset_close(cs);
		assert_false(failed);
		assert_true(utf8_valid(out));
		assert_true(out.n == 0 || memchr(out.p, '\0', out.n) == NULL);
		arena_reset(arena);
	}
}

static void
guids_and_ulids_are_two_names_of_one_thing(void **state)
{
	struct ulid_source source = { 0 };
	char id[ULID_CHARS + 1], guid[GUID_CHARS + 1], back[ULID_CHARS + 1];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		ulid_next(&source, (uint64_t)i * 1234567891, id);
		guid_from_ulid(guid, id);
		assert_int_equal(strlen(guid), GUID_CHARS);
		assert_int_equal(strspn(guid, "0123456789abcdef"), GUID_CHARS);
		assert_int_equal(guid_to_ulid(back, slice_of(guid)), 0);
		assert_string_equal(back, id);
		assert_int_equal(guid_to_ulid(back, slice_of(id)), 0);
		assert_string_equal(back, id);
	}
	guid_from_ulid(guid, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
	assert_string_equal(guid, "ffffffffffffffffffffffffffffffff");
	assert_int_equal(guid_to_ulid(back, slice_of("01m82hkxr71exk33b61wkhxq5z")), 0);
	assert_string_equal(back, "01M82HKXR71EXK33B61WKHXQ5Z");
	assert_int_equal(guid_to_ulid(back, slice_of("")), -1);
	assert_int_equal(guid_to_ulid(back, slice_of("01M82HKXR71EXK33B61WKHXQ5U")), -1);
	assert_int_equal(guid_to_ulid(back, slice_of("81M82HKXR71EXK33B61WKHXQ5Z")), -1);
	assert_int_equal(guid_to_ulid(back, slice_of("zfffffffffffffffffffffffffffffff")), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_decoded),
		cmocka_unit_test(malformed_forms_are_refused),
		cmocka_unit_test(nul_is_a_byte_like_others),
		cmocka_unit_test(fields_have_a_limit),
		cmocka_unit_test(multipart_is_taken_apart),
		cmocka_unit_test(a_boundary_is_looked_for_line_by_line),
		cmocka_unit_test(malformed_multipart_is_refused),
		cmocka_unit_test(noise_in_multipart_is_survived),
		cmocka_unit_test(content_types_are_told_apart),
		cmocka_unit_test(akismet_fields_become_a_comment),
		cmocka_unit_test(a_library_in_place_of_the_visitor_is_dropped),
		cmocka_unit_test(honeypots_are_found),
		cmocka_unit_test(forced_verdicts_are_told_in_order),
		cmocka_unit_test(test_flags_have_many_spellings),
		cmocka_unit_test(charsets_become_utf8),
		cmocka_unit_test(charsets_are_what_browsers_mean),
		cmocka_unit_test(any_bytes_in_any_charset_become_utf8),
		cmocka_unit_test(guids_and_ulids_are_two_names_of_one_thing),
	};

	return crypto_init(NULL) == -1 ? 1 : cmocka_run_group_tests(tests, setup, teardown);
}
