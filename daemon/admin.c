#include "config.h"

#include <unistd.h>

#include "base/json.h"
#include "base/timetext.h"
#include "daemon/admin.h"
#include "daemon/health.h"
#include "daemon/keeper.h"

#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

/* -- Metrics -- */

static double
count(atomic_ullong *n)
{
	return (double)atomic_load(n);
}

static void
put_verdicts(struct metrics *m, struct buf *b)
{
	buf_add_str(b,
	    "# HELP hamlet_verdicts_total Verdicts recorded, without tests.\n"
	    "# TYPE hamlet_verdicts_total counter\n");
	for (int v = VERDICT_HAM; v <= VERDICT_SPAM; v++)
		buf_addf(b, "hamlet_verdicts_total{verdict=\"%s\"} %.15g\n", verdict_name((enum verdict)v),
		    count(&m->verdicts[v]));
}

static void
put_retention(struct metrics *m, struct buf *b)
{
	buf_add_str(b,
	    "# HELP hamlet_retention_erased_total Records of which retention has erased a part, by kind of "
	    "data.\n"
	    "# TYPE hamlet_retention_erased_total counter\n");
	for (int kind = 0; kind < RETENTION_KINDS; kind++)
		buf_addf(b, "hamlet_retention_erased_total{kind=\"%s\"} %.15g\n", retention_kind_name(kind),
		    count(&m->erased[kind]));
	metrics_line(b, "hamlet_retention_pass_time_seconds", "gauge",
	    "When retention last went through the whole record, in seconds since 1970; 0: not since the "
	    "start.",
	    (double)atomic_load(&m->purged_ms) / 1000);
	metrics_line(b, "hamlet_database_rewritten_time_seconds", "gauge",
	    "When the database was last rewritten after retention, in seconds since 1970; 0: not since the "
	    "start.",
	    (double)atomic_load(&m->rewritten_ms) / 1000);
}

void
admin_metrics(struct call *call)
{
	struct metrics *m = &call->d->metrics;
	const struct model_info *model = model_info(call->world->model);
	struct buf *b = &call->rq->reply;
	struct http_server *http = atomic_load(&call->d->http);

	metrics_requests_text(m, route_name, b);
	put_verdicts(m, b);
	metrics_line(
	    b, "hamlet_corrections_total", "counter", "Corrections recorded.", count(&m->corrections));
	metrics_line(
	    b, "hamlet_events_learnt_total", "counter", "Example events learnt.", count(&m->events_learnt));
	put_retention(m, b);
	metrics_line(b, "hamlet_not_recorded_total", "counter", "Requests whose record could not be written.",
	    count(&m->not_recorded));
	metrics_line(b, "hamlet_queue_refused_total", "counter", "Requests refused because too many waited.",
	    count(&m->queue_full));
	metrics_line(b, "hamlet_queue_length", "gauge", "Requests that wait to be recorded.",
	    (double)atomic_load(&m->waiting));
	metrics_line(b, "hamlet_recorder_healthy", "gauge", "1 when the last write to the record succeeded.",
	    recorder_healthy(call->d->recorder));
	metrics_line(b, "hamlet_connections", "gauge", "Open connections.",
	    http == NULL ? 0 : (double)http_server_connections(http));
	metrics_line(b, "hamlet_connections_refused_total", "counter",
	    "Connections refused because there were too many.",
	    http == NULL ? 0 : (double)http_server_refused(http));
	metrics_line(b, "hamlet_start_time_seconds", "gauge",
	    "When the daemon started, in seconds since 1970.", (double)call->d->started_ms / 1000);
	buf_addf(b,
	    "# HELP hamlet_model_info The model in use.\n# TYPE hamlet_model_info "
	    "gauge\nhamlet_model_info{model=\"%s\"} 1\n",
	    model->id);
	metrics_line(
	    b, "hamlet_model_tokens", "gauge", "Distinct tokens in the model.", (double)model->tokens);
	metrics_notices_text(m, b);
	call_reply(call, 200, TYPE_METRICS);
}

/* -- Reload -- */

struct reload {
	struct keeper_wait wait;
	struct call *call;
	struct err why;
};

static void
resume_reloaded(struct http_request *rq)
{
	struct call *call = rq->app;
	const struct reload *r = call->data;
	struct world *now = world_get(&call->d->world);
	struct buf *b = &rq->reply;

	json_open(b, '{');
	json_key(b, "reloaded");
	json_put_bool(b, r->why.code == ERR_NONE);
	json_key(b, "model");
	json_put_str(b, model_info(now->model)->id);
	if (r->why.code != ERR_NONE) {
		json_key(b, "error");
		json_open(b, '{');
		json_key(b, "code");
		json_put_str(b, "reload_failed");
		json_key(b, "message");
		json_put_str(b, r->why.text);
		json_close(b, '}');
	}
	json_close(b, '}');
	world_unref(now);
	call_reply(call, r->why.code == ERR_NONE ? 200 : 500, TYPE_JSON);
}

