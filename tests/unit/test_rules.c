#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

#include "base/file.h"
#include "engine/folders.h"
#include "engine/rules.h"

/* A state directory to write rules in, and what a comment is tried with. */
struct trial {
	char dir[64], rules[80], path[160];
	struct arena *arena;
	struct comment comment;
	struct rules *r;
	struct rule_hits hits;
	char fired[256]; /* names, with spaces between them */
};

static int
set_up(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));

	if (t == NULL || crypto_init(NULL) == -1)
		return -1;
	snprintf(t->dir, sizeof(t->dir), "/tmp/hamlet-rules-XXXXXX");
	if (mkdtemp(t->dir) == NULL)
		return -1;
	snprintf(t->rules, sizeof(t->rules), "%s/rules", t->dir);
	t->arena = arena_new(1 << 26);
	*state = t;
	return mkdir(t->rules, 0700);
}

static int
tear_down(void **state)
{
	struct trial *t = *state;

	rules_unref(t->r);
	arena_free(t->arena);
	folders_clear(t->rules);
	folders_clear(t->dir);
	free(t);
	return 0;
}

static void
write_file(struct trial *t, const char *name, const char *text)
{
	struct err err;

	snprintf(t->path, sizeof(t->path), "%s/%s", t->dir, name);
	assert_ok(file_write_whole(t->path, text, strlen(text), &err), err);
}

static void
load(struct trial *t)
{
	struct err err;

	rules_unref(t->r);
	t->r = NULL;
	assert_ok(rules_load(&t->r, t->dir, &err), err);
}

static void
load_text(struct trial *t, const char *text)
{
	write_file(t, "rules.conf", text);
	load(t);
}

/* Return the names of the rules that fire on the comment for SITE. */
static const char *
fired(struct trial *t, const char *site)
{
	struct subject s;
	struct err err;

	subject_init(&s, &t->comment);
	assert_ok(rules_find(t->r, site, &s, t->arena, &t->hits, &err), err);
	subject_fini(&s);
	t->fired[0] = '\0';
	for (size_t i = 0; i < t->hits.n; i++) {
		size_t n = strlen(t->fired);

		snprintf(t->fired + n, sizeof(t->fired) - n, "%s%s", n > 0 ? " " : "",
		    rule_info(t->hits.v[i].rule).name);
	}
	return t->fired;
}

static const char *
decisive(const struct trial *t)
{
	return t->hits.decisive == NULL ? "" : rule_info(t->hits.decisive).name;
}

static void
set(struct trial *t, enum comment_field field, const char *text)
{
	t->comment.field[field] = slice_of(text);
}

static void
test_none(void **state)
{
	struct trial *t = *state;

	load(t);
	assert_int_equal(rules_count(t->r), 0);
	set(t, COMMENT_CONTENT, "anything");
	assert_string_equal(fired(t, "default"), "");
}

static void
test_match(void **state)
{
	struct trial *t = *state;

	load_text(t,
	    "# of expressions\n\n"
	    "block pills\n\tmatch content \\bp[i1]lls?\\b\n"
	    "block exact\n match author (?-i)^Bob$\n"
	    "hold  anywhere\n  match any casino\n"
	    "block both\n match content one\n match content two\n"
	    "block robot\n match honeypot .\n"
	    "block greek\n match content ΔΈΛΤΑ\n");
	set(t, COMMENT_CONTENT, "Cheap P1LLS here");
	assert_string_equal(fired(t, NULL), "pills");
	set(t, COMMENT_CONTENT, "spills");
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_AUTHOR, "Bob");
	assert_string_equal(fired(t, NULL), "exact");
	set(t, COMMENT_AUTHOR, "bob");
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_USER_AGENT, "Casino/1.0");
	assert_string_equal(fired(t, NULL), "anywhere");
	set(t, COMMENT_USER_AGENT, NULL);
	set(t, COMMENT_CONTENT, "two and one");
	assert_string_equal(fired(t, NULL), "both");
	set(t, COMMENT_CONTENT, "two");
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_HONEYPOT, "x");
	assert_string_equal(fired(t, NULL), "robot");
	set(t, COMMENT_HONEYPOT, "");
	set(t, COMMENT_CONTENT, "δέλτα");
	assert_string_equal(fired(t, NULL), "greek");
	set(t, COMMENT_CONTENT, "\xff\xfe\xc3 pills"); /* not UTF-8 */
	assert_string_equal(fired(t, NULL), "pills");
}

