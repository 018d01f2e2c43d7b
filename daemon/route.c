#include "config.h"

#include <string.h>
#include <strings.h>

#include "daemon/admin.h"
#include "daemon/akismet.h"
#include "daemon/blogspam.h"
#include "daemon/call.h"
#include "daemon/health.h"
#include "daemon/key.h"
#include "daemon/native.h"
#include "daemon/privacy.h"
#include "daemon/route.h"

#define GET (1u << HTTP_GET)
#define POST (1u << HTTP_POST)
#define RECORD (POST | ROUTE_RECORDS)
#define UNIX (1u << HTTP_SERVICE | 1u << HTTP_ADMIN)
#define ALL (UNIX | 1u << HTTP_TCP)
#define ADMIN (1u << HTTP_ADMIN)
#define OPEN (ALL | 1u << HTTP_BLOGSPAM)
#define WATCH (1u << HTTP_METRICS)

static const struct route routes[] = {
	{ RECORD, "/1.#/comment-check", ALL, KEY_HANDLER, FAMILY_AKISMET, akismet_comment_check },
	{ RECORD, "/v1/check", ALL, KEY_SITE, FAMILY_NATIVE, native_check },
	{ POST, "/1.#/verify-key", ALL, KEY_HANDLER, FAMILY_AKISMET, akismet_verify_key },
	{ RECORD, "/1.#/submit-spam", ALL, KEY_HANDLER, FAMILY_AKISMET, akismet_submit_spam },
	{ RECORD, "/1.#/submit-ham", ALL, KEY_HANDLER, FAMILY_AKISMET, akismet_submit_ham },
	{ POST, "/1.#/deactivate", ALL, KEY_HANDLER, FAMILY_AKISMET, akismet_deactivate },
	{ POST, "/1.#/get-subscription", ALL, KEY_HANDLER, FAMILY_AKISMET, akismet_get_subscription },
	{ POST, "/1.#/get-stats", ALL, KEY_HANDLER, FAMILY_AKISMET, akismet_get_stats },
	{ GET | POST, "/1.#/usage-limit", ALL, KEY_HANDLER, FAMILY_AKISMET, akismet_usage_limit },
	{ GET | POST, "/1.#/key-sites", ALL, KEY_HANDLER, FAMILY_AKISMET, akismet_key_sites },
	{ POST, "/1.#/token", ALL, KEY_HANDLER, FAMILY_AKISMET, akismet_token },
	{ POST, "/1.#/verify-wpcom-key", ALL, KEY_NONE, FAMILY_AKISMET, akismet_verify_wpcom_key },
	{ GET | POST, "/1.#/compatible-plugins", ALL, KEY_NONE, FAMILY_AKISMET, akismet_compatible_plugins },
	{ GET | POST, "/1.#/test", ALL, KEY_NONE, FAMILY_AKISMET, akismet_test },
	{ RECORD, "/v1/feedback", ALL, KEY_SITE, FAMILY_NATIVE, native_feedback },
	{ GET, "/v1/verdicts/*", ALL, KEY_SITE, FAMILY_NATIVE, native_verdict },
	{ RECORD, "/", OPEN, KEY_SITE, FAMILY_BLOGSPAM, blogspam_check },
	{ RECORD, "/classify", OPEN, KEY_SITE, FAMILY_BLOGSPAM, blogspam_classify },
	{ POST, "/stats", OPEN, KEY_SITE, FAMILY_BLOGSPAM, blogspam_stats },
	{ GET, "/global-stats", OPEN, KEY_SITE, FAMILY_BLOGSPAM, blogspam_stats },
	{ GET, "/lookup/*", OPEN, KEY_SITE, FAMILY_BLOGSPAM, blogspam_lookup },
	{ GET, "/plugins", OPEN, KEY_NONE, FAMILY_BLOGSPAM, blogspam_plugins },
	{ GET, "/healthz", OPEN | WATCH, KEY_NONE, FAMILY_NATIVE, health_alive },
	{ GET, "/readyz", ALL | WATCH, KEY_LOCAL, FAMILY_NATIVE, health_ready },
	{ GET, "/privacy", ALL, KEY_NONE, FAMILY_NATIVE, privacy_page },
	{ GET, "/metrics", ADMIN | WATCH, KEY_LOCAL, FAMILY_NATIVE, admin_metrics },
	{ POST, "/v1/admin/reload", ADMIN, KEY_LOCAL, FAMILY_NATIVE, admin_reload },
	{ GET, "/v1/admin/status", ADMIN, KEY_LOCAL, FAMILY_NATIVE, admin_status },
	{ GET, "/v1/admin/rules", ADMIN, KEY_LOCAL, FAMILY_NATIVE, admin_rules },
};

#define NROUTES (sizeof(routes) / sizeof(routes[0]))

_Static_assert(NROUTES < METRICS_ROUTES, "more routes than there are counters");

size_t
route_index(const struct route *route)
{
	return route == NULL ? NROUTES : (size_t)(route - routes);
}

const char *
route_name(size_t index)
{
	return index < NROUTES ? routes[index].pattern : "other";
}

/* Return whether PATH is what PATTERN means; set *REST to what stood for '*'. */
static bool
matches(const char *pattern, struct slice path, struct slice *rest)
{
	size_t i;

	for (i = 0; i < path.n; i++) {
		if (pattern[i] == '*') {
			*rest = (struct slice){ path.p + i, path.n - i };
			return memchr(rest->p, '/', rest->n) == NULL;
		}
		if (pattern[i] == '#' ? path.p[i] < '0' || path.p[i] > '2' : pattern[i] != path.p[i])
			return false;
	}
	return pattern[i] == '\0';
}

