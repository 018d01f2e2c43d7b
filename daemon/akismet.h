#ifndef HAMLET_DAEMON_AKISMET_H
#define HAMLET_DAEMON_AKISMET_H

#include "daemon/call.h"
#include "daemon/form.h"

/*
 * The Akismet-compatible calls, as protocol/akismet.md has them: status 200 for every answer of substance,
 * bodies that are compared byte for byte.  akismet.c has those about comments, akismet_account.c those about
 * keys, akismet_stats.c and akismet_sites.c those that count.
 */
void akismet_comment_check(struct call *call);
void akismet_submit_spam(struct call *call);
void akismet_submit_ham(struct call *call);

void akismet_verify_key(struct call *call);
void akismet_deactivate(struct call *call);
void akismet_get_subscription(struct call *call);
void akismet_test(struct call *call);
void akismet_token(struct call *call);
void akismet_verify_wpcom_key(struct call *call);
void akismet_compatible_plugins(struct call *call);

void akismet_get_stats(struct call *call);
void akismet_usage_limit(struct call *call);
void akismet_key_sites(struct call *call);

/*
 * Decode the call's form into *FORM and find its site; see key_of_form() for KEY_FIRST.  False when the call
 * has ended instead: a malformed form, or "invalid" for a key that is none.
 */
bool akismet_open(struct call *call, struct form *form, bool key_first);

/* Return the parameter NAME of a call that may be a GET: of FORM, else of the query; absent if neither has
 * it.
 */
struct slice akismet_parameter(struct call *call, const struct form *form, const char *name);

/* End CALL with BODY, and with a "debug help" header if HELP isn't NULL. */
void akismet_answer(struct call *call, const char *body, const char *help);

#endif
