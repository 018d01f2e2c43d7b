#include "config.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/timetext.h"
#include "daemon/akismet.h"
#include "daemon/period.h"

#define LIMIT 500
#define TYPE_CSV "text/csv; charset=utf-8"

/* What is asked of key-sites, and what was found.  A key has one site here, so the list has at most one row.
 */
struct listing {
	int64_t since_ms, until_ms;
	char month[TIME_TEXT_BYTES];
	int64_t limit, offset;
	bool csv;
	const char *site; /* how it is called: by its address, if that is known */
	bool matches; /* the filter */
	struct verdict_counts counts;
};

static void
add_day(int64_t day, const struct verdict_counts *counts, void *arg)
{
	struct listing *l = arg;

	if (day * PERIOD_DAY_MS >= l->until_ms)
		return;
	l->counts.ham += counts->ham;
	l->counts.unsure += counts->unsure;
	l->counts.spam += counts->spam;
	l->counts.missed_spam += counts->missed_spam;
	l->counts.blocked_ham += counts->blocked_ham;
}

static int
read_listing(struct engine *e, struct call *call, struct err *err)
{
	struct listing *l = call->data;

	return store_verdict_days(e->store, call->site->id, l->since_ms, add_day, l, err);
}

static void
put_row(struct buf *b, const struct listing *l)
{
	const struct verdict_counts *c = &l->counts;

	json_open(b, '{');
	json_key(b, "site");
	json_put_str(b, l->site);
	reply_count(b, "api_calls", c->ham + c->unsure + c->spam);
	reply_count(b, "spam", c->spam);
	reply_count(b, "ham", c->ham);
	reply_count(b, "missed_spam", c->missed_spam);
	reply_count(b, "false_positives", c->blocked_ham);
	json_key(b, "is_revoked");
	json_put_bool(b, false);
	json_close(b, '}');
}

static void
put_json(struct buf *b, const struct listing *l, bool shown)
{
	json_open(b, '{');
	json_key(b, l->month);
	json_open(b, '[');
	if (shown)
		put_row(b, l);
	json_close(b, ']');
	json_key(b, "limit");
	json_put_int(b, l->limit);
	json_key(b, "offset");
	json_put_int(b, l->offset);
	json_key(b, "total");
	json_put_int(b, l->matches);
	json_close(b, '}');
}

/* Append TEXT as a CSV field: in quotes, so that a comma in it does no harm. */
static void
put_quoted(struct buf *b, const char *text)
{
	buf_add_char(b, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_add_char(b, '"');
		buf_add_char(b, *text);
	}
	buf_add_char(b, '"');
}

static void
put_csv(struct buf *b, const struct listing *l, const char *name, bool shown)
{
	const struct verdict_counts *c = &l->counts;

	buf_addf(b, "Active sites for %s during %s (limit: %" PRId64 ", offset: %" PRId64 ", total: %d)\n",
	    name, l->month, l->limit, l->offset, l->matches);
	buf_add_str(b, "Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked\n");
	if (!shown)
		return;
	put_quoted(b, l->site);
	buf_addf(b, ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",No\n",
	    c->ham + c->unsure + c->spam, c->spam, c->ham, c->missed_spam, c->blocked_ham);
}

static void
answer_listing(struct call *call)
{
	struct listing *l = call->data;
	bool shown = l->matches && l->offset == 0 && l->limit > 0;

	if (call->world->config->unsure_as == CONFIG_UNSURE_SPAM)
		l->counts.spam += l->counts.unsure;
	else
		l->counts.ham += l->counts.unsure;
	l->counts.unsure = 0;
	if (l->csv)
		put_csv(&call->rq->reply, l, call->site->name, shown);
	else
		put_json(&call->rq->reply, l, shown);
	call_reply(call, 200, l->csv ? TYPE_CSV : TYPE_JSON);
}

/* Return the whole number that TEXT is, or OTHERWISE. */
static int64_t
number(struct slice text, int64_t otherwise)
{
	int64_t n = 0;

	if (text.n == 0 || text.n > 9)
		return otherwise;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return otherwise;
		n = n * 10 + (text.p[i] - '0');
	}
	return n;
}

static void
read_parameters(struct call *call, const struct form *form, struct listing *l)
{
	struct slice filter = akismet_parameter(call, form, "filter"), site;

	l->limit = number(akismet_parameter(call, form, "limit"), LIMIT);
	l->offset = number(akismet_parameter(call, form, "offset"), 0);
	l->csv = slice_is(akismet_parameter(call, form, "format"), "csv");
	l->site = call->site->url[0] != '\0' ? call->site->url : call->site->name;
	site = slice_of(l->site);
	l->matches = filter.n == 0 || memmem(site.p, site.n, filter.p, filter.n) != NULL;
}

void
akismet_key_sites(struct call *call)
{
	struct slice month;
	struct listing *l;
	struct form form;

	if (!akismet_open(call, &form, false))
		return;
	l = arena_alloc(call->rq->arena, sizeof(*l));
	if (l == NULL) {
		call_error(call, 503, "unavailable", "out of memory; try again");
		return;
	}
	month = akismet_parameter(call, &form, "month");
	if (month.n == 0) {
		period_name(PERIOD_MONTH, period_start(PERIOD_MONTH, time_now_ms(), 0), l->month);
		month = slice_of(l->month);
	}
	if (period_month(month, &l->since_ms, &l->until_ms) == -1) {
		call_error(call, 400, "malformed", "month is not YYYY-MM");
		return;
	}
	period_name(PERIOD_MONTH, l->since_ms, l->month);
	read_parameters(call, &form, l);
	call->data = l;
	call_read(call, read_listing, answer_listing);
}
