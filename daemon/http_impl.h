#ifndef HAMLET_DAEMON_HTTP_IMPL_H
#define HAMLET_DAEMON_HTTP_IMPL_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "daemon/http.h"
#include "daemon/loop.h"

/* What http.c (server, workers, accepting) and http_conn.c (one connection) share. */

struct http_conn;

struct http_accept {
	struct http_worker *worker;
	struct http_listener listener;
	struct loop_io *io;
};

struct http_worker {
	struct http_server *server;
	struct loop *loop;
	void *local;
	pthread_t thread;
	bool started;
	struct http_accept *accepts;
	size_t naccepts;
	bool paused; /* out of descriptors: no accepting until the next tick */
	size_t in_turn; /* connections come to since others were last served */
	struct http_conn *conns;
	size_t nconns;
	bool draining;
	atomic_size_t load; /* connections that it has, or is about to be given */
	pthread_mutex_t lock; /* of all below */
	struct http_request *posted, **posted_end;
	struct http_arrival *arrived; /* connections from other workers */
	bool closed; /* takes none any more */
};

/* A connection on its way from the worker that accepted it to the one that serves it. */
struct http_arrival {
	struct http_arrival *next;
	int fd, turn_away;
	enum http_socket socket;
};

struct http_server {
	struct http_options options;
	struct http_worker *workers;
	atomic_size_t connections;
	atomic_size_t refused; /* for want of a place */
	atomic_size_t unsent; /* bytes of long replies that aren't sent yet */
	atomic_bool draining;
	sem_t doors; /* how many workers accept nothing any more */
	int64_t drain_until_ms; /* written before draining is set */
};

/* -- One connection -- */

enum conn_state {
	CONN_IDLE, /* between requests */
	CONN_READING, /* a request has begun to arrive */
	CONN_HANDLING, /* it is with the handler */
	CONN_WRITING, /* its reply is on the way */
	CONN_LINGERING, /* all is said; swallowing what still comes, so that the peer gets to read the reply
			 */
	CONN_GONE /* closed while a request was out: freed when it comes back */
};

struct http_conn {
	struct http_request rq; /* first: a request is found in its connection */
	struct http_worker *w;
	struct http_conn *prev, *next;
	int fd;
	struct loop_io *io;
	enum conn_state state;
	int64_t deadline_ms; /* 0: none */
	char *in;
	size_t n, cap;
	struct http_parser ps;
	struct buf out;
	size_t sent, swallowed;
	size_t counted; /* bytes of OUT in the server's count of what is unsent */
	int turn_away;
	bool served; /* at least one request */
	bool close_after; /* the connection ends with this reply */
	bool linger; /* and the peer may still be sending */
	bool continued; /* "100 Continue" was sent */
	bool in_process; /* conn_process() is on the stack and goes on after a reply */
};

static inline struct http_conn *
http_conn_of(struct http_request *rq)
{
	return (struct http_conn *)(void *)rq;
}

/* Buffers larger than this are given back between requests. */
#define HTTP_KEEP_BYTES 65536u

/* Write the reply in c->rq, with STATUS, to c->out; a long one counts as unsent from now on. */
void http_compose(struct http_conn *c, int status, const char *content_type);

/* Note that C's reply is sent, or never will be. */
void http_uncount_reply(struct http_conn *c);

/* How many connections over the limit are listened to, so that they can be told why they are turned away. */
#define HTTP_SPARE_CONNECTIONS 64

/* How many more than the others' limit the administrators may have: they are needed just when it is reached.
 */
#define HTTP_ADMIN_CONNECTIONS 32

/* Begin serving FD, which is W's from now on and counted in its load already.  TURN_AWAY: 0, or the status
 * that every request on it gets. */
void http_conn_open(struct http_worker *w, int fd, enum http_socket socket, int turn_away);

/* Note that W has a connection less. */
void http_uncount(struct http_worker *w);

/* Tell the client of FD that there is no place for it, and close FD, whatever the client has sent. */
void http_refuse_unheard(int fd);

/*
 * The same when the client's whole request is here, so that the client is sure to get to read it; false, and
 * nothing done, when it isn't.  Most clients send at once, and a crowd that is sent away like this costs a
 * fifth of what connections of their own would.
 */
bool http_refuse_heard(int fd, const struct http_limits *limits);

/* Act if C's time is up at NOW_MS. */
void http_conn_tick(struct http_conn *c, int64_t now_ms);

/* Close C if it has no request; else it closes after it. */
void http_conn_drain(struct http_conn *c);

/* Close C whatever it does; if a request is out it is freed when that comes back. */
void http_conn_abandon(struct http_conn *c);

#endif
