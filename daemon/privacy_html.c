#include "config.h"

#include <strings.h>

#include "base/utf8.h"
#include "daemon/privacy_impl.h"

/* Its digest stands in PRIVACY_POLICY. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#1c1b19;--dim:#5d5a54;--paper:#fbfaf7;--line:#dcd8cf;--link:#0b5394}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e9e6df;--dim:#a8a399;--paper:#191816;--line:#3b3832;"
    "--link:#8ab8ec}}"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:42rem;padding:1.25rem 1.25rem "
    "3rem;background:var(--paper);color:var(--ink);"
    "font:1.0625rem/1.55 system-ui,sans-serif;overflow-wrap:break-word}"
    "h1{font-size:1.75rem;line-height:1.2;margin:1.5rem 0 1rem;text-wrap:balance}"
    "h2{font-size:1.2rem;line-height:1.3;margin:2.25rem 0 .5rem}"
    "h3{font-size:1.0625rem;line-height:1.4;margin:0}"
    "p{margin:.5rem 0}"
    "a{color:var(--link)}a:focus-visible{outline:2px solid;outline-offset:2px}"
    ".parts{list-style:none;margin:1rem 0 0;padding:0}"
    ".parts li{border-top:1px solid var(--line);padding:.9rem 0}"
    ".parts p{margin:.3rem 0 0}"
    ".kept{font-weight:600}"
    "nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:0;padding:0}"
    "nav a,nav span{display:inline-block;padding:.25rem 0}"
    "nav [aria-current]{font-weight:600}"
    "footer{border-top:1px solid "
    "var(--line);color:var(--dim);font-size:.9375rem;margin-top:2.5rem;padding-top:.75rem}";

/* -- Text that isn't ours -- */

/* Append S, good between tags and inside of quoted attributes; what can't be read is a space or U+FFFD. */
static void
put_escaped(struct buf *b, struct slice s)
{
	while (s.n > 0) {
		size_t n = utf8_sequence(s.p, s.n);

		if (n == 0)
			utf8_put(b, 0xfffd);
		else if ((unsigned char)*s.p < ' ' || *s.p == 0x7f)
			buf_add_char(b, ' ');
		else if (strchr("&<>\"'", *s.p) != NULL)
			buf_addf(b, "&#%d;", *s.p);
		else
			buf_add(b, s.p, n);
		n += n == 0;
		s.p += n;
		s.n -= n;
	}
}

/* Append TEXT, ours, with VALUE, HTML already, where its "{}" stands. */
static void
put_with(struct buf *b, const char *text, struct slice value)
{
	const char *place = strstr(text, "{}");

	if (place == NULL) {
		buf_add_str(b, text);
		return;
	}
	buf_add(b, text, (size_t)(place - text));
	buf_add_slice(b, value);
	buf_add_str(b, place + 2);
}

static void
put_paragraph(struct buf *b, const char *text)
{
	buf_addf(b, "<p>%s</p>\n", text);
}

static void
put_heading(struct buf *b, const char *text)
{
	buf_addf(b, "<h2>%s</h2>\n", text);
}

/* -- The parts of the page -- */

static void
put_item(struct buf *b, const struct privacy_item *item, const char *kept)
{
	buf_addf(b, "<li>\n<h3>%s</h3>\n<p>%s</p>\n<p class=\"kept\">%s</p>\n</li>\n", item->what, item->why,
	    kept);
}

static void
put_stored(const struct privacy *p, struct buf *b)
{
	const struct privacy_words *w = p->words;
	struct buf span, kept;

	buf_init(&span, BUF_NO_LIMIT);
	buf_init(&kept, BUF_NO_LIMIT);
	put_heading(b, w->stored_title);
	put_paragraph(b, w->stored_intro);
	buf_add_str(b, "<ul class=\"parts\">\n");
	for (size_t i = 0; i < RETAINED_PARTS; i++) {
		buf_clear(&span);
		buf_clear(&kept);
		privacy_span(p, p->kept.retain_ms[i], &span);
		put_with(&kept, w->kept, buf_slice(&span));
		put_item(b, &w->part[i], buf_str(&kept));
		b->failed = b->failed || !buf_ok(&kept) || !buf_ok(&span);
	}
	put_item(b, &w->record, w->record_kept);
	put_item(b, &w->example, w->example_kept);
	buf_add_str(b, "</ul>\n");
	buf_fini(&span);
	buf_fini(&kept);
}

static void
put_decision(const struct privacy *p, struct buf *b)
{
	const struct privacy_words *w = p->words;
	struct buf percent, span;

	put_heading(b, w->decision_title);
	buf_addf(b, "<p>%s %s", w->decision,
	    p->config->unsure_as == CONFIG_UNSURE_SPAM ? w->unsure_is_spam : w->unsure_is_ham);
	if (p->config->discard_threshold > 0) {
		buf_init(&percent, BUF_NO_LIMIT);
		buf_addf(&percent, "%.6g", p->config->discard_threshold * 100);
		buf_add_char(b, ' ');
		put_with(b, w->discard, buf_slice(&percent));
		buf_fini(&percent);
	}
	buf_add_str(b, "</p>\n");
	if (p->has_rules)
		put_paragraph(b, w->rules);
	if (privacy_flood_ms(p) == 0)
		return;
	buf_init(&span, BUF_NO_LIMIT);
	privacy_span(p, privacy_flood_ms(p), &span);
	buf_add_str(b, "<p>");
	put_with(b, w->flood, buf_slice(&span));
	buf_add_str(b, "</p>\n");
	buf_fini(&span);
}

