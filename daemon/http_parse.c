#include "config.h"

#include <string.h>
#include <strings.h>

#include "daemon/http_fields.h"
#include "daemon/percent.h"

#define LEADING_LINES_MAX 4 /* empty lines that may stand before a request */
#define CHUNK_LINE_MAX 256

static const char *const method_names[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "other" };

const char *
http_method_name(enum http_method method)
{
	return method_names[method];
}

struct slice
http_slice(const char *p, struct http_span span)
{
	return span.there ? (struct slice){ p + span.at, span.n } : (struct slice){ NULL, 0 };
}

void
http_parser_init(struct http_parser *ps, const struct http_limits *limits)
{
	*ps = (struct http_parser){ .limits = *limits, .status = 200, .why = "" };
}

bool
http_parser_head_done(const struct http_parser *ps)
{
	return ps->state > HTTP_PARSE_HEADERS;
}

size_t
http_parser_wants(const struct http_parser *ps, size_t n)
{
	size_t end;

	if (ps->state != HTTP_PARSE_BODY && ps->state != HTTP_PARSE_CHUNK_DATA)
		return 0;
	end = ps->state == HTTP_PARSE_BODY ? ps->body.at + (size_t)ps->length : ps->pos + (size_t)ps->length;
	return end > n ? end - n : 0;
}

enum http_progress
http_parse_fail(struct http_parser *ps, int status, const char *why)
{
	ps->status = status;
	ps->why = why;
	ps->keep_alive = false;
	return HTTP_FAILED;
}

static bool
is_token_char(unsigned char c)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return true;
	return c != '\0' && strchr(others, c) != NULL;
}

static bool
is_token(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_token_char((unsigned char)p[i]))
			return false;
	}
	return n > 0;
}

static enum http_method
method_of(const char *p, size_t n)
{
	for (int i = 0; i < HTTP_OTHER; i++) {
		if (strlen(method_names[i]) == n && memcmp(p, method_names[i], n) == 0)
			return (enum http_method)i;
	}
	return HTTP_OTHER;
}

/*
 * Tidy the path of N bytes at P: decode it, make repeated slashes one, take the last one off.  Return its new
 * length, or 0 when it can't be decoded.
 */
static size_t
tidy_path(char *p, size_t n)
{
	size_t to = 0;

	if (percent_decode(p, &n, false) == -1 || memchr(p, '\0', n) != NULL)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '/' || to == 0 || p[to - 1] != '/')
			p[to++] = p[i];
	}
	if (to > 1 && p[to - 1] == '/')
		to--;
	return to;
}

/* Split "scheme://authority" off the N bytes of target at P + AT; set ps->authority and return its length. */
static size_t
authority_of(struct http_parser *ps, const char *p, size_t at, size_t n)
{
	size_t skip, len;

	if (n >= 7 && strncasecmp(p + at, "http://", 7) == 0)
		skip = 7;
	else if (n >= 8 && strncasecmp(p + at, "https://", 8) == 0)
		skip = 8;
	else
		return 0;
	for (len = 0; skip + len < n; len++) {
		if (p[at + skip + len] == '/' || p[at + skip + len] == '?')
			break;
	}
	ps->authority = (struct http_span){ at + skip, len, true };
	return skip + len;
}

static enum http_progress
target(struct http_parser *ps, char *p, size_t at, size_t n)
{
	size_t skip = authority_of(ps, p, at, n);
	const char *mark;

	at += skip;
	n -= skip;
	mark = n == 0 ? NULL : memchr(p + at, '?', n);
	if (mark != NULL) {
		size_t path = (size_t)(mark - (p + at));

		ps->query = (struct http_span){ at + path + 1, n - path - 1, true };
		n = path;
	}
	if (n == 0 && skip > 0)
		return HTTP_MORE; /* "http://host" asks for "/", which is what an absent path means */
	if (n == 0 || (p[at] != '/' && !(n == 1 && p[at] == '*')))
		return http_parse_fail(ps, 400, "the request target is not a path");
	ps->path = (struct http_span){ at, tidy_path(p + at, n), true };
	return ps->path.n == 0 ? http_parse_fail(ps, 400, "a malformed percent escape in the path")
			       : HTTP_MORE;
}

