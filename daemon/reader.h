#ifndef HAMLET_DAEMON_READER_H
#define HAMLET_DAEMON_READER_H

#include "base/err.h"
#include "engine/engine.h"

/*
 * Reading the record for whoever asks about it: one thread with its own read-only handle, so that neither a
 * worker nor the recorder waits for it.  The queue is bounded.
 */
struct reader;

struct read_job {
	struct read_job *next; /* the reader's, while it has the job */
	/*
	 * Do the reading on the reader's thread and see that the answer gets where it belongs.  E is NULL,
	 * and WHY says why, when the record can't be opened.  Return -1 if the record seems broken, so that
	 * it is opened again.
	 */
	int (*run)(struct engine *e, struct read_job *job, const struct err *why);
};

/* Start the thread on the state directory DIR, which is borrowed. */
int reader_start(struct reader **out, const char *dir, int busy_ms, size_t queue_max, struct err *err);

/* Queue JOB; any thread.  -1 when the queue is full or the reader is stopping: run() is then not called. */
int reader_submit(struct reader *r, struct read_job *job);

/* Do what is queued, end the thread and free R; NULL is allowed. */
void reader_stop(struct reader *r);

#endif
