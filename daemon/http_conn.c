#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/http_impl.h"

#define IN_FIRST 4096 /* bytes of a connection's first input buffer */
#define READ_LEAST 1024 /* room to have before a read */
#define LINGER_MS 2000 /* how long what a refused client still sends is swallowed */
#define FRESH_MS 500 /* how long a new connection has for its first request while we stop */
#define LINGER_BYTES 8388608 /* and how much of it */
#define REST_READS 4 /* of what comes after the last request, before one lingers over it */

static void
conn_free(struct http_conn *c)
{
	arena_free(c->rq.arena);
	buf_fini(&c->rq.reply);
	buf_fini(&c->rq.extra);
	buf_fini(&c->out);
	free(c->in);
	free(c);
}

/* Take C off its worker and close it. */
static void
conn_unlink(struct http_conn *c)
{
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		c->w->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->w->nconns--;
	http_uncount(c->w);
	http_uncount_reply(c);
	loop_io_free(c->io);
	c->io = NULL;
	close(c->fd);
	c->fd = -1;
}

/* The only place where a connection's state changes, but for its end. */
static void
set_state(struct http_conn *c, enum conn_state state)
{
	const struct http_options *o = &c->w->server->options;
	int64_t now = http_clock_ms();

	switch (state) {
	case CONN_IDLE:
		c->deadline_ms = now + (c->turn_away != 0 ? LINGER_MS : o->idle_timeout_ms);
		break;
	case CONN_READING:
		if (c->state != CONN_READING)
			c->deadline_ms = now + (c->turn_away != 0 ? LINGER_MS : o->request_timeout_ms);
		break;
	case CONN_WRITING:
		if (c->state != CONN_WRITING)
			c->deadline_ms = now + o->write_timeout_ms;
		break;
	case CONN_LINGERING:
		c->deadline_ms = now + LINGER_MS;
		break;
	case CONN_HANDLING:
	case CONN_GONE:
		c->deadline_ms = 0;
		break;
	}
	c->state = state;
}

static void
conn_close(struct http_conn *c)
{
	bool out = c->state == CONN_HANDLING || c->in_process;

	conn_unlink(c);
	set_state(c, CONN_GONE);
	if (!out)
		conn_free(c);
}

void
http_conn_abandon(struct http_conn *c)
{
	conn_close(c);
}

/* Read what the peer has sent beyond its last request; return whether that was all.  Closing with bytes
 * unread would reset the connection, and the reply with it. */
static bool
read_rest(struct http_conn *c)
{
	char rest[4096];

	for (int i = 0; i < REST_READS; i++) {
		if (recv(c->fd, rest, sizeof(rest), MSG_DONTWAIT) != (ssize_t)sizeof(rest))
			return true;
	}
	return false;
}

/* Say "no more" and close, at once or after swallowing what the peer still sends. */
static void
conn_finish(struct http_conn *c)
{
	shutdown(c->fd, SHUT_WR);
	if ((c->linger || !read_rest(c)) && loop_io_want(c->io, true, false) == 0)
		set_state(c, CONN_LINGERING);
	else
		conn_close(c);
}

static void
trim(struct buf *b)
{
	if (b->cap > HTTP_KEEP_BYTES)
		buf_fini(b);
	buf_clear(b);
}

/* The reply is sent: get ready for the next request, or end. */
static void
request_done(struct http_conn *c)
{
	http_uncount_reply(c);
	if (c->close_after) {
		conn_finish(c);
		return;
	}
	c->n -= c->ps.pos;
	memmove(c->in, c->in + c->ps.pos, c->n);
	if (c->n == 0 && c->cap > HTTP_KEEP_BYTES) {
		free(c->in);
		c->in = NULL;
		c->cap = 0;
	}
	http_parser_init(&c->ps, &c->w->server->options.limits);
	arena_reset(c->rq.arena);
	trim(&c->rq.reply);
	trim(&c->rq.extra);
	trim(&c->out);
	c->sent = 0;
	c->continued = false;
	c->rq.app = NULL;
	c->served = true;
	set_state(c, CONN_IDLE);
}

/* Send what can be sent. */
static void
conn_flush(struct http_conn *c)
{
	ssize_t n = 1;

	while (c->sent < c->out.n && n > 0) {
		n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			n = 1;
		else if (n > 0)
			c->sent += (size_t)n;
	}
	if (c->sent == c->out.n) {
		if (c->state == CONN_WRITING)
			loop_io_want(c->io, true, false);
		request_done(c);
		return;
	}
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK) && loop_io_want(c->io, false, true) == 0)
		set_state(c, CONN_WRITING);
	else
		conn_close(c);
}

