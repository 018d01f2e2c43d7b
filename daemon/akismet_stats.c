#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "daemon/akismet.h"
#include "daemon/period.h"

#define PERIODS_MAX 60

/* The periods of one answer, newest first; the first begins with period_start(period, now, 0). */
struct stats {
	enum period period;
	size_t n;
	int64_t since_ms[PERIODS_MAX];
	struct verdict_counts counts[PERIODS_MAX];
	struct verdict_counts total;
	bool unsure_is_spam;
};

static void
add_counts(struct verdict_counts *sum, const struct verdict_counts *more)
{
	sum->ham += more->ham;
	sum->unsure += more->unsure;
	sum->spam += more->spam;
	sum->missed_spam += more->missed_spam;
	sum->blocked_ham += more->blocked_ham;
}

/* Add the counts of DAY to its period; days before the first one count in the total only. */
static void
add_day(int64_t day, const struct verdict_counts *counts, void *arg)
{
	struct stats *s = arg;
	size_t i = 0;

	add_counts(&s->total, counts);
	while (i < s->n && day * PERIOD_DAY_MS < s->since_ms[i])
		i++;
	if (i < s->n)
		add_counts(&s->counts[i], counts);
}

static int
read_stats(struct engine *e, struct call *call, struct err *err)
{
	struct stats *s = call->data;
	int64_t since = s->period == PERIOD_YEAR ? 0 : s->since_ms[s->n - 1];

	return store_verdict_days(e->store, call->site->id, since, add_day, s, err);
}

static void
put_counts(struct buf *b, const struct verdict_counts *c, bool unsure_is_spam)
{
	json_key(b, "spam");
	json_put_int(b, c->spam + (unsure_is_spam ? c->unsure : 0));
	json_key(b, "ham");
	json_put_int(b, c->ham + (unsure_is_spam ? 0 : c->unsure));
	json_key(b, "missed_spam");
	json_put_int(b, c->missed_spam);
	json_key(b, "false_positives");
	json_put_int(b, c->blocked_ham);
}

static void
put_breakdown(struct buf *b, const struct stats *s)
{
	char name[TIME_TEXT_BYTES], day[TIME_TEXT_BYTES];

	json_key(b, "breakdown");
	json_open(b, '{');
	for (size_t i = s->n; i-- > 0;) {
		period_name(s->period, s->since_ms[i], name);
		period_name(PERIOD_DAY, s->since_ms[i], day);
		json_key(b, name);
		json_open(b, '{');
		put_counts(b, &s->counts[i], s->unsure_is_spam);
		json_key(b, "da");
		json_put_str(b, day);
		json_close(b, '}');
	}
	json_close(b, '}');
}

static void
answer_stats(struct call *call)
{
	const struct stats *s = call->data;
	const struct verdict_counts *t = &s->total;
	struct buf *b = &call->rq->reply;
	int64_t all = t->ham + t->unsure + t->spam, wrong = t->missed_spam + t->blocked_ham;

	json_open(b, '{');
	put_counts(b, t, s->unsure_is_spam);
	json_key(b, "time_saved");
	json_put_int(b, 0); /* how long a person would have looked at each is not ours to say */
	json_key(b, "accuracy");
	json_put_double(b, all <= wrong ? (all == 0 ? 100 : 0) : 100 * (1 - (double)wrong / (double)all), 5);
	put_breakdown(b, s);
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

/* Ask for N periods up to now and have them given to FINISH as a struct stats in call->data. */
static void
ask(struct call *call, enum period period, size_t n, void (*finish)(struct call *call))
{
	struct stats *s = arena_alloc(call->rq->arena, sizeof(*s));
	int64_t now = time_now_ms();

	if (s == NULL) {
		call_error(call, 503, "unavailable", "out of memory; try again");
		return;
	}
	s->period = period;
	s->n = n;
	for (size_t i = 0; i < n; i++)
		s->since_ms[i] = period_start(period, now, i);
	s->unsure_is_spam = call->world->config->unsure_as == CONFIG_UNSURE_SPAM;
	call->data = s;
	call_read(call, read_stats, finish);
}

void
akismet_get_stats(struct call *call)
{
	struct slice from;
	struct form form;

	if (!akismet_open(call, &form, true))
		return;
	from = akismet_parameter(call, &form, "from");
	if (slice_is(from, "all"))
		ask(call, PERIOD_YEAR, 5, answer_stats);
	else if (slice_is(from, "60-days"))
		ask(call, PERIOD_DAY, 60, answer_stats);
	else
		ask(call, PERIOD_MONTH, 6, answer_stats);
}

/* -- How much a key has been used -- */

static void
put_usage(struct call *call, bool extended)
{
	const struct stats *s = call->data;
	const struct verdict_counts *month = &s->counts[0];
	struct buf *b = &call->rq->reply;

	json_open(b, '{');
	json_key(b, "limit");
	json_put_str(b, "none");
	json_key(b, "usage");
	json_put_int(b, month->ham + month->unsure + month->spam);
	json_key(b, "percentage");
	json_put_int(b, 0);
	json_key(b, "throttled");
	json_put_bool(b, false);
	if (extended) {
		json_key(b, "notice_level");
		json_put_int(b, 0);
		json_key(b, "upgrade");
		json_put_bool(b, false);
	}
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

static void
answer_usage(struct call *call)
{
	put_usage(call, false);
}

static void
answer_usage_extended(struct call *call)
{
	put_usage(call, true);
}

void
akismet_usage_limit(struct call *call)
{
	struct slice extended;
	struct form form;

	if (!akismet_open(call, &form, false))
		return;
	extended = akismet_parameter(call, &form, "extended");
	ask(call, PERIOD_MONTH, 1,
	    slice_is(extended, "true") || slice_is(extended, "1") ? answer_usage_extended : answer_usage);
}
