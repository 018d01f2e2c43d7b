#ifndef HAMLET_STORE_CHECKPOINTER_H
#define HAMLET_STORE_CHECKPOINTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Private to the recorder: a thread with its own handle that moves the write-ahead log into the database some
 * time after a commit, so that no commit pays for it.
 */
struct checkpointer;

struct checkpointer_options {
	bool synchronous_normal;
	/* Called around the last step of bringing the log to its end: no transaction may be open then. */
	void (*hold)(void *arg);
	void (*let_go)(void *arg);
	void *arg;
};

/* Start the thread for the database at PATH, which is there and of the current schema. */
int checkpointer_start(
    struct checkpointer **out, const char *path, const struct checkpointer_options *options, struct err *err);

/* Say that a transaction with so many records was committed; any thread. */
void checkpointer_wake(struct checkpointer *c, size_t records);

/* Have the log emptied soon, so that nothing that was erased is left in it; any thread. */
void checkpointer_empty(struct checkpointer *c);

/* End the thread and free C; NULL is allowed. */
void checkpointer_stop(struct checkpointer *c);

#endif
