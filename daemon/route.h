#ifndef HAMLET_DAEMON_ROUTE_H
#define HAMLET_DAEMON_ROUTE_H

#include <stddef.h>

#include "daemon/http.h"

/*
 * The routes: one table says for each path its methods, on which sockets it is answered, what key it needs,
 * and who handles it.
 */
struct call;

enum route_family {
	FAMILY_NATIVE,
	FAMILY_AKISMET,
	FAMILY_BLOGSPAM
}; /* how errors look: JSON, or short text */

enum route_key {
	KEY_NONE, /* needs none */
	KEY_SITE, /* over TCP a site's key; on the Unix sockets without one: the site "default" */
	KEY_HANDLER, /* the handler sees to it: the key is in the form */
	KEY_LOCAL /* as KEY_SITE, but the answer doesn't depend on the site */
};

#define ROUTE_RECORDS 0x100u /* there is no answer without a record */

struct route {
	unsigned methods; /* of 1 << enum http_method; HEAD goes with GET; and perhaps ROUTE_RECORDS */
	const char *pattern; /* '#' stands for one of "012"; a last '*' for one more part */
	unsigned sockets; /* of 1 << enum http_socket */
	enum route_key key;
	enum route_family family;
	void (*handle)(struct call *call);
};

/* Answer RQ: what http_options.handle and .refuse are. */
void route_request(struct http_request *rq);
void route_refuse(struct http_request *rq, int status, const char *why);

/* Return the place of ROUTE in the table, and the name of the route in a place, for counting. */
size_t route_index(const struct route *route);
const char *route_name(size_t index);

#endif
