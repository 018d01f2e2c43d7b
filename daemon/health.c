#include "config.h"

#include "base/json.h"
#include "base/timetext.h"
#include "daemon/health.h"

#define PROBE_EVERY_MS 1000
#define PROBE_BYTES                                                                                          \
	65536 /* a trial needs as much room as an ordinary request, or a nearly full disk would pass */
#define FULL_MS 3000 /* how long a request that found the disk full outweighs a trial that didn't */

void
health_alive(struct call *call)
{
	buf_add_str(&call->rq->reply, "{\"alive\":true}");
	call_reply(call, 200, TYPE_JSON);
}

const char *
health_reason(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return "";
	case ERR_NOMEM:
		return "out of memory";
	case ERR_IO:
		return "the database cannot be written";
	case ERR_INPUT:
	case ERR_NOT_FOUND:
	case ERR_REFUSED:
		return "the database does not take what is written";
	case ERR_LIMIT:
		return "the disk is full";
	case ERR_DAMAGED:
		return "the database is damaged";
	case ERR_BUSY:
		return "the database is locked by another process";
	case ERR_READ_ONLY:
		return "the database is read-only";
	}
	return "";
}

/* On the recorder's thread: change something, so that the commit has something to do. */
static int
write_probe(struct store *st, struct record_task *task, struct err *err)
{
	struct buf value;
	int rc;

	(void)task;
	buf_init(&value, 2 * PROBE_BYTES);
	buf_addf(&value, "%lld %0*d", (long long)time_now_ms(), PROBE_BYTES, 0);
	rc = buf_ok(&value) ? store_meta_set(st, "probe", buf_str(&value), err)
			    : err_set(err, ERR_NOMEM, "out of memory");
	buf_fini(&value);
	return rc;
}

/* Return CODE, or ERR_LIMIT if a request has lately found the disk full where a trial did not. */
static enum err_code
or_full(struct hamletd *d, enum err_code code)
{
	long long full_ms = atomic_load(&d->probe.full_ms);

	return code == ERR_NONE && full_ms != 0 && http_clock_ms() - full_ms < FULL_MS ? ERR_LIMIT : code;
}

static void
answer_ready(struct call *call, enum err_code code)
{
	struct buf *b = &call->rq->reply;
	bool ready;

	code = or_full(call->d, code);
	ready = code == ERR_NONE;
	json_open(b, '{');
	json_key(b, "ready");
	json_put_bool(b, ready);
	json_key(b, "model");
	json_put_str(b, model_info(call->world->model)->id);
	json_key(b, "reasons");
	json_open(b, '[');
	if (!ready)
		json_put_str(b, health_reason(code));
	json_close(b, ']');
	json_close(b, '}');
	if (!ready)
		http_add_header(call->rq, "Retry-After", "1");
	call_reply(call, ready ? 200 : 503, TYPE_JSON);
}

static void
resume_probed(struct http_request *rq)
{
	struct call *call = rq->app;

	answer_ready(call, call->recorded);
}

static void
probed(struct record_task *task, enum err_code code)
{
	struct call *call = (struct call *)(void *)((char *)task - offsetof(struct call, task));
	struct probe *p = &call->d->probe;

	pthread_mutex_lock(&p->lock);
	p->running = false;
	p->tried_ms = http_clock_ms();
	p->code = code;
	pthread_mutex_unlock(&p->lock);
	call->recorded = code;
	http_post(call->rq, resume_probed);
}

/* Return whether this call is to try; else *CODE is what is known already. */
static bool
claim(struct hamletd *d, enum err_code *code)
{
	struct probe *p = &d->probe;
	struct err last;
	bool mine;

	pthread_mutex_lock(&p->lock);
	mine = !p->running && (p->tried_ms == 0 || http_clock_ms() - p->tried_ms >= PROBE_EVERY_MS);
	p->running = p->running || mine;
	*code = p->code;
	pthread_mutex_unlock(&p->lock);
	if (!mine && *code == ERR_NONE) {
		recorder_last_error(d->recorder, &last);
		*code = last.code;
	}
	return mine;
}

void
health_ready(struct call *call)
{
	struct probe *p = &call->d->probe;
	enum err_code code;

	if (!claim(call->d, &code)) {
		answer_ready(call, code);
		return;
	}
	call->task.write = write_probe;
	call->task.done = probed;
	if (recorder_submit(call->d->recorder, &call->task) == 0)
		return;
	pthread_mutex_lock(&p->lock);
	p->running = false;
	pthread_mutex_unlock(&p->lock);
	call_error(call, 503, "overloaded", "too many requests wait to be recorded");
}
