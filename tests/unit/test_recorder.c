#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "store/recorder.h"
#include "tests/unit/store_fixture.h"

/* A task, and what happened to it. */
struct job {
	struct record_task task; /* first: done() and write() get a pointer to it */
	struct verdict_row row;
	enum err_code fail; /* write() fails with it */
	struct board *board;
	int done, order;
	enum err_code code;
};

/* What the jobs of one test share. */
struct board {
	pthread_mutex_t lock;
	pthread_cond_t change;
	int done, writes;
	bool gate_closed; /* write() waits while it is */
	bool at_gate;
};

static void
board_init(struct board *b)
{
	*b = (struct board){ .done = 0 };
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->change, NULL);
}

static void
board_fini(struct board *b)
{
	pthread_cond_destroy(&b->change);
	pthread_mutex_destroy(&b->lock);
}

static int
write_job(struct store *st, struct record_task *task, struct err *err)
{
	struct job *j = (struct job *)task;
	struct board *b = j->board;

	pthread_mutex_lock(&b->lock);
	b->writes++;
	b->at_gate = true;
	pthread_cond_broadcast(&b->change);
	while (b->gate_closed)
		pthread_cond_wait(&b->change, &b->lock);
	b->at_gate = false;
	pthread_mutex_unlock(&b->lock);
	if (store_verdict_add(st, &j->row, err) == -1)
		return -1;
	return j->fail == ERR_NONE ? 0 : err_set(err, j->fail, "as told");
}

static void
done_job(struct record_task *task, enum err_code code)
{
	struct job *j = (struct job *)task;
	struct board *b = j->board;

	pthread_mutex_lock(&b->lock);
	j->done++;
	j->code = code;
	j->order = b->done++;
	pthread_cond_broadcast(&b->change);
	pthread_mutex_unlock(&b->lock);
}

/* Wait until N jobs are done; half a minute is for ever. */
static void
await_done(struct board *b, int n)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 30;
	pthread_mutex_lock(&b->lock);
	while (b->done < n && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&b->change, &b->lock, &until);
	pthread_mutex_unlock(&b->lock);
	assert_int_equal(b->done, n);
}

