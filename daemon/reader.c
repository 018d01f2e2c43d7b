#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/reader.h"

struct reader {
	const char *dir;
	int busy_ms;
	size_t max;
	struct engine *engine; /* the thread's own */
	pthread_t thread;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t more;
	struct read_job *first, **end;
	size_t n;
	bool stopping;
};

/* Wait for a job; NULL when it is time to end. */
static struct read_job *
take(struct reader *r)
{
	struct read_job *job;

	pthread_mutex_lock(&r->lock);
	while (r->first == NULL && !r->stopping)
		pthread_cond_wait(&r->more, &r->lock);
	job = r->first;
	if (job != NULL) {
		r->first = job->next;
		r->n--;
		if (r->first == NULL)
			r->end = &r->first;
	}
	pthread_mutex_unlock(&r->lock);
	return job;
}

static void *
reader_main(void *arg)
{
	struct reader *r = arg;
	struct read_job *job;
	struct err err;

	while ((job = take(r)) != NULL) {
		err = (struct err){ .code = ERR_NONE };
		if (r->engine == NULL && engine_open(&r->engine, r->dir, STORE_READ, r->busy_ms, &err) == -1)
			r->engine = NULL;
		if (job->run(r->engine, job, &err) == -1) {
			engine_close(r->engine);
			r->engine = NULL;
		}
	}
	engine_close(r->engine);
	return NULL;
}

int
reader_start(struct reader **out, const char *dir, int busy_ms, size_t queue_max, struct err *err)
{
	struct reader *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	r->dir = dir;
	r->busy_ms = busy_ms;
	r->max = queue_max;
	r->end = &r->first;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->more, NULL);
	rc = pthread_create(&r->thread, NULL, reader_main, r);
	if (rc != 0) {
		free(r);
		return err_set(err, ERR_IO, "cannot start a thread: %s", strerror(rc));
	}
	pthread_setname_np(r->thread, "reader");
	*out = r;
	return 0;
}

int
reader_submit(struct reader *r, struct read_job *job)
{
	bool room;

	pthread_mutex_lock(&r->lock);
	room = !r->stopping && r->n < r->max;
	if (room) {
		job->next = NULL;
		*r->end = job;
		r->end = &job->next;
		r->n++;
		pthread_cond_signal(&r->more);
	}
	pthread_mutex_unlock(&r->lock);
	return room ? 0 : -1;
}

void
reader_stop(struct reader *r)
{
	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->more);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	pthread_cond_destroy(&r->more);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
