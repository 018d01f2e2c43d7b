#include "config.h"

#include <stdio.h>

#include "base/json.h"
#include "daemon/blogspam.h"
#include "daemon/judge.h"
#include "engine/blogspam.h"
#include "engine/blogspam_options.h"

#define VERSION_MEMBER "\"version\":\"2.0\"}"
#define OK "{\"result\":\"OK\", " VERSION_MEMBER
#define NO_SITE "You did not submit the mandatory 'site' parameter correctly."
#define NO_TRAIN "You did not submit the mandatory 'train' parameter correctly."
#define FORCED_BYTES 160

struct check {
	struct verdict_row row; /* first: what judge_row() returns is the check */
	struct blogspam_outcome outcome;
};

static void
answer(struct call *call, const char *text)
{
	buf_add_str(&call->rq->reply, text);
	call_reply(call, 200, TYPE_JSON);
}

/* The original's word for a call that can't be taken. */
static void
answer_error(struct call *call, const char *why)
{
	buf_addf(&call->rq->reply, "{\"result\":\"ERROR\", \"reason\":\"%s\", " VERSION_MEMBER, why);
	call_reply(call, 200, TYPE_JSON);
}

/* Parse the body into call->json; false when CALL has ended, as the original does it: with 500. */
static bool
parse(struct call *call)
{
	char text[ERR_TEXT_MAX + 40];
	struct err err;

	if (blogspam_parse(&call->json, call->rq->body, call->rq->arena, &err) == 0)
		return true;
	if (err.code != ERR_INPUT) {
		call_fail(call, &err);
		return false;
	}
	snprintf(text, sizeof(text), "Failed to parse JSON submission: %s", err.text);
	call_error(call, 500, "malformed_json", text);
	return false;
}

/* Read the call's comment into *B; false when CALL has ended. */
static bool
open_comment(struct call *call, struct blogspam *b)
{
	struct err err;

	if (!parse(call))
		return false;
	if (blogspam_read(b, call->json, call->rq->arena, &err) == -1) {
		call_fail(call, &err);
		return false;
	}
	if (blogspam_has_site(b))
		return true;
	answer_error(call, NO_SITE);
	return false;
}

/* -- POST / -- */

static bool
is_spam(const struct call *call, const struct verdict_row *row)
{
	if (row->verdict == VERDICT_UNSURE)
		return call->world->config->unsure_as == CONFIG_UNSURE_SPAM;
	return row->verdict == VERDICT_SPAM;
}

static const char *
why_spam(const struct check *c)
{
	if (check_rule(c->row.forced) != NULL)
		return "A rule of the owner's says so.";
	return c->outcome.why != NULL ? c->outcome.why : "It reads like spam.";
}

