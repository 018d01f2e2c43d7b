#ifndef HAMLET_DAEMON_HTTP_H
#define HAMLET_DAEMON_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "daemon/http_parse.h"

/*
 * An HTTP server of worker threads, each with its own event loop and connections.  A connection serves one
 * request after the other: its bytes are read whole, HANDLE is called on the worker's thread, and exactly one
 * http_reply() must follow, there and then or later.  Later goes like this: some other thread calls
 * http_post(), and the function given to it runs on the request's own worker, where it replies.
 *
 * A request belongs to its connection, which stays in memory until the reply, even if the peer is gone by
 * then. Everything is bounded: head, body, connections, and the time a request may take to arrive, a reply to
 * be accepted, and a connection to be idle.
 */
enum http_socket {
	HTTP_SERVICE,
	HTTP_ADMIN,
	HTTP_TCP,
	HTTP_BLOGSPAM, /* TCP too: an address that is open to clients without a key */
	HTTP_METRICS /* TCP too: an address of its own for what watches over the daemon */
};

struct http_request {
	enum http_method method;
	struct slice path; /* decoded, without a query, without a slash at the end; any bytes but NUL */
	struct slice query; /* as it came, without the '?' */
	struct slice host; /* of an absolute target, else the Host header; absent if neither */
	struct slice body; /* never absent */
	struct slice header[HTTP_HEADERS];
	enum http_socket socket;
	struct arena *arena; /* the request's memory: gone after the reply */
	struct buf reply; /* the reply's body; fill it, then call http_reply() */
	void *local; /* the worker's own, from http_options.local */
	void *app; /* the handler's own; NULL at first */

	/* the server's */
	struct buf extra; /* header lines for the reply */
	struct http_request *next;
	void (*resume)(struct http_request *rq);
};

struct http_options {
	struct http_limits limits;
	size_t workers;
	size_t max_connections;
	int64_t idle_timeout_ms, request_timeout_ms, write_timeout_ms;
	size_t arena_max; /* most memory of one request's arena */
	void *const *local; /* for each worker what its requests find in rq->local */
	void (*handle)(struct http_request *rq);
	/* Answer a request that isn't one, or is not welcome, with STATUS; WHY is static text.  Path and host
	 * may be absent. */
	void (*refuse)(struct http_request *rq, int status, const char *why);
	void (*tick)(void *local); /* called on each worker's thread now and then, busy or not; NULL: not */
	bool (*admit)(enum http_socket socket, int fd); /* false: every request on this connection gets 403 */
};

/* A socket that listens, not blocking; the caller keeps owning it, and closes it after
 * http_server_close_door().
 */
struct http_listener {
	int fd;
	enum http_socket socket;
	int worker; /* which worker accepts on it; -1: all */
};

struct http_server;

/* Make a server on the N LISTENERS, which are copied, and start its threads. */
int http_server_start(struct http_server **out, const struct http_options *options,
    const struct http_listener *listeners, size_t n, struct err *err);

/*
 * Accept who already waits and then no one, close what is idle, and let requests that have begun come to
 * their end for at most LIMIT_MS from now.  On return the listening sockets are no longer used.
 */
void http_server_close_door(struct http_server *s, int64_t limit_ms);

/*
 * Wait, after http_server_close_door(), until the threads have ended.  Requests that are still with some
 * other thread then have lost their connection, but not their memory.
 */
void http_server_join(struct http_server *s);

/* Free S, after http_server_join(), and when no thread holds a request any more; requests posted last are
 * resumed here. */
void http_server_free(struct http_server *s);

/* Return milliseconds of a clock that never goes back. */
int64_t http_clock_ms(void);

/* Return how many connections are open; any thread. */
size_t http_server_connections(struct http_server *s);

/* Return how many connections found no place; any thread. */
size_t http_server_refused(struct http_server *s);

/* Add a header line to the reply.  Control characters in VALUE are left out. */
void http_add_header(struct http_request *rq, const char *name, const char *value);

/* Send the reply: STATUS, the extra headers, and rq->reply as CONTENT_TYPE.  RQ must not be touched after. */
void http_reply(struct http_request *rq, int status, const char *content_type);

/* Return how many bytes of long replies wait to be sent: nobody knows when who asked for them will read. */
size_t http_unsent(struct http_request *rq);

/* Return how many events wait for RQ's worker to come to them, as far as it knows: most are requests. */
size_t http_backlog(struct http_request *rq);

/* Have FN called with RQ on its own worker's thread; from any thread, for a request that isn't answered yet.
 */
void http_post(struct http_request *rq, void (*fn)(struct http_request *rq));

#endif
