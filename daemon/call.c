#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stddef.h>

#include "base/timetext.h"
#include "daemon/call.h"
#include "daemon/form.h"

#define RETRY_AFTER "1"
#define QUERY_FIELDS_MAX 32

void
call_reply(struct call *call, int status, const char *content_type)
{
	struct http_request *rq = call->rq;

	metrics_request(&call->d->metrics, route_index(call->route), status);
	json_free(call->json);
	world_unref(call->world);
	http_reply(rq, status, content_type);
}

void
reply_error(
    struct http_request *rq, enum route_family family, int status, const char *code, const char *message)
{
	buf_clear(&rq->reply);
	if (status == 503)
		http_add_header(rq, "Retry-After", RETRY_AFTER);
	if (family != FAMILY_NATIVE) {
		buf_addf(&rq->reply, "%s%s", family == FAMILY_AKISMET ? "Error: " : "", message);
		return;
	}
	json_open(&rq->reply, '{');
	json_key(&rq->reply, "error");
	json_open(&rq->reply, '{');
	json_key(&rq->reply, "code");
	json_put_str(&rq->reply, code);
	json_key(&rq->reply, "message");
	json_put_str(&rq->reply, message);
	json_close(&rq->reply, '}');
	json_close(&rq->reply, '}');
}

void
reply_count(struct buf *b, const char *name, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	json_add_str(b, name, text);
}

void
call_error(struct call *call, int status, const char *code, const char *message)
{
	enum route_family family = call->route->family;

	hamletd_event(call->d, LOG_DEBUG, "request_refused", LOG_STR("route", call->route->pattern),
	    LOG_INT("status", status), LOG_STR("code", code));
	reply_error(call->rq, family, status, code, message);
	call_reply(call, status, family == FAMILY_NATIVE ? TYPE_JSON : TYPE_TEXT);
}

void
call_fail(struct call *call, const struct err *err)
{
	switch (err->code) {
	case ERR_INPUT:
		call_error(call, 400, "malformed", err->text);
		break;
	case ERR_LIMIT:
		call_error(call, 413, "too_large", err->text);
		break;
	case ERR_NOT_FOUND:
		call_error(call, 404, "not_found", err->text);
		break;
	case ERR_REFUSED:
		call_error(call, 409, "refused", err->text);
		break;
	case ERR_NONE:
	case ERR_NOMEM:
	case ERR_IO:
	case ERR_DAMAGED:
	case ERR_BUSY:
	case ERR_READ_ONLY:
		call_error(call, 503, "unavailable", "not possible now; try again");
		break;
	}
}

/* -- With the recorder -- */

static struct call *
call_of_task(struct record_task *task)
{
	return (struct call *)(void *)((char *)task - offsetof(struct call, task));
}

static int
task_write(struct store *st, struct record_task *task, struct err *err)
{
	struct call *call = call_of_task(task);

	return call->write(st, call, err);
}

static void
resume_recorded(struct http_request *rq)
{
	struct call *call = rq->app;
	atomic_llong *full_ms = &call->d->probe.full_ms;

	switch (call->recorded) {
	case ERR_NONE:
	case ERR_NOT_FOUND:
	case ERR_INPUT:
	case ERR_REFUSED:
		if (atomic_load_explicit(full_ms, memory_order_relaxed) != 0)
			atomic_store(full_ms, 0);
		call->finish(call);
		break;
	case ERR_NOMEM:
	case ERR_IO:
	case ERR_LIMIT:
	case ERR_DAMAGED:
	case ERR_BUSY:
	case ERR_READ_ONLY:
		if (call->recorded == ERR_LIMIT)
			atomic_store(full_ms, http_clock_ms());
		atomic_fetch_add(&call->d->metrics.not_recorded, 1);
		call_error(call, 503, "cannot_record",
		    "the record cannot be written now, so there is no answer; try again");
		break;
	}
}

static void
task_done(struct record_task *task, enum err_code code)
{
	struct call *call = call_of_task(task);

	atomic_fetch_sub_explicit(&call->d->metrics.waiting, 1, memory_order_relaxed);
	call->recorded = code;
	http_post(call->rq, resume_recorded);
}

void
call_record(struct call *call, int (*write)(struct store *st, struct call *call, struct err *err),
    void (*finish)(struct call *call))
{
	struct metrics *m = &call->d->metrics;

	call->write = write;
	call->finish = finish;
	call->task.write = task_write;
	call->task.done = task_done;
	atomic_fetch_add_explicit(&m->waiting, 1, memory_order_relaxed);
	if (recorder_submit(call->d->recorder, &call->task) == 0)
		return;
	atomic_fetch_sub_explicit(&m->waiting, 1, memory_order_relaxed);
	atomic_fetch_add(&m->queue_full, 1);
	call_error(call, 503, "overloaded", CALL_OVERLOADED);
}

/* -- With the reader -- */

static void
resume_read(struct http_request *rq)
{
	struct call *call = rq->app;

	if (call->read_err.code == ERR_NONE)
		call->finish(call);
	else
		call_fail(call, &call->read_err);
}

static int
job_run(struct engine *e, struct read_job *job, const struct err *why)
{
	struct call *call = (struct call *)(void *)((char *)job - offsetof(struct call, job));
	struct err err = *why;
	int rc = 0;

	if (e != NULL && call->read(e, call, &err) == -1)
		rc = err.code == ERR_DAMAGED || err.code == ERR_IO ? -1 : 0;
	call->read_err = err;
	http_post(call->rq, resume_read);
	return rc;
}

void
call_read(struct call *call, int (*read)(struct engine *e, struct call *call, struct err *err),
    void (*finish)(struct call *call))
{
	call->read = read;
	call->finish = finish;
	call->job.run = job_run;
	if (reader_submit(call->d->reader, &call->job) == -1)
		call_error(call, 503, "overloaded", "too many requests wait to be looked up; try again");
}

bool
call_allowed(struct call *call, int64_t n)
{
	const struct site *site = call->site;
	char seconds[16];
	int wait;

	if (site->rate_per_minute <= 0)
		return true;
	wait = rate_take(call->d->rate, site->id, site->rate_per_minute, n, http_clock_ms());
	if (wait == 0)
		return true;
	snprintf(seconds, sizeof(seconds), "%d", wait);
	http_add_header(call->rq, "Retry-After", seconds);
	call_error(call, 429, "too_many_requests",
	    "this site has asked for more than its rate allows; try again later");
	return false;
}

bool
call_decode_query(struct call *call)
{
	struct err err;

	if (call->rq->query.n == 0 ||
	    form_parse(&call->query, call->rq->query, QUERY_FIELDS_MAX, call->rq->arena, &err) == 0)
		return true;
	err_prefix(&err, "query");
	call_fail(call, &err);
	return false;
}

struct slice
call_query(struct call *call, const char *name)
{
	return form_get(&call->query, name);
}
