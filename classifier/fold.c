#include "config.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "classifier/fold.h"

/* Letters that imitate Latin ones and that Unicode doesn't decompose, in order of code point; a capital: not
 * in every form. */
struct twin {
	unsigned short code;
	char latin;
};

static const struct twin lookalikes[] = {
	{ 0x3b1, 'a' },
	{ 0x3b5, 'E' },
	{ 0x3b7, 'N' },
	{ 0x3b9, 'i' },
	{ 0x3ba, 'K' },
	{ 0x3bd, 'v' },
	{ 0x3bf, 'o' },
	{ 0x3c1, 'P' },
	{ 0x3c4, 'T' },
	{ 0x3c5, 'U' },
	{ 0x3c7, 'X' },
	{ 0x3c9, 'W' },
	{ 0x3f2, 'c' },
	{ 0x3f3, 'j' },
	{ 0x430, 'a' },
	{ 0x432, 'B' },
	{ 0x433, 'R' },
	{ 0x435, 'e' },
	{ 0x438, 'U' },
	{ 0x43a, 'K' },
	{ 0x43c, 'M' },
	{ 0x43d, 'H' },
	{ 0x43e, 'o' },
	{ 0x43f, 'N' },
	{ 0x440, 'p' },
	{ 0x441, 'c' },
	{ 0x442, 'T' },
	{ 0x443, 'y' },
	{ 0x445, 'x' },
	{ 0x44c, 'B' },
	{ 0x455, 's' },
	{ 0x456, 'i' },
	{ 0x458, 'j' },
	{ 0x475, 'v' },
	{ 0x49b, 'K' },
	{ 0x4af, 'y' },
	{ 0x4bb, 'h' },
	{ 0x4cf, 'l' },
	{ 0x501, 'd' },
	{ 0x51b, 'q' },
	{ 0x51d, 'w' },
	{ 0x561, 'W' },
	{ 0x566, 'Q' },
	{ 0x570, 'h' },
	{ 0x578, 'n' },
	{ 0x57d, 'U' },
	{ 0x581, 'g' },
	{ 0x584, 'f' },
	{ 0x585, 'o' },
};

/* Letters of which the capital imitates another Latin letter than the small one, or the only one. */
static const struct twin capitals[] = {
	{ 0x3b2, 'B' },
	{ 0x3b6, 'Z' },
	{ 0x3b7, 'H' },
	{ 0x3bc, 'M' },
	{ 0x3bd, 'N' },
	{ 0x3c5, 'Y' },
};

/* Phonetic and small-capital letters used as ornaments. */
static const struct twin ornaments[] = {
	{ 0x131, 'i' },
	{ 0x251, 'a' },
	{ 0x253, 'b' },
	{ 0x254, 'c' },
	{ 0x257, 'd' },
	{ 0x25b, 'e' },
	{ 0x260, 'g' },
	{ 0x261, 'g' },
	{ 0x262, 'g' },
	{ 0x265, 'h' },
	{ 0x266, 'h' },
	{ 0x268, 'i' },
	{ 0x269, 'i' },
	{ 0x26a, 'i' },
	{ 0x26f, 'm' },
	{ 0x270, 'm' },
	{ 0x271, 'm' },
	{ 0x274, 'n' },
	{ 0x275, 'o' },
	{ 0x280, 'r' },
	{ 0x289, 'u' },
	{ 0x28b, 'v' },
	{ 0x28c, 'v' },
	{ 0x28d, 'w' },
	{ 0x28e, 'y' },
	{ 0x28f, 'y' },
	{ 0x299, 'b' },
	{ 0x29c, 'h' },
	{ 0x29f, 'l' },
	{ 0x1d00, 'a' },
	{ 0x1d04, 'c' },
	{ 0x1d05, 'd' },
	{ 0x1d07, 'e' },
	{ 0x1d0a, 'j' },
	{ 0x1d0b, 'k' },
	{ 0x1d0d, 'm' },
	{ 0x1d0f, 'o' },
	{ 0x1d18, 'p' },
	{ 0x1d1b, 't' },
	{ 0x1d1c, 'u' },
	{ 0x1d20, 'v' },
	{ 0x1d21, 'w' },
	{ 0x1d22, 'z' },
	{ 0xa730, 'f' },
	{ 0xa731, 's' },
};

