#include "config.h"

#include "unit.h"

#include "daemon/http_parse.h"

static const struct http_limits limits = { .head_bytes = 512, .headers = 8, .body_bytes = 64 };

/* A request being fed, as a connection would. */
struct feed {
	char bytes[2048];
	size_t n;
	struct http_parser ps;
	enum http_progress got;
};

/* Feed the N bytes at P in pieces of at most STEP bytes (0: of random sizes) until there is an end to it. */
static void
feed(struct feed *f, const char *p, size_t n, size_t step)
{
	size_t at = 0, piece;

	f->n = 0;
	f->got = HTTP_MORE;
	http_parser_init(&f->ps, &limits);
	while (at < n && f->got == HTTP_MORE) {
		piece = step > 0 ? step : (size_t)rand() % 40 + 1;
		if (piece > n - at)
			piece = n - at;
		assert_true(f->n + piece <= sizeof(f->bytes));
		memcpy(f->bytes + f->n, p + at, piece);
		f->n += piece;
		at += piece;
		f->got = http_parse(&f->ps, f->bytes, &f->n);
	}
}

static void
assert_span(const struct feed *f, struct http_span span, const char *expected)
{
	struct slice s = http_slice(f->bytes, span);

	if (expected == NULL) {
		assert_null(s.p);
		return;
	}
	assert_non_null(s.p);
	assert_int_equal(s.n, strlen(expected));
	assert_memory_equal(s.p, expected, s.n);
}

static const struct good {
	const char *bytes;
	enum http_method method;
	int minor;
	const char *path, *query, *authority, *host, *body;
	bool keep_alive;
} good[] = {
	{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_GET, 1, "/", NULL, NULL, "a", "", true },
	{ "GET /healthz HTTP/1.0\r\n\r\n", HTTP_GET, 0, "/healthz", NULL, NULL, NULL, "", false },
	{ "GET /x HTTP/1.0\nConnection: Keep-Alive\n\n", HTTP_GET, 0, "/x", NULL, NULL, NULL, "", true },
	{ "GET /x HTTP/1.1\r\nConnection: TE, close\r\n\r\n", HTTP_GET, 1, "/x", NULL, NULL, NULL, "",
	    false },
	{ "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", HTTP_POST, 1, "/a", NULL, NULL, NULL, "hello",
	    true },
	{ "POST //1.1//verify-key/?key=1&x HTTP/1.1\r\nhost:KEY.b\r\n\r\n", HTTP_POST, 1, "/1.1/verify-key",
	    "key=1&x", NULL, "KEY.b", "", true },
	{ "POST /1%2e1/caf%C3%A9/ HTTP/1.1\r\nHost:  a \t\r\n\r\n", HTTP_POST, 1, "/1.1/caf\xc3\xa9", NULL,
	    NULL, "a", "", true },
	{ "POST http://k.h:80/1.1/x?q HTTP/1.1\r\nHost: k.h:80\r\n\r\n", HTTP_POST, 1, "/1.1/x", "q",
	    "k.h:80", "k.h:80", "", true },
	{ "GET http://host HTTP/1.1\r\n\r\n", HTTP_GET, 1, NULL, NULL, "host", NULL, "", true },
	{ "GET HTTPS://host?a=b HTTP/1.1\r\n\r\n", HTTP_GET, 1, NULL, "a=b", "host", NULL, "", true },
	{ "OPTIONS * HTTP/1.1\r\n\r\n", HTTP_OPTIONS, 1, "*", NULL, NULL, NULL, "", true },
	{ "BREW / HTTP/1.1\r\n\r\n", HTTP_OTHER, 1, "/", NULL, NULL, NULL, "", true },
	{ "\r\n\r\nGET / HTTP/1.1\r\n\r\n", HTTP_GET, 1, "/", NULL, NULL, NULL, "", true },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n,\r\n006\r\n "
	  "world\r\n0\r\n\r\n",
	    HTTP_POST, 1, "/", NULL, NULL, NULL, "hello, world", true },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
	    HTTP_POST, 1, "/", NULL, NULL, NULL, "0123456789", true },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", HTTP_POST, 1, "/", NULL, NULL,
	    NULL, "", true },
	{ "POST / HTTP/1.1\r\nContent-Length: 0\r\nX: \xff\x80\r\n\r\n", HTTP_POST, 1, "/", NULL, NULL, NULL,
	    "", true },
};

