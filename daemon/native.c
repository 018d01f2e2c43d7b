#include "config.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "classifier/evidence.h"
#include "corpus/comment_json.h"
#include "daemon/form.h"
#include "base/guid.h"
#include "daemon/judge.h"
#include "daemon/native.h"
#include "engine/address.h"

#define BATCH_MAX 1000
#define REPLY_MAX (64u << 20) /* of a batch with all its evidence */
#define UNSENT_MAX ((size_t)256 << 20) /* bytes of long replies that nobody has read yet */

/* Parse the body into call->json; false when CALL has ended with an error. */
static bool
parse_body(struct call *call)
{
	struct http_request *rq = call->rq;
	struct slice boundary;
	struct err err;

	switch (form_kind(rq->header[HTTP_CONTENT_TYPE], &boundary)) {
	case FORM_URLENCODED: /* what curl -d says by itself; the body is JSON all the same */
	case FORM_JSON:
		break;
	case FORM_MULTIPART:
	case FORM_OTHER:
		call_error(call, 415, "unsupported_type", "send application/json");
		return false;
	}
	/* what a commenter can bring about must not keep his comment from being judged */
	json_mend_escapes((char *)(uintptr_t)rq->body.p, rq->body.n);
	if (json_parse(&call->json, rq->body.p, rq->body.n, &err) == -1) {
		call->json = NULL;
		if (err.code == ERR_NOMEM)
			call_error(call, 503, "unavailable", "out of memory; try again");
		else
			call_error(call, 400, "malformed_json", err.text);
		return false;
	}
	if (json_type_of(call->json) != JSON_OBJ) {
		call_error(call, 400, "malformed", "the body is not a JSON object");
		return false;
	}
	return true;
}

/* Set *SHOWN from ?evidence=; false when CALL has ended with an error. */
static bool
evidence_wanted(struct call *call, enum evidence_shown *shown)
{
	struct slice s = call_query(call, "evidence");

	if (s.p == NULL || slice_is(s, "top")) {
		*shown = EVIDENCE_TOP;
	} else if (slice_is(s, "all")) {
		*shown = EVIDENCE_ALL;
	} else if (slice_is(s, "none")) {
		*shown = EVIDENCE_NONE;
	} else {
		call_error(call, 400, "malformed", "evidence is all, top or none");
		return false;
	}
	return true;
}

/* Return whether CALL may have a long answer; else it has ended with an error: too many wait to be read. */
static bool
may_be_long(struct call *call)
{
	if (http_unsent(call->rq) <= UNSENT_MAX)
		return true;
	call_error(call, 503, "overloaded", "too many long answers wait to be read; try again");
	return false;
}

/*
 * Set *SITE to the one that the comment J names, which only counts on the admin socket; else to the call's
 * own.
 */
static int
read_site(struct call *call, const struct json *j, const struct site **site, struct err *err)
{
	struct slice name;

	*site = call->site;
	if (comment_json_text(&name, j, "site", err) == -1)
		return -1;
	if (!call->all_sites || name.n == 0)
		return 0;
	*site = sites_by_name(call->world->sites, name);
	return *site != NULL ? 0
			     : err_set(err, ERR_INPUT, "site %.*s: there is none of this name",
				   (int)(name.n < 80 ? name.n : 80), name.p);
}