/* Return what turns CONTACT into a link, "" if it is one; NULL if it can't be. */
static const char *
link_prefix(struct slice contact)
{
	const char *at = memchr(contact.p, '@', contact.n);

	if ((contact.n > 8 && strncasecmp(contact.p, "https://", 8) == 0) ||
	    (contact.n > 7 && strncasecmp(contact.p, "http://", 7) == 0))
		return "";
	if (at == NULL || at == contact.p || contact.p[strcspn(contact.p, " \t\r\n,;:<>()?&")] != '\0')
		return NULL;
	return "mailto:";
}

static void
put_contact(struct slice contact, struct buf *b)
{
	const char *prefix = link_prefix(contact);

	if (prefix == NULL) {
		put_escaped(b, contact);
		return;
	}
	buf_addf(b, "<a href=\"%s", prefix);
	put_escaped(b, contact);
	buf_add_str(b, "\">");
	put_escaped(b, contact);
	buf_add_str(b, "</a>");
}

static void
put_ask(const struct privacy *p, struct buf *b)
{
	const struct privacy_words *w = p->words;
	struct buf contact;

	put_heading(b, w->ask_title);
	buf_addf(b, "<p>%s ", w->ask);
	if (*p->kept.contact == '\0') {
		buf_add_str(b, w->ask_owner);
	} else {
		buf_init(&contact, BUF_NO_LIMIT);
		put_contact(slice_of(p->kept.contact), &contact);
		put_with(b, w->ask_whom, buf_slice(&contact));
		b->failed = b->failed || !buf_ok(&contact);
		buf_fini(&contact);
	}
	buf_add_str(b, "</p>\n");
	put_paragraph(b, w->erased);
	put_paragraph(b, w->backups);
}

/* Append what follows "?" in a link to this page in another language or form. */
static void
put_query(const struct privacy *p, const char *language, const char *more, struct buf *b)
{
	if (p->asked_for_site)
		buf_addf(b, "site=%s&amp;", p->site->name); /* a-z 0-9 . _ - only */
	buf_addf(b, "lang=%s%s", language, more);
}

static void
put_languages(const struct privacy *p, struct buf *b)
{
	size_t n;
	const struct privacy_words *all = privacy_words(&n);

	buf_addf(b, "<nav aria-label=\"%s\">\n<ul>\n", p->words->languages);
	for (size_t i = 0; i < n; i++) {
		if (&all[i] == p->words) {
			buf_addf(b, "<li><span aria-current=\"true\">%s</span></li>\n", all[i].own_name);
			continue;
		}
		buf_add_str(b, "<li><a href=\"?");
		put_query(p, all[i].language, "", b);
		buf_addf(b, "\" lang=\"%s\" hreflang=\"%s\">%s</a></li>\n", all[i].language, all[i].language,
		    all[i].own_name);
	}
	buf_add_str(b, "</ul>\n</nav>\n");
}

static void
put_head(const struct privacy *p, struct buf *b)
{
	buf_addf(b,
	    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n<title>%s</title>\n<style>",
	    p->words->language, p->words->title);
	buf_add_str(b, style);
	buf_add_str(b, "</style>\n</head>\n");
}

static void
put_intro(const struct privacy *p, struct buf *b)
{
	struct buf site;

	buf_init(&site, BUF_NO_LIMIT);
	put_escaped(&site, privacy_site(p));
	buf_addf(b, "<h1>%s</h1>\n<p>", p->words->title);
	put_with(b, p->words->intro, buf_slice(&site));
	buf_add_str(b, "</p>\n");
	b->failed = b->failed || !buf_ok(&site);
	buf_fini(&site);
}

void
privacy_html(const struct privacy *p, struct buf *b)
{
	const struct privacy_words *w = p->words;

	put_head(p, b);
	buf_add_str(b, "<body>\n<header>\n");
	put_languages(p, b);
	buf_add_str(b, "</header>\n<main>\n");
	put_intro(p, b);
	put_stored(p, b);
	put_decision(p, b);
	put_heading(b, w->who_title);
	put_paragraph(b, w->who);
	put_heading(b, w->stays_title);
	put_paragraph(b, w->stays);
	put_ask(p, b);
	buf_addf(b, "</main>\n<footer>\n<p>%s <a href=\"?", w->made_from);
	put_query(p, w->language, "&amp;format=json", b);
	buf_addf(b, "\" type=\"application/json\">%s</a></p>\n</footer>\n</body>\n</html>\n", w->as_json);
}
