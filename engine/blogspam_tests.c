#include "config.h"

#include <string.h>
#include <strings.h>

#include "engine/blogspam.h"
#include "engine/blogspam_options.h"
#include "engine/blogspam_words.h"

#define MAX_LINKS 10
#define MIN_WORDS 5
#define LENGTH_MAX 140 /* of a name or a subject */
#define LINK_KINDS 3

static struct slice
field(const struct blogspam *b, enum blogspam_field f)
{
	return b->field[f];
}

static enum blogspam_answer
spam_if(bool is, const char **why, const char *reason)
{
	*why = reason;
	return is ? BLOGSPAM_SPAM : BLOGSPAM_NEXT;
}

/* Return where WHAT begins in S, in either case, at or after FROM; S.n if nowhere. */
static size_t
find(struct slice s, size_t from, const char *what)
{
	size_t n = strlen(what);

	for (size_t i = from; i + n <= s.n; i++) {
		if (strncasecmp(s.p + i, what, n) == 0)
			return i;
	}
	return s.n;
}

static bool
contains(struct slice s, const char *what)
{
	return find(s, 0, what) < s.n;
}

static bool
begins(struct slice s, const char *what)
{
	size_t n = strlen(what);

	return s.n >= n && strncasecmp(s.p, what, n) == 0;
}