/* Read a comment from J; ERR_INPUT also when it has no content. */
static int
read_comment(struct comment *out, const struct json *j, struct arena *a, struct err *err)
{
	if (json_type_of(j) != JSON_OBJ)
		return err_set(err, ERR_INPUT, "a comment is not a JSON object");
	if (comment_from_json(out, j, a, err) == -1)
		return -1;
	return address_tidy(&out->field[COMMENT_IP], a) == 0 ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

/* Judge COMMENT into *ROW and append its verdict object to the reply. */
static int
check_one(struct call *call, const struct site *site, const struct comment *comment,
    enum evidence_shown shown, struct verdict_row *row, struct err *err)
{
	struct check_request request = { .comment = comment, .site = site, .client = "native" };
	struct buf *b = &call->rq->reply, list;
	struct judgement j;

	if (judge_comment(call, &request, row, &j, err) == -1)
		return -1;
	buf_init(&list, REPLY_MAX);
	if (shown != EVIDENCE_NONE)
		evidence_list(call->worker->classifier, &j,
		    shown == EVIDENCE_ALL ? SIZE_MAX : CHECK_EVIDENCE_TOP, &list);
	verdict_json(row, buf_slice(&list), false, b);
	b->failed = b->failed || !buf_ok(&list);
	b->starved = b->starved || list.starved;
	buf_fini(&list);
	if (b->starved)
		return err_set(err, ERR_NOMEM, "out of memory for the answer");
	if (!buf_ok(b) || b->n > REPLY_MAX)
		return err_set(err, ERR_LIMIT,
		    "the answer would be larger than %u bytes; ask for less evidence", REPLY_MAX);
	return 0;
}

static void
send_json(struct call *call)
{
	call_reply(call, 200, TYPE_JSON);
}

static void
check_single(struct call *call, enum evidence_shown shown)
{
	const struct site *site;
	struct verdict_row *row;
	struct comment comment;
	struct err err;

	if (read_comment(&comment, call->json, call->rq->arena, &err) == -1 ||
	    read_site(call, call->json, &site, &err) == -1) {
		call_fail(call, &err);
		return;
	}
	if (!call_allowed(call, 1))
		return;
	row = arena_alloc(call->rq->arena, sizeof(*row));
	if (row == NULL)
		err_set(&err, ERR_NOMEM, "out of memory");
	if (row == NULL || check_one(call, site, &comment, shown, row, &err) == -1)
		call_fail(call, &err);
	else
		judge_record(call, row, 1, send_json);
}

/* Read and judge all of LIST into ROWS, writing the verdicts to the reply; nothing counts unless all went
 * well. */
static int
check_all(struct call *call, const struct json *list, enum evidence_shown shown, struct comment *comments,
    struct verdict_row *rows, size_t n, struct err *err)
{
	struct buf *b = &call->rq->reply;
	const struct site *site;

	for (size_t i = 0; i < n; i++) {
		if (read_comment(&comments[i], json_item(list, i), call->rq->arena, err) == -1 ||
		    read_site(call, json_item(list, i), &site, err) == -1)
			return err_prefix(err, "comments[%zu]", i);
	}
	json_open(b, '{');
	json_key(b, "verdicts");
	json_open(b, '[');
	for (size_t i = 0; i < n; i++) {
		if (read_site(call, json_item(list, i), &site, err) == -1 ||
		    check_one(call, site, &comments[i], shown, &rows[i], err) == -1)
			return -1;
	}
	json_close(b, ']');
	json_close(b, '}');
	return 0;
}

static void
check_batch(struct call *call, const struct json *list, enum evidence_shown shown)
{
	size_t n = json_length(list);
	struct comment *comments;
	struct verdict_row *rows;
	struct err err;

	if (json_type_of(list) != JSON_LIST || n == 0) {
		call_error(call, 400, "malformed", "comments is not a list of comments");
		return;
	}
	if (n > BATCH_MAX) {
		call_error(call, 413, "too_large", "more than 1000 comments at once");
		return;
	}
	if (!call_allowed(call, (int64_t)n))
		return;
	comments = arena_alloc(call->rq->arena, n * sizeof(*comments));
	rows = arena_alloc(call->rq->arena, n * sizeof(*rows));
	if (comments == NULL || rows == NULL)
		err_set(&err, ERR_NOMEM, "out of memory");
	if (comments == NULL || rows == NULL || check_all(call, list, shown, comments, rows, n, &err) == -1)
		call_fail(call, &err);
	else
		judge_record(call, rows, n, send_json);
}

void
native_check(struct call *call)
{
	enum evidence_shown shown;
	const struct json *list;

	if (!evidence_wanted(call, &shown) || !parse_body(call))
		return;
	list = json_member(call->json, "comments");
	if (list == NULL && shown != EVIDENCE_ALL)
		check_single(call, shown);
	else if (!may_be_long(call))
		return;
	else if (list != NULL)
		check_batch(call, list, shown);
	else
		check_single(call, shown);
}

/* -- Feedback -- */

static void
answer_feedback(struct call *call)
{
	const struct correction *c = call->data;
	struct buf *b = &call->rq->reply;

	if (call->recorded == ERR_NOT_FOUND) {
		call_error(call, 404, "not_found", "there is no verdict with this id");
		return;
	}
	if (call->recorded != ERR_NONE && c->result.erased) {
		call_error(call, 409, "no_longer_kept",
		    "the verdict's comment is no longer kept; send the whole comment with its label");
		return;
	}
	if (call->recorded != ERR_NONE) {
		call_error(
		    call, 409, "only_a_test", "the verdict was on a test, which nothing is learnt from");
		return;
	}
	json_open(b, '{');
	json_key(b, "id");
	json_put_str(b, c->result.verdict_id[0] != '\0' ? c->result.verdict_id : NULL);
	json_key(b, "label");
	json_put_str(b, label_name(c->feedback.label));
	json_key(b, "changed");
	json_put_bool(b, c->result.changed);
	json_close(b, '}');
	call_reply(call, 200, TYPE_JSON);
}

/* Fill *C from the call's JSON. */
static int
read_correction(struct call *call, struct correction *c, struct err *err)
{
	struct json *id = json_member(call->json, "id");
	struct slice label = json_text(json_member(call->json, "label"));
	const struct site *site;

	c->feedback.origin = "native";
	c->feedback.who = call->all_sites ? "admin" : call->site->name;
	c->feedback.site = call->site->id;
	if (label_parse(&c->feedback.label, label.p, label.n) == -1)
		return err_set(err, ERR_INPUT, "label is neither \"spam\" nor \"ham\"");
	if (json_type_of(id) == JSON_ABSENT || json_type_of(id) == JSON_NULL_VALUE) {
		if (read_site(call, call->json, &site, err) == -1)
			return -1;
		c->feedback.site = site->id;
		c->feedback.comment = &c->comment;
		return read_comment(&c->comment, call->json, call->rq->arena, err);
	}
	if (json_type_of(id) != JSON_TEXT)
		return err_set(err, ERR_INPUT, "id is not a string");
	if (guid_to_ulid(c->verdict_id, json_text(id)) == -1)
		return err_set(err, ERR_NOT_FOUND, "there is no verdict with this id");
	c->feedback.verdict_id = c->verdict_id;
	if (call->all_sites)
		c->feedback.site = 0;
	return 0;
}

void
native_feedback(struct call *call)
{
	struct correction *c;
	struct err err;

	if (!parse_body(call))
		return;
	c = arena_alloc(call->rq->arena, sizeof(*c));
	if (c == NULL)
		err_set(&err, ERR_NOMEM, "out of memory");
	if (c == NULL || read_correction(call, c, &err) == -1)
		call_fail(call, &err);
	else if (call_allowed(call, 1))
		judge_correct(call, c, answer_feedback);
}

/* -- Verdicts -- */

struct lookup {
	char id[ULID_CHARS + 1];
	enum evidence_shown shown;
};

static int
read_verdict(struct engine *e, struct call *call, struct err *err)
{
	const struct lookup *l = call->data;
	struct http_request *rq = call->rq;
	struct verdict_row row;
	struct err why;
	struct buf list;
	double probability;
	int rc = 0;

	if (store_verdict_get(e->store, l->id, rq->arena, &row, err) == -1)
		return -1;
	if (!call->all_sites && row.site != call->site->id)
		return err_set(err, ERR_NOT_FOUND, "there is no verdict with this id");
	buf_init(&list, REPLY_MAX);
	/* a model that is no longer kept leaves what was recorded: the strongest of it */
	if (l->shown == EVIDENCE_TOP ||
	    (l->shown == EVIDENCE_ALL && check_recompute(e, &row, &list, &probability, &why) == -1)) {
		buf_clear(&list);
		rc = evidence_json(row.evidence, &list, err);
	}
	verdict_json(&row, buf_slice(&list), true, &rq->reply);
	rq->reply.failed = rq->reply.failed || !buf_ok(&list);
	buf_fini(&list);
	return rc;
}

void
native_verdict(struct call *call)
{
	struct lookup *l = arena_alloc(call->rq->arena, sizeof(*l));

	if (l == NULL) {
		call_error(call, 503, "unavailable", "out of memory; try again");
		return;
	}
	if (!evidence_wanted(call, &l->shown) || !may_be_long(call))
		return;
	if (guid_to_ulid(l->id, call->rest) == -1) {
		call_error(call, 404, "not_found", "there is no verdict with this id");
		return;
	}
	call->data = l;
	call_read(call, read_verdict, send_json);
}