static int
compare(const void *key, const void *entry)
{
	return (int)*(const unsigned *)key - (int)((const struct twin *)entry)->code;
}

static unsigned
find(unsigned c, const struct twin *table, size_t n)
{
	const struct twin *t;

	if (c > 0xffff)
		return 0;
	t = bsearch(&c, table, n, sizeof(*table), compare);
	return t == NULL ? 0 : (unsigned char)t->latin;
}

unsigned
fold_lookalike(unsigned c, bool capital, bool *exact)
{
	unsigned twin = find(c, lookalikes, sizeof(lookalikes) / sizeof(lookalikes[0]));
	unsigned upper = capital ? find(c, capitals, sizeof(capitals) / sizeof(capitals[0])) : 0;

	*exact = twin >= 'a';
	return (upper != 0 ? upper : twin) | 32u * (twin != 0 || upper != 0);
}

/* Letters in boxes, circles and flags, which have no decomposition. */
static unsigned
boxed(unsigned c)
{
	if (c >= 0x1f150 && c < 0x1f150 + 26)
		return 'a' + c - 0x1f150;
	if (c >= 0x1f170 && c < 0x1f170 + 26)
		return 'a' + c - 0x1f170;
	if (c >= 0x1f1e6 && c < 0x1f1e6 + 26)
		return 'a' + c - 0x1f1e6;
	return 0;
}

static bool
invisible(unsigned c)
{
	return c == 0xad || c == 0x34f || c == 0x61c || (c >= 0x115f && c <= 0x1160) || c == 0x17b4 ||
	    c == 0x17b5 || (c >= 0x180b && c <= 0x180e) || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0x3164 ||
	    (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || c == 0xffa0 || (c >= 0xe0000 && c <= 0xe0fff);
}

/* Marks that only decorate letters; those of Indic, Thai, Arabic and other scripts are part of the spelling.
 */
static bool
dropped_mark(unsigned c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) || (c >= 0x591 && c <= 0x5bd) ||
	    (c >= 0x64b && c <= 0x652) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
	    (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f);
}

/* Compatibility forms that only typesetting explains aren't a disguise: ligatures, dots, fractions, Asian
 * widths of marks. */
static bool
is_disguise(unsigned c)
{
	return (c >= 0x1d400 && c <= 0x1d7ff) || (c >= 0xff10 && c <= 0xff5a) ||
	    (c >= 0x2460 && c <= 0x24ff) || (c >= 0x2100 && c <= 0x214f && c != 0x2116 && c != 0x2122) ||
	    (c >= 0x1f100 && c <= 0x1f1ff) || (c >= 0x2c7c && c <= 0x2c7d) || (c >= 0x1d2c && c <= 0x1d6a) ||
	    (c >= 0x2b0 && c <= 0x2b8);
}

const char *
fold_tables(void)
{
	return utf8proc_version();
}

/* Return whether C is a letter of those that most text outside ASCII is made of and that are their own folded
 * form: small Greek and Cyrillic ones, Hebrew, Arabic, Thai, Han and Hangul. */
static bool
is_folded(unsigned c)
{
	return (c >= 0x3b1 && c <= 0x3c9 && c != 0x3c2) || (c >= 0x430 && c <= 0x44f && c != 0x439) ||
	    (c >= 0x5d0 && c <= 0x5ea) || (c >= 0x627 && c <= 0x64a) || (c >= 0xe01 && c <= 0xe32) ||
	    (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3);
}

