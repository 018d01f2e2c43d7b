#ifndef HAMLET_DAEMON_PRIVACY_H
#define HAMLET_DAEMON_PRIVACY_H

#include "daemon/call.h"

/*
 * GET /privacy: what becomes of a comment, for those who write them, by the settings in force.  ?site=NAME, a
 * site's key, or the host that the site lives at choose the site, ?lang= or Accept-Language the language,
 * ?format=json or Accept the form.
 */
void privacy_page(struct call *call);

#endif
