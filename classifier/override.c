#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "classifier/override.h"

#define OVERRIDE_LEAD 0xe2 /* the first byte of U+202E, and of the marks that end what it turns around */

enum mark { MARK_NONE, MARK_OVERRIDE, MARK_END };

static enum mark
mark_at(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;

	if (*u == '\n')
		return MARK_END;
	if (n < 3 || u[0] != OVERRIDE_LEAD || u[1] != 0x80)
		return MARK_NONE;
	if (u[2] == 0xae)
		return MARK_OVERRIDE;
	return (u[2] >= 0xaa && u[2] <= 0xad) || u[2] == 0xa9 ? MARK_END : MARK_NONE;
}

static size_t
step_at(const char *p, size_t n)
{
	size_t step = utf8_sequence(p, n);

	return step == 0 ? 1 : step;
}

static void
swap_bytes(char *p, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		char c = p[i];

		p[i] = p[n - 1 - i];
		p[n - 1 - i] = c;
	}
}

/* Turn the characters at P around: all bytes, then each character's own back. */
static size_t
reverse(char *p, size_t n)
{
	size_t step, count = 0;

	for (size_t i = 0; i < n; i += step, count++) {
		unsigned char lead = (unsigned char)p[i];

		if (lead >= 0xd6 && lead <= 0xdf) /* U+0580 to U+07FF: Hebrew, Arabic and their kin */
			return 0;
		step = step_at(p + i, n - i);
	}
	for (size_t i = 0; i < n; i += step) {
		step = step_at(p + i, n - i);
		swap_bytes(p + i, step);
	}
	swap_bytes(p, n);
	return count;
}

/* Undo the override whose text begins at P; return how long that is. */
static size_t
undo_one(char *p, size_t n, size_t *moved)
{
	bool tag = false;
	size_t from = 0, i = 0;

	for (; i < n && mark_at(p + i, n - i) == MARK_NONE; i++) {
		if (!tag && p[i] == '<') {
			*moved += reverse(p + from, i - from);
			tag = true;
		} else if (tag && p[i] == '>') {
			from = i + 1;
			tag = false;
		}
	}
	if (!tag)
		*moved += reverse(p + from, i - from);
	return i;
}

size_t
override_undo(char *p, size_t n)
{
	size_t moved = 0, i = 0;
	char *mark;

	while (i < n && (mark = memchr(p + i, OVERRIDE_LEAD, n - i)) != NULL) {
		i = (size_t)(mark - p);
		if (mark_at(mark, n - i) == MARK_OVERRIDE)
			i += 3 + undo_one(mark + 3, n - i - 3, &moved);
		else
			i++;
	}
	return moved;
}
