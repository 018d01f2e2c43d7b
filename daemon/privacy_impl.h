#ifndef HAMLET_DAEMON_PRIVACY_IMPL_H
#define HAMLET_DAEMON_PRIVACY_IMPL_H

#include "base/buf.h"
#include "daemon/privacy_words.h"
#include "engine/settings.h"
#include "engine/sites.h"

/* Private to the files of the page /privacy: what it is to say. */
struct privacy {
	const struct privacy_words *words;
	const struct config *config;
	const struct site *site; /* NULL: of none in particular */
	struct config_privacy kept; /* what holds for the site */
	bool has_rules; /* the owner's, which may decide about the site's comments */
	bool asked_for_site; /* by ?site=: links keep it */
};

/* What the style on the page must be for browsers to take it, as Content-Security-Policy has it. */
#define PRIVACY_POLICY                                                                                       \
	"default-src 'none'; style-src 'sha256-iUVX6R+77lFCILjgnokKpR0RUsaoDO5zLlq9dHxMePs='; base-uri "     \
	"'none'; form-action 'none'; frame-ancestors 'none'"

/* Return how the site is called on the page: its address without "https://", its name, or "this site". */
struct slice privacy_site(const struct privacy *p);

/* Append MS in words, such as "30 days". */
void privacy_span(const struct privacy *p, int64_t ms, struct buf *b);

/* Return for how long the flood guard remembers digests at most, in whole hours; 0: not at all. */
int64_t privacy_flood_ms(const struct privacy *p);

/* Append the page as HTML, or the same as a JSON object. */
void privacy_html(const struct privacy *p, struct buf *b);
void privacy_json(const struct privacy *p, struct buf *b);

#endif
