#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/http_impl.h"

#define TICK_MS 250
#define ACCEPT_AT_ONCE 4 /* so that the other workers get their share of a rush */
#define REFUSE_AT_ONCE 64 /* who finds no place is told so before others are served */
#define TURN_MAX 128 /* but after so many, of either kind, others are served all the same */

int64_t
http_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Return the worker with the fewest connections, W if it has no more than others. */
static struct http_worker *
least_loaded(struct http_worker *w)
{
	struct http_server *s = w->server;
	struct http_worker *best = w;

	for (size_t i = 0; i < s->options.workers; i++) {
		if (atomic_load(&s->workers[i].load) < atomic_load(&best->load))
			best = &s->workers[i];
	}
	return best;
}

/* Give FD to the other worker W; return whether W has it now. */
static bool
hand_over(struct http_worker *w, int fd, enum http_socket socket, int turn_away)
{
	struct http_arrival *a = malloc(sizeof(*a));
	bool taken;

	if (a == NULL)
		return false;
	*a = (struct http_arrival){ NULL, fd, turn_away, socket };
	pthread_mutex_lock(&w->lock);
	taken = !w->closed;
	if (taken) {
		a->next = w->arrived;
		w->arrived = a;
		atomic_fetch_add(&w->load, 1);
	}
	pthread_mutex_unlock(&w->lock);
	if (taken)
		loop_wake(w->loop);
	else
		free(a);
	return taken;
}

void
http_uncount(struct http_worker *w)
{
	atomic_fetch_sub(&w->load, 1);
	atomic_fetch_sub(&w->server->connections, 1);
}

/* Have FD served by the worker with the fewest connections, for whoever wakes first accepts many. */
static void
serve(struct http_worker *w, int fd, enum http_socket socket, int turn_away)
{
	struct http_worker *other = turn_away != 0 ? w : least_loaded(w);

	atomic_fetch_add(&w->server->connections, 1);
	if (other != w && hand_over(other, fd, socket, turn_away))
		return;
	atomic_fetch_add(&w->load, 1);
	http_conn_open(w, fd, socket, turn_away);
}

/* Begin to serve FD; return whether there is a place for it. */
static bool
opened(struct http_worker *w, int fd, enum http_socket socket)
{
	const struct http_options *o = &w->server->options;
	const bool admitted = o->admit(socket, fd);
	const size_t connections = atomic_load(&w->server->connections),
		     places = o->max_connections +
	    (admitted && socket == HTTP_ADMIN ? HTTP_ADMIN_CONNECTIONS : 0);
	int turn_away = admitted ? 0 : 403;

	if (connections >= places) {
		atomic_fetch_add(&w->server->refused, 1);
		if (http_refuse_heard(fd, &o->limits))
			return false;
		if (connections >= places + HTTP_SPARE_CONNECTIONS) {
			http_refuse_unheard(fd);
			return false;
		}
		turn_away = 503;
	}
	serve(w, fd, socket, turn_away);
	return true;
}

/* Accept at most MAX connections, beside those that are refused. */
static void
accept_some(struct http_accept *a, int max)
{
	int fd, taken = 0, refused = 0;

	while (taken < max && refused < REFUSE_AT_ONCE) {
		fd = accept4(a->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1) {
			++*(opened(a->worker, fd, a->listener.socket) ? &taken : &refused);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			loop_io_want(a->io, false, false);
			a->worker->paused = true;
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			break;
		}
	}
	a->worker->in_turn += (size_t)(taken + refused);
}

static void
want_connections(struct http_worker *w, bool wanted)
{
	for (size_t i = 0; i < w->naccepts; i++) {
		if (w->accepts[i].io != NULL)
			loop_io_want(w->accepts[i].io, wanted, false);
	}
}

/* Connections come first; where they come without end, nobody else would be served.  A wake of one's own
 * comes after whatever waits to be served now. */
