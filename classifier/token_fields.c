#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "classifier/token_impl.h"

static bool
is_word_byte(unsigned char c)
{
	return isalnum(c) || c >= 0x80;
}

static bool
ends_host(char c)
{
	return c == '/' || c == '?' || c == '#' || c == ':' || c == '\0';
}

struct address
address_cut(const char *p, size_t at, size_t n)
{
	static const char *const heads[] = { "https://", "http://", "hxxps://", "hxxp://", "ftp://", "//" };
	struct address a = { .host = at, .path_end = at + n };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		size_t m = strlen(heads[i]);

		if (n > m && strncasecmp(p + at, heads[i], m) == 0) {
			a.host += m;
			break;
		}
	}
	if (a.path_end - a.host > 4 && strncasecmp(p + a.host, "www.", 4) == 0)
		a.host += 4;
	for (a.host_end = a.host; a.host_end < a.path_end && !ends_host(p[a.host_end]); a.host_end++)
		;
	while (a.host_end > a.host && strchr(".,;!", p[a.host_end - 1]) != NULL)
		a.host_end--;
	return a;
}

/* Add the words of T's text between FROM and TO as tokens of KIND. */
static void
add_words(struct tokens *t, enum field field, const char *kind, size_t from, size_t to)
{
	size_t start;

	while (from < to) {
		while (from < to && !is_word_byte((unsigned char)t->text.p[from]))
			from++;
		for (start = from; from < to && is_word_byte((unsigned char)t->text.p[from]);)
			from++;
		if (from - start > 1 && from - start <= 24)
			token_add_text(t, field, kind, start, from - start);
	}
}

static bool
ends_with(const char *p, size_t n, const char *end)
{
	size_t m = strlen(end);

	return n >= m && memcmp(p + n - m, end, m) == 0 && (n == m || p[n - m - 1] == '.');
}

bool
address_is_reserved(const char *host, size_t n)
{
	static const char *const ends[] = { "example", "test", "invalid", "localhost", "example.com",
		"example.net", "example.org" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (ends_with(host, n, ends[i]))
			return true;
	}
	return false;
}

/* Return whether HOST belongs to a service behind whose addresses others hide: what is said of one of them
 * goes for all. */
static bool
is_shortener(const char *host, size_t n)
{
	static const char *const hosts[] = { "adf.ly", "bit.do", "bit.ly", "buff.ly", "cutt.ly", "goo.gl",
		"is.gd", "j.mp", "ow.ly", "rb.gy", "rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc",
		"tinyurl.com", "v.gd" };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if (n == strlen(hosts[i]) && memcmp(host, hosts[i], n) == 0)
			return true;
	}
	return false;
}

static size_t
cap(size_t n)
{
	return n > WORD_MAX_BYTES ? WORD_MAX_BYTES : n;
}

static void
add_address(struct tokens *t, enum field field, const char *const kinds[4], size_t at, size_t n)
{
	struct address a = address_cut(t->text.p, at, n);
	size_t dot;

	for (dot = a.host_end; dot > a.host && t->text.p[dot - 1] != '.'; dot--)
		;
	if (dot > a.host && !address_is_reserved(t->text.p + a.host, a.host_end - a.host)) {
		token_add_text(t, field, kinds[0], a.host, cap(a.host_end - a.host));
		token_add_text(t, field, kinds[1], dot, cap(a.host_end - dot));
	}
	add_words(t, field, kinds[2], a.host, dot > a.host ? dot - 1 : a.host_end);
	add_words(t, field, kinds[3], a.host_end, a.path_end);
}

static const char *const link_kinds[] = { "host", "tld", "host word", "path word" };

static bool
has_link(const struct tokens *t)
{
	for (size_t i = 0; i < t->nunits; i++) {
		if (t->units[i].kind == UNIT_LINK)
			return true;
	}
	return false;
}

