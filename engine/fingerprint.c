#include "config.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/hash.h"
#include "classifier/normal.h"
#include "engine/fingerprint.h"

#define KEY_USUAL 191 /* bytes that a comment's other fields come to */

static bool
is_quote(char c)
{
	return c == '\'' || c == '"';
}

/*
 * Return whether S looks as PHP's addslashes() leaves it: every quote has its backslash, and every backslash
 * something to protect.
 */
static bool
is_slashed(struct slice s)
{
	bool any = false;

	for (size_t i = 0; i < s.n; i++) {
		if (is_quote(s.p[i]))
			return false;
		if (s.p[i] != '\\')
			continue;
		i++;
		if (i == s.n || (!is_quote(s.p[i]) && s.p[i] != '\\' && s.p[i] != '0'))
			return false;
		any = true;
	}
	return any;
}

/* Append S to OUT with one level of backslashes undone. */
static void
unslash(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\' || i + 1 == s.n)
			buf_add_char(out, s.p[i]);
		else if (s.p[++i] != '0') /* "\0" stands for a NUL, which says nothing */
			buf_add_char(out, s.p[i]);
	}
}

/* Return how many bytes at P, which isn't ASCII, are to be left out: punctuation in Latin-1 or U+2000 to
 * U+207F. */
static size_t
leave_out(const unsigned char *p, size_t n)
{
	if (p[0] == 0xc2 && n >= 2)
		return 2;
	return p[0] == 0xe2 && n >= 3 && (p[1] == 0x80 || p[1] == 0x81) ? 3 : 0;
}

/* Append to OUT what of the normal form TEXT no client changes: letters, digits and signs such as emoji; no
 * spaces, no punctuation. */
static void
put_firm(struct buf *out, struct slice text)
{
	static const bool firm[128] = { ['0' ... '9'] = true, ['a' ... 'z'] = true };
	const unsigned char *p = (const unsigned char *)text.p;
	char *to = buf_reserve(out, text.n);
	size_t skip, n = 0;

	if (to == NULL)
		return;
	for (size_t i = 0; i < text.n; i++) {
		to[n] = text.p[i];
		if (p[i] < 0x80) {
			n += firm[p[i]];
			continue;
		}
		skip = leave_out(p + i, text.n - i);
		n += skip == 0;
		i += skip == 0 ? 0 : skip - 1;
	}
	to[n] = '\0';
	out->n += n;
}

/* Append to OUT the text without spaces, quotes and backslashes: for one that is nothing but punctuation,
 * such as ":-)". */
static void
put_punctuation(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] > ' ' && text.p[i] != '\\' && !is_quote(text.p[i]))
			buf_add_char(out, text.p[i]);
	}
}

struct work {
	struct buf key; /* what is hashed in the end */
	struct buf plain, normal, scratch;
};

/* Put what of a field counts whose value in normal form is NORMAL. */
static void
put_normal(struct work *w, struct slice normal)
{
	size_t before = w->key.n;

	put_firm(&w->key, normal);
	if (w->key.n == before)
		put_punctuation(&w->key, normal);
	buf_add_char(&w->key, '\0');
}

/* Put the field with this VALUE; NORMAL is its normal form, or absent. */
static bool
put_field(struct work *w, struct slice value, struct slice normal)
{
	struct normal_counts counts = { 0 };
	bool slashed = is_slashed(value);

	if (normal.p != NULL && !slashed) {
		put_normal(w, normal);
		return true;
	}
	buf_clear(&w->plain);
	buf_clear(&w->normal);
	if (slashed) {
		unslash(&w->plain, value);
		value = buf_slice(&w->plain);
	}
	if (value.n > 0)
		normalise(&w->normal, value, &counts, NULL, &w->scratch);
	put_normal(w, buf_slice(&w->normal));
	return buf_ok(&w->plain) && buf_ok(&w->normal) && buf_ok(&w->scratch);
}

/* Return URL without its scheme: some clients put one in front. */
static struct slice
without_scheme(struct slice url)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (url.n >= n && strncasecmp(url.p, schemes[i], n) == 0)
			return (struct slice){ url.p + n, url.n - n };
	}
	return url;
}

uint64_t
comment_fingerprint_of(const struct comment *comment, struct slice text)
{
	const struct slice none = { NULL, 0 };
	struct work w;
	uint64_t number;
	bool ok;

	buf_init(&w.key, BUF_NO_LIMIT);
	buf_init(&w.plain, BUF_NO_LIMIT);
	buf_init(&w.normal, BUF_NO_LIMIT);
	buf_init(&w.scratch, BUF_NO_LIMIT);
	buf_reserve(&w.key, text.n + KEY_USUAL);
	ok = put_field(&w, comment->field[COMMENT_AUTHOR], none);
	ok = put_field(&w, comment->field[COMMENT_EMAIL], none) && ok;
	ok = put_field(&w, comment->field[COMMENT_CONTENT], text) && ok;
	ok = put_field(&w, without_scheme(comment->field[COMMENT_URL]), none) && ok;
	number = ok && buf_ok(&w.key) ? hash_bytes(w.key.p, w.key.n, 0) : 0;
	if (number == 0 && ok && buf_ok(&w.key))
		number = 1;
	buf_fini(&w.key);
	buf_fini(&w.plain);
	buf_fini(&w.normal);
	buf_fini(&w.scratch);
	return number;
}

uint64_t
comment_fingerprint(const struct comment *comment)
{
	return comment_fingerprint_of(comment, (struct slice){ NULL, 0 });
}
