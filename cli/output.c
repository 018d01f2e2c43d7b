#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/utf8.h"
#include "cli/output.h"

void
out_init(struct out *out, FILE *file)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	struct winsize size = { 0 };

	memset(out, 0, sizeof(*out));
	out->file = file;
	if (!isatty(fileno(file)))
		return;
	out->colour = (no_color == NULL || *no_color == '\0') && term != NULL && strcmp(term, "dumb") != 0;
	out->width = ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 80;
}

void
out_printf(const struct out *out, enum style style, const char *fmt, ...)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "",
		[STYLE_BOLD] = "\033[1m",
		[STYLE_DIM] = "\033[2m",
		[STYLE_GOOD] = "\033[32m",
		[STYLE_DOUBT] = "\033[33m",
		[STYLE_BAD] = "\033[31m",
	};
	bool styled = out->colour && style != STYLE_PLAIN;
	va_list ap;

	if (styled)
		fputs(codes[style], out->file);
	va_start(ap, fmt);
	vfprintf(out->file, fmt, ap);
	va_end(ap);
	if (styled)
		fputs("\033[0m", out->file);
}

enum style
out_verdict_style(enum verdict v)
{
	switch (v) {
	case VERDICT_HAM:
		return STYLE_GOOD;
	case VERDICT_UNSURE:
		return STYLE_DOUBT;
	case VERDICT_SPAM:
		return STYLE_BAD;
	}
	return STYLE_PLAIN;
}

/* Decode the well-formed sequence of N bytes at P. */
static unsigned
code_point(const char *p, size_t n)
{
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned c = (unsigned char)p[0] & first[n];
	size_t i;

	for (i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3fu);
	return c;
}

/* Whether C does something to a terminal, or to the reader's eyes, other than being a letter. */
static bool
is_unsafe(unsigned c)
{
	static const struct {
		unsigned from, to;
	} ranges[] = {
		{ 0x00, 0x1f },
		{ 0x7f, 0x9f },
		{ 0xad, 0xad },
		{ 0x61c, 0x61c },
		{ 0x180e, 0x180e },
		{ 0x200b, 0x200b },
		{ 0x200e, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f },
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

static void
put_unsafe(struct buf *b, unsigned c)
{
	if (c == '\n')
		buf_add_str(b, "\\n");
	else if (c == '\r')
		buf_add_str(b, "\\r");
	else if (c == '\t')
		buf_add_str(b, "\\t");
	else if (c < 0x80)
		buf_addf(b, "\\x%02x", c);
	else
		buf_addf(b, "\\u%04x", c);
}

void
text_safe(struct buf *b, struct slice s)
{
	size_t n;
	unsigned c;

	for (; s.n > 0; s.p += n, s.n -= n) {
		n = utf8_sequence(s.p, s.n);
		if (n == 0) {
			n = 1;
			buf_addf(b, "\\x%02x", (unsigned char)*s.p);
			continue;
		}
		c = code_point(s.p, n);
		if (is_unsafe(c))
			put_unsafe(b, c);
		else
			buf_add(b, s.p, n);
	}
}

void
text_safe_json(struct buf *b, struct slice s)
{
	size_t n, plain = 0;
	unsigned c;

	for (; s.n > plain; plain += n) {
		n = utf8_ascii(s.p + plain, s.n - plain);
		if (n > 0)
			continue;
		n = utf8_sequence(s.p + plain, s.n - plain);
		c = n == 0 ? 0xfffd : code_point(s.p + plain, n);
		n = n == 0 ? 1 : n;
		if (!is_unsafe(c))
			continue;
		buf_add(b, s.p, plain);
		if (c < 0x10000)
			buf_addf(b, "\\u%04x", c);
		else
			buf_addf(b, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
		s.p += plain + n;
		s.n -= plain + n;
		plain = n = 0;
	}
	buf_add_slice(b, s);
}

/* Columns of the character at the start of S, and its length in bytes. */
static size_t
first_width(struct slice s, size_t *bytes)
{
	int w;

	*bytes = utf8_sequence(s.p, s.n);
	if (*bytes == 0) {
		*bytes = 1;
		return 1;
	}
	w = wcwidth((wchar_t)code_point(s.p, *bytes));
	return w < 0 ? 1 : (size_t)w;
}

size_t
text_width(struct slice s)
{
	size_t width = 0, n;

	for (; s.n > 0; s.p += n, s.n -= n)
		width += first_width(s, &n);
	return width;
}

size_t
text_cut(struct buf *b, struct slice s, size_t columns)
{
	size_t width = text_width(s), taken = 0, n, w;

	if (width <= columns) {
		buf_add_slice(b, s);
		return width;
	}
	if (columns == 0)
		return 0;
	for (; s.n > 0; s.p += n, s.n -= n, taken += w) {
		w = first_width(s, &n);
		if (taken + w > columns - 1)
			break;
		buf_add(b, s.p, n);
	}
	buf_add_str(b, "…");
	return taken + 1;
}
