#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "store/checkpointer.h"
#include "store/recorder.h"

/*
 * Under load the log is moved often, a little at a time, for while much is written to the database a sync of
 * the log waits; otherwise seldom, since pages that change again and again are then written once.
 */
#define PAUSE_MS 200 /* at most, once something has come in, */
#define ENOUGH 256 /* unless so many records have; */
#define REST 8 /* but then not before so many times as long as the last time took */
#define BUSY_MS 20 /* a reader may hold the log; the next round tries again */
#define ROUNDS_REFUSED 5 /* rounds to leave out after a reader wouldn't let the log be shortened */
#define RESERVE_SHARE 16 /* the log takes at most this part of what is free */

struct checkpointer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool dirty, empty, stopping; /* under the lock, */
	size_t records; /* as this: that have come in since the log was last moved */

	struct checkpointer_options options;
	char *path, *log;
	struct store *st; /* the thread's; NULL: to be opened again */
	int leave_out;
	struct timespec rested; /* until then it rests */
};

static int
reopen(struct checkpointer *c, struct err *err)
{
	const struct store_options o = {
		.mode = STORE_WRITE,
		.busy_ms = BUSY_MS,
		.synchronous_normal = c->options.synchronous_normal,
		.manual_checkpoint = true,
	};
	struct stat sb;

	if (c->st != NULL)
		return 0;
	if (stat(c->path, &sb) == -1) /* not to be made anew under the recorder's feet */
		return err_set(err, ERR_NOT_FOUND, "%s: not there", c->path);
	return store_open(&c->st, c->path, &o, err);
}

/* Return the size of the log's file. */
static off_t
file_bytes(const struct checkpointer *c)
{
	struct stat sb;

	return stat(c->log, &sb) == 0 ? sb.st_size : 0;
}

/*
 * Give the log's file all its blocks before they are written to.  While a file grows each sync writes where
 * its new blocks are too, which takes twice as long, and at times milliseconds.  What is in the file stays as
 * it is, and SQLite doesn't ask how long it is.  Without success the log grows by itself.
 */
static void
reserve(const struct checkpointer *c)
{
	struct statvfs fs;
	int fd, rc;

	if (file_bytes(c) >= RECORDER_LOG_KEPT)
		return;
	fd = open(c->log, O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	if (fstatvfs(fd, &fs) == 0 && fs.f_bavail / RESERVE_SHARE > RECORDER_LOG_KEPT / fs.f_frsize) {
		rc = fallocate(fd, 0, 0, RECORDER_LOG_KEPT);
		(void)rc; /* not every file system can */
	}
	close(fd);
}

static int
checkpoint(struct checkpointer *c, bool truncate, int64_t *log_bytes)
{
	struct err err = { 0 };

	*log_bytes = 0;
	if (reopen(c, &err) == -1)
		return -1;
	if (store_checkpoint(c->st, truncate, log_bytes, &err) == 0)
		return 0;
	if (err.code != ERR_BUSY) {
		store_close(c->st);
		c->st = NULL;
	}
	return -1;
}

/*
 * Bring a long log to its end: with nothing left in it to move the next transaction begins it anew, in the
 * same blocks of the disk, which are cheaper to sync than new ones.  What is still to be moved is little, for
 * all but the last moments' was just moved, so no transaction is held up for long.  With SHORTEN the file is
 * cut off as well.
 */
static int
end_log(struct checkpointer *c, bool shorten)
{
	int64_t log_bytes;
	int rc = checkpoint(c, false, &log_bytes);

	if (rc == -1)
		return -1;
	c->options.hold(c->options.arg);
	rc = checkpoint(c, shorten, &log_bytes);
	c->options.let_go(c->options.arg);
	return rc;
}

static bool
has_come_in(struct checkpointer *c)
{
	bool dirty;

	pthread_mutex_lock(&c->lock);
	dirty = c->dirty;
	pthread_mutex_unlock(&c->lock);
	return dirty;
}

/* Move what can be moved, and empty the log if it is to be EMPTY; return whether there is more to do. */
static bool
work(struct checkpointer *c, bool empty)
{
	int64_t log_bytes;
	bool failed = checkpoint(c, false, &log_bytes) == -1, shorten;

	if (failed || (!empty && log_bytes <= RECORDER_LOG_MAX && file_bytes(c) <= RECORDER_LOG_KEPT))
		return failed;
	shorten = empty || !has_come_in(c); /* in a pause */
	if (!shorten && log_bytes <= RECORDER_LOG_MAX)
		return false;
	if (c->leave_out > 0) {
		c->leave_out--;
		return true;
	}
	if (end_log(c, shorten) == -1) {
		c->leave_out = ROUNDS_REFUSED;
		return true;
	}
	return !shorten;
}

static struct timespec
later(struct timespec t, int64_t ns)
{
	ns += t.tv_nsec;
	t.tv_sec += ns / 1000000000;
	t.tv_nsec = ns % 1000000000;
	return t;
}

static struct timespec
clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t;
}

