#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/hash.h"
#include "tests/bench/answer.h"
#include "tests/bench/load.h"

#define EVENTS_MAX 256
#define SECOND 1000000000.0
#define CHECK_MS 10 /* how often the clock is looked at when nothing happens */

struct conn {
	int fd; /* -1: not open */
	bool connecting, busy;
	bool wants_write;
	int64_t due;
	size_t sent, n;
	char *out;
	struct answer answer;
};

struct load {
	const struct load_options *o;
	struct forms *forms;
	struct load_figures *figures;
	void (*each_window)(const struct load_window *w, void *arg);
	void *arg;
	int epoll, timer;
	struct sockaddr_storage address;
	socklen_t address_n;
	struct conn *conns;
	/* Two stacks of those that wait for a request: connections are kept alive, so open ones come first.
	 */
	struct conn **open, **shut;
	size_t nopen, nshut;
	char *memory;
	int64_t count_from, stop, next_due, window_end;
	uint64_t sent, answered, out, random;
	struct times window_served;
	uint64_t window_answers, window_refusals;
};

/* -- Set up -- */

static int
set_address(struct load *l, struct err *err)
{
	struct sockaddr_un *sun = (struct sockaddr_un *)(void *)&l->address;
	struct sockaddr_in *sin = (struct sockaddr_in *)(void *)&l->address;
	const char *path = l->o->unix_path;

	if (path != NULL) {
		if (strlen(path) >= sizeof(sun->sun_path))
			return err_set(err, ERR_LIMIT, "%s: too long for a socket's path", path);
		sun->sun_family = AF_UNIX;
		memcpy(sun->sun_path, path, strlen(path));
		l->address_n = sizeof(*sun);
		return 0;
	}
	sin->sin_family = AF_INET;
	sin->sin_port = htons((uint16_t)l->o->port);
	l->address_n = sizeof(*sin);
	if (inet_pton(AF_INET, l->o->host, &sin->sin_addr) != 1)
		return err_set(err, ERR_INPUT, "%s: not an address in digits", l->o->host);
	return 0;
}

static int
set_up(struct load *l, struct err *err)
{
	size_t n = (size_t)l->o->connections;
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	l->conns = calloc(n, sizeof(l->conns[0]));
	l->open = calloc(n, sizeof(struct conn *));
	l->shut = calloc(n, sizeof(struct conn *));
	l->memory = calloc(n, l->forms->longest);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->conns == NULL || l->open == NULL || l->shut == NULL || l->memory == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		l->conns[i].fd = -1;
		l->conns[i].out = l->memory + i * l->forms->longest;
		l->shut[n - 1 - i] = &l->conns[i];
	}
	l->nshut = n;
	if (l->epoll == -1 || l->timer == -1 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->timer, &ev) == -1)
		return err_set(err, ERR_IO, "epoll: %s", strerror(errno));
	return set_address(l, err);
}

static void
take_down(struct load *l)
{
	for (int i = 0; l->conns != NULL && i < l->o->connections; i++) {
		if (l->conns[i].fd != -1)
			close(l->conns[i].fd);
	}
	if (l->epoll != -1)
		close(l->epoll);
	if (l->timer != -1)
		close(l->timer);
	free(l->memory);
	free(l->shut);
	free(l->open);
	free(l->conns);
}

/* -- Counting -- */

static void
count_answer(struct load *l, const struct conn *c, int64_t now)
{
	struct load_figures *f = l->figures;
	int status = c->answer.status;
	bool served = status == 200 || status == 0;

	l->answered++;
	if (now < l->count_from || now > l->stop)
		return;
	f->status[status]++;
	f->yes += c->answer.body_n == 4 && memcmp(c->answer.body, "true", 4) == 0;
	f->no += c->answer.body_n == 5 && memcmp(c->answer.body, "false", 5) == 0;
	times_add(served ? &f->served : &f->refused, now - c->due);
	l->window_answers += served;
	l->window_refusals += !served;
	if (served && l->o->window_s > 0)
		times_add(&l->window_served, now - c->due);
}

