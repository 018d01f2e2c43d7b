#include "config.h"

#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/http_impl.h"

/* A server in this process, on a socket in an abstract place, whose handler answers by the path. */
static struct {
	struct http_server *server;
	int listener;
	struct sockaddr_un address;
	socklen_t length;
	pthread_mutex_t lock;
	pthread_cond_t arrived;
	struct http_request *held; /* a request for /later, until it is posted */
	atomic_int answered;
	atomic_int by[2]; /* requests for /whose, by worker */
} t = { .lock = PTHREAD_MUTEX_INITIALIZER, .arrived = PTHREAD_COND_INITIALIZER };

static void
answer_later(struct http_request *rq)
{
	buf_add_str(&rq->reply, "later");
	t.answered++;
	http_reply(rq, 200, "text/plain");
}

static void
handle(struct http_request *rq)
{
	if (slice_is(rq->path, "/later")) {
		pthread_mutex_lock(&t.lock);
		t.held = rq;
		pthread_cond_signal(&t.arrived);
		pthread_mutex_unlock(&t.lock);
		return;
	}
	if (slice_is(rq->path, "/large")) {
		for (int i = 0; i < 300000; i++)
			buf_add_str(&rq->reply, "0123456789");
	} else if (slice_is(rq->path, "/whose")) {
		++*(atomic_int *)rq->local;
	} else {
		buf_add_slice(&rq->reply, rq->body);
		http_add_header(rq, "X-Test", "a\r\nb");
	}
	http_reply(rq, 200, "text/plain");
}

static void
refuse(struct http_request *rq, int status, const char *why)
{
	buf_add_str(&rq->reply, why);
	http_reply(rq, status, "text/plain");
}

static bool
admit(enum http_socket socket, int fd)
{
	(void)fd;
	return socket != HTTP_ADMIN;
}

static void
start(enum http_socket socket_kind, size_t max_connections, int64_t request_ms)
{
	static void *const local[] = { &t.by[0], &t.by[1] };
	const struct http_options options = {
		.limits = { 1024, 20, 4096 },
		.workers = 2,
		.max_connections = max_connections,
		.idle_timeout_ms = 60000,
		.request_timeout_ms = request_ms,
		.write_timeout_ms = 60000,
		.arena_max = 1 << 20,
		.local = local,
		.handle = handle,
		.refuse = refuse,
		.admit = admit,
	};
	struct http_listener listener = { .socket = socket_kind, .worker = -1 };
	struct err err;

	t.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	t.address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	t.length = sizeof(sa_family_t); /* the kernel picks a name that no one else has */
	assert_int_equal(bind(t.listener, (struct sockaddr *)&t.address, t.length), 0);
	t.length = sizeof(t.address);
	assert_int_equal(getsockname(t.listener, (struct sockaddr *)&t.address, &t.length), 0);
	assert_int_equal(listen(t.listener, 100), 0);
	listener.fd = t.listener;
	t.held = NULL;
	t.answered = t.by[0] = t.by[1] = 0;
	assert_ok(http_server_start(&t.server, &options, &listener, 1, &err), err);
}

static void
stop(int64_t limit_ms)
{
	http_server_close_door(t.server, limit_ms);
	http_server_join(t.server);
	close(t.listener); /* at last: without a limit nobody has waited for the workers to leave it */
}