static int64_t
ns_between(struct timespec from, struct timespec to)
{
	return (int64_t)(to.tv_sec - from.tv_sec) * 1000000000 + to.tv_nsec - from.tv_nsec;
}

/* Wait for the time to move what has come in.  Under the lock. */
static void
pause_a_while(struct checkpointer *c)
{
	const struct timespec latest = later(clock_now(), PAUSE_MS * INT64_C(1000000));
	bool hurry = ns_between(c->rested, latest) > 0;
	int rc = 0;

	while (!c->stopping && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(
		    &c->wake, &c->lock, hurry && c->records >= ENOUGH ? &c->rested : &latest);
}

/* As work(), and rest after it. */
static bool
work_and_rest(struct checkpointer *c, bool empty)
{
	const struct timespec begun = clock_now();
	const bool more = work(c, empty);
	const struct timespec ended = clock_now();

	reserve(c);
	c->rested = later(ended, REST * ns_between(begun, ended));
	return more;
}

static void *
loop(void *arg)
{
	struct checkpointer *c = arg;
	bool more, empty;

	reserve(c);
	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!c->dirty && !c->stopping)
			pthread_cond_wait(&c->wake, &c->lock);
		pause_a_while(c);
		if (c->stopping)
			break;
		empty = c->empty;
		c->dirty = c->empty = false;
		c->records = 0;
		pthread_mutex_unlock(&c->lock);
		more = work_and_rest(c, empty);
		pthread_mutex_lock(&c->lock);
		c->dirty = c->dirty || more;
		c->empty = c->empty || (empty && more);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static void
destroy(struct checkpointer *c)
{
	store_close(c->st);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c->path);
	free(c->log);
	free(c);
}

int
checkpointer_start(
    struct checkpointer **out, const char *path, const struct checkpointer_options *options, struct err *err)
{
	struct checkpointer *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;

	if (c == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	c->options = *options;
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->wake, &attr);
	pthread_condattr_destroy(&attr);
	c->path = strdup(path);
	if (asprintf(&c->log, "%s-wal", path) == -1)
		c->log = NULL;
	if (c->path == NULL || c->log == NULL) {
		err_set(err, ERR_NOMEM, "%s: out of memory", path);
		goto fail;
	}
	if (reopen(c, err) == -1)
		goto fail;
	if (pthread_create(&c->thread, NULL, loop, c) != 0) {
		err_set(err, ERR_NOMEM, "%s: can't start a thread", path);
		goto fail;
	}
	pthread_setname_np(c->thread, "checkpointer");
	*out = c;
	return 0;

fail:
	destroy(c);
	return -1;
}

void
checkpointer_wake(struct checkpointer *c, size_t records)
{
	pthread_mutex_lock(&c->lock);
	if (!c->dirty || (c->records < ENOUGH && c->records + records >= ENOUGH))
		pthread_cond_signal(&c->wake);
	c->dirty = true;
	c->records += records;
	pthread_mutex_unlock(&c->lock);
}

void
checkpointer_empty(struct checkpointer *c)
{
	pthread_mutex_lock(&c->lock);
	c->dirty = c->empty = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

void
checkpointer_stop(struct checkpointer *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	destroy(c);
}