static void conn_process(struct http_conn *c);

void
http_reply(struct http_request *rq, int status, const char *content_type)
{
	struct http_conn *c = http_conn_of(rq);

	if (c->state == CONN_GONE) {
		if (!c->in_process)
			conn_free(c);
		return;
	}
	if (!buf_ok(&rq->reply) || !buf_ok(&rq->extra)) {
		buf_clear(&rq->reply);
		buf_clear(&rq->extra);
		status = 503;
		c->close_after = true;
	}
	c->close_after = c->close_after || !c->ps.keep_alive || c->w->draining;
	http_compose(c, status, content_type);
	if (!buf_ok(&c->out)) {
		set_state(c, CONN_WRITING);
		conn_close(c);
		return;
	}
	/* from here on the request is the connection's again; a failure to send may free both */
	set_state(c, CONN_WRITING);
	if (c->in_process) {
		conn_flush(c);
		return;
	}
	conn_process(c);
}

/* Give C's request the status STATUS without asking the handler, and end the connection. */
static void
refuse(struct http_conn *c, int status, const char *why)
{
	c->close_after = true;
	c->linger = true;
	set_state(c, CONN_HANDLING);
	c->w->server->options.refuse(&c->rq, status, why);
}

static void
fill_request(struct http_conn *c)
{
	static const struct slice root = { "/", 1 };
	struct http_request *rq = &c->rq;
	const struct http_parser *ps = &c->ps;

	rq->method = ps->method;
	rq->path = ps->path.there ? http_slice(c->in, ps->path) : root;
	rq->query = http_slice(c->in, ps->query);
	for (int i = 0; i < HTTP_HEADERS; i++)
		rq->header[i] = http_slice(c->in, ps->header[i]);
	rq->host = ps->authority.there ? http_slice(c->in, ps->authority) : rq->header[HTTP_HOST];
	rq->body = (struct slice){ c->in + ps->body.at, ps->body.n };
}

/* What a refused request is known by: its path if that much was read, else nothing. */
static void
fill_refused(struct http_conn *c)
{
	struct http_request *rq = &c->rq;

	rq->method = c->ps.method;
	rq->path = http_slice(c->in, c->ps.path);
	rq->query = rq->host = rq->body = (struct slice){ NULL, 0 };
	memset(rq->header, 0, sizeof(rq->header));
}

/* Part of a request is here: tell a client that waits for it to go on, and turn away whom we turn away. */
static void
partly_read(struct http_conn *c)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	set_state(c, CONN_READING);
	if (!http_parser_head_done(&c->ps))
		return;
	if (c->turn_away != 0) {
		fill_refused(c);
		refuse(c, c->turn_away, c->turn_away == 403 ? "not for you" : "too many connections");
	} else if (c->ps.expect_continue && !c->continued) {
		c->continued = true;
		if (send(c->fd, go_on, sizeof(go_on) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(go_on) - 1)
			conn_close(c);
	}
}

/* Do what the bytes in hand allow: one round of conn_process(). */
static void
step(struct http_conn *c)
{
	switch (http_parse(&c->ps, c->in, &c->n)) {
	case HTTP_MORE:
		partly_read(c);
		return;
	case HTTP_FAILED:
		fill_refused(c);
		refuse(c, c->ps.status, c->ps.why);
		return;
	case HTTP_COMPLETE:
		if (c->turn_away != 0) {
			partly_read(c);
			return;
		}
		fill_request(c);
		set_state(c, CONN_HANDLING);
		c->w->server->options.handle(&c->rq);
		return;
	}
}

/*
 * Send what waits to be sent and serve the requests in hand, one after the other, until bytes are missing, a
 * reply is awaited, or the connection ends.
 */
static void
conn_process(struct http_conn *c)
{
	bool more = true;

	c->in_process = true;
	if (c->state == CONN_WRITING)
		conn_flush(c);
	while (more && (c->state == CONN_IDLE || c->state == CONN_READING) && c->n > 0) {
		step(c);
		more = c->state != CONN_READING;
	}
	c->in_process = false;
	if (c->state == CONN_IDLE && c->w->draining && c->served)
		conn_close(c);
	else if (c->state == CONN_IDLE || c->state == CONN_READING) {
		if (loop_io_want(c->io, true, false) == -1)
			conn_close(c);
	} else if (c->state == CONN_GONE) {
		conn_free(c);
	}
}

