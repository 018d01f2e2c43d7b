#include "config.h"

#include <string.h>
#include <strings.h>

#include "daemon/http_fields.h"

static const struct {
	const char *name;
	enum http_header header;
} kept[] = {
	{ "host", HTTP_HOST },
	{ "content-type", HTTP_CONTENT_TYPE },
	{ "authorization", HTTP_AUTHORIZATION },
	{ "accept", HTTP_ACCEPT },
	{ "accept-language", HTTP_ACCEPT_LANGUAGE },
};

/* Return whether the N bytes at P are WORD, in any case. */
static bool
is_word(const char *p, size_t n, const char *word)
{
	return n == strlen(word) && strncasecmp(p, word, n) == 0;
}

static enum http_progress
content_length(struct http_parser *ps, const char *p, size_t n)
{
	uint64_t length = 0;

	if (ps->has_length)
		return http_parse_fail(ps, 400, "more than one Content-Length");
	if (n == 0)
		return http_parse_fail(ps, 400, "malformed Content-Length");
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return http_parse_fail(ps, 400, "malformed Content-Length");
		length = length > UINT64_MAX / 20 ? UINT64_MAX / 20 : length * 10 + (uint64_t)(p[i] - '0');
	}
	ps->has_length = true;
	ps->length = length;
	return HTTP_MORE;
}

static enum http_progress
transfer_encoding(struct http_parser *ps, const char *p, size_t n)
{
	if (ps->chunked || ps->minor == 0)
		return http_parse_fail(ps, 400, "Transfer-Encoding is not allowed here");
	if (!is_word(p, n, "chunked"))
		return http_parse_fail(ps, 501, "the only Transfer-Encoding understood is chunked");
	ps->chunked = true;
	return HTTP_MORE;
}

static void
connection(struct http_parser *ps, const char *p, size_t n)
{
	size_t i = 0, len;

	while (i < n) {
		for (len = 0; i + len < n && p[i + len] != ',' && p[i + len] != ' ' && p[i + len] != '\t';
		     len++)
			;
		ps->saw_close |= is_word(p + i, len, "close");
		ps->saw_keep_alive |= is_word(p + i, len, "keep-alive");
		i += len + 1;
	}
}

/* Compressed bodies are not understood; what else clients say here, such as "utf-8", means nothing. */
static enum http_progress
content_encoding(struct http_parser *ps, const char *p, size_t n)
{
	static const char *const codings[] = { "gzip", "x-gzip", "deflate", "br", "zstd", "compress",
		"x-compress" };

	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		if (is_word(p, n, codings[i]))
			return http_parse_fail(
			    ps, 415, "compressed bodies are not understood: send it as it is");
	}
	return HTTP_MORE;
}

enum http_progress
http_field(struct http_parser *ps, const char *p, struct http_span name, struct http_span value)
{
	const char *s = p + name.at, *v = p + value.at;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (!is_word(s, name.n, kept[i].name))
			continue;
		if (!ps->header[kept[i].header].there)
			ps->header[kept[i].header] = value;
		else if (kept[i].header == HTTP_HOST)
			return http_parse_fail(ps, 400, "more than one Host");
		return HTTP_MORE;
	}
	if (is_word(s, name.n, "content-length"))
		return content_length(ps, v, value.n);
	if (is_word(s, name.n, "transfer-encoding"))
		return transfer_encoding(ps, v, value.n);
	if (is_word(s, name.n, "content-encoding"))
		return content_encoding(ps, v, value.n);
	if (is_word(s, name.n, "connection"))
		connection(ps, v, value.n);
	if (is_word(s, name.n, "expect")) {
		if (!is_word(v, value.n, "100-continue"))
			return http_parse_fail(ps, 417, "the only expectation met is 100-continue");
		ps->expect_continue = ps->minor > 0;
	}
	return HTTP_MORE;
}
