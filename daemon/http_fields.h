#ifndef HAMLET_DAEMON_HTTP_FIELDS_H
#define HAMLET_DAEMON_HTTP_FIELDS_H

#include "daemon/http_parse.h"

/* Private to the parser: what header fields mean for it. */

/*
 * Take note of the field that stands in the bytes at P: NAME is a token, VALUE has no blanks around it.
 * HTTP_FAILED when it may not stand there, or another like it has.
 */
enum http_progress http_field(
    struct http_parser *ps, const char *p, struct http_span name, struct http_span value);

/* Have PS refuse the request with STATUS; WHY is static text. */
enum http_progress http_parse_fail(struct http_parser *ps, int status, const char *why);

#endif
