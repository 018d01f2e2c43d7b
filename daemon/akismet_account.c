#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "daemon/akismet.h"

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

void
akismet_token(struct call *call)
{
	char token[40];
	struct form form;

	if (!akismet_open(call, &form, true))
		return;
	snprintf(token, sizeof(token), "hamlet-site-%" PRId64, call->site->id);
	akismet_answer(call, token, NULL);
}

void
akismet_verify_wpcom_key(struct call *call)
{
	akismet_answer(call, "invalid", "There are no WordPress.com accounts here");
}

void
akismet_compatible_plugins(struct call *call)
{
	buf_add_str(&call->rq->reply, "[]");
	call_reply(call, 200, TYPE_JSON);
}