void
tokens_of_links(struct tokens *t)
{
	for (size_t i = 0; i < t->nunits && !t->failed; i++) {
		const struct unit *u = &t->units[i];

		if (u->kind == UNIT_LINK) {
			struct address a = address_cut(t->text.p, u->at, u->n);

			if (is_shortener(t->text.p + a.host, a.host_end - a.host))
				token_add_new(t, FIELD_URL, NULL, slice_of("shortened"));
			add_address(t, FIELD_URL, link_kinds, u->at, u->n);
		} else if (u->kind == UNIT_MAIL) {
			const char *sign = memchr(t->text.p + u->at, '@', u->n);
			size_t skip = (size_t)(sign - (t->text.p + u->at)) + 1;

			if (!address_is_reserved(t->text.p + u->at + skip, u->n - skip))
				token_add_text(t, FIELD_URL, "mail host", u->at + skip, cap(u->n - skip));
		}
	}
}

/* Append the normal form of S to T's text, at most 300 bytes of it; return where it starts. */
static size_t
append_normal(struct tokens *t, struct slice s)
{
	struct normal_counts counts = { 0 };
	size_t at = t->text.n;

	if (s.n > 300)
		s.n = 300;
	normalise(&t->text, s, &counts, NULL, &t->scratch);
	return at;
}

static bool
inside_character(const struct tokens *t, size_t at)
{
	return at < t->text.n && ((unsigned char)t->text.p[at] & 0xc0) == 0x80;
}

/* Add the runs of 3 and 4 bytes, in whole characters, between FROM and TO: what random letters and keywords
 * look like. */
static void
add_name_runs(struct tokens *t, size_t from, size_t to)
{
	for (size_t n = 3; n <= 4; n++) {
		for (size_t i = from; i + n <= to; i++) {
			if (!inside_character(t, i) && !inside_character(t, i + n))
				token_add_text(t, FIELD_AUTHOR, "run", i, n);
		}
	}
}

void
tokens_of_author(struct tokens *t, const struct comment *comment)
{
	static const char *const site_kinds[] = { "host", "tld", "word", "path" };
	struct slice name = comment->field[COMMENT_AUTHOR], mail = comment->field[COMMENT_EMAIL],
		     url = comment->field[COMMENT_URL];
	const char *sign = mail.n == 0 ? NULL : memchr(mail.p, '@', mail.n);
	size_t at;

	if (name.n > 0) {
		at = append_normal(t, name);
		add_words(t, FIELD_AUTHOR, NULL, at, t->text.n);
		add_name_runs(t, at, t->text.n);
	}
	if (sign != NULL) {
		at = append_normal(t, (struct slice){ sign + 1, mail.n - (size_t)(sign + 1 - mail.p) });
		if (!address_is_reserved(t->text.p + at, t->text.n - at))
			token_add_text(t, FIELD_EMAIL, "domain", at, cap(t->text.n - at));
	}
	if (url.n > 0) {
		at = append_normal(t, url);
		add_address(t, FIELD_SITE, site_kinds, at, t->text.n - at);
		if (!has_link(t)) /* what a comment is for need not stand in its text */
			add_address(t, FIELD_URL, link_kinds, at, t->text.n - at);
	}
}

/* Return which of five equal parts the share PART / WHOLE falls into, 0 to 5. */
static size_t
fifths(size_t part, size_t whole)
{
	return whole == 0 ? 0 : part * 5 / whole;
}

static void
add_script(struct tokens *t, const struct normal_counts *c)
{
	const struct {
		const char *name;
		size_t n;
	} scripts[] = { { "latin", c->latin }, { "cyrillic", c->cyrillic }, { "greek", c->greek },
		{ "han", c->han }, { "kana", c->kana }, { "hangul", c->hangul }, { "arabic", c->arabic },
		{ "hebrew", c->hebrew }, { "thai", c->thai }, { "indic", c->indic }, { "other", c->other } };

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		if (scripts[i].n * 10 > c->letters)
			token_add_new(t, FIELD_SHAPE, "script", slice_of(scripts[i].name));
	}
}