static void
await_gate(struct board *b)
{
	pthread_mutex_lock(&b->lock);
	while (!b->at_gate)
		pthread_cond_wait(&b->change, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

static void
set_gate(struct board *b, bool closed)
{
	pthread_mutex_lock(&b->lock);
	b->gate_closed = closed;
	pthread_cond_broadcast(&b->change);
	pthread_mutex_unlock(&b->lock);
}

static struct job *
make_jobs(struct fixture *f, struct board *b, int n)
{
	struct job *jobs = calloc((size_t)n, sizeof(*jobs));

	assert_non_null(jobs);
	for (int i = 0; i < n; i++) {
		jobs[i].task.write = write_job;
		jobs[i].task.done = done_job;
		jobs[i].row = verdict_of(f, NOW, VERDICT_HAM);
		jobs[i].board = b;
	}
	return jobs;
}

static struct recorder *
start(struct fixture *f, size_t queue_max, size_t batch_max)
{
	const struct recorder_options o = { .queue_max = queue_max, .batch_max = batch_max, .busy_ms = 50 };
	struct recorder *r = NULL;
	struct err err = { 0 };

	if (recorder_start(&r, f->path, &o, &err) == -1)
		fail_msg("%s", err.text);
	return r;
}

/* Submit job after job and return how they went. */
static enum err_code
one(struct recorder *r, struct job *j)
{
	int before = j->board->done;

	assert_int_equal(recorder_submit(r, &j->task), 0);
	await_done(j->board, before + 1);
	assert_int_equal(j->done, 1);
	return j->code;
}

static void
assert_rows(struct fixture *f, int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	assert_raw(f, "SELECT count(*) FROM verdict", text);
}

/* -- Tests -- */

#define THREADS 4
#define EACH 2500

struct submitter {
	pthread_t thread;
	struct recorder *r;
	struct job *jobs;
};

static void *
submit_all(void *arg)
{
	struct submitter *s = arg;

	for (int i = 0; i < EACH; i++) {
		while (recorder_submit(s->r, &s->jobs[i].task) == -1)
			sched_yield(); /* full: the recorder makes room */
	}
	return NULL;
}

static void
many_threads(void **state)
{
	struct fixture *f = *state;
	struct submitter s[THREADS];
	struct recorder *r = start(f, 1000, 64);
	struct job *jobs;
	struct board b;

	board_init(&b);
	jobs = make_jobs(f, &b, THREADS * EACH);
	for (int i = 0; i < THREADS; i++) {
		s[i].r = r;
		s[i].jobs = jobs + i * EACH;
		assert_int_equal(pthread_create(&s[i].thread, NULL, submit_all, &s[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(s[i].thread, NULL);
	recorder_stop(r); /* carries out what is queued */
	assert_int_equal(b.done, THREADS * EACH);
	assert_int_equal(b.writes, THREADS * EACH);
	for (int i = 0; i < THREADS * EACH; i++) {
		assert_int_equal(jobs[i].done, 1);
		assert_int_equal(jobs[i].code, ERR_NONE);
		assert_true(i % EACH == 0 || jobs[i].order > jobs[i - 1].order);
	}
	assert_rows(f, THREADS * EACH);
	assert_raw(f, "PRAGMA integrity_check", "ok");
	free(jobs);
	board_fini(&b);
}

static void
one_fails_alone(void **state)
{
	struct fixture *f = *state;
	struct recorder *r = start(f, 100, 16);
	struct job *jobs;
	struct board b;

	board_init(&b);
	jobs = make_jobs(f, &b, 10);
	jobs[4].fail = ERR_NOT_FOUND; /* after it has written */
	memcpy(jobs[6].row.id, jobs[5].row.id, sizeof(jobs[6].row.id));
	jobs[8].fail = ERR_LIMIT;
	set_gate(&b, true);
	assert_int_equal(recorder_submit(r, &jobs[0].task), 0);
	await_gate(&b); /* the others become one batch */
	for (int i = 1; i < 10; i++)
		assert_int_equal(recorder_submit(r, &jobs[i].task), 0);
	set_gate(&b, false);
	await_done(&b, 10);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(jobs[i].order, i);
		assert_int_equal(jobs[i].code,
		    i == 4	 ? ERR_NOT_FOUND
			: i == 6 ? ERR_REFUSED
			: i == 8 ? ERR_LIMIT
				 : ERR_NONE);
	}
	assert_true(recorder_healthy(r));
	assert_rows(f, 7);
	recorder_stop(r);
	free(jobs);
	board_fini(&b);
}

static void
a_single_task_fails(void **state)
{
	const enum err_code codes[] = { ERR_NOT_FOUND, ERR_LIMIT };
	struct fixture *f = *state;
	struct recorder *r = start(f, 100, 16);
	struct job *jobs;
	struct board b;

	board_init(&b);
	jobs = make_jobs(f, &b, 3);
	for (int i = 0; i < 2; i++) {
		jobs[i].fail = codes[i];
		assert_int_equal(one(r, &jobs[i]), codes[i]);
		assert_true(recorder_healthy(r)); /* it is the task's own trouble */
	}
	assert_int_equal(one(r, &jobs[2]), ERR_NONE);
	assert_rows(f, 1);
	recorder_stop(r);
	free(jobs);
	board_fini(&b);
}

static void
a_full_queue_refuses(void **state)
{
	struct fixture *f = *state;
	struct recorder *r = start(f, 3, 2);
	struct job *jobs;
	struct board b;

	board_init(&b);
	jobs = make_jobs(f, &b, 6);
	set_gate(&b, true);
	assert_int_equal(recorder_submit(r, &jobs[0].task), 0);
	await_gate(&b);
	for (int i = 1; i < 4; i++)
		assert_int_equal(recorder_submit(r, &jobs[i].task), 0);
	assert_false(recorder_has_room(r));
	assert_int_equal(recorder_submit(r, &jobs[4].task), -1);
	set_gate(&b, false);
	await_done(&b, 4);
	assert_int_equal(one(r, &jobs[5]), ERR_NONE);
	recorder_stop(r);
	assert_int_equal(jobs[4].done, 0);
	assert_rows(f, 5);
	free(jobs);
	board_fini(&b);
}

static void *
open_gate_when_stopping(void *arg)
{
	const struct timespec pause = { 0, 1000000 };
	struct submitter *s = arg;

	/* Only a recorder that is stopping refuses while its queue has room. */
	while (recorder_submit(s->r, &s->jobs->task) == 0) {
		s->jobs++;
		nanosleep(&pause, NULL);
	}
	set_gate(s->jobs->board, false);
	return NULL;
}

static void
stop_drains(void **state)
{
	struct fixture *f = *state;
	struct submitter s = { .r = start(f, 20000, 4) };
	struct job *jobs;
	struct board b;
	int n;

	board_init(&b);
	jobs = make_jobs(f, &b, 20000);
	set_gate(&b, true);
	for (int i = 0; i < 50; i++)
		assert_int_equal(recorder_submit(s.r, &jobs[i].task), 0);
	await_gate(&b);
	s.jobs = jobs + 50;
	assert_int_equal(pthread_create(&s.thread, NULL, open_gate_when_stopping, &s), 0);
	recorder_stop(s.r);
	pthread_join(s.thread, NULL);
	n = (int)(s.jobs - jobs);
	assert_true(n >= 50);
	assert_int_equal(b.done, n);
	for (int i = 0; i < n; i++)
		assert_int_equal(jobs[i].code, ERR_NONE);
	assert_rows(f, n);
	recorder_stop(NULL);
	free(jobs);
	board_fini(&b);
}

/* Wait for the recorder to find by itself that it can write again. */
static void
await_health(struct recorder *r)
{
	const struct timespec pause = { 0, 20000000 };
	struct err err;

	for (int i = 0; i < 500 && !recorder_healthy(r); i++)
		nanosleep(&pause, NULL);
	recorder_last_error(r, &err);
	if (err.code != ERR_NONE)
		fail_msg("%s", err.text);
}

static void
assert_sick(struct recorder *r, enum err_code code, const char *path)
{
	struct err err;

	assert_false(recorder_healthy(r));
	recorder_last_error(r, &err);
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.text, path));
}

static void
recovers_from_a_lock(void **state)
{
	struct fixture *f = *state;
	struct recorder *r = start(f, 100, 16);
	sqlite3 *db = raw_open(f);
	struct job *jobs;
	struct board b;

	board_init(&b);
	jobs = make_jobs(f, &b, 4);
	assert_int_equal(one(r, &jobs[0]), ERR_NONE);
	raw(db, "BEGIN IMMEDIATE");
	assert_int_equal(one(r, &jobs[1]), ERR_BUSY);
	assert_sick(r, ERR_BUSY, f->path);
	raw(db, "COMMIT");
	assert_int_equal(one(r, &jobs[2]), ERR_NONE);
	assert_true(recorder_healthy(r));
	raw(db, "BEGIN IMMEDIATE");
	assert_int_equal(one(r, &jobs[3]), ERR_BUSY);
	raw(db, "COMMIT");
	await_health(r);
	sqlite3_close(db);
	recorder_stop(r);
	assert_rows(f, 2);
	free(jobs);
	board_fini(&b);
}

static void
a_failed_commit_is_told_to_all(void **state)
{
	struct fixture *f = *state;
	struct recorder *r;
	char *big = malloc(100000);
	struct job *jobs;
	struct board b;

	assert_non_null(big);
	memset(big, 'x', 100000);
	board_init(&b);
	jobs = make_jobs(f, &b, 12);
	for (int i = 1; i < 10; i++)
		jobs[i].row.comment.field[COMMENT_CONTENT] = bytes(big, 100000);
	jobs[5].fail = ERR_NOT_FOUND;
	r = start(f, 100, 16);
	set_gate(&b, true);
	assert_int_equal(recorder_submit(r, &jobs[0].task), 0);
	await_gate(&b);
	for (int i = 1; i < 10; i++) /* one batch of 800 kB */
		assert_int_equal(recorder_submit(r, &jobs[i].task), 0);
	limit_files(400000);
	set_gate(&b, false);
	await_done(&b, 10);
	assert_int_equal(jobs[0].code, ERR_NONE);
	for (int i = 1; i < 10; i++)
		assert_int_equal(jobs[i].code, i == 5 ? ERR_NOT_FOUND : ERR_LIMIT);
	limit_files(RLIM_INFINITY);
	await_health(r);
	assert_int_equal(one(r, &jobs[10]), ERR_NONE);
	assert_rows(f, 2);
	recorder_stop(r);
	assert_rows(f, 2);
	assert_raw(f, "PRAGMA integrity_check", "ok");
	free(jobs);
	free(big);
	board_fini(&b);
}

static void
recovers_from_a_full_disk(void **state)
{
	struct fixture *f = *state;
	struct recorder *r = start(f, 100, 16);
	struct job *jobs;
	struct board b;
	int n = 0, fine = 0;

	board_init(&b);
	jobs = make_jobs(f, &b, 2000);
	limit_files(400000);
	for (enum err_code code = ERR_NONE; code == ERR_NONE && n < 1000; n++) {
		code = one(r, &jobs[n]);
		fine += code == ERR_NONE;
		assert_true(code == ERR_NONE || code == ERR_LIMIT);
	}
	limit_files(RLIM_INFINITY);
	assert_true(fine > 0);
	assert_true(fine < n);
	assert_int_equal(one(r, &jobs[n]), ERR_NONE);
	assert_true(recorder_healthy(r));
	recorder_stop(r);
	assert_rows(f, fine + 1);
	free(jobs);
	board_fini(&b);
}

static void
recovers_when_the_file_comes_back(void **state)
{
	struct fixture *f = *state;
	struct recorder *r = start(f, 100, 16);
	char moved[128];
	struct job *jobs;
	struct board b;

	board_init(&b);
	jobs = make_jobs(f, &b, 4);
	assert_int_equal(one(r, &jobs[0]), ERR_NONE);
	snprintf(moved, sizeof(moved), "%s/moved.db", f->dir);
	assert_int_equal(rename(f->path, moved), 0);
	assert_int_equal(one(r, &jobs[1]), ERR_IO);
	assert_int_equal(one(r, &jobs[2]), ERR_IO); /* nor is a new one made */
	assert_sick(r, ERR_IO, f->path);
	assert_int_equal(access(f->path, F_OK), -1);
	assert_int_equal(rename(moved, f->path), 0);
	await_health(r);
	assert_int_equal(one(r, &jobs[3]), ERR_NONE);
	recorder_stop(r);
	assert_rows(f, 2);
	free(jobs);
	board_fini(&b);
}

static void
a_bad_file_is_refused(void **state)
{
	const struct recorder_options o = { .queue_max = 1, .batch_max = 1 };
	struct fixture *f = *state;
	struct recorder *r = NULL;
	struct err err = { 0 };

	raw_once(f, "CREATE TABLE theirs (a)");
	assert_int_equal(recorder_start(&r, f->path, &o, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_null(r);
}

/* Wait until the log file of F is N bytes long. */
static bool
log_becomes(const struct fixture *f, off_t n)
{
	const struct timespec pause = { 0, 20000000 };
	struct stat sb = { .st_size = n + 1 };
	char log[128];

	snprintf(log, sizeof(log), "%s-wal", f->path);
	for (int i = 0; i < 500 && sb.st_size != n; i++) {
		nanosleep(&pause, NULL);
		if (stat(log, &sb) == -1)
			return false;
	}
	return sb.st_size == n;
}

/* Return whether files of F can have blocks beforehand. */
static bool
can_reserve(const struct fixture *f)
{
	struct statvfs fs;
	char path[128];
	int fd, rc;

	snprintf(path, sizeof(path), "%s/moved.db", f->dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	rc = fallocate(fd, 0, 0, 4096);
	unlink(path);
	close(fd);
	return rc == 0 && statvfs(f->dir, &fs) == 0 &&
	    fs.f_bavail * fs.f_frsize / 17 > (size_t)RECORDER_LOG_KEPT;
}

static void
the_log_has_its_blocks_beforehand(void **state)
{
	struct fixture *f = *state;
	struct recorder *r;
	struct job *jobs;
	struct board b;

	if (!can_reserve(f))
		skip();
	r = start(f, 100, 1);
	board_init(&b);
	jobs = make_jobs(f, &b, 2);
	assert_true(log_becomes(f, RECORDER_LOG_KEPT));
	assert_int_equal(one(r, &jobs[0]), ERR_NONE);
	recorder_empty_log(r); /* and gets them again */
	assert_true(log_becomes(f, RECORDER_LOG_KEPT));
	assert_int_equal(one(r, &jobs[1]), ERR_NONE);
	recorder_stop(r);
	assert_rows(f, 2);
	free(jobs);
	board_fini(&b);
}

static void
a_long_log_is_emptied(void **state)
{
	struct fixture *f = *state;
	struct recorder *r = start(f, 100, 1);
	size_t n = 4 << 20;
	char *big = malloc(n);
	sqlite3 *db;
	struct job *jobs;
	struct board b;

	assert_non_null(big);
	memset(big, 'x', n);
	board_init(&b);
	jobs = make_jobs(f, &b, 20);
	db = raw_open(f);
	raw(db, "BEGIN; SELECT count(*) FROM site"); /* a reader holds the log back */
	for (int i = 0; i < 18; i++) {
		jobs[i].row.comment.field[COMMENT_CONTENT] = bytes(big, n);
		assert_int_equal(one(r, &jobs[i]), ERR_NONE);
	}
	raw(db, "COMMIT");
	sqlite3_close(db);
	assert_true(log_becomes(f, RECORDER_LOG_KEPT));
	assert_int_equal(one(r, &jobs[18]), ERR_NONE);
	recorder_stop(r);
	assert_rows(f, 19);
	free(jobs);
	free(big);
	board_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EMPTY(many_threads),
		EMPTY(one_fails_alone),
		EMPTY(a_single_task_fails),
		EMPTY(a_full_queue_refuses),
		EMPTY(stop_drains),
		EMPTY(recovers_from_a_lock),
		EMPTY(a_failed_commit_is_told_to_all),
		EMPTY(recovers_from_a_full_disk),
		EMPTY(recovers_when_the_file_comes_back),
		EMPTY(a_bad_file_is_refused),
		EMPTY(the_log_has_its_blocks_beforehand),
		EMPTY(a_long_log_is_emptied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
