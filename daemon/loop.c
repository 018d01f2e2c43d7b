#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/loop.h"

enum priority { PRIORITY_FIRST, PRIORITY_REST, PRIORITIES };

#define REST_AT_ONCE 16 /* events of the rest between two looks at whether there is something to do first */

struct loop {
	struct event_base *base;
	int wake_fd;
	struct event *wake, *tick;
	void (*woken)(void *arg);
	void *woken_arg;
	void (*ticked)(void *arg);
	void *ticked_arg;
};

struct loop_io {
	struct event read, write;
	bool reading, writing;
	void (*ready)(bool readable, bool writable, void *arg);
	void *arg;
};

int
loop_new(struct loop **out, struct err *err)
{
	struct event_config *config = event_config_new();
	struct loop *l = calloc(1, sizeof(*l));

	if (l != NULL)
		l->wake_fd = -1;
	if (l == NULL || config == NULL)
		goto fail;
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK); /* one thread; others only write to wake_fd */
	event_config_set_max_dispatch_interval(config, NULL, REST_AT_ONCE, PRIORITY_REST);
	l->base = event_base_new_with_config(config);
	if (l->wake_fd == -1 || l->base == NULL || event_base_priority_init(l->base, PRIORITIES) == -1)
		goto fail;
	event_config_free(config);
	*out = l;
	return 0;

fail:
	err_set(err, ERR_IO, "event loop: %s", strerror(errno));
	if (config != NULL)
		event_config_free(config);
	loop_free(l);
	return -1;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	if (l->wake != NULL)
		event_free(l->wake);
	if (l->tick != NULL)
		event_free(l->tick);
	if (l->base != NULL)
		event_base_free(l->base);
	if (l->wake_fd != -1)
		close(l->wake_fd);
	free(l);
}

int
loop_run(struct loop *l, struct err *err)
{
	if (event_base_dispatch(l->base) == -1)
		return err_set(err, ERR_IO, "event loop: %s", strerror(errno));
	return 0;
}

void
loop_stop(struct loop *l)
{
	event_base_loopbreak(l->base);
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	uint64_t count;
	ssize_t n = read(fd, &count, sizeof(count));

	(void)what;
	(void)n; /* nothing to read means that an earlier call took this wake along */
	l->woken(l->woken_arg);
}

int
loop_on_wake(struct loop *l, void (*woken)(void *arg), void *arg, struct err *err)
{
	l->woken = woken;
	l->woken_arg = arg;
	l->wake = event_new(l->base, l->wake_fd, EV_READ | EV_PERSIST, on_wake, l);
	if (l->wake == NULL || event_priority_set(l->wake, PRIORITY_REST) == -1 ||
	    event_add(l->wake, NULL) == -1)
		return err_set(err, ERR_NOMEM, "event loop: cannot watch for wakes");
	return 0;
}

void
loop_wake(struct loop *l)
{
	uint64_t one = 1;
	ssize_t n = write(l->wake_fd, &one, sizeof(one));

	(void)n; /* fails only when the counter is full, and then the loop is as good as woken */
}

size_t
loop_backlog(const struct loop *l)
{
	return (size_t)event_base_get_num_events(l->base, EVENT_BASE_COUNT_ACTIVE);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)fd;
	(void)what;
	l->ticked(l->ticked_arg);
}

int
loop_on_tick(struct loop *l, int ms, void (*tick)(void *arg), void *arg, struct err *err)
{
	struct timeval every = { ms / 1000, ms % 1000 * 1000 };

	l->ticked = tick;
	l->ticked_arg = arg;
	l->tick = event_new(l->base, -1, EV_PERSIST, on_tick, l);
	if (l->tick == NULL || event_add(l->tick, &every) == -1)
		return err_set(err, ERR_NOMEM, "event loop: cannot set the timer");
	return 0;
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	struct loop_io *io = arg;

	(void)fd;
	io->ready((what & EV_READ) != 0, (what & EV_WRITE) != 0, io->arg);
}

struct loop_io *
loop_io_new(struct loop *l, int fd, void (*ready)(bool readable, bool writable, void *arg), void *arg)
{
	struct loop_io *io = calloc(1, sizeof(*io));

	if (io == NULL)
		return NULL;
	io->ready = ready;
	io->arg = arg;
	if (event_assign(&io->read, l->base, fd, EV_READ | EV_PERSIST, on_io, io) == -1 ||
	    event_assign(&io->write, l->base, fd, EV_WRITE | EV_PERSIST, on_io, io) == -1 ||
	    event_priority_set(&io->read, PRIORITY_REST) == -1 ||
	    event_priority_set(&io->write, PRIORITY_REST) == -1) {
		free(io);
		return NULL;
	}
	return io;
}

void
loop_io_first(struct loop_io *io)
{
	event_priority_set(&io->read, PRIORITY_FIRST); /* fails only for one that is active */
	event_priority_set(&io->write, PRIORITY_FIRST);
}

static int
want(struct event *ev, bool *now, bool then)
{
	int rc = 0;

	if (then && !*now)
		rc = event_add(ev, NULL);
	else if (!then && *now)
		rc = event_del(ev);
	if (rc == 0)
		*now = then;
	return rc;
}

int
loop_io_want(struct loop_io *io, bool readable, bool writable)
{
	int rc = want(&io->read, &io->reading, readable);

	return want(&io->write, &io->writing, writable) == -1 ? -1 : rc;
}

void
loop_io_free(struct loop_io *io)
{
	if (io == NULL)
		return;
	loop_io_want(io, false, false);
	free(io);
}
