#include "config.h"

#include "fuzz.h"

#include "base/buf.h"
#include "daemon/http_parse.h"

/*
 * The input is what a connection brings: requests, one after the other.  It is fed whole, a byte at a time
 * and in pieces of different sizes; what the parser makes of it must be the same each time.  The limits are
 * small, so that they are met.
 */
static const struct http_limits limits = { .head_bytes = 512, .headers = 8, .body_bytes = 1024 };

struct stream {
	char *p; /* exactly N bytes */
	size_t n;
	struct http_parser ps;
	size_t owed; /* bytes that the parser has said will come */
	struct buf story; /* what has been understood so far */
};

/* How an input is cut. */
enum cuts { CUT_NOWHERE, CUT_EVERYWHERE, CUT_SOMEWHERE };

static void
resize(struct stream *s, size_t n)
{
	s->p = realloc(s->p, n == 0 ? 1 : n);
	CHECK(s->p != NULL);
	s->n = n;
}

static void
tell_span(struct stream *s, const char *name, struct http_span span)
{
	struct slice text = http_slice(s->p, span);

	CHECK(fuzz_within(text, s->p, s->n));
	buf_addf(&s->story, " %s(%d,%zu)=", name, text.p != NULL, text.n);
	buf_add_slice(&s->story, text);
}

/* Tell of the request that is complete, and take it off the stream. */
static void
take_request(struct stream *s)
{
	struct http_parser *ps = &s->ps;
	size_t left;

	CHECK(http_parser_head_done(ps));
	CHECK(ps->pos <= s->n && ps->body.at + ps->body.n <= ps->pos);
	CHECK(ps->body.n <= limits.body_bytes && s->owed == 0);
	buf_addf(&s->story, "%s minor=%d alive=%d continue=%d", http_method_name(ps->method), ps->minor,
	    ps->keep_alive, ps->expect_continue);
	tell_span(s, "path", ps->path);
	tell_span(s, "query", ps->query);
	tell_span(s, "authority", ps->authority);
	for (int i = 0; i < HTTP_HEADERS; i++)
		tell_span(s, "header", ps->header[i]);
	tell_span(s, "body", ps->body);
	buf_add_char(&s->story, '\n');
	left = s->n - ps->pos;
	memmove(s->p, s->p + ps->pos, left);
	resize(s, left);
	http_parser_init(ps, &limits);
}

static enum http_progress
parse(struct stream *s)
{
	enum http_progress got;
	size_t n;

	do {
		n = s->n;
		got = http_parse(&s->ps, s->p, &n);
		CHECK(n <= s->n);
		resize(s, n);
		if (got == HTTP_COMPLETE)
			take_request(s);
	} while (got == HTTP_COMPLETE && s->n > 0);
	if (got == HTTP_FAILED) {
		CHECK(s->ps.status >= 400 && s->ps.status < 600 && *s->ps.why != '\0');
		CHECK(http_parse(&s->ps, s->p, &n) == HTTP_FAILED);
		buf_addf(&s->story, "%d %s\n", s->ps.status, s->ps.why);
	} else {
		s->owed = http_parser_wants(&s->ps, s->n);
		CHECK(s->owed <= limits.body_bytes && s->ps.pos <= s->n);
	}
	return got;
}

static size_t
next_cut(enum cuts cuts, uint64_t *seed, size_t left)
{
	size_t n = left;

	if (cuts == CUT_EVERYWHERE)
		n = 1;
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	if (cuts == CUT_SOMEWHERE)
		n = 1 + (*seed >> 33) % ((*seed >> 60) + 1 + (*seed >> 59 & 1) * 64);
	return n < left ? n : left;
}

/* Feed INPUT and return what was understood, for the caller to free. */
static struct buf
feed(struct slice input, enum cuts cuts)
{
	uint64_t seed = input.n;
	struct stream s = { .n = 0 };
	enum http_progress got = HTTP_MORE;
	size_t n;

	buf_init(&s.story, BUF_NO_LIMIT);
	http_parser_init(&s.ps, &limits);
	while (input.n > 0 && got != HTTP_FAILED) {
		n = next_cut(cuts, &seed, input.n);
		resize(&s, s.n + n);
		memcpy(s.p + s.n - n, input.p, n);
		s.owed -= n < s.owed ? n : s.owed;
		input = (struct slice){ input.p + n, input.n - n };
		got = parse(&s);
	}
	if (got != HTTP_FAILED && s.n > 0)
		buf_addf(&s.story, "unfinished, %d\n", http_parser_head_done(&s.ps));
	CHECK(buf_ok(&s.story));
	free(s.p);
	return s.story;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = fuzz_slice(data, size);
	struct buf whole = feed(input, CUT_NOWHERE), bytes = { .n = 0 }, pieces = feed(input, CUT_SOMEWHERE);

	CHECK(slice_equal(buf_slice(&whole), buf_slice(&pieces)));
	if (size <= 2048) { /* the bytes seen so far are moved for each new one */
		bytes = feed(input, CUT_EVERYWHERE);
		CHECK(slice_equal(buf_slice(&whole), buf_slice(&bytes)));
	}
	buf_fini(&whole);
	buf_fini(&bytes);
	buf_fini(&pieces);
	return 0;
}