/* An expression that would take for ever is given up on, and what comes after it is asked. */
static void
test_match_limit(void **state)
{
	struct trial *t = *state;
	struct timespec from, to;
	static char text[200001];

	load_text(t,
	    "block slow\n match content ^(a+)+$\nblock deep\n match content ^(?:a|ab)(?:(?1)|(a))*b$\n"
	    "block next\n match content b\n");
	memset(text, 'a', sizeof(text) - 2);
	text[sizeof(text) - 2] = 'b';
	set(t, COMMENT_CONTENT, text);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_non_null(strstr(fired(t, NULL), "next"));
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_null(strstr(t->fired, "slow"));
	assert_true(to.tv_sec - from.tv_sec < 5);
}

/* That a search was given up is no secret: a rule is never silently without effect. */
static void
test_given_up(void **state)
{
	struct trial *t = *state;
	struct rules *before;
	static char text[200001];

	load_text(t, "block slow\n match any ^(a+)+$\nblock quick\n match content ^a\n");
	memset(text, 'a', sizeof(text) - 2);
	text[sizeof(text) - 2] = 'b';
	set(t, COMMENT_CONTENT, text);
	assert_string_equal(fired(t, NULL), "quick");
	assert_int_equal(t->hits.ngiven_up, 1);
	assert_string_equal(rule_info(t->hits.given_up[0]).name, "slow");
	rules_count_hits(&t->hits);
	set(t, COMMENT_USER_AGENT, "aaa"); /* found elsewhere */
	assert_string_equal(fired(t, NULL), "slow quick");
	assert_int_equal(t->hits.ngiven_up, 0);
	rules_count_hits(&t->hits);
	assert_int_equal(rules_info(t->r, 0).given_up, 1);
	assert_int_equal(rules_info(t->r, 1).given_up, 0);
	before = rules_ref(t->r);
	load(t);
	assert_int_equal(rules_info(t->r, 0).given_up, 0);
	rules_keep_hits(t->r, before);
	assert_int_equal(rules_info(t->r, 0).given_up, 1);
	assert_int_equal(rules_info(t->r, 0).hits, 1);
	rules_unref(before);
}

static void
test_words(void **state)
{
	struct trial *t = *state;

	write_file(t, "bad.txt", "# a list\n\nroulette\n  Payday Loan \r\n");
	load_text(t, "block words\n words viagra \"online poker\" @bad.txt\n");
	set(t, COMMENT_CONTENT, "<b>Ｖiagra</b>!");
	assert_string_equal(fired(t, NULL), "words");
	assert_true(slice_is(t->hits.v[0].matched, "viagra"));
	set(t, COMMENT_CONTENT, "online\n  POKER");
	assert_string_equal(fired(t, NULL), "words");
	set(t, COMMENT_CONTENT, "a payday loan.");
	assert_string_equal(fired(t, NULL), "words");
	set(t, COMMENT_CONTENT, "# a list, viagras");
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_AUTHOR, "Roulette Online");
	assert_string_equal(fired(t, NULL), "words");
}