static void
assert_good(const struct feed *f, const struct good *g)
{
	if (f->got != HTTP_COMPLETE)
		fail_msg("%s: %d %s", g->bytes, f->ps.status, f->ps.why);
	assert_int_equal(f->ps.method, g->method);
	assert_int_equal(f->ps.minor, g->minor);
	assert_span(f, f->ps.path, g->path);
	assert_span(f, f->ps.query, g->query);
	assert_span(f, f->ps.authority, g->authority);
	assert_span(f, f->ps.header[HTTP_HOST], g->host);
	assert_span(f, f->ps.body, g->body);
	assert_int_equal(f->ps.keep_alive, g->keep_alive);
	assert_int_equal(f->ps.pos, f->n);
}

static void
good_requests_are_read_however_they_are_cut(void **state)
{
	static struct feed f;

	(void)state;
	srand(1);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		size_t n = strlen(good[i].bytes);

		for (size_t step = 1; step <= n; step++) {
			feed(&f, good[i].bytes, n, step);
			assert_good(&f, &good[i]);
		}
		for (int round = 0; round < 50; round++) {
			feed(&f, good[i].bytes, n, 0);
			assert_good(&f, &good[i]);
		}
	}
}

static void
what_follows_a_request_is_left_for_the_next(void **state)
{
	static const char two[] = "POST / HTTP/1.1\r\nTransfer-Encoding: "
				  "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /2 HTTP/1.0\r\n\r\n";
	static struct feed f;
	size_t left;

	(void)state;
	feed(&f, two, sizeof(two) - 1, sizeof(two));
	assert_int_equal(f.got, HTTP_COMPLETE);
	assert_span(&f, f.ps.body, "abc");
	left = f.n - f.ps.pos;
	assert_int_equal(left, strlen("GET /2 HTTP/1.0\r\n\r\n"));
	memmove(f.bytes, f.bytes + f.ps.pos, left);
	http_parser_init(&f.ps, &limits);
	assert_int_equal(http_parse(&f.ps, f.bytes, &left), HTTP_COMPLETE);
	assert_span(&f, f.ps.path, "/2");
	assert_false(f.ps.keep_alive);
}

#define HEAD "POST / HTTP/1.1\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"