/* Count what the units show: links, words, exclamation and question marks. */
static void
add_unit_shape(struct tokens *t)
{
	size_t words = 0, links = 0, calls = 0, questions = 0, other = 0;

	for (size_t i = 0; i < t->nunits; i++) {
		const struct unit *u = &t->units[i];
		char first = t->text.p[u->at];

		words += u->kind == UNIT_WORD || u->kind == UNIT_PIECE;
		links += u->kind == UNIT_LINK;
		calls += u->kind == UNIT_MARK && first == '!' ? u->n : 0;
		questions += u->kind == UNIT_MARK && first == '?' ? u->n : 0;
		other += u->kind == UNIT_MARK;
	}
	token_add_number(t, FIELD_SHAPE, "words", magnitude(words));
	token_add_number(t, FIELD_SHAPE, "links", at_most(links, 4));
	token_add_number(t, FIELD_SHAPE, "exclamation marks", at_most(calls, 5));
	token_add_number(t, FIELD_SHAPE, "question marks", at_most(questions, 3));
	token_add_number(t, FIELD_SHAPE, "punctuation share", fifths(other, words + other));
}

void
add_disguise(struct tokens *t, const char *how)
{
	token_add_new(t, FIELD_SHAPE, "disguise", slice_of(how));
	token_add_new(t, FIELD_SHAPE, NULL, slice_of("in disguise"));
}

static void
add_folded(struct tokens *t, const struct normal_counts *c)
{
	const struct {
		const char *how;
		bool found;
	} ways[] = { { "invisible characters", c->invisible > 0 },
		{ "look-alike letters", c->lookalikes > 0 }, { "ornamental letters", c->disguised > 0 },
		{ "letters written backwards", c->reversed > 0 }, { "combining marks", c->marks > 3 } };

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (ways[i].found)
			add_disguise(t, ways[i].how);
	}
}

void
tokens_of_shape(struct tokens *t, const struct normal_counts *c)
{
	token_add_number(t, FIELD_SHAPE, "length", magnitude(c->bytes));
	add_unit_shape(t);
	token_add_number(t, FIELD_SHAPE, "anchors", at_most(c->anchors, 3));
	token_add_number(t, FIELD_SHAPE, "bbcode", at_most(c->bbcode, 2));
	token_add_number(t, FIELD_SHAPE, "capitals", fifths(c->capitals, c->letters));
	token_add_number(t, FIELD_SHAPE, "digits", at_most(c->bytes == 0 ? 0 : c->digits * 10 / c->bytes, 4));
	token_add_number(t, FIELD_SHAPE, "lines", at_most(c->lines, 4));
	token_add_number(t, FIELD_SHAPE, "words of mixed case", at_most(c->mixed_case, 3));
	add_script(t, c);
	add_folded(t, c);
}

/* Return whether the token of the word at AT, N is among those of the text. */
static bool
in_text(struct tokens *t, size_t at, size_t n)
{
	return seen_is_of_now(t, *token_place(t, hash_bytes(t->text.p + at, n, token_seed(FIELD_WORD))));
}

/* Count in *SHARED the words of four letters and more between FROM and the end that the text has too; return
 * how many there are. */
static size_t
compare_words(struct tokens *t, size_t from, size_t *shared)
{
	size_t words = 0, start;

	while (from < t->text.n) {
		while (from < t->text.n && !is_word_byte((unsigned char)t->text.p[from]))
			from++;
		for (start = from; from < t->text.n && is_word_byte((unsigned char)t->text.p[from]);)
			from++;
		if (from - start >= 4 && from - start <= WORD_MAX_BYTES) {
			words++;
			*shared += in_text(t, start, from - start);
		}
	}
	return words;
}

void
tokens_of_topic(struct tokens *t, const struct comment *comment)
{
	struct slice page = comment->field[COMMENT_PERMALINK];
	size_t at, words = 0, shared = 0;
	struct address a;

	if (page.n > 0) {
		at = append_normal(t, page);
		a = address_cut(t->text.p, at, t->text.n - at);
		words += compare_words(t, a.host_end, &shared);
	}
	for (enum comment_field f = COMMENT_TITLE; f <= COMMENT_CONTEXT; f++) {
		if ((f == COMMENT_TITLE || f == COMMENT_CONTEXT) && comment->field[f].n > 0)
			words += compare_words(t, append_normal(t, comment->field[f]), &shared);
	}
	if (words < 2)
		return;
	token_add_number(t, FIELD_TOPIC, "words shared with the page", at_most(shared, 3));
}
