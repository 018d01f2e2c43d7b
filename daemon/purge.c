#include "config.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/timetext.h"
#include "daemon/health.h"
#include "daemon/purge.h"
#include "engine/retention.h"

#define EVERY_MS 3600000 /* as fine as spans are */
#define AGAIN_MS 60000 /* after a failure */
#define SLICE_MS 200 /* how long the keeper's other work waits */

/* One task for the recorder, and the keeper waiting for it. */
struct job {
	struct record_task task;
	const struct retention_batch *batch; /* NULL: the end of the pass */
	const struct retention *pass;
	pthread_mutex_t lock;
	pthread_cond_t ready;
	bool done;
	enum err_code code;
	struct err why;
};

struct purge {
	struct hamletd *d;
	struct retention *pass; /* NULL between passes */
	struct world *world; /* whose settings the pass goes by */
	int64_t next_ms; /* of the monotonic clock: when the next one begins */
	struct job job;
};

struct purge *
purge_new(struct hamletd *d)
{
	struct purge *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->d = d;
	pthread_mutex_init(&p->job.lock, NULL);
	pthread_cond_init(&p->job.ready, NULL);
	return p;
}

static void
end_pass(struct purge *p, int64_t wait_ms)
{
	retention_free(p->pass);
	world_unref(p->world);
	p->pass = NULL;
	p->world = NULL;
	p->next_ms = http_clock_ms() + wait_ms;
}

void
purge_free(struct purge *p)
{
	if (p == NULL)
		return;
	end_pass(p, 0);
	pthread_cond_destroy(&p->job.ready);
	pthread_mutex_destroy(&p->job.lock);
	free(p);
}

void
purge_soon(struct purge *p)
{
	end_pass(p, 0);
}

/* -- With the recorder -- */

static struct job *
job_of_task(struct record_task *task)
{
	return (struct job *)(void *)((char *)task - offsetof(struct job, task));
}

static int
write_job(struct store *st, struct record_task *task, struct err *err)
{
	struct job *job = job_of_task(task);
	int rc = job->batch != NULL ? retention_apply(st, job->batch, err)
				    : retention_end(st, job->pass, err);

	if (rc == -1)
		job->why = *err;
	return rc;
}

static void
job_done(struct record_task *task, enum err_code code)
{
	struct job *job = job_of_task(task);

	pthread_mutex_lock(&job->lock);
	job->done = true;
	job->code = code;
	pthread_cond_signal(&job->ready);
	pthread_mutex_unlock(&job->lock);
}

/* Have BATCH (NULL: the end of the pass) recorded, and wait for it. */
static int
record(struct purge *p, const struct retention_batch *batch, struct err *err)
{
	struct job *job = &p->job;

	job->task = (struct record_task){ .write = write_job, .done = job_done };
	job->batch = batch;
	job->pass = p->pass;
	job->done = false;
	job->why = (struct err){ .code = ERR_NONE };
	if (recorder_submit(p->d->recorder, &job->task) == -1)
		return err_set(err, ERR_BUSY, "too much waits to be recorded");
	pthread_mutex_lock(&job->lock);
	while (!job->done)
		pthread_cond_wait(&job->ready, &job->lock);
	pthread_mutex_unlock(&job->lock);
	if (job->code == ERR_NONE)
		return 0;
	return err_set(
	    err, job->code, "%s", job->why.code != ERR_NONE ? job->why.text : health_reason(job->code));
}

/* -- A pass -- */

/* Take the pass's next step: 1, 0 when it has come to its end. */
static int
step(struct purge *p, struct err *err)
{
	struct retention_batch batch;
	int rc = retention_next(p->pass, &batch, err);

	if (rc == -1)
		return -1;
	if (record(p, rc == 1 ? &batch : NULL, err) == -1)
		rc = -1;
	if (rc == 1)
		atomic_fetch_add(&p->d->metrics.erased[batch.kind], (unsigned long long)batch.n);
	else if (rc == 0)
		atomic_store(&p->d->metrics.purged_ms, time_now_ms());
	retention_applied(p->pass);
	return rc;
}

int
purge_work(struct purge *p, struct engine *e, struct world *world, bool *more, struct err *err)
{
	int64_t start = http_clock_ms();
	int rc = 1;

	*more = false;
	if (p->pass == NULL && start < p->next_ms)
		return 0;
	if (p->pass == NULL) {
		if (retention_begin(&p->pass, e, world->config, time_now_ms(), err) == -1) {
			p->pass = NULL;
			p->next_ms = start + AGAIN_MS;
			return -1;
		}
		p->world = world_ref(world);
	}
	while (rc == 1 && http_clock_ms() - start < SLICE_MS)
		rc = step(p, err);
	*more = rc == 1;
	if (rc == 0 && retention_batches(p->pass) > 0) {
		recorder_empty_log(p->d->recorder);
		hamletd_event(p->d, LOG_INFO, "purged", LOG_INT("batches", retention_batches(p->pass)));
	}
	if (rc != 1)
		end_pass(p, rc == 0 ? EVERY_MS : AGAIN_MS);
	return rc == -1 ? -1 : 0;
}
