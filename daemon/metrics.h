#ifndef HAMLET_DAEMON_METRICS_H
#define HAMLET_DAEMON_METRICS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "classifier/classify.h"
#include "engine/retention.h"

/* Counters since the start; any thread. */
#define METRICS_ROUTES 48
#define METRICS_STATUSES 18

struct metrics {
	atomic_ullong requests[METRICS_ROUTES][METRICS_STATUSES]; /* by route and status */
	atomic_ullong verdicts[3]; /* by enum verdict, recorded ones, without tests */
	atomic_ullong corrections, events_learnt;
	atomic_ullong erased[RETENTION_KINDS]; /* records, by retention */
	atomic_llong purged_ms, rewritten_ms; /* when retention last came to its end, and the database was
						 last rewritten; 0: not yet */
	atomic_ullong queue_full, not_recorded;
	atomic_llong waiting; /* requests that are with the recorder now */
	pthread_mutex_t lock; /* of notices */
	char *notices; /* sample lines as the keeper last made them; NULL: none yet */
};

void metrics_init(struct metrics *m);
void metrics_fini(struct metrics *m);

/* Take the lines in B, which is emptied, in place of those before. */
void metrics_set_notices(struct metrics *m, struct buf *b);

/* Append the lines last set. */
void metrics_notices_text(struct metrics *m, struct buf *b);

void metrics_request(struct metrics *m, size_t route, int status);
void metrics_verdict(struct metrics *m, enum verdict v);

/* Append the sample lines of all requests counted; NAME tells what the route with an index is called. */
void metrics_requests_text(struct metrics *m, const char *(*name)(size_t route), struct buf *b);

/* Append one metric: HELP and TYPE lines and the sample. */
void metrics_line(struct buf *b, const char *name, const char *type, const char *help, double value);

#endif