static void
test_keys(void **state)
{
	struct trial *t = *state;

	write_file(t, "keys.txt", "Viagra\n#1 pill\n\n203.0.113.\nbad-agent\nspam.example\n");
	load_text(t, "hold keys\n disallowed_keys keys.txt\n");
	set(t, COMMENT_CONTENT, "superVIAGRAs");
	assert_string_equal(fired(t, NULL), "keys");
	set(t, COMMENT_CONTENT, "via<i></i>gra");
	assert_string_equal(fired(t, NULL), "keys");
	set(t, COMMENT_CONTENT, "the #1 PILL");
	assert_string_equal(fired(t, NULL), "keys");
	set(t, COMMENT_CONTENT, "nothing");
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_IP, "203.0.113.77");
	assert_string_equal(fired(t, NULL), "keys");
	set(t, COMMENT_IP, "203.0.114.77");
	set(t, COMMENT_USER_AGENT, "Mozilla Bad-Agent");
	assert_string_equal(fired(t, NULL), "keys");
	set(t, COMMENT_USER_AGENT, NULL);
	set(t, COMMENT_EMAIL, "a@SPAM.example");
	assert_string_equal(fired(t, NULL), "keys");
	set(t, COMMENT_EMAIL, NULL);
	set(t, COMMENT_URL, "http://spam.example");
	assert_string_equal(fired(t, NULL), "keys");
	set(t, COMMENT_URL, NULL);
	set(t, COMMENT_PERMALINK, "http://spam.example"); /* not the commenter's */
	assert_string_equal(fired(t, NULL), "");
}

static void
test_names(void **state)
{
	struct trial *t = *state;

	load_text(t,
	    "allow email\n email friend.example Jane@site.example\n"
	    "block url\n url *.Bad.example\n"
	    "allow author\n author \"Jane Doe\" bob\n"
	    "block address\n address 192.0.2.0/24 2001:db8::/32\n");
	set(t, COMMENT_CONTENT, "x");
	set(t, COMMENT_EMAIL, "any@Friend.example");
	assert_string_equal(fired(t, NULL), "email");
	set(t, COMMENT_EMAIL, "any@mail.friend.example");
	assert_string_equal(fired(t, NULL), "email");
	set(t, COMMENT_EMAIL, "any@unfriend.example");
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_EMAIL, "friend.example"); /* no address */
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_EMAIL, "jane@SITE.example");
	assert_string_equal(fired(t, NULL), "email");
	set(t, COMMENT_EMAIL, "joan@site.example");
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_URL, "bad.example/x");
	assert_string_equal(fired(t, NULL), "url");
	set(t, COMMENT_URL, NULL);
	set(t, COMMENT_CONTENT, "see <a href=\"https://www.bad.example:80/\">this</a>");
	assert_string_equal(fired(t, NULL), "url");
	set(t, COMMENT_CONTENT, "see https://notbad.example and bad.example");
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_AUTHOR, " JANE  doe ");
	assert_string_equal(fired(t, NULL), "author");
	set(t, COMMENT_AUTHOR, "jane doe jr");
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_IP, "192.0.2.9");
	assert_string_equal(fired(t, NULL), "address");
	set(t, COMMENT_IP, "2001:db8:1::9");
	assert_string_equal(fired(t, NULL), "address");
	set(t, COMMENT_IP, "not one");
	assert_string_equal(fired(t, NULL), "");
}

/* What stands before the "@" of an address is nobody's business. */
static void
test_odd_addresses(void **state)
{
	static const char *const odd[] = { "O'Brien@site.example", "a/b@site.example", "*b*@site.example",
		"what?@site.example", "#1@site.example", "a@b@site.example" };
	struct trial *t = *state;
	char text[64];

	set(t, COMMENT_CONTENT, "x");
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		snprintf(text, sizeof(text), "allow it\n email %s\n", odd[i]);
		load_text(t, text);
		set(t, COMMENT_EMAIL, odd[i]);
		assert_string_equal(fired(t, NULL), "it");
		set(t, COMMENT_EMAIL, "b@site.example");
		assert_string_equal(fired(t, NULL), "");
	}
}

/* Some editors put a byte order mark before a text: it belongs to no line. */
static void
test_byte_order_mark(void **state)
{
	struct trial *t = *state;

	write_file(t, "keys.txt", "\xef\xbb\xbfviagra\ncialis\n");
	write_file(t, "words.txt", "\xef\xbb\xbf# words\nroulette\n");
	load_text(t,
	    "\xef\xbb\xbf"
	    "block keys\n disallowed_keys keys.txt\nblock words\n words @words.txt\n");
	set(t, COMMENT_CONTENT, "viagra");
	assert_string_equal(fired(t, NULL), "keys");
	set(t, COMMENT_CONTENT, "words and roulette");
	assert_string_equal(fired(t, NULL), "words");
	set(t, COMMENT_CONTENT, "words");
	assert_string_equal(fired(t, NULL), "");
}