static void
count_due(struct load *l, int64_t due)
{
	if (due >= l->count_from && due <= l->stop)
		l->figures->due++;
}

static void
end_windows(struct load *l, int64_t now)
{
	struct load_window w = { .served = &l->window_served };

	while (l->o->window_s > 0 && now >= l->window_end && l->window_end <= l->stop) {
		w.at_s = (double)(l->window_end - l->count_from) / SECOND;
		w.answers = l->window_answers;
		w.refusals = l->window_refusals;
		l->each_window(&w, l->arg);
		memset(&l->window_served, 0, sizeof(l->window_served));
		l->window_answers = l->window_refusals = 0;
		l->window_end += (int64_t)(l->o->window_s * SECOND);
	}
}

/* -- A connection -- */

static void
watch(struct load *l, struct conn *c, int op, bool write)
{
	struct epoll_event ev = { .events = write ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c };

	epoll_ctl(l->epoll, op, c->fd, &ev);
	c->wants_write = write;
}

/* C's request is over. */
static void
release(struct load *l, struct conn *c)
{
	l->out--;
	c->busy = false;
	if (c->fd != -1)
		l->open[l->nopen++] = c;
	else
		l->shut[l->nshut++] = c;
}

/* Return a connection for the next request, or NULL; one that was closed while it waited is opened again. */
static struct conn *
take(struct load *l)
{
	if (l->nopen > 0)
		return l->open[--l->nopen];
	return l->nshut > 0 ? l->shut[--l->nshut] : NULL;
}

static void
shut(struct conn *c)
{
	close(c->fd);
	c->fd = -1;
	c->connecting = false;
}

/* Close C; a request that it carried is lost. */
static void
drop(struct load *l, struct conn *c)
{
	shut(c);
	if (!c->busy)
		return;
	l->figures->broken++;
	release(l, c);
}

static void
push(struct load *l, struct conn *c)
{
	ssize_t n = send(c->fd, c->out + c->sent, c->n - c->sent, MSG_NOSIGNAL);

	if (n > 0)
		c->sent += (size_t)n;
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		drop(l, c);
		return;
	}
	if (c->wants_write != (c->sent < c->n))
		watch(l, c, EPOLL_CTL_MOD, c->sent < c->n);
}

static int
open_conn(struct load *l, struct conn *c)
{
	int family = l->o->unix_path != NULL ? AF_UNIX : AF_INET, one = 1;

	c->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd == -1)
		return -1;
	if (family == AF_INET)
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(c->fd, (const struct sockaddr *)&l->address, l->address_n) == -1) {
		if (errno != EINPROGRESS) {
			close(c->fd);
			c->fd = -1;
			return -1;
		}
		c->connecting = true;
	}
	watch(l, c, EPOLL_CTL_ADD, c->connecting);
	return 0;
}

/* Send the next request, as one that was due at DUE. */
static void
start_request(struct load *l, int64_t due)
{
	struct conn *c = take(l);

	c->busy = true;
	l->out++;
	l->sent++;
	count_due(l, due);
	c->due = due;
	c->sent = 0;
	c->n = forms_next(l->forms, c->out);
	answer_init(&c->answer);
	if (c->fd == -1 && open_conn(l, c) == -1) {
		l->figures->unopened++;
		release(l, c);
		return;
	}
	if (!c->connecting)
		push(l, c);
}

static void
on_readable(struct load *l, struct conn *c)
{
	char bytes[16384];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), 0);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || !c->busy) {
		drop(l, c);
		return;
	}
	switch (answer_read(&c->answer, bytes, (size_t)n)) {
	case ANSWER_MORE:
		return;
	case ANSWER_BROKEN:
		drop(l, c);
		return;
	case ANSWER_COMPLETE:
		break;
	}
	count_answer(l, c, clock_ns());
	if (c->answer.closes || n == 0)
		shut(c);
	release(l, c);
}

static void
on_event(struct load *l, struct conn *c, uint32_t events)
{
	int why = 0;
	socklen_t size = sizeof(why);

	if (c->fd == -1)
		return;
	if (c->connecting) {
		if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &why, &size) == -1 || why != 0) {
			drop(l, c);
			return;
		}
		c->connecting = false;
	}
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		on_readable(l, c);
	if ((events & EPOLLOUT) != 0 && c->fd != -1 && c->busy)
		push(l, c);
}

