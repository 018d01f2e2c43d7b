#ifndef HAMLET_DAEMON_HTTP_PARSE_H
#define HAMLET_DAEMON_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * An HTTP/1.0 and 1.1 request parser that works in place on the bytes that have come so far.  It does no I/O
 * and allocates nothing.  What it finds is kept as offsets, so the buffer may move between two calls; the
 * slices it hands out are good as long as the buffer stays.
 *
 * In place means: the path is percent-decoded and tidied where it stands, and the chunks of a chunked body
 * are pushed together, so the buffer gets shorter and never holds more than head + body.
 *
 * Strict where being lenient lets two parties read one request differently (RFC 9112): a repeated or
 * malformed Content-Length, one together with Transfer-Encoding, blanks before a header's colon and folded
 * header lines are refused. Lenient where old blog software needs it: bare LF ends a line, Host may be
 * missing.
 */
enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OPTIONS, HTTP_OTHER };

/* The headers that are kept; of a repeated one the first.  All others are checked and forgotten. */
enum http_header {
	HTTP_HOST,
	HTTP_CONTENT_TYPE,
	HTTP_AUTHORIZATION,
	HTTP_ACCEPT,
	HTTP_ACCEPT_LANGUAGE,
	HTTP_HEADERS
};

struct http_limits {
	size_t head_bytes; /* request line and headers; also trailers */
	size_t headers;
	size_t body_bytes;
};

enum http_parse_state {
	HTTP_PARSE_LINE,
	HTTP_PARSE_HEADERS,
	HTTP_PARSE_BODY,
	HTTP_PARSE_CHUNK_SIZE,
	HTTP_PARSE_CHUNK_DATA,
	HTTP_PARSE_CHUNK_END,
	HTTP_PARSE_TRAILERS,
	HTTP_PARSE_DONE
};

struct http_span {
	size_t at, n;
	bool there;
};

struct http_parser {
	struct http_limits limits;
	enum http_parse_state state;
	size_t line; /* where the line being read begins */
	size_t pos; /* bytes looked at */
	size_t nheaders;
	size_t trailers; /* bytes of trailers so far */

	enum http_method method;
	int minor; /* HTTP/1.MINOR, 0 or 1 */
	struct http_span path; /* decoded, tidied; absent for "http://host", which means "/" */
	struct http_span query, authority, header[HTTP_HEADERS];
	bool keep_alive; /* the connection may serve another request */
	bool expect_continue; /* the client waits for "100 Continue" before it sends the body */
	bool chunked;
	bool has_length, saw_close, saw_keep_alive;
	uint64_t length; /* of the body; while chunked: of what is left of this chunk */
	struct http_span body;

	int status; /* after HTTP_FAILED: what to answer */
	const char *why; /* static text for the answer */
};

enum http_progress { HTTP_MORE, HTTP_COMPLETE, HTTP_FAILED };

/* Make PS ready for a request that begins at offset 0. */
void http_parser_init(struct http_parser *ps, const struct http_limits *limits);

/*
 * Go on with the *N bytes at P, the request's first byte first.  May move bytes and make *N smaller.
 * HTTP_COMPLETE: the request is the first ps->pos bytes; what follows belongs to the next one.  HTTP_FAILED:
 * ps->status and ps->why.
 */
enum http_progress http_parse(struct http_parser *ps, char *p, size_t *n);

/* Return whether the head is complete, so that method, path, and headers can be asked for. */
bool http_parser_head_done(const struct http_parser *ps);

/* Return how many more bytes are certain to come, 0 if not known: room to make for the next read. */
size_t http_parser_wants(const struct http_parser *ps, size_t n);

/* Return SPAN of the buffer at P as a slice; absent if it isn't there. */
struct slice http_slice(const char *p, struct http_span span);

/* Return "GET", "POST", ...; "other" for HTTP_OTHER. */
const char *http_method_name(enum http_method method);

#endif