static const struct route *
find(struct slice path, struct slice *rest)
{
	for (size_t i = 0; i < NROUTES; i++) {
		if (matches(routes[i].pattern, path, rest))
			return &routes[i];
	}
	return NULL;
}

static enum route_family
family_of(struct slice path)
{
	return path.n > 3 && memcmp(path.p, "/1.", 3) == 0 ? FAMILY_AKISMET : FAMILY_NATIVE;
}

/* Answer RQ, for which there is no call, with an error. */
static void
refuse(struct http_request *rq, const struct route *route, int status, const char *code, const char *why)
{
	struct worker *w = rq->local;
	enum route_family family = route != NULL ? route->family : family_of(rq->path);

	hamletd_event(w->d, LOG_DEBUG, "request_refused", LOG_STR("route", route_name(route_index(route))),
	    LOG_INT("status", status), LOG_STR("code", code));
	metrics_request(&w->d->metrics, route_index(route), status);
	reply_error(rq, family, status, code, why);
	http_reply(rq, status, family == FAMILY_NATIVE ? TYPE_JSON : TYPE_TEXT);
}

void
route_refuse(struct http_request *rq, int status, const char *why)
{
	static const struct {
		int status;
		const char *code;
	} codes[] = { { 400, "malformed" }, { 403, "forbidden" }, { 408, "timeout" }, { 413, "too_large" },
		{ 415, "unsupported_type" }, { 417, "expectation_failed" }, { 431, "head_too_large" },
		{ 501, "not_implemented" }, { 503, "overloaded" }, { 505, "version_not_supported" } };
	const char *code = "refused";

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].status == status)
			code = codes[i].code;
	}
	refuse(rq, NULL, status, code, why);
}

static void
wrong_method(struct http_request *rq, const struct route *route)
{
	http_add_header(rq, "Allow",
	    route->methods == (GET | POST) ? "GET, HEAD, POST"
		: route->methods == GET	   ? "GET, HEAD"
					   : "POST");
	refuse(rq, route, 405, "method_not_allowed",
	    route->family == FAMILY_BLOGSPAM ? "We only accept POST requests, via HTTP."
					     : "this route has other methods; see Allow");
}

/* Find out whose call it is; false when it has ended with an error instead. */
static bool
admitted(struct call *call)
{
	struct http_request *rq = call->rq;
	bool given = false;

	if (call->route->key == KEY_NONE || call->route->key == KEY_HANDLER)
		return true;
	call->site = key_of_request(call, &given);
	if (call->site == NULL && !given && rq->socket == HTTP_BLOGSPAM)
		call->site = sites_by_name(call->world->sites, slice_of(call->world->config->blogspam_site));
	if (call->site == NULL && (given || rq->socket == HTTP_TCP || rq->socket == HTTP_BLOGSPAM)) {
		http_add_header(rq, "WWW-Authenticate", "Bearer");
		call_error(
		    call, 401, "unauthorized", given ? "this is no site's key" : "this needs a site's key");
		return false;
	}
	call->all_sites = call->site == NULL && rq->socket == HTTP_ADMIN;
	if (call->site == NULL)
		call->site = sites_default(call->world->sites);
	if (call->site == NULL && call->route->key != KEY_LOCAL) {
		call_error(
		    call, 401, "unauthorized", "there is no site \"default\"; this needs a site's key");
		return false;
	}
	return true;
}

/* Return whether so many wait, to be looked at or to be recorded, that RQ is to be refused before it costs
 * anything. */
static bool
overloaded(struct http_request *rq)
{
	const struct worker *w = rq->local;

	return !recorder_has_room(w->d->recorder) || http_backlog(rq) > w->d->backlog_max;
}

void
route_request(struct http_request *rq)
{
	struct worker *w = rq->local;
	const struct route *route;
	struct slice rest = { NULL, 0 };
	struct call *call;
	unsigned method = 1u << (rq->method == HTTP_HEAD ? HTTP_GET : rq->method);

	world_follow(&w->d->world, &w->world, &w->world_seen);
	route = find(rq->path, &rest);
	if (route == NULL) {
		refuse(rq, NULL, 404, "no_such_route", "there is nothing at this path");
		return;
	}
	if ((route->sockets & 1u << rq->socket) == 0) {
		refuse(rq, route, 403, "forbidden", "not on this socket");
		return;
	}
	if ((route->methods & method) == 0) {
		wrong_method(rq, route);
		return;
	}
	if ((route->methods & ROUTE_RECORDS) != 0 && overloaded(rq)) {
		atomic_fetch_add(&w->d->metrics.queue_full, 1);
		refuse(rq, route, 503, "overloaded", CALL_OVERLOADED);
		return;
	}
	call = arena_alloc(rq->arena, sizeof(*call));
	if (call == NULL) {
		refuse(rq, route, 503, "unavailable", "out of memory; try again");
		return;
	}
	call->rq = rq;
	call->d = w->d;
	call->worker = w;
	call->world = world_ref(w->world);
	call->route = route;
	call->rest = rest;
	rq->app = call;
	if (call_decode_query(call) && admitted(call))
		route->handle(call);
}
