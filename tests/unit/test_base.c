#include "config.h"

#include "unit.h"

#include <float.h>
#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/background.h"
#include "base/blake_four.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/decimal.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/large.h"
#include "base/log.h"
#include "base/real.h"
#include "base/timetext.h"
#include "base/tree.h"
#include "base/ulid.h"
#include "base/utf8.h"

/* Products are rounded before they are added to: fused, they would come out differently where there is no
 * such instruction. */
static void
sums_are_not_fused(void **state)
{
	volatile double a = 1 + 0x1p-30, b = 1 - 0x1p-30, c = -1;
	double x = a, y = b, z = c;

	(void)state;
	assert_true(x * y + z == 0); /* fused: -0x1p-60 */
}

static void
err_keeps_code_and_prefixes(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, ERR_INPUT, "line %d", 7), -1);
	assert_int_equal(err_prefix(&err, "%s", "a.jsonl"), -1);
	assert_string_equal(err.text, "a.jsonl: line 7");
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(err_set(NULL, ERR_IO, "nobody listens"), -1);
}

static void
buf_has_a_cap_and_a_sticky_error(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_add_str(&b, "12345");
	buf_addf(&b, "%d", 67890);
	assert_true(buf_ok(&b));
	assert_string_equal(buf_str(&b), "1234567890");
	buf_add_char(&b, 'x');
	assert_false(buf_ok(&b));
	buf_add_str(&b, "");
	assert_false(buf_ok(&b));
	assert_string_equal(buf_str(&b), "1234567890");
	buf_clear(&b);
	assert_true(buf_ok(&b));
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_null(buf_detach(&b));
	buf_fini(&b);
}

static void
buf_formats_longer_text_than_its_first_guess(void **state)
{
	char want[600];
	struct buf b;

	(void)state;
	memset(want, 'y', sizeof(want) - 1);
	want[sizeof(want) - 1] = '\0';
	buf_init(&b, BUF_NO_LIMIT);
	buf_addf(&b, "<%s>", want);
	assert_int_equal(b.n, sizeof(want) + 1);
	assert_int_equal(buf_str(&b)[b.n - 1], '>');
	buf_fini(&b);
}

static void
arena_zeroes_aligns_and_has_a_ceiling(void **state)
{
	struct arena *a = arena_new(100000);
	struct slice absent = { NULL, 0 }, s = { "abc", 2 };
	char *p;

	(void)state;
	p = arena_alloc(a, 3);
	assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
	assert_int_equal(p[0] | p[1] | p[2], 0);
	assert_non_null(arena_alloc(a, 50000));
	assert_null(arena_alloc(a, 60000));
	arena_reset(a);
	assert_non_null(arena_alloc(a, 90000));
	arena_reset(a);
	assert_int_equal(arena_keep(a, &absent), 0);
	assert_null(absent.p);
	assert_int_equal(arena_keep(a, &s), 0);
	assert_string_equal(s.p, "ab");
	arena_free(a);
	arena_free(NULL);
}

static void
utf8_knows_good_from_bad(void **state)
{
	static const struct {
		const char *text;
		int valid;
	} cases[] = { { "", 1 }, { "plain", 1 }, { "\xc3\xa9", 1 }, { "\xe2\x82\xac", 1 },
		{ "\xf0\x9f\x98\x80", 1 }, { "\xc0\xaf", 0 }, { "\xed\xa0\x80", 0 },
		{ "\xf4\x90\x80\x80", 0 }, { "\xe2\x82", 0 }, { "\x80", 0 }, { "\xf0\x80\x80\xaf", 0 },
		{ "\xff", 0 } };
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(utf8_valid(slice_of(cases[i].text)), cases[i].valid);
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t n = 0; n < 40; n++) {
		char text[41] = "the first forty letters are all of ASCII";

		assert_int_equal(utf8_ascii(text, 40), 40);
		text[n] = '\x80';
		assert_int_equal(utf8_ascii(text, 40), n);
		assert_int_equal(utf8_ascii(text, n), n);
	}
	utf8_repair(&b, slice_of("caf\xe9 \xc3\xa9"));
	assert_string_equal(buf_str(&b), "caf\xc3\xa9 \xc3\xa9");
	buf_clear(&b);
	utf8_repair(&b, slice_of("\x93it\x92s\x94 \x80\x35 \x81\xa0"));
	assert_string_equal(buf_str(&b), "“it’s” €5 \xc2\x81\xc2\xa0");
	buf_fini(&b);
}

