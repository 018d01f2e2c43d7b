#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "store/checkpointer.h"
#include "store/recorder.h"

#define RETRY_MS 500 /* between attempts to write while nothing works and nothing comes in */

struct recorder {
	pthread_t thread;
	struct checkpointer *checkpointer;

	pthread_mutex_t lock;
	pthread_cond_t wake; /* for the thread: tasks, stopping, or not held any more */
	pthread_cond_t quiet; /* for who holds it: no transaction is open */
	struct record_task *first, **end;
	size_t queued;
	bool stopping;
	bool writing; /* a transaction is, or may be, open */
	int held; /* by how many: none may be opened now */
	struct err last;

	/* The thread's own. */
	struct recorder_options options;
	char *path;
	struct store *st; /* NULL: to be opened again */
	struct record_task **batch;
	enum err_code *codes;
};

/* -- One transaction -- */

static int
reopen(struct recorder *r, struct err *err)
{
	const struct store_options o = {
		.mode = STORE_WRITE,
		.busy_ms = r->options.busy_ms,
		.synchronous_normal = r->options.synchronous_normal,
		.manual_checkpoint = true,
	};

	return store_open(&r->st, r->path, &o, err);
}

/* Open the database again after a failure; one that has gone isn't made anew, for its record would be lost
 * unseen. */
static int
come_back(struct recorder *r, struct err *err)
{
	struct stat sb;

	if (r->st != NULL)
		return 0;
	if (stat(r->path, &sb) == -1)
		return err_set(err, ERR_IO, "%s: %s", r->path, strerror(errno));
	return reopen(r, err);
}

/* Return whether a task that failed with CODE makes one doubt that anything can be written. */
static bool
doubtful(enum err_code code)
{
	switch (code) {
	case ERR_NOMEM:
	case ERR_IO:
	case ERR_LIMIT:
	case ERR_DAMAGED:
	case ERR_BUSY:
	case ERR_READ_ONLY:
		return true;
	case ERR_NONE:
	case ERR_INPUT:
	case ERR_NOT_FOUND:
	case ERR_REFUSED:
		break;
	}
	return false;
}

/* Carry out TASK in a savepoint of its own; return its code. */
static enum err_code
write_apart(struct recorder *r, struct record_task *task, struct err *err)
{
	if (store_savepoint(r->st, err) == -1)
		return err->code;
	if (task->write(r->st, task, err) == 0 && store_release(r->st, err) == 0)
		return ERR_NONE;
	store_rollback_to(r->st);
	return err->code != ERR_NONE ? err->code : ERR_IO;
}

/* Begin the transaction anew, as if nothing had been written in it. */
static int
begin_again(struct recorder *r, struct err *err)
{
	store_rollback(r->st);
	return store_begin(r->st, err);
}

/*
 * Carry out the N tasks of the batch one after the other, as is right when none fails.  Return how many went
 * well; the code of the next one is then set, and what it wrote is still there.
 */
static size_t
write_plain(struct recorder *r, size_t n, struct err *err)
{
	size_t i;

	for (i = 0; i < n && r->batch[i]->write(r->st, r->batch[i], err) == 0; i++)
		;
	if (i < n)
		r->codes[i] = err->code != ERR_NONE ? err->code : ERR_IO;
	return i;
}

/* Carry out the N tasks so that each fails alone: set their codes.  -1 with *ERR if the transaction is lost
 * as a whole. */
static int
write_each(struct recorder *r, size_t n, struct err *err)
{
	struct err own;

	for (size_t i = 0; i < n; i++) {
		own = (struct err){ 0 };
		r->codes[i] = write_apart(r, r->batch[i], &own);
		if (!store_in_transaction(r->st)) {
			*err = own;
			return err->code != ERR_NONE ? -1
						     : err_set(err, ERR_IO, "%s: transaction lost", r->path);
		}
	}
	return 0;
}

/* Nothing of the batch of N went in: see whether anything can, where there is doubt. */
static int
probe(struct recorder *r, size_t n, bool *any, struct err *err)
{
	bool doubt = n == 0 || r->last.code != ERR_NONE; /* written by this thread only */

	for (size_t i = 0; i < n; i++)
		doubt = doubt || doubtful(r->codes[i]);
	*any = doubt;
	return doubt ? store_probe(r->st, err) : 0;
}