enum fold_kind
fold_char(unsigned c, unsigned out[FOLD_MAX], int *n)
{
	utf8proc_int32_t parts[FOLD_MAX];
	utf8proc_ssize_t count;
	int boundary = 0;

	if (is_folded(c)) {
		out[0] = c;
		*n = 1;
		return FOLD_PLAIN;
	}
	*n = 0;
	if (invisible(c))
		return FOLD_INVISIBLE;
	if (dropped_mark(c))
		return FOLD_MARK;
	out[0] = find(c, ornaments, sizeof(ornaments) / sizeof(ornaments[0]));
	if (out[0] == 0)
		out[0] = boxed(c);
	if (out[0] != 0) {
		*n = 1;
		return c == 0x131 ? FOLD_PLAIN : FOLD_DISGUISED;
	}
	out[0] = c;
	*n = 1;
	count = utf8proc_decompose_char((utf8proc_int32_t)c, parts, FOLD_MAX,
	    UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &boundary);
	if (count < 0 || count > FOLD_MAX)
		return FOLD_PLAIN;
	*n = 0;
	for (utf8proc_ssize_t i = 0; i < count; i++) {
		if (!dropped_mark((unsigned)parts[i]))
			out[(*n)++] = (unsigned)parts[i];
	}
	return is_disguise(c) ? FOLD_DISGUISED : FOLD_PLAIN;
}

unsigned
fold_lower(unsigned c)
{
	return (unsigned)utf8proc_tolower((utf8proc_int32_t)c);
}

bool
fold_is_upper(unsigned c)
{
	return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_LU;
}

/* -- Domains -- */

#define MARKS_MAX 30 /* on one letter: they are sorted in the square of their number */
#define WIDE_DOT 0x3002 /* "ideographic full stop", a dot to resolvers */

/* Return whether C, which a character is made of, can stand in a domain: not the "/" of a full-width one,
 * say, nor the blank of a Greek accent by itself. */
static bool
is_part_of_domain(utf8proc_int32_t c)
{
	utf8proc_category_t kind = utf8proc_category(c);

	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '_' || c == '.';
	return c == WIDE_DOT || (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_NO);
}

static bool
is_in_domain(utf8proc_int32_t c)
{
	utf8proc_int32_t parts[FOLD_MAX];
	utf8proc_ssize_t n = utf8proc_decompose_char(
	    c, parts, FOLD_MAX, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_IGNORE, NULL);

	if (n < 0 || n > FOLD_MAX)
		return false;
	for (utf8proc_ssize_t i = 0; i < n; i++) {
		if (!is_part_of_domain(parts[i]))
			return false;
	}
	return true;
}

size_t
fold_domain_length(struct slice s)
{
	utf8proc_ssize_t step;
	utf8proc_int32_t c;
	size_t n = 0, marks = 0;

	while (n < s.n) {
		step = utf8proc_iterate((const utf8proc_uint8_t *)s.p + n, (utf8proc_ssize_t)(s.n - n), &c);
		if (step <= 0 || (c >= 0x80 && !is_in_domain(c)))
			break;
		marks = utf8proc_get_property(c)->combining_class == 0 ? 0 : marks + 1;
		if (marks > MARKS_MAX)
			break;
		n += (size_t)step;
	}
	return n;
}

static utf8proc_int32_t
fold_in_domain(utf8proc_int32_t c, void *arg)
{
	(void)arg;
	return c == WIDE_DOT ? '.' : utf8proc_tolower(c);
}