static void
json_reads_and_says_where_it_fails(void **state)
{
	static const char text[] = "{\"a\": [1, \"x\\u0000y\"], \"b\": null}";
	static const char *const bad[] = { "", "{", "{\"a\":1,\"a\":2}", "{\"a\":1} x", "\"\xff\"", "[1,]",
		"nul" };
	struct json *j;
	struct err err;

	(void)state;
	assert_ok(json_parse(&j, text, strlen(text), &err), err);
	assert_int_equal(json_type_of(json_member(j, "a")), JSON_LIST);
	assert_int_equal(json_text(json_item(json_member(j, "a"), 1)).n, 3);
	assert_int_equal(json_type_of(json_member(j, "b")), JSON_NULL_VALUE);
	assert_int_equal(json_type_of(json_member(json_member(j, "no"), "where")), JSON_ABSENT);
	json_free(j);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(json_parse(&j, bad[i], strlen(bad[i]), &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
		assert_non_null(strstr(err.text, "line 1 column"));
	}
}

static void
json_refuses_endless_depth(void **state)
{
	size_t n = 200000;
	char *deep = malloc(n);
	struct json *j;
	struct err err;

	(void)state;
	memset(deep, '[', n);
	assert_int_equal(json_parse(&j, deep, n, &err), -1);
	free(deep);
}

static void
json_writes_what_it_can_read(void **state)
{
	struct json *j;
	struct err err;
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "text");
	json_put_slice(&b, (struct slice){ "a\"\\\n\t\x01\x7f\0\xff\xc3\xa9", 11 });
	json_key(&b, "list");
	json_open(&b, '[');
	json_put_int(&b, -5);
	json_put_double(&b, 0.1, 17);
	json_put_double(&b, 1.0 / 0.0, 17);
	json_put_bool(&b, true);
	json_put_str(&b, NULL);
	json_open(&b, '{');
	json_close(&b, '}');
	json_close(&b, ']');
	json_close(&b, '}');
	assert_string_equal(buf_str(&b),
	    "{\"text\":\"a\\\"\\\\\\n\\t\\u0001\\u007f\\u0000\xef\xbf\xbd\xc3\xa9\",\"list\":[-5,0."
	    "10000000000000001,null,true,null,{}]}");
	assert_ok(json_parse(&j, buf_str(&b), b.n, &err), err);
	json_free(j);
	buf_fini(&b);
}

