#include "config.h"

#include "base/timetext.h"
#include "daemon/judge.h"
#include "daemon/keeper.h"

#define NEVER 2.0 /* no probability is as high */

struct judged {
	const struct verdict_row *rows;
	size_t n;
	void (*finish)(struct call *call);
};

/* Give ROW its id.  All workers have one source, so that ids ascend in the order in which they are given,
 * within a millisecond too, and while the clock is set back. */
static void
give_id(struct hamletd *d, struct verdict_row *row)
{
	pthread_mutex_lock(&d->ids_lock);
	ulid_next(&d->ids, (uint64_t)row->time_ms, row->id);
	pthread_mutex_unlock(&d->ids_lock);
}

int
judge_comment(struct call *call, struct check_request *request, struct verdict_row *row,
    struct judgement *judgement, struct err *err)
{
	double discard = call->world->config->discard_threshold;
	struct worker *w = call->worker;
	int64_t now = time_now_ms();

	request->rules = call->world->rules;
	request->flood = call->world->config->flood_guard ? call->d->flood : NULL;
	request->discard_threshold = discard > 0 ? discard : NEVER;
	if (check_judge(
		w->classifier, call->world->model, request, now, call->rq->arena, row, judgement, err) == -1)
		return -1;
	give_id(call->d, row);
	return 0;
}

static int
write_verdicts(struct store *st, struct call *call, struct err *err)
{
	const struct judged *judged = call->data;

	for (size_t i = 0; i < judged->n; i++) {
		if (store_verdict_add(st, &judged->rows[i], err) == -1)
			return -1;
	}
	return 0;
}

static void
verdicts_recorded(struct call *call)
{
	const struct judged *judged = call->data;

	if (call->recorded != ERR_NONE) {
		call_error(call, 503, "cannot_record", "the record did not take the verdict; try again");
		return;
	}
	for (size_t i = 0; i < judged->n; i++) {
		if (!judged->rows[i].test)
			metrics_verdict(&call->d->metrics, judged->rows[i].verdict);
	}
	judged->finish(call);
}

void
judge_record(struct call *call, const struct verdict_row *rows, size_t n, void (*finish)(struct call *call))
{
	struct judged *judged = arena_alloc(call->rq->arena, sizeof(*judged));

	if (judged == NULL) {
		call_error(call, 503, "unavailable", "out of memory; try again");
		return;
	}
	*judged = (struct judged){ rows, n, finish };
	call->data = judged;
	call_record(call, write_verdicts, verdicts_recorded);
}

const struct verdict_row *
judge_row(const struct call *call)
{
	const struct judged *judged = call->data;

	return judged->rows;
}

static int
write_correction(struct store *st, struct call *call, struct err *err)
{
	struct correction *c = call->data;
	struct ulid_source *ids = &call->d->feedback_ids;
	struct arena *a = call->rq->arena;
	int rc;

	rc = feedback_record(st, &c->feedback, time_now_ms(), ids, a, &c->result, err);
	if (rc == -1 && err->code == ERR_NOT_FOUND && c->feedback.verdict_id != NULL &&
	    c->feedback.comment != NULL) {
		c->feedback.verdict_id = NULL;
		rc = feedback_record(st, &c->feedback, time_now_ms(), ids, a, &c->result, err);
	}
	return rc;
}

static void
correction_recorded(struct call *call)
{
	struct correction *c = call->data;

	if (call->recorded == ERR_NONE && c->result.changed) {
		atomic_fetch_add(&call->d->metrics.corrections, 1);
		hamletd_event(call->d, LOG_INFO, "correction",
		    LOG_STR("label", label_name(c->feedback.label)), LOG_STR("who", c->feedback.who),
		    LOG_STR("origin", c->feedback.origin), LOG_STR("verdict", c->result.verdict_id));
		if (call->d->keeper != NULL)
			keeper_wake(call->d->keeper);
	}
	c->finish(call);
}

void
judge_correct(struct call *call, struct correction *c, void (*finish)(struct call *call))
{
	c->finish = finish;
	call->data = c;
	call_record(call, write_correction, correction_recorded);
}