void
fold_domain(struct buf *out, struct slice s)
{
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t n;

	if (s.n == 0)
		return;
	/* twice: some capitals only come out of a compatibility form */
	n = utf8proc_map((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &folded,
	    UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_IGNORE);
	if (n >= 0) {
		utf8proc_uint8_t *once = folded;

		n = utf8proc_map_custom(once, n, &folded, UTF8PROC_COMPOSE, fold_in_domain, NULL);
		free(once);
	}
	if (n >= 0) {
		buf_add(out, folded, (size_t)n);
		free(folded);
	} else if (n == UTF8PROC_ERROR_NOMEM) {
		out->failed = out->starved = true;
	}
}

struct range {
	unsigned first, last;
	enum script script;
};

static const struct range ranges[] = {
	{ 0x41, 0x5a, SCRIPT_LATIN },
	{ 0x61, 0x7a, SCRIPT_LATIN },
	{ 0xaa, 0xaa, SCRIPT_LATIN },
	{ 0xb5, 0xb5, SCRIPT_GREEK },
	{ 0xba, 0xba, SCRIPT_LATIN },
	{ 0xc0, 0xd6, SCRIPT_LATIN },
	{ 0xd8, 0xf6, SCRIPT_LATIN },
	{ 0xf8, 0x24f, SCRIPT_LATIN },
	{ 0x250, 0x2af, SCRIPT_LATIN },
	{ 0x370, 0x3ff, SCRIPT_GREEK },
	{ 0x400, 0x52f, SCRIPT_CYRILLIC },
	{ 0x531, 0x587, SCRIPT_OTHER },
	{ 0x5d0, 0x5f2, SCRIPT_HEBREW },
	{ 0x620, 0x64a, SCRIPT_ARABIC },
	{ 0x66e, 0x6d3, SCRIPT_ARABIC },
	{ 0x6fa, 0x7ff, SCRIPT_ARABIC },
	{ 0x900, 0xdff, SCRIPT_INDIC },
	{ 0xe01, 0xe3a, SCRIPT_THAI },
	{ 0xe40, 0xe4e, SCRIPT_THAI },
	{ 0xe80, 0xeff, SCRIPT_THAI },
	{ 0xf00, 0xfff, SCRIPT_OTHER },
	{ 0x1000, 0x109f, SCRIPT_THAI },
	{ 0x10a0, 0x10ff, SCRIPT_OTHER },
	{ 0x1100, 0x11ff, SCRIPT_HANGUL },
	{ 0x1200, 0x177f, SCRIPT_OTHER },
	{ 0x1780, 0x17d3, SCRIPT_THAI },
	{ 0x1e00, 0x1eff, SCRIPT_LATIN },
	{ 0x1f00, 0x1fff, SCRIPT_GREEK },
	{ 0x2c60, 0x2c7f, SCRIPT_LATIN },
	{ 0x3005, 0x3007, SCRIPT_HAN },
	{ 0x3041, 0x30ff, SCRIPT_KANA },
	{ 0x3100, 0x312f, SCRIPT_HAN },
	{ 0x31f0, 0x31ff, SCRIPT_KANA },
	{ 0x3400, 0x4dbf, SCRIPT_HAN },
	{ 0x4e00, 0x9fff, SCRIPT_HAN },
	{ 0xa720, 0xa7ff, SCRIPT_LATIN },
	{ 0xac00, 0xd7a3, SCRIPT_HANGUL },
	{ 0xf900, 0xfaff, SCRIPT_HAN },
	{ 0xfb50, 0xfdfb, SCRIPT_ARABIC },
	{ 0xfe70, 0xfefc, SCRIPT_ARABIC },
	{ 0xff21, 0xff3a, SCRIPT_LATIN },
	{ 0xff41, 0xff5a, SCRIPT_LATIN },
	{ 0xff66, 0xff9f, SCRIPT_KANA },
	{ 0x1d400, 0x1d7cb, SCRIPT_LATIN },
	{ 0x20000, 0x323af, SCRIPT_HAN },
};

enum script
fold_script(unsigned c)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]);

	if (c < 0x80)
		return (c | 32) >= 'a' && (c | 32) <= 'z' ? SCRIPT_LATIN : SCRIPT_NONE;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > ranges[middle].last)
			low = middle + 1;
		else if (c < ranges[middle].first)
			high = middle;
		else
			return ranges[middle].script;
	}
	return SCRIPT_NONE;
}

bool
script_unspaced(enum script script)
{
	return script == SCRIPT_HAN || script == SCRIPT_KANA || script == SCRIPT_THAI;
}
