#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/accept.h"
#include "daemon/key.h"
#include "daemon/privacy.h"
#include "daemon/privacy_impl.h"
#include "engine/rules.h"

#define TYPE_HTML "text/html; charset=utf-8"
#define LANGUAGES_MAX 16
#define HOUR_MS 3600000

/* Return URL without its scheme. */
static struct slice
without_scheme(struct slice url)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(schemes[i]);

		if (url.n > n && strncasecmp(url.p, schemes[i], n) == 0)
			return (struct slice){ url.p + n, url.n - n };
	}
	return url;
}

struct slice
privacy_site(const struct privacy *p)
{
	struct slice s;

	if (p->site == NULL || (*p->site->url == '\0' && p->site->id == SITE_DEFAULT))
		return slice_of(p->words->this_site);
	s = without_scheme(slice_of(*p->site->url != '\0' ? p->site->url : p->site->name));
	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

void
privacy_span(const struct privacy *p, int64_t ms, struct buf *b)
{
	int64_t hours = ms / HOUR_MS;
	bool days = hours % 24 == 0;
	int64_t n = days ? hours / 24 : hours;
	const char *text, *place;

	if (ms == RETAIN_FOREVER) {
		buf_add_str(b, p->words->forever);
		return;
	}
	text = days ? (n == 1 ? p->words->day : p->words->days) : n == 1 ? p->words->hour : p->words->hours;
	place = strstr(text, "{}");
	if (place == NULL)
		buf_add_str(b, text);
	else
		buf_addf(b, "%.*s%" PRId64 "%s", (int)(place - text), text, n, place + 2);
}

int64_t
privacy_flood_ms(const struct privacy *p)
{
	int64_t window = p->config->flood_window_ms;

	return p->config->flood_guard ? (2 * window + HOUR_MS - 1) / HOUR_MS * HOUR_MS : 0;
}

/* -- Which site, language and form -- */

/* Return the site that lives at the host that was asked; NULL if none does. */
static const struct site *
site_by_host(struct call *call)
{
	struct slice host = call->rq->host, own;
	const struct sites *sites = call->world->sites;

	for (size_t i = 0; i < sites_count(sites) && host.n > 0; i++) {
		const struct site *site = sites_at(sites, i);

		own = without_scheme(slice_of(site->url));
		own.n = own.n == 0 ? 0 : strcspn(own.p, "/?#");
		if (own.n == host.n && strncasecmp(own.p, host.p, host.n) == 0)
			return site;
	}
	return NULL;
}

/* Find the site that the page is to be about; false when CALL has ended with an error. */
static bool
choose_site(struct call *call, struct privacy *p)
{
	struct slice name = call_query(call, "site");
	bool given;

	p->asked_for_site = name.n > 0;
	if (p->asked_for_site) {
		p->site = sites_by_name(call->world->sites, name);
		if (p->site == NULL)
			call_error(call, 404, "no_such_site", "there is no site of this name");
		return p->site != NULL;
	}
	p->site = key_of_request(call, &given);
	if (given && p->site == NULL) {
		call_error(call, 401, "unauthorized", "this is no site's key");
		return false;
	}
	if (p->site == NULL)
		p->site = site_by_host(call);
	if (p->site == NULL)
		p->site = sites_default(call->world->sites);
	return true;
}

static void
choose_language(struct call *call, struct privacy *p)
{
	const char *names[LANGUAGES_MAX];
	struct slice asked = call_query(call, "lang");
	int found = -1;
	size_t n;

	p->words = privacy_words(&n);
	for (size_t i = 0; i < n; i++) {
		names[i] = p->words[i].language;
		if (found == -1 && language_is(asked, names[i]))
			found = (int)i;
	}
	if (found == -1)
		found = accept_language(call->rq->header[HTTP_ACCEPT_LANGUAGE], names, n);
	if (found > 0)
		p->words += found;
}

/* Set *JSON to whether JSON is wanted; false when CALL has ended with an error. */
static bool
choose_form(struct call *call, bool *json)
{
	struct slice form = call_query(call, "format"), accept = call->rq->header[HTTP_ACCEPT];

	*json = slice_is(form, "json");
	if (*json || slice_is(form, "html"))
		return true;
	if (form.n > 0) {
		call_error(call, 400, "malformed", "format is html or json");
		return false;
	}
	*json = accept_type(accept, "application/json") > accept_type(accept, "text/html");
	return true;
}

/* Return whether one of RULES can decide about comments of SITE; NULL: of none in particular. */
static bool
rules_decide(const struct rules *rules, const struct site *site)
{
	for (size_t i = 0; i < rules_count(rules); i++) {
		struct rule_info info = rules_info(rules, i);

		if (info.action != RULE_EVIDENCE &&
		    (info.site == NULL || (site != NULL && strcmp(info.site, site->name) == 0)))
			return true;
	}
	return false;
}

void
privacy_page(struct call *call)
{
	struct privacy p = { .config = call->world->config };
	struct http_request *rq = call->rq;
	bool json;

	if (!choose_form(call, &json) || !choose_site(call, &p))
		return;
	p.has_rules = rules_decide(call->world->rules, p.site);
	choose_language(call, &p);
	config_privacy_of(p.config, p.site != NULL ? p.site->name : "", &p.kept);
	http_add_header(rq, "Vary", "Accept, Accept-Language, Authorization, Host");
	http_add_header(rq, "Content-Language", p.words->language);
	http_add_header(rq, "Cache-Control", "no-cache");
	http_add_header(rq, "X-Content-Type-Options", "nosniff");
	if (json) {
		privacy_json(&p, &rq->reply);
	} else {
		http_add_header(rq, "Content-Security-Policy", PRIVACY_POLICY);
		http_add_header(rq, "Referrer-Policy", "no-referrer");
		privacy_html(&p, &rq->reply);
	}
	call_reply(call, 200, json ? TYPE_JSON : TYPE_HTML);
}