/* Make room to read into; -1 when there is none to be had. */
static int
make_room(struct http_conn *c)
{
	const struct http_limits *limits = &c->w->server->options.limits;
	size_t wants = http_parser_wants(&c->ps, c->n), cap = c->cap;
	size_t max = limits->head_bytes + limits->body_bytes + HTTP_KEEP_BYTES;
	char *p;

	if (wants < READ_LEAST)
		wants = READ_LEAST;
	if (cap - c->n >= wants)
		return 0;
	cap = cap == 0 ? IN_FIRST : 2 * cap;
	if (cap < c->n + wants)
		cap = c->n + wants;
	if (cap > max)
		cap = max;
	if (cap <= c->n)
		return -1;
	p = realloc(c->in, cap);
	if (p == NULL)
		return -1;
	c->in = p;
	c->cap = cap;
	return 0;
}

static void
conn_read(struct http_conn *c)
{
	ssize_t n;

	if (make_room(c) == -1) {
		conn_close(c);
		return;
	}
	n = recv(c->fd, c->in + c->n, c->cap - c->n, 0);
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n <= 0) {
		conn_close(c);
		return;
	}
	c->n += (size_t)n;
	conn_process(c);
}

static void
swallow(struct http_conn *c)
{
	char rest[16384];
	ssize_t n = recv(c->fd, rest, sizeof(rest), 0);

	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n > 0)
		c->swallowed += (size_t)n;
	if (n <= 0 || c->swallowed > LINGER_BYTES)
		conn_close(c);
}

static void
conn_ready(bool readable, bool writable, void *arg)
{
	struct http_conn *c = arg;

	(void)readable;
	switch (c->state) {
	case CONN_IDLE:
	case CONN_READING:
		conn_read(c);
		break;
	case CONN_HANDLING: /* the next request, or the end: seen to after the reply */
		loop_io_want(c->io, false, false);
		break;
	case CONN_WRITING:
		if (writable)
			conn_process(c);
		break;
	case CONN_LINGERING:
		swallow(c);
		break;
	case CONN_GONE:
		break;
	}
}

void
http_conn_tick(struct http_conn *c, int64_t now_ms)
{
	if (c->deadline_ms == 0 || now_ms < c->deadline_ms)
		return;
	if (c->state != CONN_READING) {
		conn_close(c);
		return;
	}
	fill_refused(c);
	refuse(c, 408, "the request took too long to arrive");
}

void
http_conn_drain(struct http_conn *c)
{
	char byte;

	if (c->state != CONN_IDLE)
		return;
	if (recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
		conn_read(c); /* a request has come, unseen so far */
	else if (!c->served)
		c->deadline_ms = http_clock_ms() + FRESH_MS;
	else
		conn_close(c);
}

void
http_conn_open(struct http_worker *w, int fd, enum http_socket socket, int turn_away)
{
	const struct http_options *o = &w->server->options;
	struct http_conn *c = calloc(1, sizeof(*c));
	int one = 1;

	if (c != NULL) {
		c->rq.arena = arena_new(o->arena_max);
		c->io = loop_io_new(w->loop, fd, conn_ready, c);
	}
	/* the first allocation sets the size of the block that an arena keeps: a usual one, not the first
	 * body's */
	if (c == NULL || c->rq.arena == NULL || arena_alloc(c->rq.arena, 1) == NULL || c->io == NULL ||
	    loop_io_want(c->io, true, false) == -1) {
		if (c != NULL) {
			loop_io_free(c->io);
			arena_free(c->rq.arena);
		}
		free(c);
		close(fd);
		http_uncount(w);
		return;
	}
	if (socket == HTTP_TCP || socket == HTTP_BLOGSPAM || socket == HTTP_METRICS)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	arena_reset(c->rq.arena);
	c->w = w;
	c->fd = fd;
	c->turn_away = turn_away;
	c->rq.socket = socket;
	c->rq.local = w->local;
	buf_init(&c->rq.reply, BUF_NO_LIMIT);
	buf_init(&c->rq.extra, 8192);
	buf_init(&c->out, BUF_NO_LIMIT);
	http_parser_init(&c->ps, &o->limits);
	c->next = w->conns;
	if (c->next != NULL)
		c->next->prev = c;
	w->conns = c;
	w->nconns++;
	set_state(c, CONN_IDLE);
	if (w->draining)
		http_conn_drain(c);
}