static int
dial(void)
{
	const struct timeval limit = { 10, 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&t.address, t.length), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Read from FD until what came ends with END; NULL: until the peer closes. */
static const char *
hear(int fd, const char *end)
{
	static char text[1 << 16];
	size_t n = 0, len = end == NULL ? 0 : strlen(end);
	ssize_t got;

	for (;;) {
		if (end != NULL && n >= len && memcmp(text + n - len, end, len) == 0)
			break;
		got = recv(fd, text + n, sizeof(text) - 1 - n, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	text[n] = '\0';
	return text;
}

static struct http_request *
wait_held(void)
{
	struct http_request *rq;

	pthread_mutex_lock(&t.lock);
	while (t.held == NULL)
		pthread_cond_wait(&t.arrived, &t.lock);
	rq = t.held;
	t.held = NULL;
	pthread_mutex_unlock(&t.lock);
	return rq;
}

static void
replies_are_framed_and_headers_cannot_be_forged(void **state)
{
	int fd;

	(void)state;
	start(HTTP_SERVICE, 10, 60000);
	fd = dial();
	say(fd, "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi");
	assert_string_equal(hear(fd, "hi"),
	    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nX-Test: ab\r\n\r\nhi");
	say(fd, "HEAD /large HTTP/1.1\r\n\r\n");
	assert_non_null(strstr(hear(fd, "\r\n\r\n"), "Content-Length: 3000000\r\n"));
	say(fd, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_non_null(strstr(hear(fd, "\r\n\r\n"), "Connection: keep-alive\r\n"));
	say(fd, "GET / HTTP/1.0\r\n\r\n");
	assert_non_null(strstr(hear(fd, NULL), "Connection: close\r\n"));
	close(fd);
	stop(10000);
	http_server_free(t.server);
}

static void
pipelined_requests_are_answered_in_order(void **state)
{
	const char *text;
	int fd;

	(void)state;
	start(HTTP_SERVICE, 10, 60000);
	fd = dial();
	say(fd,
	    "GET /later HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nno2GET / "
	    "HTTP/1.0\r\n\r\n");
	http_post(wait_held(), answer_later);
	text = hear(fd, NULL);
	assert_non_null(strstr(text, "later"));
	assert_true(strstr(text, "no2") > strstr(text, "later"));
	assert_non_null(strstr(text, "Connection: close"));
	close(fd);
	stop(10000);
	http_server_free(t.server);
}

static void
a_large_reply_reaches_a_slow_reader(void **state)
{
	char bytes[65536];
	size_t total = 0;
	ssize_t n;
	int fd;

	(void)state;
	start(HTTP_SERVICE, 10, 60000);
	fd = dial();
	say(fd, "GET /large HTTP/1.0\r\n\r\n");
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		total += (size_t)n;
	assert_true(total > 3000000 && total < 3000400);
	close(fd);
	stop(10000);
	http_server_free(t.server);
}

static void
a_peer_that_dies_before_its_answer_does_no_harm(void **state)
{
	int fd;

	(void)state;
	start(HTTP_SERVICE, 10, 60000);
	for (int i = 0; i < 20; i++) {
		struct http_request *rq;

		fd = dial();
		say(fd, "GET /later HTTP/1.1\r\n\r\n");
		rq = wait_held();
		close(fd);
		http_post(rq, answer_later);
	}
	fd = dial();
	say(fd, "GET / HTTP/1.0\r\n\r\n");
	assert_non_null(strstr(hear(fd, NULL), "200 OK"));
	close(fd);
	stop(10000);
	assert_int_equal(t.answered, 20);
	http_server_free(t.server);
}

static void
stopping_lets_what_is_in_flight_finish(void **state)
{
	int fd;

	(void)state;
	start(HTTP_SERVICE, 10, 60000);
	fd = dial();
	say(fd, "GET /later HTTP/1.1\r\n\r\n");
	http_server_close_door(t.server, 10000);
	close(t.listener);
	http_post(wait_held(), answer_later);
	assert_non_null(strstr(hear(fd, NULL), "later"));
	http_server_join(t.server);
	close(fd);
	http_server_free(t.server);
}

/* A request that is still out when time is up loses its connection, and is freed when it comes back. */
static void
stopping_does_not_wait_for_ever(void **state)
{
	struct http_request *rq;
	int fd;

	(void)state;
	start(HTTP_SERVICE, 10, 60000);
	fd = dial();
	say(fd, "GET /later HTTP/1.1\r\n\r\n");
	rq = wait_held();
	stop(0);
	assert_string_equal(hear(fd, NULL), "");
	http_post(rq, answer_later);
	http_server_free(t.server);
	assert_int_equal(t.answered, 1);
	close(fd);
}

static void
too_many_connections_are_told_so(void **state)
{
	int fd[3];

	(void)state;
	start(HTTP_SERVICE, 2, 60000);
	for (int i = 0; i < 2; i++) {
		fd[i] = dial();
		say(fd[i], "GET / HTTP/1.1\r\n\r\n");
		assert_non_null(strstr(hear(fd[i], "\r\n\r\n"), "200 OK"));
	}
	assert_int_equal(http_server_connections(t.server), 2);
	fd[2] = dial();
	say(fd[2], "GET / HTTP/1.1\r\n\r\n");
	assert_non_null(strstr(hear(fd[2], NULL), "503 Service Unavailable"));
	assert_int_equal(http_server_refused(t.server), 1);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	stop(10000);
	http_server_free(t.server);
}

/* A request that is all here is swallowed and answered; any other is left alone. */
static void
a_whole_request_is_refused_at_once(void **state)
{
	static const struct http_limits limits = { 1024, 20, 4096 };
	char byte;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_false(http_refuse_heard(fd[1], &limits)); /* nothing yet */
	say(fd[0], "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nh");
	assert_false(http_refuse_heard(fd[1], &limits));
	assert_int_equal(recv(fd[1], &byte, 1, MSG_PEEK), 1);
	assert_int_equal(byte, 'P');
	say(fd[0], "i");
	assert_true(http_refuse_heard(fd[1], &limits)); /* which closes it */
	assert_non_null(strstr(hear(fd[0], NULL), "503 Service Unavailable"));
	assert_int_equal(recv(fd[0], &byte, 1, 0), 0); /* an end, not a reset */
	close(fd[0]);
}

static void
connections_are_spread(void **state)
{
	int fd[8];

	(void)state;
	start(HTTP_SERVICE, 10, 60000);
	for (int i = 0; i < 8; i++) {
		fd[i] = dial();
		say(fd[i], "GET /whose HTTP/1.1\r\n\r\n");
		assert_non_null(strstr(hear(fd[i], "\r\n\r\n"), "200 OK"));
	}
	assert_int_equal(t.by[0], 4);
	assert_int_equal(t.by[1], 4);
	assert_int_equal(http_server_refused(t.server), 0);
	for (int i = 0; i < 8; i++)
		close(fd[i]);
	stop(10000);
	assert_int_equal(http_server_connections(t.server), 0);
	http_server_free(t.server);
}

static void
who_is_not_admitted_gets_403(void **state)
{
	int fd;

	(void)state;
	start(HTTP_ADMIN, 10, 60000);
	fd = dial();
	say(fd, "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
	assert_non_null(strstr(hear(fd, NULL), "403 Forbidden"));
	close(fd);
	stop(10000);
	http_server_free(t.server);
}

static void
a_request_that_never_ends_gets_408(void **state)
{
	int fd;

	(void)state;
	start(HTTP_SERVICE, 10, 100);
	fd = dial();
	say(fd, "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab");
	assert_non_null(strstr(hear(fd, NULL), "408 Request Timeout"));
	close(fd);
	stop(10000);
	http_server_free(t.server);
}

static void
a_refused_client_that_goes_on_sending_still_reads_why(void **state)
{
	char bytes[8192];
	int fd;

	(void)state;
	start(HTTP_SERVICE, 10, 60000);
	fd = dial();
	memset(bytes, 'a', sizeof(bytes));
	say(fd, "POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n");
	for (int i = 0; i < 12; i++)
		assert_int_equal(send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL), sizeof(bytes));
	shutdown(fd, SHUT_WR);
	assert_non_null(strstr(hear(fd, NULL), "413 Content Too Large"));
	close(fd);
	stop(10000);
	http_server_free(t.server);
}

static void
expect_gets_its_100(void **state)
{
	int fd;

	(void)state;
	start(HTTP_SERVICE, 10, 60000);
	fd = dial();
	say(fd, "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	assert_string_equal(hear(fd, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
	say(fd, "hi");
	assert_non_null(strstr(hear(fd, "hi"), "200 OK"));
	close(fd);
	stop(10000);
	http_server_free(t.server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_framed_and_headers_cannot_be_forged),
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(a_large_reply_reaches_a_slow_reader),
		cmocka_unit_test(a_peer_that_dies_before_its_answer_does_no_harm),
		cmocka_unit_test(stopping_lets_what_is_in_flight_finish),
		cmocka_unit_test(stopping_does_not_wait_for_ever),
		cmocka_unit_test(too_many_connections_are_told_so),
		cmocka_unit_test(a_whole_request_is_refused_at_once),
		cmocka_unit_test(connections_are_spread),
		cmocka_unit_test(who_is_not_admitted_gets_403),
		cmocka_unit_test(a_request_that_never_ends_gets_408),
		cmocka_unit_test(a_refused_client_that_goes_on_sending_still_reads_why),
		cmocka_unit_test(expect_gets_its_100),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