/* Carry out the N tasks of the batch in the open transaction: set their codes, and *ANY when there is
 * something to commit.  -1 with *ERR if the transaction is lost as a whole. */
static int
write_batch(struct recorder *r, size_t n, bool *any, struct err *err)
{
	struct err why = { 0 };
	bool good = write_plain(r, n, &why) == n;

	*any = good && n > 0;
	if (*any)
		return 0;
	if (!good && begin_again(r, err) == -1)
		return -1;
	if (n > 1 && write_each(r, n, err) == -1)
		return -1;
	for (size_t i = 0; n > 1 && i < n; i++)
		*any = *any || r->codes[i] == ERR_NONE;
	return *any ? 0 : probe(r, n, any, err);
}

/* Carry out the N tasks of the batch in one transaction; none is a mere trial.  -1 with *ERR if all of them
 * failed. */
static int
transact(struct recorder *r, size_t n, struct err *err)
{
	bool any;

	if (come_back(r, err) == -1)
		return -1;
	if (store_begin(r->st, err) == -1)
		return -1;
	if (write_batch(r, n, &any, err) == -1) {
		store_rollback(r->st);
		return -1;
	}
	if (!any) {
		store_rollback(r->st);
		return 0;
	}
	return store_commit(r->st, err);
}

/* As transact(), and what follows from it. */
static void
run_batch(struct recorder *r, size_t n)
{
	struct err err = { 0 };

	for (size_t i = 0; i < n; i++)
		r->codes[i] = ERR_NONE;
	if (transact(r, n, &err) == 0) {
		err = (struct err){ 0 };
		checkpointer_wake(r->checkpointer, n);
	} else {
		for (size_t i = 0; i < n; i++) {
			if (r->codes[i] == ERR_NONE)
				r->codes[i] = err.code;
		}
		if (err.code != ERR_BUSY) { /* whatever is wrong with the handle, a new one hasn't got it */
			store_close(r->st);
			r->st = NULL;
		}
	}
	pthread_mutex_lock(&r->lock);
	r->writing = false;
	r->last = err;
	pthread_cond_broadcast(&r->quiet);
	pthread_mutex_unlock(&r->lock);
}

/* -- The thread -- */

static struct timespec
after_ms(long ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += ms % 1000 * 1000000L;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000L;
	t.tv_nsec %= 1000000000L;
	return t;
}

/* Move what waits, as far as it fits, to the batch; return how many.  Under the lock. */
static size_t
take(struct recorder *r)
{
	size_t n = 0;

	while (n < r->options.batch_max && r->first != NULL) {
		r->batch[n++] = r->first;
		r->first = r->first->next;
	}
	if (r->first == NULL)
		r->end = &r->first;
	r->queued -= n;
	return n;
}

/*
 * Let those who are about to submit do so, as long as more come: a commit costs the same for one task and for
 * many.  Nothing is waited for: with nobody else to run this takes a microsecond.  Under the lock.
 */
static void
gather(struct recorder *r)
{
	size_t before;

	do {
		before = r->queued;
		pthread_mutex_unlock(&r->lock);
		sched_yield();
		pthread_mutex_lock(&r->lock);
	} while (r->queued > before && r->queued < r->options.batch_max);
}

/* Wait for a batch of *N tasks; 0 of them: try whether writing works again.  False when it is time to end. */
static bool
next_batch(struct recorder *r, size_t *n)
{
	struct timespec until = after_ms(RETRY_MS);
	bool go = true;
	int rc = 0;

	pthread_mutex_lock(&r->lock);
	while (r->held > 0 || (r->first == NULL && !r->stopping && rc != ETIMEDOUT)) {
		if (r->last.code == ERR_NONE || r->held > 0)
			pthread_cond_wait(&r->wake, &r->lock);
		else
			rc = pthread_cond_timedwait(&r->wake, &r->lock, &until);
	}
	if (r->first != NULL && r->held == 0)
		gather(r);
	while (r->held > 0)
		pthread_cond_wait(&r->wake, &r->lock);
	*n = take(r);
	if (*n == 0 && r->stopping)
		go = false;
	r->writing = go;
	pthread_mutex_unlock(&r->lock);
	return go;
}

