#include "config.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "daemon/charset.h"

#define NAME_MAX_BYTES 20
#define HELD_MAX_BYTES 16

struct charset {
	iconv_t cd;
};

/*
 * What browsers and blogs call the encodings of pages, without hyphens and underscores, and iconv's name for
 * what browsers mean by it: mostly a superset of what the name says (the WHATWG's Encoding Standard).  Not
 * every encoding iconv has is safe to feed with what strangers send, nor meant for the web.
 */
static const struct {
	const char *iconv, *labels;
} known[] = {
	{ "CP1252",
	    "windows1252 cp1252 xcp1252 iso88591 iso88591:1987 isoir100 csisolatin1 latin1 l1 cp819 "
	    "ibm819 ascii usascii ansix3.41968" },
	{ "CP1250", "windows1250 cp1250 xcp1250" },
	{ "CP1251", "windows1251 cp1251 xcp1251" },
	{ "CP1253", "windows1253 cp1253 xcp1253" },
	{ "CP1254", "windows1254 cp1254 xcp1254 iso88599 iso88599:1989 isoir148 csisolatin5 latin5 l5" },
	{ "CP1255", "windows1255 cp1255 xcp1255" },
	{ "CP1256", "windows1256 cp1256 xcp1256" },
	{ "CP1257", "windows1257 cp1257 xcp1257" },
	{ "CP1258", "windows1258 cp1258 xcp1258" },
	{ "ISO-8859-2", "iso88592 iso88592:1987 isoir101 csisolatin2 latin2 l2" },
	{ "ISO-8859-3", "iso88593 iso88593:1988 isoir109 csisolatin3 latin3 l3" },
	{ "ISO-8859-4", "iso88594 iso88594:1988 isoir110 csisolatin4 latin4 l4" },
	{ "ISO-8859-5", "iso88595 iso88595:1988 isoir144 csisolatincyrillic cyrillic" },
	{ "ISO-8859-6",
	    "iso88596 iso88596:1987 iso88596e iso88596i isoir127 csiso88596e csiso88596i "
	    "csisolatinarabic arabic asmo708 ecma114" },
	{ "ISO-8859-7",
	    "iso88597 iso88597:1987 isoir126 csisolatingreek ecma118 elot928 greek greek8 "
	    "suneugreek" },
	{ "ISO-8859-8",
	    "iso88598 iso88598:1988 iso88598e iso88598i isoir138 csiso88598e csiso88598i "
	    "csisolatinhebrew hebrew visual logical" },
	{ "ISO-8859-10", "iso885910 isoir157 csisolatin6 latin6 l6" },
	{ "ISO-8859-13", "iso885913 latin7 l7" },
	{ "ISO-8859-14", "iso885914 latin8 l8" },
	{ "ISO-8859-15", "iso885915 csisolatin9 latin9 l9" },
	{ "ISO-8859-16", "iso885916 latin10 l10" },
	{ "CP866", "ibm866 cp866 csibm866 866" },
	{ "KOI8-R", "koi8r koi8 koi cskoi8r" },
	{ "KOI8-U", "koi8u koi8ru" },
	{ "CP874", "windows874 cp874 dos874 tis620 iso885911" },
	{ "CP932", "shiftjis sjis xsjis ms932 mskanji csshiftjis windows31j cp932" },
	{ "EUC-JP-MS", "eucjp xeucjp cseucpkdfmtjapanese eucjpms eucjpwin" },
	{ "GB18030",
	    "gb18030 gbk xgbk gb2312 gb231280 csgb2312 csiso58gb231280 isoir58 chinese euccn cp936 "
	    "windows936 ms936" },
	{ "CP949",
	    "euckr cseuckr ksc56011987 ksc56011989 ksc5601 csksc56011987 isoir149 korean windows949 "
	    "cp949 uhc" },
	{ "BIG5-HKSCS", "big5 big5hkscs cnbig5 csbig5 xxbig5 cp950 windows950" },
};

/* Write NAME to TEXT as the labels above are written; return what was written, absent if that can't be one.
 */
static struct slice
plain_name(struct slice name, char text[static NAME_MAX_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '-' || c == '_')
			continue;
		if (n == NAME_MAX_BYTES)
			return (struct slice){ NULL, 0 };
		text[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
	}
	return (struct slice){ text, n };
}

/* Return iconv's name for the encoding NAME, or NULL. */
static const char *
iconv_name(struct slice name)
{
	char text[NAME_MAX_BYTES];
	struct slice labels;

	name = plain_name(name.n == 0 ? name : slice_trim(name), text);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && name.n > 0; i++) {
		labels = slice_of(known[i].labels);
		while (labels.n > 0) {
			if (slice_equal(slice_take(&labels, ' '), name))
				return known[i].iconv;
		}
	}
	return NULL;
}

struct charset *
charset_open(struct slice name, struct arena *a)
{
	const char *from = iconv_name(name);
	struct charset *cs = from == NULL ? NULL : arena_alloc(a, sizeof(*cs));

	if (cs == NULL)
		return NULL;
	cs->cd = iconv_open("UTF-8", from);
	return cs->cd == (iconv_t)-1 ? NULL : cs;
}

void
charset_close(struct charset *cs)
{
	if (cs != NULL)
		iconv_close(cs->cd);
}

/* Append VALUE, converted, to B; a byte that can't be read becomes U+FFFD. */
static void
convert(struct charset *cs, struct slice value, struct buf *b)
{
	char *in = (char *)(uintptr_t)value.p, *out;
	size_t left = value.n, room;

	iconv(cs->cd, NULL, NULL, NULL, NULL);
	while (left > 0) {
		out = buf_reserve(b, left + 16);
		if (out == NULL)
			return;
		room = left + 16;
		if (iconv(cs->cd, &in, &left, &out, &room) == (size_t)-1 && errno != E2BIG) {
			in++;
			left--;
			b->n = (size_t)(out - b->p);
			utf8_put(b, 0xfffd);
			continue;
		}
		b->n = (size_t)(out - b->p);
	}
	room = HELD_MAX_BYTES;
	out = buf_reserve(b, room);
	if (out == NULL)
		return;
	iconv(cs->cd, NULL, NULL, &out, &room); /* a letter that was held back in case a mark follows it */
	b->n = (size_t)(out - b->p);
}

/* Append S to B with U+FFFD for each NUL byte. */
static void
without_nul(struct slice s, struct buf *b)
{
	const char *nul;

	while (s.n > 0 && (nul = memchr(s.p, '\0', s.n)) != NULL) {
		buf_add(b, s.p, (size_t)(nul - s.p));
		utf8_put(b, 0xfffd);
		s.n -= (size_t)(nul - s.p) + 1;
		s.p = nul + 1;
	}
	buf_add_slice(b, s);
}

struct slice
charset_text(struct charset *cs, struct slice value, struct arena *a, bool *failed)
{
	struct buf text, clean;
	struct slice out;

	if (value.n == 0 || (cs == NULL && memchr(value.p, '\0', value.n) == NULL && utf8_valid(value)))
		return value;
	buf_init(&text, 4 * value.n + 64);
	buf_init(&clean, 12 * value.n + 64);
	if (cs != NULL)
		convert(cs, value, &text);
	else
		utf8_repair(&text, value);
	without_nul(buf_slice(&text), &clean);
	out = buf_slice(&clean);
	if (!buf_ok(&text) || !buf_ok(&clean) || arena_keep(a, &out) == -1) {
		*failed = true;
		out = (struct slice){ NULL, 0 };
	}
	buf_fini(&text);
	buf_fini(&clean);
	return out;
}