static void
reloaded(struct keeper_wait *wait, const struct err *why)
{
	struct reload *r = (struct reload *)(void *)wait;

	r->why = *why;
	http_post(r->call->rq, resume_reloaded);
}

void
admin_reload(struct call *call)
{
	struct reload *r = arena_alloc(call->rq->arena, sizeof(*r));

	if (r == NULL) {
		call_error(call, 503, "unavailable", "out of memory; try again");
		return;
	}
	r->wait.done = reloaded;
	r->call = call;
	call->data = r;
	keeper_reload(call->d->keeper, &r->wait);
}

/* -- Rules -- */

void
admin_rules(struct call *call)
{
	const struct rules *rules = call->world->rules;
	char digest[DIGEST_HEX];
	struct buf *b = &call->rq->reply;

	hex_encode(digest, rules_digest(rules), sizeof(struct digest));
	json_open(b, '{');
	json_key(b, "digest");
	json_put_str(b, digest);
	json_key(b, "rules");
	json_open(b, '[');
	for (size_t i = 0; i < rules_count(rules); i++) {
		struct rule_info info = rules_info(rules, i);

		rule_info_json(&info, true, b);
	}
	json_close(b, ']');
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

/* -- Status -- */

struct status {
	struct verdict_counts hour, ever;
	int64_t ham, spam, last;
};

static int
read_status(struct engine *e, struct call *call, struct err *err)
{
	struct status *s = call->data;

	if (store_verdict_counts(e->store, 0, time_now_ms() - 3600 * 1000, &s->hour, err) == -1 ||
	    store_verdict_counts(e->store, 0, 0, &s->ever, err) == -1)
		return -1;
	return store_example_counts(e->store, &s->last, &s->ham, &s->spam, err);
}

static void
put_counts(struct buf *b, const char *key, const struct verdict_counts *c)
{
	json_key(b, key);
	json_open(b, '{');
	json_add_int(b, "ham", c->ham);
	json_add_int(b, "unsure", c->unsure);
	json_add_int(b, "spam", c->spam);
	json_add_int(b, "missed_spam", c->missed_spam);
	json_add_int(b, "blocked_ham", c->blocked_ham);
	json_close(b, '}');
}

static void
put_model(struct buf *b, const struct model_info *m)
{
	json_key(b, "model");
	json_open(b, '{');
	json_key(b, "id");
	json_put_str(b, m->id);
	json_add_int(b, "spam", (int64_t)m->spam);
	json_add_int(b, "ham", (int64_t)m->ham);
	json_add_int(b, "tokens", (int64_t)m->tokens);
	json_add_int(b, "position", (int64_t)m->position);
	json_key(b, "spam_threshold");
	json_put_double(b, m->spam_threshold, 9);
	json_key(b, "unsure_threshold");
	json_put_double(b, m->unsure_threshold, 9);
	json_close(b, '}');
}

static void
answer_status(struct call *call)
{
	const struct status *s = call->data;
	struct hamletd *d = call->d;
	struct http_server *http = atomic_load(&d->http);
	struct buf *b = &call->rq->reply;
	char started[TIME_TEXT_BYTES];
	struct err last;

	time_format(started, d->started_ms);
	recorder_last_error(d->recorder, &last);
	json_open(b, '{');
	json_key(b, "version");
	json_put_str(b, PACKAGE_VERSION);
	json_add_int(b, "pid", (int64_t)getpid());
	json_key(b, "started");
	json_put_str(b, started);
	json_add_int(b, "uptime", (time_now_ms() - d->started_ms) / 1000);
	json_key(b, "ready");
	json_put_bool(b, last.code == ERR_NONE);
	if (last.code != ERR_NONE) {
		json_key(b, "reason");
		json_put_str(b, last.text);
	}
	put_model(b, model_info(call->world->model));
	json_add_int(b, "connections", http == NULL ? 0 : (int64_t)http_server_connections(http));
	json_add_int(b, "queue", (int64_t)atomic_load(&d->metrics.waiting));
	put_counts(b, "last_hour", &s->hour);
	put_counts(b, "ever", &s->ever);
	json_key(b, "examples");
	json_open(b, '{');
	json_add_int(b, "ham", s->ham);
	json_add_int(b, "spam", s->spam);
	json_add_int(b, "last", s->last);
	json_close(b, '}');
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

void
admin_status(struct call *call)
{
	call->data = arena_alloc(call->rq->arena, sizeof(struct status));
	if (call->data == NULL)
		call_error(call, 503, "unavailable", "out of memory; try again");
	else
		call_read(call, read_status, answer_status);
}