/* -- The loop -- */

/* Return a time between two requests, in nanoseconds: exponentially distributed. */
static int64_t
next_gap(struct load *l)
{
	double u;

	l->random = hash_mix(l->random, 1);
	u = ((double)(l->random >> 11) + 0.5) / 9007199254740992.0;
	return (int64_t)(-log(u) / l->o->rate * SECOND);
}

static bool
may_send(const struct load *l, int64_t now)
{
	return now < l->stop && l->sent < l->o->requests && l->nopen + l->nshut > 0;
}

/* Send what is due.  Connections that can't be opened end the round, so that it comes to an end. */
static void
send_due(struct load *l)
{
	int64_t now = clock_ns();
	const struct load_figures *f = l->figures;
	uint64_t lost = f->broken + f->unopened;

	while (may_send(l, now) && f->broken + f->unopened == lost) {
		if (l->o->rate <= 0) {
			start_request(l, clock_ns());
		} else {
			if (l->next_due > now)
				return;
			start_request(l, l->next_due);
			l->next_due += next_gap(l);
		}
	}
}

/* Wake up when the next request is due; epoll's own time-out is too coarse for that. */
static void
set_timer(struct load *l)
{
	struct itimerspec when = { 0 };
	int64_t ns = l->next_due - clock_ns();

	when.it_value.tv_sec = ns < 0 ? 0 : ns / 1000000000;
	when.it_value.tv_nsec = ns < 1 ? 1 : ns % 1000000000;
	timerfd_settime(l->timer, 0, &when, NULL);
}

static void
one_turn(struct load *l)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(l->epoll, events, EVENTS_MAX, CHECK_MS);
	uint64_t ticks;
	ssize_t got = 0;

	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr != NULL)
			on_event(l, events[i].data.ptr, events[i].events);
		else
			got = read(l->timer, &ticks, sizeof(ticks));
	}
	(void)got; /* how often it rang doesn't matter */
}

/* Count what fell due and was never sent. */
static void
count_unsent(struct load *l)
{
	while (l->o->rate > 0 && l->next_due <= l->stop && l->sent < l->o->requests) {
		count_due(l, l->next_due);
		l->figures->unsent++;
		l->next_due += next_gap(l);
	}
}

static void
run(struct load *l)
{
	int64_t start = clock_ns(), now = start, give_up;

	l->count_from = start + (int64_t)(l->o->warm_up_s * SECOND);
	l->stop = l->count_from + (int64_t)(l->o->seconds * SECOND);
	l->window_end = l->count_from + (int64_t)(l->o->window_s * SECOND);
	l->next_due = start;
	while (now < l->stop && (l->sent < l->o->requests || l->out > 0)) {
		send_due(l);
		if (l->o->rate > 0 && l->nopen + l->nshut > 0)
			set_timer(l);
		one_turn(l);
		now = clock_ns();
		end_windows(l, now);
	}
	l->figures->seconds = (double)((now < l->stop ? now : l->stop) - l->count_from) / SECOND;
	count_unsent(l);
	give_up = now + (int64_t)(l->o->wait_s * SECOND);
	while (l->out > 0 && now < give_up) {
		one_turn(l);
		now = clock_ns();
	}
	l->figures->unfinished = l->out;
}

int
load_run(const struct load_options *options, struct forms *forms,
    void (*each_window)(const struct load_window *w, void *arg), void *arg, struct load_figures *out,
    struct err *err)
{
	struct load l = {
		.o = options,
		.forms = forms,
		.figures = out,
		.each_window = each_window,
		.arg = arg,
		.epoll = -1,
		.timer = -1,
		.random = options->seed,
	};
	int rc;

	memset(out, 0, sizeof(*out));
	rc = set_up(&l, err);
	if (rc == 0) {
		run(&l);
		if (l.answered == 0)
			rc = err_set(err, ERR_IO, "nothing answers");
	}
	take_down(&l);
	return rc;
}