static void *
loop(void *arg)
{
	struct recorder *r = arg;
	size_t n;

	while (next_batch(r, &n)) {
		run_batch(r, n);
		for (size_t i = 0; i < n; i++)
			r->batch[i]->done(r->batch[i], r->codes[i]);
	}
	return NULL;
}

/* -- Holding it -- */

void
recorder_hold(struct recorder *r)
{
	pthread_mutex_lock(&r->lock);
	r->held++;
	while (r->writing)
		pthread_cond_wait(&r->quiet, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

void
recorder_let_go(struct recorder *r)
{
	pthread_mutex_lock(&r->lock);
	r->held--;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
}

static void
hold(void *arg)
{
	recorder_hold(arg);
}

static void
let_go(void *arg)
{
	recorder_let_go(arg);
}

/* -- For others -- */

static void
destroy(struct recorder *r)
{
	checkpointer_stop(r->checkpointer);
	store_close(r->st);
	pthread_cond_destroy(&r->quiet);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	free(r->codes);
	free(r->batch);
	free(r->path);
	free(r);
}

static struct recorder *
make(const char *path, const struct recorder_options *options)
{
	struct recorder *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;

	if (r == NULL)
		return NULL;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->wake, &attr);
	pthread_cond_init(&r->quiet, &attr);
	pthread_condattr_destroy(&attr);
	r->end = &r->first;
	r->options = *options;
	if (r->options.queue_max < 1)
		r->options.queue_max = 1;
	if (r->options.batch_max < 1)
		r->options.batch_max = 1;
	r->path = strdup(path);
	r->batch = calloc(r->options.batch_max, sizeof(*r->batch));
	r->codes = calloc(r->options.batch_max, sizeof(*r->codes));
	if (r->path == NULL || r->batch == NULL || r->codes == NULL) {
		destroy(r);
		return NULL;
	}
	return r;
}

int
recorder_start(
    struct recorder **out, const char *path, const struct recorder_options *options, struct err *err)
{
	struct recorder *r = make(path, options);
	struct checkpointer_options c = {
		.synchronous_normal = options->synchronous_normal,
		.hold = hold,
		.let_go = let_go,
		.arg = r,
	};

	if (r == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	if (reopen(r, err) == -1 || checkpointer_start(&r->checkpointer, path, &c, err) == -1) {
		destroy(r);
		return -1;
	}
	if (pthread_create(&r->thread, NULL, loop, r) != 0) {
		destroy(r);
		return err_set(err, ERR_NOMEM, "%s: can't start a thread", path);
	}
	pthread_setname_np(r->thread, "recorder");
	*out = r;
	return 0;
}

int
recorder_submit(struct recorder *r, struct record_task *task)
{
	bool taken;

	pthread_mutex_lock(&r->lock);
	taken = !r->stopping && r->queued < r->options.queue_max;
	if (taken) {
		task->next = NULL;
		*r->end = task;
		r->end = &task->next;
		r->queued++;
		pthread_cond_signal(&r->wake);
	}
	pthread_mutex_unlock(&r->lock);
	return taken ? 0 : -1;
}

bool
recorder_has_room(struct recorder *r)
{
	bool room;

	pthread_mutex_lock(&r->lock);
	room = !r->stopping && r->queued < r->options.queue_max;
	pthread_mutex_unlock(&r->lock);
	return room;
}

bool
recorder_healthy(struct recorder *r)
{
	struct err last;

	recorder_last_error(r, &last);
	return last.code == ERR_NONE;
}

void
recorder_last_error(struct recorder *r, struct err *err)
{
	pthread_mutex_lock(&r->lock);
	*err = r->last;
	pthread_mutex_unlock(&r->lock);
}

void
recorder_empty_log(struct recorder *r)
{
	checkpointer_empty(r->checkpointer);
}

void
recorder_stop(struct recorder *r)
{
	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	destroy(r);
}