static void
answer_check(struct call *call)
{
	const struct check *c = (const struct check *)(const void *)judge_row(call);
	struct buf *b = &call->rq->reply;

	http_add_header(call->rq, "X-Hamlet-Verdict", c->row.id);
	if (!is_spam(call, &c->row)) {
		answer(call, OK);
		return;
	}
	json_open(b, '{');
	json_key(b, "result");
	json_put_str(b, "SPAM");
	json_key(b, "reason");
	json_put_str(b, why_spam(c));
	json_key(b, "blocker");
	json_put_str(b, c->outcome.test->name);
	json_key(b, "version");
	json_put_str(b, "2.0");
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

/* Return what is recorded as the reason of a verdict that OUTCOME decided, in the call's arena. */
static const char *
reason(struct call *call, const struct blogspam_outcome *outcome)
{
	char *text = arena_alloc(call->rq->arena, FORCED_BYTES);

	if (text != NULL)
		snprintf(text, FORCED_BYTES, "blogspam %s: %s", outcome->test->name, outcome->why);
	return text;
}

/*
 * Return which of the owner's rules stand over OUTCOME: over spam those by which nothing is lost, over the
 * mere absence of the classifier all.  What a client lets through by an option stays.
 */
static unsigned
overruled(const struct blogspam_outcome *outcome)
{
	if (strcmp(outcome->test->name, BLOGSPAM_FAIL) == 0) /* the client tries whether spam is found */
		return 0;
	if (outcome->test->run == NULL)
		return CHECK_BY(RULE_ALLOW) | CHECK_BY(RULE_HOLD) | CHECK_BY(RULE_BLOCK);
	return outcome->answer == BLOGSPAM_SPAM ? CHECK_BY(RULE_ALLOW) | CHECK_BY(RULE_HOLD) : 0;
}

/* Run the tests on B and judge it into *C. */
static int
judge(struct call *call, const struct blogspam *b, struct check *c, struct err *err)
{
	struct check_request request = {
		.comment = &b->comment, .site = call->site, .client = "blogspam", .test = b->test
	};
	struct judgement j;

	blogspam_run(b, &c->outcome);
	if (c->outcome.answer != BLOGSPAM_NEXT) {
		request.forced = reason(call, &c->outcome);
		request.forced_verdict = c->outcome.answer == BLOGSPAM_SPAM ? VERDICT_SPAM : VERDICT_HAM;
		request.overruled = overruled(&c->outcome);
		if (request.forced == NULL)
			return err_set(err, ERR_NOMEM, "out of memory");
	}
	return judge_comment(call, &request, &c->row, &j, err);
}

void
blogspam_check(struct call *call)
{
	struct blogspam b;
	struct check *c;
	struct err err;

	if (!open_comment(call, &b) || !call_allowed(call, 1))
		return;
	c = arena_alloc(call->rq->arena, sizeof(*c));
	if (c == NULL)
		err_set(&err, ERR_NOMEM, "out of memory");
	if (c == NULL || judge(call, &b, c, &err) == -1)
		call_fail(call, &err);
	else
		judge_record(call, &c->row, 1, answer_check);
}

/* -- POST /classify -- */

/* A correction that was understood is fine, whatever became of it. */
static void
answer_ok(struct call *call)
{
	answer(call, OK);
}

/* Set *LABEL from the call's "train"; -1 when it is neither of its words. */
static int
read_label(enum label *label, const struct blogspam *b)
{
	struct slice train = b->field[BLOGSPAM_TRAIN];

	if (slice_is(train, "spam"))
		*label = LABEL_SPAM;
	else if (slice_is(train, "ok") || slice_is(train, "ham"))
		*label = LABEL_HAM;
	else
		return -1;
	return 0;
}

void
blogspam_classify(struct call *call)
{
	struct correction *c;
	struct blogspam b;
	enum label label;

	if (!open_comment(call, &b))
		return;
	if (read_label(&label, &b) == -1) {
		answer_error(call, NO_TRAIN);
		return;
	}
	if (!call_allowed(call, 1))
		return;
	if (b.test || !blogspam_says_something(&b)) {
		answer_ok(call);
		return;
	}
	c = arena_alloc(call->rq->arena, sizeof(*c));
	if (c == NULL) {
		call_error(call, 503, "unavailable", "out of memory; try again");
		return;
	}
	c->comment = b.comment;
	c->feedback = (struct feedback){
		.label = label,
		.comment = &c->comment,
		.site = call->site->id,
		.origin = "blogspam",
		.who = call->site->name,
	};
	judge_correct(call, c, answer_ok);
}

/* -- POST /stats, GET /global-stats -- */

static int
read_counts(struct engine *e, struct call *call, struct err *err)
{
	return store_verdict_counts(e->store, call->site->id, 0, call->data, err);
}

static void
answer_stats(struct call *call)
{
	const struct verdict_counts *counts = call->data;
	bool unsure_is_spam = call->world->config->unsure_as == CONFIG_UNSURE_SPAM;
	struct buf *b = &call->rq->reply;

	json_open(b, '{');
	reply_count(b, "spam", counts->spam + (unsure_is_spam ? counts->unsure : 0));
	reply_count(b, "ok", counts->ham + (unsure_is_spam ? 0 : counts->unsure));
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

void
blogspam_stats(struct call *call)
{
	if (call->rq->method == HTTP_POST && !parse(call))
		return;
	call->data = arena_alloc(call->rq->arena, sizeof(struct verdict_counts));
	if (call->data == NULL)
		call_error(call, 503, "unavailable", "out of memory; try again");
	else
		call_read(call, read_counts, answer_stats);
}

/* -- GET /plugins -- */

void
blogspam_plugins(struct call *call)
{
	struct buf *b = &call->rq->reply;
	const struct blogspam_test *tests;
	size_t n;

	tests = blogspam_tests(&n);
	json_open(b, '{');
	for (size_t i = 0; i < n; i++) {
		json_key(b, tests[i].name);
		json_open(b, '{');
		json_key(b, "author");
		json_put_str(b, "Hamlet");
		json_key(b, "description");
		json_put_str(b, tests[i].about);
		json_close(b, '}');
	}
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

/* -- GET /lookup/IP -- */

struct lookup {
	char ip[64];
	bool listed;
};

static int
read_lookup(struct engine *e, struct call *call, struct err *err)
{
	struct lookup *l = call->data;

	return store_example_from(e->store, call->site->id, l->ip, LABEL_SPAM, &l->listed, err);
}

static void
answer_lookup(struct call *call)
{
	const struct lookup *l = call->data;
	struct buf *b = &call->rq->reply;

	json_open(b, '{');
	json_key(b, "IP");
	json_put_str(b, l->ip);
	json_key(b, "version");
	json_put_str(b, "2.0");
	json_key(b, "listed");
	json_put_str(b, l->listed ? "true" : "false");
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

void
blogspam_lookup(struct call *call)
{
	struct slice ip = blogspam_ip_tidy(call->rest);
	struct lookup *l;

	if (!blogspam_ip_valid(ip) || ip.n >= sizeof(l->ip)) {
		call_error(call, 400, "malformed", "this is no IP address");
		return;
	}
	if (!call_allowed(call, 1))
		return;
	l = arena_alloc(call->rq->arena, sizeof(*l));
	if (l == NULL) {
		call_error(call, 503, "unavailable", "out of memory; try again");
		return;
	}
	memcpy(l->ip, ip.p, ip.n);
	call->data = l;
	call_read(call, read_lookup, answer_lookup);
}