/* No number of links hides another. */
static void
test_url_behind_links(void **state)
{
	struct trial *t = *state;
	struct buf text;

	load_text(t, "block shop\n url shop.example\n");
	buf_init(&text, BUF_NO_LIMIT);
	for (int i = 0; i < 500; i++)
		buf_addf(&text, "http://h%d.example/ ", i);
	set(t, COMMENT_CONTENT, buf_str(&text));
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_URL, "http://shop.example/");
	assert_string_equal(fired(t, NULL), "shop");
	set(t, COMMENT_URL, "shop.example/?u=http://good.example");
	assert_string_equal(fired(t, NULL), "shop");
	set(t, COMMENT_URL, NULL);
	buf_add_str(&text, "http://shop.example/");
	set(t, COMMENT_CONTENT, buf_str(&text));
	assert_string_equal(fired(t, NULL), "shop");
	load_text(t,
	    "block above\n url example\nblock below\n url a.shop.example\nblock last\n url h499.example\n");
	assert_string_equal(fired(t, NULL), "above last");
	buf_fini(&text);
}

/* A rule for one domain fires however that is written, and never on another's. */
static void
test_foreign_domains(void **state)
{
	static const struct {
		const char *link, *fires;
	} links[] = {
		{ "http://bücher.example/x", "foreign" },
		{ "http://BÜCHER.example", "foreign" },
		{ "http://bu\xcc\x88 cher.example", "" },
		{ "http://bu\xcc\x88"
		  "cher.example/",
		    "foreign" },
		{ "http://www.bücher.example:80/", "foreign" },
		{ "http://user@bücher。example.", "foreign" },
		{ "http://bucher.example/", "plain" },
		{ "http://ｂucher.example/", "plain" },
		{ "http://bu\xc2\xad"
		  "cher.example/",
		    "plain" },
		{ "http://xn--bcher-kva.example/", "coded" },
		{ "http://straße.example/", "sharp" },
		{ "http://strasse.example/", "double" },
		{ "http://ПРИМЕР.рф/й", "cyrillic" },
		{ "http://bücher.example/ http://bucher.example/", "foreign plain" },
	};
	struct trial *t = *state;
	char text[512];

	load_text(t,
	    "block foreign\n url BÜCHER.example\nblock plain\n url bucher.example\n"
	    "block coded\n url xn--bcher-kva.example\nblock sharp\n url straße.example\n"
	    "block double\n url strasse.example\nblock cyrillic\n url пример.рф\n");
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		snprintf(text, sizeof(text), "see <a href=\"%s\">\xd1\x8f</a>", links[i].link);
		set(t, COMMENT_CONTENT, text);
		set(t, COMMENT_URL, NULL);
		if (strcmp(fired(t, NULL), links[i].fires) != 0)
			fail_msg("text %s: %s", links[i].link, t->fired);
		set(t, COMMENT_CONTENT, "x");
		set(t, COMMENT_URL, links[i].link);
		if (strcmp(fired(t, NULL), links[i].fires) != 0)
			fail_msg("url %s: %s", links[i].link, t->fired);
	}
	set(t, COMMENT_URL, "Bücher.example");
	assert_string_equal(fired(t, NULL), "foreign");
	set(t, COMMENT_URL, NULL);
	set(t, COMMENT_CONTENT,
	    "“http://bucher.example” and <a href=\"http://b&uuml;cher.example?a=1&amp;b=2\">");
	assert_string_equal(fired(t, NULL), "foreign plain");
	snprintf(text, sizeof(text), "http://bu%0400dcher.example/", 0); /* soft hyphens, below */
	for (char *p = text; (p = strstr(p, "00")) != NULL; p += 2)
		memcpy(p, "\xc2\xad", 2);
	set(t, COMMENT_CONTENT, text);
	assert_string_equal(fired(t, NULL), "plain");
	set(t, COMMENT_CONTENT, "é http:&#47;&#47;bucher.example");
	assert_string_equal(fired(t, NULL), "plain");
}

