#ifndef HAMLET_DAEMON_LOOP_H
#define HAMLET_DAEMON_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * An event loop, by libevent; loop.c is the only file that sees it.  One thread runs a loop and calls
 * everything here but loop_wake(), which any thread may call.
 */
struct loop;
struct loop_io; /* one descriptor being watched */

int loop_new(struct loop **out, struct err *err);
void loop_free(struct loop *l); /* NULL is allowed; every loop_io must have been given back */

/* Serve events until loop_stop(). */
int loop_run(struct loop *l, struct err *err);
void loop_stop(struct loop *l);

/* Have WOKEN called on L's thread after each loop_wake(); several wakes may be one call. */
int loop_on_wake(struct loop *l, void (*woken)(void *arg), void *arg, struct err *err);
void loop_wake(struct loop *l);

/* Return how many events wait for L's thread to come to them, as far as it knows. */
size_t loop_backlog(const struct loop *l);

/* Have TICK called every MS milliseconds. */
int loop_on_tick(struct loop *l, int ms, void (*tick)(void *arg), void *arg, struct err *err);

/* Make a watch on FD, not yet wanting anything; NULL when memory ran out. */
struct loop_io *loop_io_new(
    struct loop *l, int fd, void (*ready)(bool readable, bool writable, void *arg), void *arg);

/* Serve IO before what isn't so marked, however much of that waits.  Before it wants anything. */
void loop_io_first(struct loop_io *io);

/* Say what READY is to be called for from now on: as long as FD can be read, and as long as it can be
 * written. */
int loop_io_want(struct loop_io *io, bool readable, bool writable);
void loop_io_free(struct loop_io *io); /* NULL is allowed; doesn't close the descriptor */

#endif
