#include "config.h"

#include <string.h>

#include "daemon/akismet.h"
#include "daemon/akismet_fields.h"
#include "base/guid.h"
#include "daemon/judge.h"
#include "daemon/key.h"

#define THANKS "Thanks for making the web a better place."

void
akismet_answer(struct call *call, const char *body, const char *help)
{
	if (help != NULL)
		http_add_header(call->rq, "X-akismet-debug-help", help);
	buf_add_str(&call->rq->reply, body);
	call_reply(call, 200, TYPE_TEXT);
}

static int
decode(struct call *call, struct form *form, struct err *err)
{
	struct http_request *rq = call->rq;
	size_t max = (size_t)call->world->config->max_form_fields;
	struct slice boundary;

	switch (form_kind(rq->header[HTTP_CONTENT_TYPE], &boundary)) {
	case FORM_URLENCODED:
		return form_parse(form, rq->body, max, rq->arena, err);
	case FORM_MULTIPART:
		return form_parse_multipart(form, rq->body, boundary, max, rq->arena, err);
	case FORM_JSON:
	case FORM_OTHER:
		break;
	}
	return err_set(
	    err, ERR_REFUSED, "send a form: application/x-www-form-urlencoded or multipart/form-data");
}

bool
akismet_open(struct call *call, struct form *form, bool key_first)
{
	struct err err;

	if (decode(call, form, &err) == -1) {
		if (err.code == ERR_REFUSED)
			call_error(call, 415, "unsupported_type", err.text);
		else
			call_fail(call, &err);
		return false;
	}
	call->site = key_of_form(call, form, key_first);
	if (call->site != NULL)
		return true;
	akismet_answer(call, "invalid", "This is no site's key");
	return false;
}

struct slice
akismet_parameter(struct call *call, const struct form *form, const char *name)
{
	struct slice value = form_get(form, name);

	return value.p != NULL ? value : call_query(call, name);
}

/* Return what clients are told that know only ham and spam.  A pingback that isn't fetched yet has nothing to
 * be unsure about but that. */
static bool
is_spam(const struct call *call, const struct verdict_row *row)
{
	if (row->verdict == VERDICT_UNSURE)
		return call->world->config->unsure_as == CONFIG_UNSURE_SPAM &&
		    strcmp(row->occasion, "pre_check") != 0;
	return row->verdict == VERDICT_SPAM;
}

/* The verdict is on disk: send it. */
static void
answer_check(struct call *call)
{
	const struct verdict_row *row = judge_row(call);
	bool spam = is_spam(call, row);
	char guid[GUID_CHARS + 1];

	guid_from_ulid(guid, row->id);
	http_add_header(call->rq, "X-akismet-guid", guid);
	if (check_rule(row->forced) != NULL)
		http_add_header(call->rq, "X-hamlet-rule", check_rule(row->forced));
	if (spam && row->discard)
		http_add_header(call->rq, "X-akismet-pro-tip", "discard");
	akismet_answer(call, spam ? "true" : "false", NULL);
}

/* End CALL as the original does when a field is missing; return whether it has. */
static bool
field_missing(struct call *call, const struct akismet_fields *f)
{
	if (!call->world->config->strict_fields)
		return false;
	if (f->blog.n == 0)
		akismet_answer(call, "Missing required field: blog.", "Empty \"blog\" value");
	else if (f->user_ip.n == 0)
		akismet_answer(call, "Missing required field: user_ip.", "Empty \"user_ip\" value");
	else
		return false;
	return true;
}

/* Return whether F is the made-up spam that tests send. */
static bool
is_guaranteed(const struct akismet_fields *f)
{
	return f->forced != NULL && strcmp(f->forced, "guaranteed-spam") == 0;
}

/* Judge what F says into a row in the request's arena; NULL when memory ran out. */
static struct verdict_row *
judge_fields(struct call *call, const struct akismet_fields *f)
{
	struct check_request request = {
		.comment = &f->comment,
		.site = call->site,
		.client = "akismet",
		.forced = f->forced,
		.forced_verdict = is_guaranteed(f) ? VERDICT_SPAM : VERDICT_HAM,
		.occasion = f->occasion,
		.test = f->test,
	};
	struct verdict_row *row = arena_alloc(call->rq->arena, sizeof(*row));
	struct judgement j;
	struct err err;

	if (row == NULL || judge_comment(call, &request, row, &j, &err) == -1)
		return NULL;
	if (is_guaranteed(f) && f->test_discard)
		row->discard = true;
	return row;
}

void
akismet_comment_check(struct call *call)
{
	struct verdict_row *row;
	struct akismet_fields f;
	struct form form;
	struct err err;

	if (!akismet_open(call, &form, false))
		return;
	if (akismet_fields(&f, &form, call->rq->arena, &err) == -1) {
		call_fail(call, &err);
		return;
	}
	if (field_missing(call, &f) || !call_allowed(call, 1))
		return;
	row = judge_fields(call, &f);
	if (row == NULL)
		call_error(call, 503, "unavailable", "out of memory; try again");
	else
		judge_record(call, row, 1, answer_check);
}

/* Thank, whatever became of it: that is what the caller is to hear of a submission that was understood. */
static void
thank(struct call *call)
{
	akismet_answer(call, THANKS, NULL);
}

/* Return whether there is anything in COMMENT to know it by or learn from. */
static bool
says_something(const struct comment *comment)
{
	return comment->field[COMMENT_CONTENT].n > 0 || comment->field[COMMENT_AUTHOR].n > 0 ||
	    comment->field[COMMENT_EMAIL].n > 0 || comment->field[COMMENT_URL].n > 0;
}

/* Set what C is about by F, a guid or a comment or both; return whether there is anything to learn. */
static bool
find_subject(struct correction *c, const struct akismet_fields *f)
{
	bool named = guid_to_ulid(c->verdict_id, f->guid) == 0, said = says_something(&f->comment);

	c->comment = f->comment;
	c->feedback.verdict_id = named ? c->verdict_id : NULL;
	/* where nothing is said, an unknown guid would have that learnt as a comment */
	c->feedback.comment = said ? &c->comment : NULL;
	return (named || said) && !f->test && !is_guaranteed(f);
}

static void
submit(struct call *call, enum label label)
{
	struct akismet_fields f;
	struct correction *c;
	struct form form;
	struct err err;

	if (!akismet_open(call, &form, false))
		return;
	c = arena_alloc(call->rq->arena, sizeof(*c));
	if (c == NULL || akismet_fields(&f, &form, call->rq->arena, &err) == -1) {
		call_error(call, 503, "unavailable", "out of memory; try again");
		return;
	}
	if (!call_allowed(call, 1))
		return;
	c->feedback = (struct feedback){
		.label = label,
		.site = call->site->id,
		.origin = "akismet",
		.who = call->site->name,
	};
	if (find_subject(c, &f))
		judge_correct(call, c, thank);
	else
		thank(call);
}

void
akismet_submit_spam(struct call *call)
{
	submit(call, LABEL_SPAM);
}

void
akismet_submit_ham(struct call *call)
{
	submit(call, LABEL_HAM);
}