/* All conditions of a rule must hold. */
static void
test_all_conditions(void **state)
{
	struct trial *t = *state;

	load_text(t, "allow me\n author me\n address 192.0.2.1\n");
	set(t, COMMENT_CONTENT, "x");
	set(t, COMMENT_AUTHOR, "me");
	assert_string_equal(fired(t, NULL), "");
	set(t, COMMENT_IP, "192.0.2.1");
	assert_string_equal(fired(t, NULL), "me");
	set(t, COMMENT_AUTHOR, "you");
	assert_string_equal(fired(t, NULL), "");
}

static void
test_who_decides(void **state)
{
	struct trial *t = *state;

	load_text(t,
	    "evidence e1 +1.5\n match content x\nhold h1\n match content hold\nblock b1\n match content "
	    "block\n"
	    "block b2\n match content block\nallow a1\n match content allow\n");
	write_file(t, "rules/blog.conf", "allow a2\n match content own\nblock b3\n match content x\n");
	write_file(t, "rules/other.conf", "allow a2\n match content x\n");
	write_file(t, "rules/not-read.txt", "nonsense\n");
	load(t);
	assert_int_equal(rules_count(t->r), 8);
	set(t, COMMENT_CONTENT, "x");
	assert_string_equal(fired(t, "default"), "e1");
	assert_string_equal(decisive(t), "");
	set(t, COMMENT_CONTENT, "x hold");
	assert_string_equal(fired(t, "default"), "e1 h1");
	assert_string_equal(decisive(t), "h1");
	set(t, COMMENT_CONTENT, "hold block");
	assert_string_equal(fired(t, "default"), "h1 b1 b2");
	assert_string_equal(decisive(t), "b1");
	set(t, COMMENT_CONTENT, "hold block allow");
	assert_string_equal(fired(t, "default"), "h1 b1 b2 a1");
	assert_string_equal(decisive(t), "a1");
	set(t, COMMENT_CONTENT, "block own x");
	assert_string_equal(fired(t, "blog"), "e1 b1 b2 a2 b3");
	assert_string_equal(decisive(t), "a2"); /* a site's own allow beats a shared block */
	assert_string_equal(rule_info(t->hits.decisive).site, "blog");
	assert_string_equal(fired(t, "third"), "e1 b1 b2");
}

static void
test_bad(void **state)
{
	static const struct {
		const char *text;
		int line;
		const char *why;
	} bad[] = {
		{ "alow x\n author a\n", 1, "alow" },
		{ "\n\nallow\n author a\n", 3, "name" },
		{ "allow a/b\n author a\n", 1, "a/b" },
		{ "allow a b\n author a\n", 1, "lines of their own" },
		{ "allow a\n author a\nallow a\n author b\n", 3, "already" },
		{ " author a\n", 1, "before the first rule" },
		{ "allow a\n\nallow b\n author b\n", 1, "no condition" },
		{ "allow a\n author b\nblock c\n# end\n", 3, "no condition" },
		{ "allow a\n author\n", 2, "no value" },
		{ "allow a\n author \"b\n", 2, "quotation" },
		{ "allow a\n author \"\"\n", 2, "empty" },
		{ "allow a\n author b\n author c\n", 3, "line 2" },
		{ "allow a\n match colour x\n", 2, "colour" },
		{ "allow a\n match content\n", 2, "no expression" },
		{ "allow a\n match content (x\n", 2, "parenthesis" },
		{ "allow a\n match content a\\Cb\n", 2, "\\C" },
		{ "allow a\n address 1.2.3.4/40\n", 2, "1.2.3.4/40" },
		{ "allow a\n url http://x.example/\n", 2, "not a domain" },
		{ "allow a\n email a:b\n", 2, "a:b" },
		{ "allow a\n email a@b/c\n", 2, "a@b/c" },
		{ "allow a\n email a@b'c@d:e\n", 2, "a@b'c@d:e" },
		{ "allow a\n email *@b\n", 2, "*@b" },
		{ "allow a\n url a@b\n", 2, "a@b" },
		{ "allow a\n words <b></b>\n", 2, "nothing is left" },
		{ "allow a\n disallowed_keys none.txt\n", 2, "none.txt" },
		{ "allow a\n words @list.txt\n", 2, "list.txt:3" },
		{ "evidence a\n author b\n", 1, "weight" },
		{ "evidence a 0\n author b\n", 1, "weight" },
		{ "evidence a 10.1\n author b\n", 1, "weight" },
		{ "evidence a +nan\n author b\n", 1, "weight" },
		{ "evidence a 1e\n author b\n", 1, "weight" },
		{ "allow a\n author \xff\n", 2, "UTF-8" },
	};
	struct trial *t = *state;
	char place[192];
	struct err err;

	write_file(t, "list.txt", "good\n\n<b></b>\n");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_file(t, "rules.conf", bad[i].text);
		err.text[0] = '\0';
		if (rules_load(&t->r, t->dir, &err) != -1)
			fail_msg("taken: %s", bad[i].text);
		snprintf(place, sizeof(place), "%s/rules.conf:%d: ", t->dir, bad[i].line);
		if (strncmp(err.text, place, strlen(place)) != 0 || strstr(err.text, bad[i].why) == NULL)
			fail_msg("%s: %s", bad[i].text, err.text);
	}
	t->r = NULL;
}

