#include "config.h"

#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/timetext.h"
#include "daemon/akismet.h"
#include "store/store.h"

#define PERIODS_MAX 61

void
akismet_test(struct call *call)
{
	akismet_answer(call, "connected", NULL);
}

void
akismet_verify_key(struct call *call)
{
	struct form form;

	if (akismet_open(call, &form, true))
		akismet_answer(call, "valid", NULL);
}

void
akismet_deactivate(struct call *call)
{
	struct form form;

	if (akismet_open(call, &form, true))
		akismet_answer(call, "deactivated", NULL);
}

void
akismet_get_subscription(struct call *call)
{
	struct buf *b = &call->rq->reply;
	struct form form;

	if (!akismet_open(call, &form, true))
		return;
	json_open(b, '{');
	json_key(b, "account_id");
	json_put_int(b, call->site->id);
	json_key(b, "account_type");
	json_put_str(b, "self-hosted");
	json_key(b, "account_name");
	json_put_str(b, "Hamlet");
	json_key(b, "status");
	json_put_str(b, "active");
	json_key(b, "next_billing_date");
	json_put_bool(b, false);
	json_key(b, "limit_reached");
	json_put_bool(b, false);
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

/* -- Statistics -- */

enum period { PERIOD_DAY, PERIOD_MONTH, PERIOD_YEAR };

/* The periods of one answer, newest first: since[i] until since[i - 1]. */
struct stats {
	enum period period;
	size_t n;
	int64_t since_ms[PERIODS_MAX];
	struct verdict_counts counts[PERIODS_MAX]; /* since then, until now */
	struct verdict_counts total;
	bool unsure_is_spam;
};

/* Return the start of the period BACK periods before the one that NOW_MS is in. */
static int64_t
period_start(enum period period, int64_t now_ms, size_t back)
{
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	gmtime_r(&now, &tm);
	tm.tm_sec = tm.tm_min = tm.tm_hour = 0;
	if (period == PERIOD_DAY) {
		tm.tm_mday -= (int)back;
	} else {
		tm.tm_mday = 1;
		if (period == PERIOD_MONTH)
			tm.tm_mon -= (int)back;
		else {
			tm.tm_mon = 0;
			tm.tm_year -= (int)back;
		}
	}
	return (int64_t)timegm(&tm) * 1000;
}

static int
read_stats(struct engine *e, struct call *call, struct err *err)
{
	struct stats *s = call->data;
	int64_t now = time_now_ms();

	for (size_t i = 0; i < s->n; i++) {
		s->since_ms[i] = period_start(s->period, now, i);
		if (store_verdict_counts(e->store, call->site->id, s->since_ms[i], &s->counts[i], err) == -1)
			return -1;
	}
	if (s->period != PERIOD_YEAR) {
		s->total = s->counts[s->n - 1];
		return 0;
	}
	return store_verdict_counts(e->store, call->site->id, 0, &s->total, err);
}

static struct verdict_counts
difference(struct verdict_counts a, struct verdict_counts b)
{
	return (struct verdict_counts){
		.ham = a.ham - b.ham,
		.unsure = a.unsure - b.unsure,
		.spam = a.spam - b.spam,
		.missed_spam = a.missed_spam - b.missed_spam,
		.blocked_ham = a.blocked_ham - b.blocked_ham,
	};
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

/* Write the period that begins at SINCE_MS as a key: 2026, 2026-11 or 2026-11-22; and always as a day to DAY.
 */
static void
period_name(enum period period, int64_t since_ms, char name[TIME_TEXT_BYTES], char day[TIME_TEXT_BYTES])
{
	static const size_t chars[] = { [PERIOD_DAY] = 10, [PERIOD_MONTH] = 7, [PERIOD_YEAR] = 4 };

	time_format(day, since_ms);
	day[10] = '\0';
	memcpy(name, day, 11);
	name[chars[period]] = '\0';
}

static void
put_breakdown(struct buf *b, const struct stats *s)
{
	static const struct verdict_counts none = { 0 };
	char name[TIME_TEXT_BYTES], day[TIME_TEXT_BYTES];

	json_key(b, "breakdown");
	json_open(b, '{');
	for (size_t i = s->n; i-- > 0;) {
		struct verdict_counts c = difference(s->counts[i], i == 0 ? none : s->counts[i - 1]);

		period_name(s->period, s->since_ms[i], name, day);
		json_key(b, name);
		json_open(b, '{');
		put_counts(b, &c, s->unsure_is_spam);
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
	json_put_double(b, all == 0 ? 100 : 100 * (1 - (double)wrong / (double)all), 5);
	put_breakdown(b, s);
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

void
akismet_get_stats(struct call *call)
{
	struct stats *s = arena_alloc(call->rq->arena, sizeof(*s));
	struct slice from;
	struct form form;

	if (!akismet_open(call, &form, true))
		return;
	if (s == NULL) {
		call_error(call, 503, "unavailable", "out of memory; try again");
		return;
	}
	from = form_get(&form, "from");
	s->period = slice_is(from, "all") ? PERIOD_YEAR
	    : slice_is(from, "60-days")	  ? PERIOD_DAY
					  : PERIOD_MONTH;
	s->n = s->period == PERIOD_DAY ? 60 : s->period == PERIOD_MONTH ? 6 : 5;
	s->unsure_is_spam = call->world->config->unsure_as == CONFIG_UNSURE_SPAM;
	call->data = s;
	call_read(call, read_stats, answer_stats);
}
