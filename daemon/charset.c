#include "config.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "daemon/charset.h"

#define NAME_MAX_BYTES 20
#define HELD_MAX_BYTES 16

struct charset {
	iconv_t cd;
};

/* Not every encoding iconv has is safe to feed with what strangers send, nor meant for the web. */
static const char *const known[] = { "iso-8859-1", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5",
	"iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-9", "iso-8859-10", "iso-8859-13", "iso-8859-14",
	"iso-8859-15", "iso-8859-16", "windows-1250", "windows-1251", "windows-1252", "windows-1253",
	"windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258", "koi8-r", "koi8-u",
	"tis-620", "shift_jis", "euc-jp", "euc-kr", "gb2312", "gbk", "gb18030", "big5" };

struct charset *
charset_open(struct slice name, struct arena *a)
{
	char text[NAME_MAX_BYTES + 1];
	struct charset *cs;
	size_t i, n = sizeof(known) / sizeof(known[0]);

	if (name.n == 0 || name.n > NAME_MAX_BYTES)
		return NULL;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	for (i = 0; i < n && strcasecmp(known[i], text) != 0; i++)
		;
	cs = i == n ? NULL : arena_alloc(a, sizeof(*cs));
	if (cs == NULL)
		return NULL;
	cs->cd = iconv_open("UTF-8", known[i]);
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
