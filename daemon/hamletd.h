#ifndef HAMLET_DAEMON_HAMLETD_H
#define HAMLET_DAEMON_HAMLETD_H

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ulid.h"
#include "classifier/classify.h"
#include "daemon/http.h"
#include "daemon/metrics.h"
#include "daemon/rate.h"
#include "daemon/reader.h"
#include "daemon/world.h"
#include "engine/engine.h"
#include "engine/flood.h"
#include "store/recorder.h"

/*
 * The daemon: one struct owns all there is.  Threads: the main one waits for signals; the workers serve
 * requests (daemon/http.h); the recorder writes verdicts and corrections (store/recorder.h); the reader looks
 * things up; the keeper learns corrections and swaps worlds.
 */
struct keeper;

/* Whether the record can be written, as last tried for /readyz. */
struct probe {
	pthread_mutex_t lock;
	bool running;
	int64_t tried_ms; /* of the monotonic clock; 0: never */
	enum err_code code;
	atomic_llong full_ms; /* when the disk was last full for a request, which may need more room than a
				 trial; 0: not since */
};

struct hamletd {
	atomic_int log_level;
	struct engine_paths paths;
	const char *config_file; /* --config; NULL: looked for */
	const char *const *listen; /* --listen, in place of the configuration's */
	size_t nlisten;
	int64_t started_ms;
	struct world_slot world;
	struct recorder *recorder;
	size_t backlog_max; /* most requests that may wait for one worker */
	struct reader *reader;
	struct engine *engine; /* from first_world() until the keeper has it */
	struct keeper *keeper;
	struct rate *rate;
	struct flood *flood; /* what came in bursts lately */
	atomic_bool rules_unrecorded; /* the log doesn't say yet which rules are in force */
	struct metrics metrics;
	struct probe probe;
	char newest_id[ULID_CHARS + 1]; /* on record at the start, which all ids come after; "" if none */
	struct ulid_source feedback_ids; /* the recorder's thread only */
	struct ulid_source ids; /* of verdicts, under */
	pthread_mutex_t ids_lock;
	struct http_server *_Atomic http; /* NULL until it has started */
	int lock_fd;
};

/* What each worker thread has to itself. */
struct worker {
	struct hamletd *d;
	struct classifier *classifier;
	struct world *world; /* as of the last request */
	unsigned world_seen;
};

/* Return the log as it is to be written now. */
static inline struct log
hamletd_log(struct hamletd *d)
{
	return (struct log){ STDERR_FILENO,
		(enum log_level)atomic_load_explicit(&d->log_level, memory_order_relaxed) };
}

/* As log_event(), on the log of D. */
#define hamletd_event(d, level, event, ...)                                                                  \
	do {                                                                                                 \
		const struct log log_now_ = hamletd_log(d);                                                  \
		log_event(&log_now_, (level), (event), __VA_ARGS__);                                         \
	} while (0)

/* Load the configuration that applies to D, with --listen in it; *USED as in config_find(). */
int hamletd_config(struct hamletd *d, struct config *config, char **used, struct err *err);

struct options;

/* Serve as OPTIONS say until a signal ends it; return the exit code (interface.md, section 1). */
int hamletd_run(const struct options *options);

#endif