static void
on_connection(bool readable, bool writable, void *arg)
{
	struct http_accept *a = arg;
	struct http_worker *w = a->worker;

	(void)readable;
	(void)writable;
	accept_some(a, ACCEPT_AT_ONCE);
	if (w->in_turn < TURN_MAX)
		return;
	want_connections(w, false);
	loop_wake(w->loop);
}

static void
stop_if_done(struct http_worker *w)
{
	if (!w->draining || w->nconns > 0)
		return;
	pthread_mutex_lock(&w->lock);
	w->closed = w->arrived == NULL;
	pthread_mutex_unlock(&w->lock);
	if (w->closed)
		loop_stop(w->loop);
}

/* Begin to serve who was accepted by another worker. */
static void
take_arrived(struct http_worker *w)
{
	struct http_arrival *a, *next;

	pthread_mutex_lock(&w->lock);
	a = w->arrived;
	w->arrived = NULL;
	pthread_mutex_unlock(&w->lock);
	for (; a != NULL; a = next) {
		next = a->next;
		http_conn_open(w, a->fd, a->socket, a->turn_away);
		free(a);
	}
}

/* Serve who is already waiting to be accepted, then close the door. */
static void
begin_drain(struct http_worker *w)
{
	struct http_conn *next;

	w->draining = true;
	for (size_t i = 0; i < w->naccepts; i++) {
		accept_some(&w->accepts[i], HTTP_SPARE_CONNECTIONS);
		loop_io_free(w->accepts[i].io);
		w->accepts[i].io = NULL;
	}
	sem_post(&w->server->doors);
	for (struct http_conn *c = w->conns; c != NULL; c = next) {
		next = c->next;
		http_conn_drain(c);
	}
}

size_t
http_unsent(struct http_request *rq)
{
	return atomic_load(&http_conn_of(rq)->w->server->unsent);
}

size_t
http_backlog(struct http_request *rq)
{
	return loop_backlog(http_conn_of(rq)->w->loop);
}

void
http_post(struct http_request *rq, void (*fn)(struct http_request *rq))
{
	struct http_worker *w = http_conn_of(rq)->w;
	bool first;

	rq->resume = fn;
	rq->next = NULL;
	pthread_mutex_lock(&w->lock);
	first = w->posted == NULL;
	*w->posted_end = rq;
	w->posted_end = &rq->next;
	pthread_mutex_unlock(&w->lock);
	if (first)
		loop_wake(w->loop);
}

static void
run_posted(struct http_worker *w)
{
	struct http_request *rq, *next;

	pthread_mutex_lock(&w->lock);
	rq = w->posted;
	w->posted = NULL;
	w->posted_end = &w->posted;
	pthread_mutex_unlock(&w->lock);
	for (; rq != NULL; rq = next) {
		next = rq->next;
		rq->resume(rq);
	}
}

static void
on_wake(void *arg)
{
	struct http_worker *w = arg;

	take_arrived(w);
	if (!w->draining && atomic_load(&w->server->draining))
		begin_drain(w);
	run_posted(w);
	if (w->in_turn >= TURN_MAX && !w->paused)
		want_connections(w, true);
	w->in_turn = 0;
	stop_if_done(w);
}

static void
on_tick(void *arg)
{
	struct http_worker *w = arg;
	int64_t now = http_clock_ms();
	struct http_conn *next;

	if (w->paused)
		want_connections(w, true);
	w->paused = false;
	if (w->server->options.tick != NULL)
		w->server->options.tick(w->local);
	for (struct http_conn *c = w->conns; c != NULL; c = next) {
		next = c->next;
		if (w->draining && now >= w->server->drain_until_ms)
			http_conn_abandon(c);
		else
			http_conn_tick(c, now);
	}
	stop_if_done(w);
}

static void *
worker_main(void *arg)
{
	struct http_worker *w = arg;
	struct err err;

	loop_run(w->loop,
	    &err); /* fails only if the kernel refuses to wait; the drain then finds the thread ended */
	return NULL;
}

static int
worker_listen(
    struct http_worker *w, size_t index, const struct http_listener *listeners, size_t n, struct err *err)
{
	struct http_accept *a;

