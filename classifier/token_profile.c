#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "classifier/token_impl.h"

/*
 * The profile field: how a commenter presents himself.  Names and hosts are new on every blog, but random
 * letters, keywords for a name and a deep link for a home page look alike everywhere, in every language.
 */
#define LOOKED_AT 300 /* bytes of a name or address */
#define LEAST_NAME 4 /* letters of a name that can be found in a host by more than chance */

static size_t
count(struct slice s, int (*is)(int))
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += is((unsigned char)s.p[i]) != 0;
	return n;
}

static size_t
count_char(struct slice s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

static bool
is_consonant(char c)
{
	return isalpha((unsigned char)c) && strchr("aeiouy", tolower((unsigned char)c)) == NULL;
}

/* Return the most ASCII consonants in a row. */
static size_t
consonants(struct slice s)
{
	size_t run = 0, longest = 0;

	for (size_t i = 0; i < s.n; i++) {
		run = is_consonant(s.p[i]) ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

/* Return how many capitals stand right after a small letter. */
static size_t
inner_capitals(struct slice s)
{
	size_t n = 0;

	for (size_t i = 1; i < s.n; i++)
		n += isupper((unsigned char)s.p[i]) && islower((unsigned char)s.p[i - 1]);
	return n;
}

/* Return how many words S has, and in *LONGEST the bytes of the longest. */
static size_t
count_words(struct slice s, size_t *longest)
{
	size_t words = 0, run = 0;

	*longest = 0;
	for (size_t i = 0; i < s.n; i++) {
		bool in = isalnum((unsigned char)s.p[i]) || (unsigned char)s.p[i] >= 0x80;

		words += in && run == 0;
		run = in ? run + 1 : 0;
		*longest = run > *longest ? run : *longest;
	}
	return words;
}

static const char *
letter_case(struct slice s)
{
	size_t initial = 0, words = 0, upper = count(s, isupper), lower = count(s, islower);

	for (size_t i = 0; i < s.n; i++) {
		bool first = i == 0 || !isalpha((unsigned char)s.p[i - 1]);

		words += isalpha((unsigned char)s.p[i]) && first;
		initial += isupper((unsigned char)s.p[i]) && first;
	}
	if (upper == 0)
		return lower == 0 ? "none" : "lower";
	if (lower == 0)
		return "upper";
	return initial == words && upper == initial ? "title" : "mixed";
}

static void
number(struct tokens *t, const char *what, size_t n)
{
	token_add_number(t, FIELD_PROFILE, what, n);
}

/* An address's host, the first label of that, and what follows the host. */
struct parts {
	struct slice host, label, path;
};

static struct parts
cut(const char *p, size_t n)
{
	struct address a = address_cut(p, 0, n);
	struct parts parts = { { p + a.host, a.host_end - a.host }, { p + a.host, 0 },
		{ p + a.host_end, a.path_end - a.host_end } };

	while (parts.label.n < parts.host.n && parts.host.p[parts.label.n] != '.')
		parts.label.n++;
	return parts;
}

/* Return how many folders deep PATH goes. */
static size_t
depth(struct slice path)
{
	size_t n;

	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '?' || path.p[i] == '#')
			path.n = i;
	}
	n = count_char(path, '/');
	return n - (path.n > 0 && path.p[path.n - 1] == '/');
}

static void
add_name(struct tokens *t, struct slice name)
{
	size_t longest, words = count_words(name, &longest);

	number(t, "words of the name", at_most(words, 5));
	number(t, "longest word of the name", at_most(longest / 2 * 2, 16));
	number(t, "digits in the name", at_most(count(name, isdigit), 3));
	number(t, "capitals inside the name", at_most(inner_capitals(name), 3));
	number(t, "consonants in a row", at_most(consonants(name), 6));
	token_add_new(t, FIELD_PROFILE, "letters of the name", slice_of(letter_case(name)));
}

/* Return how many labels HOST has; of domains reserved for examples (RFC 2606) "example.com" is one, as what
 * stands for it in the wild is. */
static size_t
labels(struct slice host)
{
	static const char *const ends[] = { ".example.com", ".example.net", ".example.org" };
	size_t n = 1 + count_char(host, '.');

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t m = strlen(ends[i]);

		if (host.n > m && strncasecmp(host.p + host.n - m, ends[i], m) == 0)
			return n - 1;
	}
	return n;
}

/* Return whether the letters and digits of NAME stand together in HOST. */
static bool
name_in_host(struct slice name, struct slice host)
{
	char small[64];
	size_t n = 0;

	for (size_t i = 0; i < name.n && n < sizeof(small); i++) {
		if (isalnum((unsigned char)name.p[i]))
			small[n++] = name.p[i];
	}
	for (size_t i = 0; n >= LEAST_NAME && i + n <= host.n; i++) {
		if (strncasecmp(host.p + i, small, n) == 0)
			return true;
	}
	return false;
}

static bool
is_mail_at(struct slice mail, struct slice host)
{
	const char *sign = memchr(mail.p, '@', mail.n);
	size_t n = sign == NULL ? 0 : mail.n - (size_t)(sign + 1 - mail.p);

	return n >= LEAST_NAME && n <= host.n && strncasecmp(host.p + host.n - n, sign + 1, n) == 0;
}

static void
add_address(struct tokens *t, const struct parts *p)
{
	number(t, "labels of the host", at_most(labels(p->host), 4));
	number(t, "hyphens in the host", at_most(count_char(p->host, '-'), 3));
	number(t, "capitals in the host", at_most(count(p->host, isupper), 2));
	number(t, "digits in the host", at_most(count(p->label, isdigit), 3));
	number(t, "length of the host", at_most(p->label.n / 4, 6));
	number(t, "consonants of the host in a row", at_most(consonants(p->label), 6));
	number(t, "depth of the site's address", at_most(depth(p->path), 3));
	number(t, "length of the path", magnitude(p->path.n));
	number(t, "question in the site's address", count_char(p->path, '?') > 0);
}

static void
add_site(struct tokens *t, struct slice url, const struct comment *comment, struct slice name)
{
	struct slice mail = comment->field[COMMENT_EMAIL], text = comment->field[COMMENT_CONTENT], host;
	struct parts parts = cut(url.p, url.n);

	host = parts.host;
	token_add_new(t, FIELD_PROFILE, NULL, slice_of("gives a site"));
	if (host.n == 0)
		return;
	add_address(t, &parts);
	if (name.n > 0)
		number(t, "name in the host", name_in_host(name, host));
	if (mail.n > 0)
		number(t, "mail at the site", is_mail_at(mail, host));
	if (host.n >= LEAST_NAME && text.n > 0)
		number(t, "site in the text", memmem(text.p, text.n, host.p, host.n) != NULL);
}

static struct slice
beginning(struct slice s)
{
	return (struct slice){ s.p, at_most(s.n, LOOKED_AT) };
}

void
tokens_of_profile(struct tokens *t, const struct comment *comment)
{
	struct slice name = beginning(comment->field[COMMENT_AUTHOR]);
	struct slice url = beginning(comment->field[COMMENT_URL]);

	if (name.n > 0)
		add_name(t, name);
	if (url.n > 0)
		add_site(t, url, comment, name);
}
