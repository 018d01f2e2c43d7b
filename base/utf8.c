#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

static bool
continues(const char *p)
{
	return ((unsigned char)*p & 0xc0) == 0x80;
}

size_t
utf8_sequence(const char *p, size_t n)
{
	unsigned char a = (unsigned char)p[0], b = n > 1 ? (unsigned char)p[1] : 0;

	if (a < 0x80)
		return 1;
	if (a < 0xc2 || a > 0xf4)
		return 0;
	if (n < 2 || !continues(p + 1))
		return 0;
	if (a < 0xe0)
		return 2;
	if (n < 3 || !continues(p + 2))
		return 0;
	if (a < 0xf0)
		return (a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) ? 0 : 3;
	if (n < 4 || !continues(p + 3))
		return 0;
	return (a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f) ? 0 : 4;
}

size_t
utf8_ascii(const char *p, size_t n)
{
	uint64_t eight;
	size_t i;

	for (i = 0; i + sizeof(eight) <= n; i += sizeof(eight)) {
		memcpy(&eight, p + i, sizeof(eight));
		if ((eight & 0x8080808080808080u) != 0)
			break;
	}
	while (i < n && (unsigned char)p[i] < 0x80)
		i++;
	return i;
}

bool
utf8_valid(struct slice s)
{
	size_t step;

	for (size_t i = utf8_ascii(s.p, s.n); i < s.n; i += step) {
		step = utf8_sequence(s.p + i, s.n - i);
		if (step == 0)
			return false;
	}
	return true;
}

unsigned
utf8_stray(unsigned char byte)
{
	static const unsigned short c1[32] = { 0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021,
		0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d,
		0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178 };

	return byte >= 0x80 && byte < 0xa0 ? c1[byte - 0x80] : byte;
}

void
utf8_repair(struct buf *b, struct slice s)
{
	size_t step;

	for (size_t i = 0; i < s.n; i += step) {
		step = utf8_sequence(s.p + i, s.n - i);
		if (step > 0) {
			buf_add(b, s.p + i, step);
		} else {
			utf8_put(b, utf8_stray((unsigned char)s.p[i]));
			step = 1;
		}
	}
}

void
utf8_put(struct buf *b, unsigned c)
{
	char s[4];

	if (c < 0x80) {
		buf_add_char(b, (char)c);
	} else if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 63));
		buf_add(b, s, 2);
	} else if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 63));
		s[2] = (char)(0x80 | (c & 63));
		buf_add(b, s, 3);
	} else {
		s[0] = (char)(0xf0 | c >> 18);
		s[1] = (char)(0x80 | (c >> 12 & 63));
		s[2] = (char)(0x80 | (c >> 6 & 63));
		s[3] = (char)(0x80 | (c & 63));
		buf_add(b, s, 4);
	}
}