	w->accepts = calloc(n, sizeof(w->accepts[0]));
	if (w->accepts == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (listeners[i].worker != -1 && (size_t)listeners[i].worker != index)
			continue;
		a = &w->accepts[w->naccepts++];
		*a = (struct http_accept){ w, listeners[i], NULL };
		a->io = loop_io_new(w->loop, a->listener.fd, on_connection, a);
		if (a->io != NULL)
			loop_io_first(a->io);
		if (a->io == NULL || loop_io_want(a->io, true, false) == -1)
			return err_set(err, ERR_NOMEM, "cannot watch a listening socket");
	}
	return 0;
}

static int
worker_init(struct http_worker *w, struct http_server *s, size_t index, const struct http_listener *listeners,
    size_t n, struct err *err)
{
	w->server = s;
	w->local = s->options.local[index];
	pthread_mutex_init(&w->lock, NULL);
	w->posted_end = &w->posted;
	if (loop_new(&w->loop, err) == -1)
		return -1;
	if (loop_on_wake(w->loop, on_wake, w, err) == -1 ||
	    loop_on_tick(w->loop, TICK_MS, on_tick, w, err) == -1)
		return -1;
	return worker_listen(w, index, listeners, n, err);
}

/* Start W's thread with all signals blocked: they are for the main thread. */
static int
worker_start(struct http_worker *w, struct err *err)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&w->thread, NULL, worker_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return err_set(err, ERR_IO, "cannot start a thread: %s", strerror(rc));
	pthread_setname_np(w->thread, "worker"); /* names are for whoever looks at a busy daemon: top -H */
	w->started = true;
	return 0;
}

int
http_server_start(struct http_server **out, const struct http_options *options,
    const struct http_listener *listeners, size_t n, struct err *err)
{
	struct http_server *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	s->options = *options;
	sem_init(&s->doors, 0, 0);
	s->workers = calloc(options->workers, sizeof(s->workers[0]));
	if (s->workers == NULL) {
		free(s);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < options->workers && rc == 0; i++)
		rc = worker_init(&s->workers[i], s, i, listeners, n, err);
	for (size_t i = 0; i < options->workers && rc == 0; i++)
		rc = worker_start(&s->workers[i], err);
	if (rc == -1) {
		http_server_close_door(s, 0);
		http_server_join(s);
		http_server_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
http_server_close_door(struct http_server *s, int64_t limit_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += limit_ms / 1000;
	s->drain_until_ms = http_clock_ms() + limit_ms;
	atomic_store(&s->draining, true);
	for (size_t i = 0; i < s->options.workers; i++) {
		if (s->workers[i].started)
			loop_wake(s->workers[i].loop);
	}
	for (size_t i = 0; i < s->options.workers; i++) {
		while (s->workers[i].started && sem_timedwait(&s->doors, &until) == -1 && errno == EINTR)
			;
	}
}

void
http_server_join(struct http_server *s)
{
	for (size_t i = 0; i < s->options.workers; i++) {
		if (s->workers[i].started)
			pthread_join(s->workers[i].thread, NULL);
		s->workers[i].started = false;
	}
}

static void
worker_fini(struct http_worker *w)
{
	struct http_conn *next;

	if (w->server == NULL)
		return;
	take_arrived(w);
	for (struct http_conn *c = w->conns; c != NULL; c = next) {
		next = c->next;
		http_conn_abandon(c);
	}
	run_posted(w);
	for (size_t i = 0; i < w->naccepts; i++)
		loop_io_free(w->accepts[i].io);
	free(w->accepts);
	loop_free(w->loop);
	pthread_mutex_destroy(&w->lock);
}

void
http_server_free(struct http_server *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->options.workers; i++)
		worker_fini(&s->workers[i]);
	sem_destroy(&s->doors);
	free(s->workers);
	free(s);
}

size_t
http_server_connections(struct http_server *s)
{
	return atomic_load(&s->connections);
}

size_t
http_server_refused(struct http_server *s)
{
	return atomic_load(&s->refused);
}
