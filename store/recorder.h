#ifndef HAMLET_STORE_RECORDER_H
#define HAMLET_STORE_RECORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/store.h"

/*
 * Group commit: one thread with its own write handle takes all tasks that wait, runs them in one transaction,
 * commits, and only then reports each of them done.  While one transaction is being synced the next batch
 * gathers.  The queue is bounded: past it a task is refused at once.
 *
 * A failure fails the batch, not the recorder: the database is opened again where that may help, and while
 * nothing comes in a trivial change is tried twice a second until one succeeds.  A second thread with its own
 * handle moves the write-ahead log into the database, so no commit waits for that; when the log has grown
 * past RECORDER_LOG_MAX bytes it is begun anew, in a file that has RECORDER_LOG_KEPT bytes from the start; in
 * a pause a file that is longer is cut off.
 */
#define RECORDER_LOG_MAX (16 << 20)
#define RECORDER_LOG_KEPT (32 << 20) /* WAL_KEPT in store.c */

struct recorder;

struct record_task {
	struct record_task *next; /* the recorder's, while it has the task */
	/* Write what is to be recorded: on the recorder's thread, in its transaction.  -1 fails it alone.
	 * When a task of the batch fails all is undone and the others are called once more. */
	int (*write)(struct store *st, struct record_task *task, struct err *err);
	/* Called once a task, on the recorder's thread: ERR_NONE when it is on disk, else why it isn't. */
	void (*done)(struct record_task *task, enum err_code code);
};

struct recorder_options {
	size_t queue_max; /* most tasks that wait, at least 1 */
	size_t batch_max; /* most tasks a transaction, at least 1 */
	int busy_ms; /* longest wait for another process's lock before a batch fails */
	bool synchronous_normal;
};

/* Start the thread on the database at PATH (made or migrated if need be). */
int recorder_start(
    struct recorder **out, const char *path, const struct recorder_options *options, struct err *err);

/* Queue TASK; any thread.  -1 when the queue is full or the recorder stopping: done() is then not called. */
int recorder_submit(struct recorder *r, struct record_task *task);

/* Return whether a task would be queued now; any thread. */
bool recorder_has_room(struct recorder *r);

/* Return whether the last transaction succeeded; any thread. */
bool recorder_healthy(struct recorder *r);

/* Copy why the last transaction failed (or ERR_NONE) to *ERR; any thread. */
void recorder_last_error(struct recorder *r, struct err *err);

/* Have the write-ahead log emptied soon: what was erased from the record still stands in it; any thread. */
void recorder_empty_log(struct recorder *r);

/*
 * Begin no transaction until recorder_let_go() was called as often, and return once none is open: what comes
 * in meanwhile waits.  Any thread but the recorder's.
 */
void recorder_hold(struct recorder *r);
void recorder_let_go(struct recorder *r);

/* Carry out all that is queued, report it, end the thread and free R; NULL is allowed. */
void recorder_stop(struct recorder *r);

#endif