/* Return how many characters S has. */
static int64_t
characters(struct slice s)
{
	int64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static int64_t
option(const struct blogspam *b, const char *name, int64_t otherwise)
{
	int64_t n = otherwise;

	blogspam_option_number(field(b, BLOGSPAM_OPTIONS), name, &n);
	return n;
}

/* -- The tests -- */

static enum blogspam_answer
run_fail(const struct blogspam *b, const char **why)
{
	struct slice rest = field(b, BLOGSPAM_OPTIONS), name, value;
	bool found = false;

	while (!found && blogspam_option(&rest, &name, &value))
		found = slice_is(name, "fail");
	return spam_if(found, why, "Manually marked as spam, via options.");
}

static enum blogspam_answer
run_example(const struct blogspam *b, const char **why)
{
	return spam_if(contains(field(b, BLOGSPAM_EMAIL), "@example."), why,
	    "The e-mail address is of an example domain.");
}

/* The first of the address lists that the address is on decides. */
static enum blogspam_answer
run_ip(const struct blogspam *b, const char **why)
{
	struct slice ip = field(b, BLOGSPAM_IP), rest = field(b, BLOGSPAM_OPTIONS), name, value;
	bool white;

	if (ip.n == 0)
		return spam_if(true, why, "Missing IP address.");
	if (!blogspam_ip_valid(ip))
		return spam_if(true, why, "Malformed IP address.");
	while (blogspam_option(&rest, &name, &value)) {
		white = slice_is(name, "whitelist");
		if (!(white || slice_is(name, "blacklist")) || !blogspam_ip_within(ip, value))
			continue;
		*why = white ? "Locally whitelisted IP, via options."
			     : "Locally blacklisted IP, via options.";
		return white ? BLOGSPAM_OK : BLOGSPAM_SPAM;
	}
	return BLOGSPAM_NEXT;
}

static enum blogspam_answer
run_subject(const struct blogspam *b, const char **why)
{
	return spam_if(
	    blogspam_listed(BLOGSPAM_SUBJECTS, field(b, BLOGSPAM_SUBJECT)), why, "Blacklisted subject.");
}

static enum blogspam_answer
run_body(const struct blogspam *b, const char **why)
{
	return spam_if(
	    blogspam_listed(BLOGSPAM_BODIES, field(b, BLOGSPAM_COMMENT)), why, "Blacklisted body.");
}

struct member {
	struct slice name;
	bool has; /* a value that says something */
};

static int
look_at_member(const char *key, struct json *value, void *arg)
{
	struct member *m = arg;

	if (strlen(key) != m->name.n || strncasecmp(key, m->name.p, m->name.n) != 0)
		return 0;
	m->has = json_type_of(value) == JSON_TEXT ? json_text(value).n > 0
						  : json_type_of(value) != JSON_NULL_VALUE;
	return 0;
}

static enum blogspam_answer
run_mandatory(const struct blogspam *b, const char **why)
{
	struct slice rest = field(b, BLOGSPAM_OPTIONS), name, value;
	struct member m;

	while (blogspam_option(&rest, &name, &value)) {
		if (!slice_is(name, "mandatory") || value.n == 0)
			continue;
		m = (struct member){ .name = value };
		json_each(b->json, look_at_member, &m);
		if (!m.has)
			return spam_if(true, why, "A field marked as mandatory is missing.");
	}
	return BLOGSPAM_NEXT;
}

static enum blogspam_answer
run_link_body(const struct blogspam *b, const char **why)
{
	struct slice link = slice_trim(field(b, BLOGSPAM_LINK)),
		     body = slice_trim(field(b, BLOGSPAM_COMMENT));
	bool ends = link.n > 0 && body.n >= link.n && memcmp(body.p + body.n - link.n, link.p, link.n) == 0;

	return spam_if(ends, why, "The comment ends with its author's link.");
}

static enum blogspam_answer
run_name(const struct blogspam *b, const char **why)
{
	struct slice name = slice_trim(field(b, BLOGSPAM_NAME));

	return spam_if(begins(name, "www.") || begins(name, "http://") || begins(name, "https://"), why,
	    "Hyperlink in the 'name' field.");
}

static enum blogspam_answer
run_name_list(const struct blogspam *b, const char **why)
{
	return spam_if(blogspam_listed(BLOGSPAM_NAMES, field(b, BLOGSPAM_NAME)), why, "Blacklisted name.");
}

static enum blogspam_answer
run_link_list(const struct blogspam *b, const char **why)
{
	return spam_if(blogspam_listed(BLOGSPAM_DOMAINS, field(b, BLOGSPAM_LINK)) ||
		blogspam_listed(BLOGSPAM_DOMAINS, field(b, BLOGSPAM_COMMENT)),
	    why, "Blacklisted link.");
}

static enum blogspam_answer
run_size(const struct blogspam *b, const char **why)
{
	int64_t n = characters(field(b, BLOGSPAM_COMMENT));

	if (n < option(b, "min-size", 0))
		return spam_if(true, why, "The comment was too short.");
	return spam_if(n > option(b, "max-size", INT64_MAX), why, "The comment was too long.");
}

static enum blogspam_answer
run_length(const struct blogspam *b, const char **why)
{
	if (characters(field(b, BLOGSPAM_NAME)) >= LENGTH_MAX)
		return spam_if(true, why, "The submitted 'name' was too long.");
	return spam_if(characters(field(b, BLOGSPAM_SUBJECT)) >= LENGTH_MAX, why,
	    "The submitted 'subject' was too long.");
}

static enum blogspam_answer
run_words(const struct blogspam *b, const char **why)
{
	struct slice body = slice_trim(field(b, BLOGSPAM_COMMENT));
	int64_t words = body.n > 0, min = option(b, "min-words", MIN_WORDS), max = option(b, "max-words", 0);

	for (size_t i = 1; i < body.n; i++)
		words += slice_is_blank(body.p[i]) && !slice_is_blank(body.p[i - 1]);
	if (words < min)
		return spam_if(true, why, "The comment had too few words.");
	return spam_if(max > 0 && words > max, why, "The comment had too many words.");
}

static enum blogspam_answer
run_count(const struct blogspam *b, const char **why)
{
	struct slice body = slice_trim(field(b, BLOGSPAM_COMMENT));
	bool counted = begins(body, "comment") && body.n > 7 && body.p[7] >= '0' && body.p[7] <= '9';

	return spam_if(counted, why, "The comment is one of a numbered series.");
}

static enum blogspam_answer
run_lots_of_urls(const struct blogspam *b, const char **why)
{
	struct slice body = field(b, BLOGSPAM_COMMENT);
	int64_t links = 0;

	for (size_t i = find(body, 0, "http"); i < body.n; i = find(body, i + 1, "http")) {
		struct slice rest = { body.p + i, body.n - i };

		links += begins(rest, "http://") || begins(rest, "https://");
	}
	return spam_if(links > option(b, "max-links", MAX_LINKS), why, "Too many links.");
}

static enum blogspam_answer
run_multilinks(const struct blogspam *b, const char **why)
{
	static const char *const kinds[] = { "<a href=\"http", "url=http", "link=http", " http" };
	int found = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		found += contains(field(b, BLOGSPAM_COMMENT), kinds[i]);
	return spam_if(found >= LINK_KINDS, why, "Links written in several ways.");
}

/* Return whether the text of one of BODY's links, which begin with OPEN up to END and last until CLOSE, is on
 * the list. */
static bool
bad_anchor(struct slice body, const char *open, const char *end, const char *close)
{
	size_t i = find(body, 0, open), text, stop;

	while (i < body.n) {
		text = find(body, i, end);
		stop = find(body, text, close);
		if (stop == body.n)
			return false;
		if (blogspam_listed(BLOGSPAM_ANCHORS, (struct slice){ body.p + text, stop - text }))
			return true;
		i = find(body, stop, open);
	}
	return false;
}

static enum blogspam_answer
run_anchors(const struct blogspam *b, const char **why)
{
	struct slice body = field(b, BLOGSPAM_COMMENT);

	return spam_if(bad_anchor(body, "<a ", ">", "</a") || bad_anchor(body, "[url=", "]", "[/url") ||
		bad_anchor(body, "[link=", "]", "[/link"),
	    why, "Blacklisted words in the text of a link.");
}

static const struct blogspam_test tests[] = {
	{ BLOGSPAM_FAIL, "Obey the option \"fail\".", run_fail },
	{ "10-example.js", "Look for example e-mail addresses.", run_example },
	{ "20-ip.js", "Look for missing, malformed, whitelisted and blacklisted addresses.", run_ip },
	{ "25-subject.js", "Look for known bad subjects.", run_subject },
	{ "27-body-blacklist.js", "Look for known bad text.", run_body },
	{ "30-mandatory.js", "Look for fields that the options call mandatory.", run_mandatory },
	{ "33-link-body.js", "Look for the author's link at the end of the text.", run_link_body },
	{ "35-name.js", "Look for a link in the name.", run_name },
	{ "37-name-blacklist.js", "Look for known bad names.", run_name_list },
	{ "39-link-blacklist.js", "Look for known bad domains.", run_link_list },
	{ "40-size.js", "Look at the size of the text.", run_size },
	{ "42-length.js", "Look at the length of name and subject.", run_length },
	{ "45-wordcount.js", "Count the words of the text.", run_words },
	{ "47-count.js", "Look for numbered comments.", run_count },
	{ "50-lotsaurls.js", "Count the links in the text.", run_lots_of_urls },
	{ "50-multilinks.js", "Look for links that are written in several ways.", run_multilinks },
	{ "55-anchor-blacklist.js", "Look for known bad words in the text of links.", run_anchors },
	{ "90-bayesian.js", "Ask the classifier.", NULL },
};

#define NTESTS (sizeof(tests) / sizeof(tests[0]))

const struct blogspam_test *
blogspam_tests(size_t *n)
{
	*n = NTESTS;
	return tests;
}

void
blogspam_run(const struct blogspam *b, struct blogspam_outcome *out)
{
	struct slice options = field(b, BLOGSPAM_OPTIONS);

	for (size_t i = 0; i < NTESTS; i++) {
		*out = (struct blogspam_outcome){ BLOGSPAM_NEXT, &tests[i], NULL };
		if (options.n > 0 && blogspam_excludes(options, tests[i].name)) {
			if (tests[i].run == NULL)
				out->answer = BLOGSPAM_OK;
			out->why = "Excluded, via options.";
			continue;
		}
		if (tests[i].run == NULL)
			return;
		out->answer = tests[i].run(b, &out->why);
		if (out->answer != BLOGSPAM_NEXT)
			return;
	}
}