static enum http_progress
version(struct http_parser *ps, const char *p, size_t n)
{
	if (n != 8 || memcmp(p, "HTTP/", 5) != 0 || p[6] != '.' || p[5] < '0' || p[5] > '9' || p[7] < '0' ||
	    p[7] > '9')
		return http_parse_fail(ps, 400, "malformed request line");
	if (p[5] != '1')
		return http_parse_fail(ps, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
	ps->minor = p[7] == '0' ? 0 : 1;
	return HTTP_MORE;
}

static enum http_progress
request_line(struct http_parser *ps, char *p, size_t at, size_t n)
{
	char *first, *last;
	size_t method;

	if (n == 0)
		return ++ps->nheaders > LEADING_LINES_MAX ? http_parse_fail(ps, 400, "no request line")
							  : HTTP_MORE;
	ps->nheaders = 0;
	first = memchr(p + at, ' ', n);
	last = memrchr(p + at, ' ', n);
	if (first == NULL || first == last || !is_token(p + at, (size_t)(first - (p + at))))
		return http_parse_fail(ps, 400, "malformed request line");
	if (memchr(first + 1, ' ', (size_t)(last - first - 1)) != NULL || memchr(p + at, '\t', n) != NULL)
		return http_parse_fail(ps, 400, "malformed request line");
	if (version(ps, last + 1, n - (size_t)(last + 1 - (p + at))) == HTTP_FAILED)
		return HTTP_FAILED;
	method = (size_t)(first - (p + at));
	ps->method = method_of(p + at, method);
	ps->state = HTTP_PARSE_HEADERS;
	return target(ps, p, at + method + 1, (size_t)(last - first - 1));
}

/* Check the header line of N bytes at P + AT, and unless it is a trailer keep what matters of it. */
static enum http_progress
header_line(struct http_parser *ps, const char *p, size_t at, size_t n, bool trailer)
{
	const char *colon = memchr(p + at, ':', n);
	struct http_span name, value;

	if (++ps->nheaders > ps->limits.headers)
		return http_parse_fail(ps, 431, "too many header lines");
	if (colon == NULL || !is_token(p + at, (size_t)(colon - (p + at))))
		return http_parse_fail(ps, 400, "malformed header line");
	name = (struct http_span){ at, (size_t)(colon - (p + at)), true };
	value = (struct http_span){ at + name.n + 1, n - name.n - 1, true };
	for (; value.n > 0 && (p[value.at] == ' ' || p[value.at] == '\t'); value.n--)
		value.at++;
	while (value.n > 0 && (p[value.at + value.n - 1] == ' ' || p[value.at + value.n - 1] == '\t'))
		value.n--;
	return trailer ? HTTP_MORE : http_field(ps, p, name, value);
}

static enum http_progress
head_end(struct http_parser *ps)
{
	if (ps->chunked && ps->has_length)
		return http_parse_fail(ps, 400, "both Content-Length and Transfer-Encoding");
	if (ps->length > ps->limits.body_bytes)
		return http_parse_fail(ps, 413, "the body is larger than max_body");
	ps->keep_alive = !ps->saw_close && (ps->minor > 0 || ps->saw_keep_alive);
	ps->body = (struct http_span){ ps->pos, 0, true };
	ps->state = ps->chunked ? HTTP_PARSE_CHUNK_SIZE : HTTP_PARSE_BODY;
	ps->expect_continue = ps->expect_continue && (ps->chunked || ps->length > 0);
	return HTTP_MORE;
}

/*
 * Look for the end of the line that begins at ps->line.  On HTTP_COMPLETE *LEN is its length without CR and
 * LF, and pos stands after it.
 */
static enum http_progress
next_line(struct http_parser *ps, const char *p, size_t n, size_t *len)
{
	for (; ps->pos < n; ps->pos++) {
		unsigned char c = (unsigned char)p[ps->pos];

		if (c == '\n') {
			*len = ps->pos - ps->line;
			*len -= *len > 0 && p[ps->line + *len - 1] == '\r';
			ps->pos++;
			return HTTP_COMPLETE;
		}
		if (ps->pos > ps->line && p[ps->pos - 1] == '\r')
			return http_parse_fail(ps, 400, "a CR that ends no line");
		if (c == 0x7f || (c < ' ' && c != '\t' && c != '\r'))
			return http_parse_fail(ps, 400, "a control character in the head");
	}
	return HTTP_MORE;
}

static enum http_progress
head(struct http_parser *ps, char *p, size_t n)
{
	enum http_progress got;
	size_t at, len, end = n <= ps->limits.head_bytes ? n : ps->limits.head_bytes + 1;

	while (ps->state <= HTTP_PARSE_HEADERS) {
		got = next_line(ps, p, end, &len);
		if (got != HTTP_FAILED && ps->pos > ps->limits.head_bytes)
			return http_parse_fail(ps, 431, "the request's head is larger than max_header_bytes");
		if (got != HTTP_COMPLETE)
			return got;
		at = ps->line;
		ps->line = ps->pos;
		if (ps->state == HTTP_PARSE_LINE)
			got = request_line(ps, p, at, len);
		else if (len == 0)
			got = head_end(ps);
		else
			got = header_line(ps, p, at, len, false);
		if (got == HTTP_FAILED)
			return got;
	}
	return HTTP_COMPLETE;
}

/* Return whether only blanks stand in REST before an extension or the end: anything else two parties may read
 * differently. */
static bool
ends_chunk_size(const char *rest, size_t n)
{
	size_t i = 0;

	while (i < n && (rest[i] == ' ' || rest[i] == '\t'))
		i++;
	return i == n || rest[i] == ';';
}

/* Read the chunk size from the line of N bytes at P; what follows a ';' is for no one. */
static enum http_progress
chunk_size(struct http_parser *ps, const char *p, size_t n)
{
	uint64_t size = 0;
	size_t i;
	int digit;

	for (i = 0; i < n && (digit = percent_hex(p[i])) != -1; i++) {
		if (i == 15)
			return http_parse_fail(ps, 413, "a chunk larger than max_body");
		size = size << 4 | (uint64_t)digit;
	}
	if (i == 0 || !ends_chunk_size(p + i, n - i))
		return http_parse_fail(ps, 400, "malformed chunk size");
	if (size > ps->limits.body_bytes - ps->body.n)
		return http_parse_fail(ps, 413, "the body is larger than max_body");
	ps->length = size;
	ps->state = size == 0 ? HTTP_PARSE_TRAILERS : HTTP_PARSE_CHUNK_DATA;
	return HTTP_MORE;
}

/* One line of a chunked body: a size, the end of a chunk's data, or a trailer. */
static enum http_progress
chunk_line(struct http_parser *ps, char *p, size_t n)
{
	enum http_progress got;
	size_t at, len, most = ps->limits.head_bytes - ps->trailers;

	if (ps->state != HTTP_PARSE_TRAILERS && most > CHUNK_LINE_MAX)
		most = CHUNK_LINE_MAX;
	got = next_line(ps, p, n - ps->line <= most ? n : ps->line + most + 1, &len);
	if (got != HTTP_FAILED && ps->pos - ps->line > CHUNK_LINE_MAX && ps->state != HTTP_PARSE_TRAILERS)
		return http_parse_fail(ps, 400, "malformed chunk size");
	if (got != HTTP_FAILED && ps->trailers + (ps->pos - ps->line) > ps->limits.head_bytes)
		return http_parse_fail(ps, 431, "the trailers are larger than max_header_bytes");
	if (got != HTTP_COMPLETE)
		return got;
	at = ps->line;
	ps->line = ps->pos;
	if (ps->pos - at != len + 2)
		return http_parse_fail(ps, 400, "a line between chunks that doesn't end in CR LF");
	if (ps->state == HTTP_PARSE_CHUNK_SIZE)
		return chunk_size(ps, p + at, len);
	if (ps->state == HTTP_PARSE_CHUNK_END) {
		ps->state = HTTP_PARSE_CHUNK_SIZE;
		return len == 0 ? HTTP_MORE : http_parse_fail(ps, 400, "a chunk longer than its size");
	}
	ps->trailers += ps->pos - at;
	if (len > 0)
		return header_line(ps, p, at, len, true);
	ps->state = HTTP_PARSE_DONE;
	return HTTP_MORE;
}

/* Move what has come of a chunk's data up to the body. */
static void
chunk_data(struct http_parser *ps, char *p, size_t n)
{
	size_t have = n - ps->pos;

	if (have > ps->length)
		have = (size_t)ps->length;
	memmove(p + ps->body.at + ps->body.n, p + ps->pos, have);
	ps->body.n += have;
	ps->pos += have;
	ps->line = ps->pos;
	ps->length -= have;
	if (ps->length == 0)
		ps->state = HTTP_PARSE_CHUNK_END;
}

/* Close the gap that the chunks' framing has left between the body and the line being read. */
static void
close_gap(struct http_parser *ps, char *p, size_t *n)
{
	size_t to = ps->body.at + ps->body.n, gap = ps->line - to;

	if (gap == 0)
		return;
	memmove(p + to, p + ps->line, *n - ps->line);
	*n -= gap;
	ps->pos -= gap;
	ps->line = to;
}

static enum http_progress
chunked_body(struct http_parser *ps, char *p, size_t *n)
{
	enum http_progress got = HTTP_MORE;
	enum http_parse_state before;
	size_t pos;

	do {
		before = ps->state;
		pos = ps->pos;
		if (ps->state == HTTP_PARSE_CHUNK_DATA)
			chunk_data(ps, p, *n);
		else
			got = chunk_line(ps, p, *n);
	} while (
	    got != HTTP_FAILED && ps->state != HTTP_PARSE_DONE && (ps->pos != pos || ps->state != before));
	if (got == HTTP_FAILED)
		return got;
	close_gap(ps, p, n);
	return ps->state == HTTP_PARSE_DONE ? HTTP_COMPLETE : HTTP_MORE;
}

enum http_progress
http_parse(struct http_parser *ps, char *p, size_t *n)
{
	enum http_progress got;

	if (ps->status != 200)
		return HTTP_FAILED;
	if (ps->state <= HTTP_PARSE_HEADERS) {
		got = head(ps, p, *n);
		if (got != HTTP_COMPLETE)
			return got;
	}
	if (ps->chunked)
		return chunked_body(ps, p, n);
	if (*n - ps->body.at < ps->length)
		return HTTP_MORE;
	ps->body.n = (size_t)ps->length;
	ps->pos = ps->body.at + ps->body.n;
	ps->state = HTTP_PARSE_DONE;
	return HTTP_COMPLETE;
}
