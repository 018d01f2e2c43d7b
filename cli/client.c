#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/timetext.h"
#include "cli/client.h"

struct call {
	const char *path; /* of the socket, for messages */
	int fd;
	int64_t deadline_ms;
};

static int
await(const struct call *c, short events, struct err *err)
{
	struct pollfd p = { .fd = c->fd, .events = events };
	int64_t left;
	int rc;

	do {
		left = c->deadline_ms - time_steady_ms();
		rc = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (rc == -1 && errno == EINTR);
	if (rc == -1)
		return err_set(err, ERR_IO, "%s: %s", c->path, strerror(errno));
	if (rc == 0)
		return err_set(err, ERR_BUSY, "%s: the daemon doesn't answer in time", c->path);
	return 0;
}

static int
dial(struct call *c, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int rc;

	if (strlen(c->path) >= sizeof(address.sun_path))
		return err_set(err, ERR_LIMIT, "%s: longer than a socket's path may be (%zu bytes)", c->path,
		    sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, c->path, strlen(c->path) + 1);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd == -1)
		return err_set(err, ERR_IO, "socket: %s", strerror(errno));
	/* On a Unix socket EAGAIN means that the daemon's backlog is full. */
	do {
		rc = connect(c->fd, (struct sockaddr *)&address, sizeof(address));
		if (rc == -1 && errno == EAGAIN && time_steady_ms() < c->deadline_ms) {
			poll(NULL, 0, 20);
			errno = EINTR;
		}
	} while (rc == -1 && errno == EINTR);
	if (rc == 0)
		return 0;
	if (errno == ENOENT || errno == ECONNREFUSED)
		return err_set(err, ERR_NOT_FOUND, "%s: the daemon isn't running", c->path);
	return err_set(err, ERR_IO, "%s: %s", c->path, strerror(errno));
}

