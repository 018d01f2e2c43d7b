#ifndef HAMLET_DAEMON_KEY_H
#define HAMLET_DAEMON_KEY_H

#include "daemon/call.h"
#include "daemon/form.h"

/*
 * Return the site whose key the request carries: "Authorization: Bearer KEY", the query's api_key or key, or
 * the first label of the host.  NULL when none fits; *GIVEN then tells whether a key was given all the same.
 */
const struct site *key_of_request(struct call *call, bool *given);

/*
 * The same in Akismet's order, with the fields of FORM first.  With KEY_FIRST the field "key" is asked about
 * before "api_key": a blog whose owner changes keys sends the new one so, beside the old one.
 */
const struct site *key_of_form(struct call *call, const struct form *form, bool key_first);

#endif
