#include "config.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/*
 * What a web server of one thread costs that does nothing: libevent's reads a form and answers "false".
 *
 *   anchor_http SOCKET
 *
 * listens on the Unix socket SOCKET and on a free TCP port of the loopback address, and prints that port.
 */
#define BODY_MAX 1048576
#define BACKLOG 1024

static void
answer(struct evhttp_request *rq, void *arg)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(rq),
			*out = evhttp_request_get_output_buffer(rq);
	const unsigned char *body = evbuffer_pullup(in, -1);

	(void)arg;
	if (body == NULL || memchr(body, '=', evbuffer_get_length(in)) == NULL) {
		evhttp_send_error(rq, HTTP_BADREQUEST, NULL);
		return;
	}
	evbuffer_add(out, "false", 5);
	evhttp_add_header(evhttp_request_get_output_headers(rq), "Content-Type", "text/plain; charset=utf-8");
	evhttp_send_reply(rq, HTTP_OK, "OK", out);
}

static int
listen_unix(struct event_base *base, struct evhttp *http, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct evconnlistener *listener;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -1;
	memcpy(sun.sun_path, path, strlen(path));
	listener = evconnlistener_new_bind(
	    base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE, BACKLOG, (const struct sockaddr *)&sun, sizeof(sun));
	if (listener == NULL)
		return -1;
	return evhttp_bind_listener(http, listener) == NULL ? -1 : 0;
}

/* Return the port, or -1. */
static int
listen_tcp(struct evhttp *http)
{
	struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
	struct sockaddr_in sin;
	socklen_t n = sizeof(sin);

	if (bound == NULL ||
	    getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&sin, &n) == -1)
		return -1;
	return ntohs(sin.sin_port);
}

int
main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = base == NULL ? NULL : evhttp_new(base);
	int port;

	if (argc != 2 || http == NULL) {
		fprintf(stderr, "usage: anchor_http SOCKET\n");
		return 2;
	}
	evhttp_set_max_body_size(http, BODY_MAX);
	evhttp_set_gencb(http, answer, NULL);
	port = listen_tcp(http);
	if (port == -1 || listen_unix(base, http, argv[1]) == -1) {
		fprintf(stderr, "anchor_http: %s: cannot listen\n", argv[1]);
		return 1;
	}
	printf("%d\n", port);
	fflush(stdout);
	event_base_dispatch(base);
	evhttp_free(http);
	event_base_free(base);
	return 0;
}