static void
test_bad_site_file(void **state)
{
	struct trial *t = *state;
	struct err err;

	write_file(t, "rules.conf", "allow a\n author b\n");
	write_file(t, "rules/blog.conf", "block b\n author c\nallow a\n author b\n");
	assert_int_equal(rules_load(&t->r, t->dir, &err), -1);
	assert_non_null(strstr(err.text, "rules/blog.conf:3: "));
	assert_non_null(strstr(err.text, "rules.conf:1"));
	t->r = NULL;
}

static void
test_digest_and_hits(void **state)
{
	struct trial *t = *state;
	struct rules *before, *same;
	struct err err;

	write_file(t, "list.txt", "one\n");
	load_text(t, "block a\n words @list.txt\nblock b\n words two\n");
	set(t, COMMENT_CONTENT, "one");
	fired(t, NULL);
	rules_count_hits(&t->hits);
	rules_count_hits(&t->hits);
	assert_int_equal(rules_info(t->r, 0).hits, 2);
	assert_int_equal(rules_info(t->r, 1).hits, 0);
	assert_ok(rules_load(&same, t->dir, &err), err);
	assert_memory_equal(rules_digest(same), rules_digest(t->r), sizeof(struct digest));
	rules_unref(same);
	before = rules_ref(t->r);
	write_file(t, "list.txt", "one\ntwo\n"); /* a list is a part of it */
	load(t);
	assert_memory_not_equal(rules_digest(before), rules_digest(t->r), sizeof(struct digest));
	rules_keep_hits(t->r, before);
	assert_int_equal(rules_info(t->r, 0).hits, 2);
	rules_unref(before);
}

/* WordPress's list as it is handed around: it must load at once, and weigh next to nothing. */
static void
test_shared_keys(void **state)
{
	const char *shared = getenv("HAMLET_SHARED");
	struct trial *t = *state;
	struct timespec from, to;
	char keys[512], text[700];

	snprintf(
	    keys, sizeof(keys), "%s/data/wordpress-disallowed-keys.txt", shared != NULL ? shared : "none");
	if (access(keys, R_OK) == -1) {
		print_message("# skipped: there is no %s\n", keys);
		return; /* cmocka's skip() is "not ok" in TAP */
	}
	snprintf(text, sizeof(text), "hold keys\n disallowed_keys %s\n", keys);
	clock_gettime(CLOCK_MONOTONIC, &from);
	load_text(t, text);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true((double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) * 1e-9 < 1);
	set(t, COMMENT_CONTENT, "Buy Viagra");
	assert_string_equal(fired(t, NULL), "keys");
	set(t, COMMENT_CONTENT, "I like it");
	assert_string_equal(fired(t, NULL), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_match, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_match_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_given_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_keys, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_odd_addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_byte_order_mark, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_url_behind_links, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_foreign_domains, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_all_conditions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_who_decides, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_site_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_digest_and_hits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shared_keys, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