static void
time_parses_and_formats(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = { { "1970-01-01T00:00:01Z", 1000 }, { "2026-11-22T20:03:00.250Z", 1795377780250 },
		{ "2026-11-22 21:03:00+01:00", 1795377780000 }, { "2026-11-22", 1795305600000 },
		{ "30m", 10000000 - 1800000 }, { "7d", 10000000 - 604800000 } };
	static const char *const bad[] = { "", "yesterday", "2026-13-01", "12", "5y", "2026-11-22T20:03:00X",
		"-3h" };
	char text[TIME_TEXT_BYTES];
	struct err err;
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_ok(time_parse(&ms, cases[i].text, 10000000, &err), err);
		assert_int_equal(ms, cases[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(time_parse(&ms, bad[i], 0, &err), -1);
	time_format(text, 1795377780250);
	assert_string_equal(text, "2026-11-22T20:03:00.250Z");
}

static void
ulids_ascend_also_when_the_clock_goes_back(void **state)
{
	char last[ULID_CHARS + 1] = "", id[ULID_CHARS + 1];
	struct ulid_source src = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		ulid_next(&src, (uint64_t)(1795377780000 + (i % 7 == 0 ? -5000 : i / 100)), id);
		assert_true(ulid_valid(id, strlen(id)));
		assert_true(strcmp(last, id) < 0);
		memcpy(last, id, sizeof(id));
	}
	for (int i = 0; i < 50; i++) { /* and in a program that starts when it has gone back */
		struct ulid_source later = { 0 };
		char next[ULID_CHARS + 1];

		ulid_start_after(&later, id);
		ulid_next(&later, 1000, next);
		assert_true(ulid_valid(next, strlen(next)) && strcmp(next, id) > 0);
	}
	ulid_not_before(&src, 1795377780000 + 500000); /* and from another source's time on */
	ulid_next(&src, 1795377780000, id);
	assert_true(strncmp(id, "01M", 3) == 0 && strcmp(id, last) > 0);
	memcpy(last, id, sizeof(id));
	ulid_not_before(&src, 1795377780000);
	ulid_next(&src, 1795377780000, id);
	assert_true(strncmp(id, last, 10) == 0 && strcmp(id, last) > 0);
	assert_false(ulid_valid("01ARZ3NDEKTSV4RRFFQ69G5FAU", 26)); /* U isn't a digit of it */
	assert_false(ulid_valid("81ARZ3NDEKTSV4RRFFQ69G5FAV", 26)); /* too large */
	assert_false(ulid_valid("01ARZ3", 6));
}

static void
log_lines_cannot_be_forged(void **state)
{
	char line[512];
	struct log lg;
	int fds[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	lg = (struct log){ fds[1], LOG_INFO };
	log_event(&lg, LOG_DEBUG, "not written");
	log_event(&lg, LOG_INFO, "test", LOG_STR("name", "a b\n\"\x1b[31m\xc3\xa9"), LOG_INT("n", -3));
	n = read(fds[0], line, sizeof(line) - 1);
	line[n > 0 ? n : 0] = '\0';
	assert_non_null(
	    strstr(line, " level=info event=test name=\"a b\\x0a\\\"\\x1b[31m\\xc3\\xa9\" n=-3\n"));
	assert_ptr_equal(strchr(line, '\n'), line + n - 1);
	close(fds[0]);
	close(fds[1]);
}

static void
note_priority(void *arg)
{
	*(int *)arg = getpriority(PRIO_PROCESS, 0);
}

static void
what_is_in_the_background_gives_way(void **state)
{
	int before = getpriority(PRIO_PROCESS, 0), within = before;

	(void)state;
	background_run(note_priority, &within);
	assert_int_equal(within, before + 5 < 19 ? before + 5 : 19);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
}

static void
large_memory_can_be_given_back_in_part(void **state)
{
	const size_t n = (size_t)12 << 20, less = ((size_t)7 << 20) + 5;
	unsigned char *p = large_alloc(n);
	size_t left;

	(void)state;
	assert_non_null(p);
	p[0] = p[less - 1] = p[n - 1] = 1;
	left = large_shrink(p, n, less);
	assert_int_equal(left, less);
	assert_int_equal(p[0] + p[less - 1], 2);
	large_free(p, left);
	p = large_alloc(100); /* too little to be worth it */
	assert_int_equal(large_shrink(p, 100, 10), 100);
	large_free(p, 100);
}

static void
memory_that_comes_gently_is_all_there(void **state)
{
	static const size_t sizes[] = { 1, 100, ((size_t)4 << 20) - 1, (size_t)4 << 20,
		((size_t)9 << 20) + 5 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned char *p = large_alloc_gently(sizes[i]);
		size_t set = 0;

		assert_non_null(p);
		for (size_t k = 0; k < sizes[i]; k++) {
			set += p[k] != 0;
			p[k] = (unsigned char)k;
		}
		assert_int_equal(set, 0);
		large_wish(p, sizes[i]);
		for (size_t k = 0; k < sizes[i]; k++)
			set += p[k] != (unsigned char)k;
		assert_int_equal(set, 0);
		large_free(p, sizes[i]);
	}
}

/* The digest of the N bytes at P as tree.h says it is made. */
static struct digest
tree_by_hand(const unsigned char *p, size_t n)
{
	struct digest leaves[16], all;
	size_t k = 0;

	for (size_t at = 0, part; at < n; at += part) {
		part = n - at < TREE_LEAF_BYTES ? n - at : TREE_LEAF_BYTES;
		digest_bytes(&leaves[k++], p + at, part, NULL, 0);
	}
	digest_bytes(&all, leaves, k * sizeof(leaves[0]), NULL, 0);
	return all;
}

/* The same, handed over in pieces that grow from 1 byte to MOST. */
static struct digest
tree_by_stream(const unsigned char *p, size_t n, size_t most)
{
	struct tree_stream *s;
	struct digest found;
	struct err err;
	size_t piece = 1;

	assert_ok(tree_stream_new(&s, &err), err);
	for (; n > 0; n -= piece, p += piece) {
		piece = piece * 3 < most ? piece * 3 : most;
		piece = piece < n ? piece : n;
		tree_stream_add(s, p, piece);
	}
	assert_ok(tree_stream_end(s, &found, &err), err);
	tree_stream_free(s);
	return found;
}

/* Four inputs at P, of up to 20 blocks, have the digests that they have one by one. */
static void
fours_are_digested(blake_four_way *way, const unsigned char *p)
{
	const unsigned char *in[4];
	struct digest found, four[4];

	for (size_t k = 0; k < 4; k++)
		in[k] = p + k * 4096 + k;
	for (size_t blocks = 1; blocks < 20; blocks++) {
		way(four, in, blocks * BLAKE_FOUR_BLOCK);
		for (size_t k = 0; k < 4; k++) {
			digest_bytes(&found, in[k], blocks * BLAKE_FOUR_BLOCK, NULL, 0);
			assert_memory_equal(&found, &four[k], sizeof(found));
		}
	}
}

static void
four_leaves_at_once_are_as_one_after_the_other(void **state)
{
	static const size_t sizes[] = { 0, 1, TREE_LEAF_BYTES, 4 * TREE_LEAF_BYTES, 4 * TREE_LEAF_BYTES + 1,
		5 * TREE_LEAF_BYTES - 1, 11 * TREE_LEAF_BYTES + 77 };
	const size_t n = 12 * TREE_LEAF_BYTES;
	unsigned char *p = malloc(n);
	struct digest found;
	struct err err;

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(i * 2654435761u >> 13);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct digest wanted = tree_by_hand(p, sizes[i]);

		assert_ok(tree_digest(&found, p, sizes[i], &err), err);
		assert_memory_equal(&found, &wanted, sizeof(found));
		found = tree_by_stream(p, sizes[i], 1 + i * 333333);
		assert_memory_equal(&found, &wanted, sizeof(found));
	}
	for (size_t i = 0; blake_four(i) != NULL; i++)
		fours_are_digested(blake_four(i), p);
	free(p);
}

/* Fixed bits: what was recorded on one machine must come out of another. */
static void
logarithms_are_the_same_everywhere(void **state)
{
	(void)state;
	assert_true(real_log(1) == 0 && real_exp(0) == 1);
	assert_true(real_log(0) == -INFINITY && isnan(real_log(-1)) && isnan(real_log(NAN)));
	assert_true(isinf(real_log(INFINITY)) && isinf(real_exp(1000)) && real_exp(-1000) == 0);
	for (double x = -700; x < 700; x += 0.37) {
		assert_true(fabs(real_exp(x) - exp(x)) <= 4e-16 * exp(x));
		assert_true(fabs(real_log(exp(x)) - log(exp(x))) <= 4e-16 * fabs(log(exp(x))));
	}
	assert_true(real_log(5e-324) == log(5e-324));
	assert_true(real_log(0x1.999999999999ap-4) == -0x1.26bb1bbb55515p+1 &&
	    real_exp(0x1.999999999999ap-4) == 0x1.1aec7b35a00d4p+0);
	assert_true(real_log(0x1.6666666666666p-1) == -0x1.6d3c324e13f5p-2 &&
	    real_exp(0x1.6666666666666p-1) == 0x1.01c2a61268987p+1);
	assert_true(real_log(0x1.4p+1) == 0x1.d5240f0e0e078p-1 && real_exp(0x1.4p+1) == 0x1.85d6fd931e0bbp+3);
	assert_true(real_log(0x1.8p+1) == 0x1.193ea7aad030bp+0 && real_exp(0x1.8p+1) == 0x1.415e5bf6fb106p+4);
	assert_true(real_log(0x1.ad7f29abcaf48p-24) == -0x1.01e3b843eaa73p+4 &&
	    real_exp(0x1.ad7f29abcaf48p-24) == 0x1.000001ad7f2b1p+0);
}

/* Whether X with DIGITS is as by printf(), where integers write it at all; counted in *WRITTEN. */
static void
check_decimal(double x, int digits, size_t *written)
{
	char space[DECIMAL_BYTES], expected[DECIMAL_BYTES];
	struct slice text = decimal_text(space, x, digits);

	if (text.p == NULL)
		return;
	++*written;
	snprintf(expected, sizeof(expected), "%.*g", digits, x);
	if (!slice_is(text, expected))
		fail_msg("%a with %d digits: %.*s instead of %s", x, digits, (int)text.n, text.p, expected);
}

static void
decimals_are_those_of_printf(void **state)
{
	size_t written = 0, before;
	uint64_t bits = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int exponent = i % 70 - 15, digits = i / 70 % 19;
		double x;

		bits = bits * 6364136223846793005u + 1442695040888963407u;
		x = ldexp((double)(int64_t)bits, exponent - 63);
		check_decimal(x, digits, &written); /* any */
		check_decimal(
		    ldexp((double)(bits >> (40 + i % 24)), -(i % 40)), digits, &written); /* many halves */
		check_decimal((double)(bits >> 40) / 1e4, digits, &written); /* few digits */
	}
	for (int power = -6; power < 18; power++) {
		double x = pow(10, power), from = x * (1 - 4 * DBL_EPSILON);

		for (x = from; x < from * (1 + 12 * DBL_EPSILON); x = nextafter(x, INFINITY)) {
			for (int digits = 0; digits < 19; digits++) {
				check_decimal(x, digits, &written);
				check_decimal(x * (1 - pow(10, -digits) / 2), digits, &written);
			}
		}
	}
	assert_true(written > 30000);
	before = written;
	check_decimal(-0.25, 12, &written);
	check_decimal(1e-4, 17, &written);
	check_decimal(999999999999.5, 17, &written);
	assert_int_equal(written, before + 3);
	check_decimal(999999999999.5, 12, &written); /* 1e+12 */
	check_decimal(0, 12, &written);
	check_decimal(9e-5, 12, &written);
	check_decimal(1e15, 17, &written);
	check_decimal(NAN, 12, &written);
	check_decimal(-INFINITY, 12, &written);
	check_decimal(1, 0, &written);
	check_decimal(1, 18, &written);
	assert_int_equal(written, before + 3);
}

