#ifndef HAMLET_DAEMON_FILING_H
#define HAMLET_DAEMON_FILING_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/hamletd.h"

/*
 * Giving the model in use its file, when it has judged without one so far (engine/unfiled.h): on a thread of
 * its own, for it takes its time; begun by the keeper once nothing was learnt for a while.
 */
#define FILING_QUIET_MS 2000 /* without another model */
#define FILING_LATEST_MS 60000 /* or with one after the other */
#define FILING_AGAIN_MS 60000 /* after a failure */

struct filing {
	pthread_t thread;
	bool running;
	atomic_bool hurry, ended;
	struct hamletd *d;
	int busy_ms;
	int rc; /* of the thread, when it has ended */
	struct err err;

	char id[MODEL_ID_BYTES]; /* of the current model, */
	int64_t id_ms; /* since when, by the monotonic clock; */
	int64_t since_ms; /* since when there has been none with a file; 0: it has one */
	int64_t next_ms; /* not before then */
};

/* Begin when it is time, or see how it went: -1 when it failed.  BUSY_MS as in store.h. */
int filing_round(struct filing *f, struct hamletd *d, int busy_ms, struct err *err);

/*
 * End it: what is being written is finished, as fast as can be, and a model that has no file yet is given
 * one, so that another version of Hamlet can go on from it.  A failure is logged: the next start can do
 * without.
 */
void filing_stop(struct filing *f, struct hamletd *d, int busy_ms);

#endif
