#include "config.h"

#include "daemon/http_impl.h"

static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = { { 200, "OK" }, { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
		{ 404, "Not Found" }, { 405, "Method Not Allowed" }, { 408, "Request Timeout" },
		{ 409, "Conflict" }, { 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" }, { 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" }, { 500, "Internal Server Error" },
		{ 501, "Not Implemented" }, { 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" } };

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].text;
	}
	return "Status";
}

void
http_add_header(struct http_request *rq, const char *name, const char *value)
{
	buf_addf(&rq->extra, "%s: ", name);
	for (; *value != '\0'; value++) {
		if ((unsigned char)*value >= ' ' && *value != 0x7f)
			buf_add_char(&rq->extra, *value);
	}
	buf_add_str(&rq->extra, "\r\n");
}

void
http_compose(struct http_conn *c, int status, const char *content_type)
{
	struct http_request *rq = &c->rq;

	buf_addf(&c->out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n", status,
	    reason(status), content_type, rq->reply.n);
	buf_add_slice(&c->out, buf_slice(&rq->extra));
	if (c->close_after)
		buf_add_str(&c->out, "Connection: close\r\n");
	else if (c->ps.minor == 0)
		buf_add_str(&c->out, "Connection: keep-alive\r\n");
	buf_add_str(&c->out, "\r\n");
	if (rq->method != HTTP_HEAD)
		buf_add_slice(&c->out, buf_slice(&rq->reply));
	if (c->out.n <= HTTP_KEEP_BYTES)
		return;
	buf_fini(&rq->reply); /* one of some megabytes, twice, for as long as nobody reads it */
	c->counted = c->out.n;
	atomic_fetch_add(&c->w->server->unsent, c->counted);
}

void
http_uncount_reply(struct http_conn *c)
{
	if (c->counted > 0)
		atomic_fetch_sub(&c->w->server->unsent, c->counted);
	c->counted = 0;
}