static void
hex_is_read_as_it_is_written(void **state)
{
	unsigned char bytes[4];
	char hex[9];

	(void)state;
	assert_int_equal(hex_decode(bytes, 4, "00ff10Ab"), 0);
	hex_encode(hex, bytes, 4);
	assert_string_equal(hex, "00ff10ab");
	assert_int_equal(hex_decode(bytes, 4, "00ff10a"), -1);
	assert_int_equal(hex_decode(bytes, 4, "00ff10abcc"), -1);
	assert_int_equal(hex_decode(bytes, 4, "00ff10ag"), -1);
	assert_int_equal(hex_decode(bytes, 4, "00:f10ab"), -1);
}

static void
hashes_are_fixed_for_ever(void **state)
{
	(void)state;
	/* Models on disk depend on these. */
	assert_true(hash_bytes("casino", 6, 1) == UINT64_C(0) + hash_bytes("casino", 6, 1));
	assert_true(hash_bytes("casino", 6, 1) != hash_bytes("casino", 6, 2));
	assert_true(hash_mix(1, 2) != hash_mix(2, 1));
	assert_true(hash_bytes("", 0, 0) == UINT64_C(0x2d06800538d394c2)); /* the published value for XXH3 */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_not_fused),
		cmocka_unit_test(err_keeps_code_and_prefixes),
		cmocka_unit_test(buf_has_a_cap_and_a_sticky_error),
		cmocka_unit_test(buf_formats_longer_text_than_its_first_guess),
		cmocka_unit_test(arena_zeroes_aligns_and_has_a_ceiling),
		cmocka_unit_test(utf8_knows_good_from_bad),
		cmocka_unit_test(json_reads_and_says_where_it_fails),
		cmocka_unit_test(json_refuses_endless_depth),
		cmocka_unit_test(json_writes_what_it_can_read),
		cmocka_unit_test(time_parses_and_formats),
		cmocka_unit_test(ulids_ascend_also_when_the_clock_goes_back),
		cmocka_unit_test(log_lines_cannot_be_forged),
		cmocka_unit_test(what_is_in_the_background_gives_way),
		cmocka_unit_test(large_memory_can_be_given_back_in_part),
		cmocka_unit_test(memory_that_comes_gently_is_all_there),
		cmocka_unit_test(four_leaves_at_once_are_as_one_after_the_other),
		cmocka_unit_test(logarithms_are_the_same_everywhere),
		cmocka_unit_test(decimals_are_those_of_printf),
		cmocka_unit_test(hex_is_read_as_it_is_written),
		cmocka_unit_test(hashes_are_fixed_for_ever),
	};

	return crypto_init(NULL) == -1 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
