#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "corpus/lint.h"
#include "corpus/reader.h"

/* Fields that may name a host; what browsers call themselves does so by custom. */
static const enum comment_field text_fields[] = { COMMENT_AUTHOR, COMMENT_CONTENT, COMMENT_REFERRER,
	COMMENT_PERMALINK, COMMENT_TITLE, COMMENT_CONTEXT };

/* ISO 639-1, each code followed by a space. */
static const char languages[] =
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv "
    "dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it "
    "iu ja jv ka kg "
    "ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb "
    "nd ne ng nl nn "
    "no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss "
    "st su sv sw ta "
    "te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu ";

struct finder {
	const struct example *row;
	lint_report *report;
	void *arg;
	size_t found;
};

const char *
lint_problem_text(enum lint_problem problem)
{
	switch (problem) {
	case LINT_DOMAIN:
		return "not a reserved domain";
	case LINT_LANGUAGE:
		return "not a language code";
	case LINT_EMPTY:
		return "no content";
	}
	return "unknown problem";
}

static void
report(struct finder *f, enum lint_problem problem, struct slice text)
{
	f->found++;
	f->report(f->arg, f->row, problem, text);
}

bool
lint_language_known(struct slice code)
{
	for (size_t i = 0; code.n >= 2 && i < sizeof(languages) - 1; i += 3) {
		if (memcmp(languages + i, code.p, 2) == 0)
			return code.n == 2 || (code.p[2] == '-' && code.n > 3);
	}
	return false;
}

/* Return whether HOST is DOMAIN or lies under it. */
static bool
is_under(struct slice host, const char *domain)
{
	size_t n = strlen(domain);

	if (host.n < n || strncasecmp(host.p + host.n - n, domain, n) != 0)
		return false;
	return host.n == n || host.p[host.n - n - 1] == '.';
}

static bool
is_number(struct slice host)
{
	for (size_t i = 0; i < host.n; i++) {
		if (!isdigit((unsigned char)host.p[i]) && host.p[i] != '.')
			return false;
	}
	return true;
}

bool
lint_host_allowed(struct slice host)
{
	static const char *const domains[] = { "example", "test", "invalid", "localhost", "example.com",
		"example.org", "example.net" };
	static const char *const networks[] = { "192.0.2.", "198.51.100.", "203.0.113.", "127.", "10.",
		"192.168.", "0.0.0.0" };

	while (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n == 0 || memchr(host.p, '.', host.n) == NULL)
		return true;
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		if (is_under(host, domains[i]))
			return true;
	}
	for (size_t i = 0; is_number(host) && i < sizeof(networks) / sizeof(networks[0]); i++) {
		if (slice_begins(host, networks[i]))
			return true;
	}
	return false;
}

static bool
in_host(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_' || (unsigned char)c >= 0x80;
}

/* Return the host that S begins with. */
static struct slice
take_host(struct slice s)
{
	size_t n = 0;

	while (n < s.n && in_host(s.p[n]))
		n++;
	while (n > 0 && (s.p[n - 1] == '.' || s.p[n - 1] == '-'))
		n--;
	return (struct slice){ s.p, n };
}

/* Check the host of a link whose scheme is off, passing over "user:password@"; return how many bytes that
 * took. */
static size_t
check_link(struct finder *f, struct slice rest)
{
	size_t n = 0;
	struct slice host;

	while (n < rest.n && (in_host(rest.p[n]) || rest.p[n] == ':' || rest.p[n] == '%'))
		n++;
	n = n < rest.n && rest.p[n] == '@' ? n + 1 : 0;
	host = take_host((struct slice){ rest.p + n, rest.n - n });
	if (!lint_host_allowed(host))
		report(f, LINT_DOMAIN, host);
	return n + host.n;
}

/* Return whether HOST ends in letters, as names do and version numbers don't. */
static bool
ends_in_name(struct slice host)
{
	return host.n > 1 && !isdigit((unsigned char)host.p[host.n - 1]) && host.p[host.n - 1] != '_';
}

/* Return how many bytes ("https://", "www.") REST has before a link's host; 0: it is no link. */
static size_t
link_prefix(struct slice rest, bool after_word)
{
	static const char *const schemes[] = { "http://", "https://", "ftp://", "hxxp://", "hxxps://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (slice_begins(rest, schemes[i]))
			return strlen(schemes[i]);
	}
	return !after_word && slice_begins(rest, "www.") && rest.n > 4 && isalnum((unsigned char)rest.p[4])
	    ? 4
	    : 0;
}

static void
check_text(struct finder *f, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		struct slice rest = { s.p + i, s.n - i };
		bool after_word = i > 0 &&
		    (isalnum((unsigned char)s.p[i - 1]) || strchr("/@.-", s.p[i - 1]) != NULL);
		size_t n = link_prefix(rest, after_word);

		if (n > 0) {
			n += check_link(f, (struct slice){ rest.p + n, rest.n - n });
			i += n - 1;
		} else if (*rest.p == '@' && i > 0 &&
		    (isalnum((unsigned char)s.p[i - 1]) || strchr("._-+", s.p[i - 1]))) {
			struct slice host = take_host((struct slice){ rest.p + 1, rest.n - 1 });

			if (ends_in_name(host) && !lint_host_allowed(host))
				report(f, LINT_DOMAIN, host);
		}
	}
}

/* The commenter's site: a link, often without its scheme, or a path. */
static void
check_site(struct finder *f, struct slice url)
{
	if (url.n == 0 || *url.p == '/')
		return;
	if (memmem(url.p, url.n, "://", 3) != NULL)
		check_text(f, url);
	else
		check_link(f, url);
}

static void
check_email(struct finder *f, struct slice email)
{
	const char *at = email.n == 0 ? NULL : memrchr(email.p, '@', email.n);
	struct slice host;

	if (at == NULL)
		return;
	host = (struct slice){ at + 1, (size_t)(email.p + email.n - at) - 1 };
	if (!lint_host_allowed(host))
		report(f, LINT_DOMAIN, host);
}

size_t
lint_row(const struct example *row, lint_report *report_to, void *arg)
{
	struct finder f = { row, report_to, arg, 0 };
	const struct slice *field = row->comment.field;

	if (slice_blank(field[COMMENT_CONTENT]))
		report(&f, LINT_EMPTY, (struct slice){ NULL, 0 });
	if (field[COMMENT_LANG].p != NULL && !lint_language_known(field[COMMENT_LANG]))
		report(&f, LINT_LANGUAGE, field[COMMENT_LANG]);
	check_email(&f, field[COMMENT_EMAIL]);
	check_site(&f, field[COMMENT_URL]);
	for (size_t i = 0; i < sizeof(text_fields) / sizeof(text_fields[0]); i++)
		check_text(&f, field[text_fields[i]]);
	return f.found;
}