static const struct bad {
	const char *bytes;
	int status;
} bad[] = {
	{ "GET /\r\n\r\n", 400 },
	{ "GET  / HTTP/1.1\r\n\r\n", 400 },
	{ "GET / x HTTP/1.1\r\n\r\n", 400 },
	{ "GET\t/ HTTP/1.1\r\n\r\n", 400 },
	{ " GET / HTTP/1.1\r\n\r\n", 400 },
	{ "G(T / HTTP/1.1\r\n\r\n", 400 },
	{ "GET / HTTP/2.0\r\n\r\n", 505 },
	{ "GET / HTTP/1.1x\r\n\r\n", 400 },
	{ "GET / http/1.1\r\n\r\n", 400 },
	{ "GET x HTTP/1.1\r\n\r\n", 400 },
	{ "CONNECT a:1 HTTP/1.1\r\n\r\n", 400 },
	{ "GET /%4 HTTP/1.1\r\n\r\n", 400 },
	{ "GET /%zz HTTP/1.1\r\n\r\n", 400 },
	{ "GET /%00 HTTP/1.1\r\n\r\n", 400 },
	{ "\x16\x03\x01", 400 },
	{ "GET /\x01 HTTP/1.1\r\n\r\n", 400 },
	{ "\n\n\n\n\n\n", 400 },
	{ "GET / HTTP/1.1\rX: y\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\nX : y\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\nX: y\r\n folded\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\nno colon\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\n: y\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\nX: a\x7f\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400 },
	{ HEAD "Content-Length: -1\r\n\r\n", 400 },
	{ HEAD "Content-Length: +1\r\n\r\n", 400 },
	{ HEAD "Content-Length: 1 1\r\n\r\n", 400 },
	{ HEAD "Content-Length: 1,1\r\n\r\n", 400 },
	{ HEAD "Content-Length: 0x1\r\n\r\n", 400 },
	{ HEAD "Content-Length:\r\n\r\n", 400 },
	{ HEAD "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400 },
	{ HEAD "Content-Length: 65\r\n\r\n", 413 },
	{ HEAD "Content-Length: 99999999999999999999999999\r\n\r\n", 413 },
	{ HEAD "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
	{ CHUNKED "2;\nxx\r\n0\r\n\r\n", 400 }, /* to some the LF is part of the extension */
	{ CHUNKED "2\r\nxx\n0\r\n\r\n", 400 },
	{ CHUNKED "2\r\nxx\r\n0\n\r\n", 400 },
	{ CHUNKED "0\r\nX: y\n\r\n", 400 },
	{ CHUNKED "0\r\n\n", 400 },
	{ HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n", 501 },
	{ HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
	{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
	{ HEAD "Content-Encoding: GZIP\r\nContent-Length: 5\r\n\r\n", 415 },
	{ HEAD "Content-Encoding:br\r\n\r\n", 415 },
	{ HEAD "Expect: a miracle\r\n\r\n", 417 },
	{ CHUNKED "\r\n", 400 },
	{ CHUNKED "x\r\n", 400 },
	{ CHUNKED "-1\r\n", 400 },
	{ CHUNKED "1x\r\na\r\n", 400 },
	{ CHUNKED "1\r\nab\r\n", 400 },
	{ CHUNKED "41\r\n", 413 },
	{ CHUNKED "40\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n1\r\n", 413 },
	{ CHUNKED "ffffffffffffffff\r\n", 413 },
	{ CHUNKED "10000000000000000\r\n", 413 },
	{ CHUNKED "0\r\nbad trailer\r\n\r\n", 400 },
	{ HEAD "a:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\n\r\n", 431 },
};

static void
hostile_requests_are_refused_however_they_are_cut(void **state)
{
	static struct feed f;

	(void)state;
	srand(2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t n = strlen(bad[i].bytes);

		for (size_t step = 0; step <= n; step++) {
			feed(&f, bad[i].bytes, n, step);
			if (f.got != HTTP_FAILED || f.ps.status != bad[i].status)
				fail_msg("%s: %d, status %d", bad[i].bytes, f.got, f.ps.status);
			assert_true(strlen(f.ps.why) > 0);
			assert_false(f.ps.keep_alive);
			assert_int_equal(http_parse(&f.ps, f.bytes, &f.n), HTTP_FAILED);
		}
	}
}

static void
a_nul_byte_in_the_head_is_refused(void **state)
{
	static const char bytes[] = "GET / HTTP/1.1\r\nX: a\0b\r\n\r\n";
	static struct feed f;

	(void)state;
	feed(&f, bytes, sizeof(bytes) - 1, 1);
	assert_int_equal(f.got, HTTP_FAILED);
	assert_int_equal(f.ps.status, 400);
}

static void
a_head_that_never_ends_is_refused(void **state)
{
	char bytes[1024];
	static struct feed f;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	feed(&f, bytes, sizeof(bytes), 7);
	assert_int_equal(f.got, HTTP_FAILED);
	assert_int_equal(f.ps.status, 431);
	assert_true(f.n <= limits.head_bytes + 8);
	memcpy(bytes, "GET / HTTP/1.1\r\nX: ", 19);
	feed(&f, bytes, sizeof(bytes), 7);
	assert_int_equal(f.ps.status, 431);
}

/* However many chunks there are, their framing takes no room. */
static void
tiny_chunks_do_not_fill_the_buffer(void **state)
{
	static struct feed f;
	char chunk[] = "1;a=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n.\r\n";

	(void)state;
	feed(&f, CHUNKED, sizeof(CHUNKED) - 1, 0);
	for (int i = 0; i < 64; i++) {
		chunk[sizeof(chunk) - 4] = (char)('0' + i % 10);
		memcpy(f.bytes + f.n, chunk, sizeof(chunk) - 1);
		f.n += sizeof(chunk) - 1;
		assert_int_equal(http_parse(&f.ps, f.bytes, &f.n), HTTP_MORE);
		assert_true(f.n < 64 + sizeof(CHUNKED) + 8);
	}
	memcpy(f.bytes + f.n, "0\r\n\r\n", 5);
	f.n += 5;
	assert_int_equal(http_parse(&f.ps, f.bytes, &f.n), HTTP_COMPLETE);
	assert_int_equal(f.ps.body.n, 64);
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(f.bytes[f.ps.body.at + i], '0' + (int)i % 10);
}

static void
trailers_have_a_limit_too(void **state)
{
	static struct feed f;
	static const char trailer[] =
	    "X: "
	    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n";

	(void)state;
	feed(&f, CHUNKED "0\r\n", sizeof(CHUNKED) + 2, 0);
	assert_int_equal(f.got, HTTP_MORE);
	for (int i = 0; i < 8 && f.got == HTTP_MORE; i++) {
		memcpy(f.bytes + f.n, trailer, sizeof(trailer) - 1);
		f.n += sizeof(trailer) - 1;
		f.got = http_parse(&f.ps, f.bytes, &f.n);
	}
	assert_int_equal(f.got, HTTP_FAILED);
	assert_int_equal(f.ps.status, 431);
}

static void
expect_continue_shows_before_the_body(void **state)
{
	static const char head[] = HEAD "Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n";
	static struct feed f;

	(void)state;
	feed(&f, head, sizeof(head) - 1, 0);
	assert_int_equal(f.got, HTTP_MORE);
	assert_true(http_parser_head_done(&f.ps));
	assert_true(f.ps.expect_continue);
	assert_int_equal(http_parser_wants(&f.ps, f.n), 3);
}

/* Random bytes, and good requests with a few bytes changed: never out of bounds (the sanitizers watch),
 * always an answer. */
static void
noise_is_survived(void **state)
{
	static struct feed f;
	char bytes[600];

	(void)state;
	srand(3);
	for (int round = 0; round < 20000; round++) {
		const struct good *g = &good[(size_t)rand() % (sizeof(good) / sizeof(good[0]))];
		size_t n = strlen(g->bytes);

		memcpy(bytes, g->bytes, n);
		for (int change = rand() % 4; change >= 0; change--)
			bytes[(size_t)rand() % n] = (char)rand();
		feed(&f, bytes, n, 0);
		if (f.got == HTTP_COMPLETE) {
			assert_true(f.ps.pos <= f.n);
			assert_true(f.ps.body.at + f.ps.body.n <= f.n);
		}
		if (f.got == HTTP_FAILED)
			assert_true(f.ps.status >= 400);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_requests_are_read_however_they_are_cut),
		cmocka_unit_test(what_follows_a_request_is_left_for_the_next),
		cmocka_unit_test(hostile_requests_are_refused_however_they_are_cut),
		cmocka_unit_test(a_nul_byte_in_the_head_is_refused),
		cmocka_unit_test(a_head_that_never_ends_is_refused),
		cmocka_unit_test(tiny_chunks_do_not_fill_the_buffer),
		cmocka_unit_test(trailers_have_a_limit_too),
		cmocka_unit_test(expect_continue_shows_before_the_body),
		cmocka_unit_test(noise_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