static int
send_all(const struct call *c, struct slice s, struct err *err)
{
	ssize_t n;

	while (s.n > 0) {
		n = send(c->fd, s.p, s.n, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		/* A daemon that refuses a long body answers early and closes: its reply says why. */
		if (n == -1 && (errno == EPIPE || errno == ECONNRESET))
			return 0;
		if (n == -1 && errno == EAGAIN) {
			if (await(c, POLLOUT, err) == -1)
				return -1;
			continue;
		}
		if (n == -1)
			return err_set(err, ERR_IO, "%s: %s", c->path, strerror(errno));
		s.p += n;
		s.n -= (size_t)n;
	}
	return 0;
}

/* Read until the daemon closes: every call asks it to. */
static int
read_all(const struct call *c, struct buf *in, struct err *err)
{
	ssize_t n;
	char *p;

	for (;;) {
		if (await(c, POLLIN, err) == -1)
			return -1;
		p = buf_reserve(in, 65536);
		if (p == NULL)
			return err_set(err, ERR_LIMIT, "%s: the daemon's reply is too long", c->path);
		n = recv(c->fd, p, 65536, 0);
		if (n == 0)
			return 0;
		if (n == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n == -1 && errno == ECONNRESET && in->n > 0)
			return 0;
		if (n == -1)
			return err_set(err, ERR_IO, "%s: %s", c->path, strerror(errno));
		in->n += (size_t)n;
		in->p[in->n] = '\0';
	}
}

/* Return the value of header NAME among the lines of HEAD, or the absent slice. */
static struct slice
header(struct slice head, const char *name)
{
	size_t length = strlen(name);
	const char *end = head.p + head.n, *line, *next;
	struct slice value;

	for (line = head.p; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (next == NULL)
			next = end;
		if ((size_t)(next - line) <= length || line[length] != ':' ||
		    strncasecmp(line, name, length) != 0)
			continue;
		value.p = line + length + 1;
		value.n = (size_t)(next - value.p);
		while (value.n > 0 && (*value.p == ' ' || *value.p == '\t')) {
			value.p++;
			value.n--;
		}
		while (value.n > 0 && (value.p[value.n - 1] == '\r' || value.p[value.n - 1] == ' '))
			value.n--;
		return value;
	}
	return (struct slice){ NULL, 0 };
}

/* Put the chunks that REST holds together in BODY; -1 when they are malformed or the last one is missing. */
static int
join_chunks(struct buf *body, struct slice rest)
{
	const char *line_end;
	unsigned long long size;
	char *end;

	for (;;) {
		line_end = memmem(rest.p, rest.n, "\r\n", 2);
		if (line_end == NULL)
			return -1;
		errno = 0;
		size = strtoull(rest.p, &end, 16);
		if (end == rest.p || end > line_end || errno != 0)
			return -1;
		if (size == 0)
			return 0;
		rest.n -= (size_t)(line_end + 2 - rest.p);
		rest.p = line_end + 2;
		if (rest.n < 2 || size > rest.n - 2)
			return -1;
		buf_add(body, rest.p, (size_t)size);
		rest.p += size + 2;
		rest.n -= (size_t)size + 2;
	}
}

/* Put the body that follows HEAD, all of it in REST, into BODY. */
static int
take_body(struct buf *body, struct slice head, struct slice rest)
{
	struct slice length = header(head, "Content-Length");
	unsigned long long n;
	char *end;

	if (header(head, "Transfer-Encoding").p != NULL)
		return join_chunks(body, rest);
	if (length.p == NULL) {
		buf_add_slice(body, rest);
		return 0;
	}
	errno = 0;
	n = strtoull(length.p, &end, 10);
	if (end != length.p + length.n || length.n == 0 || errno != 0 || n > rest.n)
		return -1;
	buf_add(body, rest.p, (size_t)n);
	return 0;
}

static int
parse_reply(const struct call *c, const struct buf *in, struct client_reply *out, struct err *err)
{
	const char *end = in->n == 0 ? NULL : memmem(in->p, in->n, "\r\n\r\n", 4);
	struct slice head, rest;
	struct buf body;
	int status;

	if (end == NULL || sscanf(in->p, "HTTP/1.%*1[01] %3d", &status) != 1 || status < 100 || status > 599)
		return err_set(err, ERR_IO, "%s: %s", c->path,
		    in->n == 0 ? "closed without a reply" : "what answers there doesn't speak HTTP");
	head = (struct slice){ in->p, (size_t)(end + 2 - in->p) };
	rest = (struct slice){ end + 4, in->n - (size_t)(end + 4 - in->p) };
	buf_init(&body, CLIENT_REPLY_MAX);
	if (take_body(&body, head, rest) == -1) {
		buf_fini(&body);
		return err_set(err, ERR_IO, "%s: the daemon's reply broke off", c->path);
	}
	buf_add(&body, "", 0);
	if (!buf_ok(&body)) {
		buf_fini(&body);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	out->status = status;
	out->n = body.n;
	out->body = body.n == 0 ? strdup("") : buf_detach(&body);
	buf_fini(&body);
	return out->body == NULL ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

int
client_call(const char *socket_path, const char *method, const char *path, struct slice body, int timeout_ms,
    struct client_reply *out, struct err *err)
{
	struct call c = { .path = socket_path, .fd = -1, .deadline_ms = time_steady_ms() + timeout_ms };
	struct buf request, reply;
	int rc = -1;

	buf_init(&request, BUF_NO_LIMIT);
	buf_init(&reply, CLIENT_REPLY_MAX);
	buf_addf(&request, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method, path);
	if (body.p != NULL)
		buf_addf(&request, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.n);
	else if (strcmp(method, "GET") != 0)
		buf_add_str(&request, "Content-Length: 0\r\n");
	buf_add_str(&request, "\r\n");
	buf_add_slice(&request, body);
	if (!buf_ok(&request))
		err_set(err, ERR_NOMEM, "out of memory");
	else if (dial(&c, err) == 0 && send_all(&c, buf_slice(&request), err) == 0 &&
	    read_all(&c, &reply, err) == 0)
		rc = parse_reply(&c, &reply, out, err);
	if (c.fd != -1)
		close(c.fd);
	buf_fini(&request);
	buf_fini(&reply);
	return rc;
}

bool
client_nobody(const char *socket_path)
{
	struct call c = { .path = socket_path, .fd = -1, .deadline_ms = time_steady_ms() };
	struct err err = { 0 };
	bool nobody = dial(&c, &err) == -1 && err.code == ERR_NOT_FOUND;

	if (c.fd != -1)
		close(c.fd);
	return nobody;
}

void
client_reply_fini(struct client_reply *reply)
{
	free(reply->body);
	reply->body = NULL;
}

int
client_refusal(const struct client_reply *reply, const char *what, struct err *err)
{
	struct json *j = NULL;
	struct slice message = { NULL, 0 };

	if (json_parse(&j, reply->body, reply->n, NULL) == 0)
		message = json_text(json_member(json_member(j, "error"), "message"));
	if (message.p != NULL)
		err_set(err, ERR_REFUSED, "%s: the daemon says %d: %.*s", what, reply->status,
		    (int)(message.n < 300 ? message.n : 300), message.p);
	else
		err_set(err, ERR_REFUSED, "%s: the daemon says %d", what, reply->status);
	json_free(j);
	return -1;
}
