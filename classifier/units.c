#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/fold.h"
#include "classifier/token_impl.h"

#define LINK_MAX 2000 /* bytes of a link */
#define LOOK_AHEAD 80 /* bytes that are looked at to see whether an address begins */
#define CALL_MAX 4 /* bytes of a run of marks: more of them say no more */

static void
unit_add(struct tokens *t, enum unit_kind kind, size_t at, size_t n)
{
	struct unit *units = t->units;

	if (t->nunits == t->units_cap) {
		size_t cap = t->units_cap == 0 ? 256 : t->units_cap * 2;

		units = realloc(units, cap * sizeof(*units));
		if (units == NULL) {
			t->failed = true;
			return;
		}
		t->units = units;
		t->units_cap = cap;
	}
	units[t->nunits++] = (struct unit){ .at = (uint32_t)at, .n = (uint16_t)n, .kind = (uint8_t)kind };
}

/* Cut a word that may hold characters of scripts without spaces: those by overlapping pairs, the rest whole.
 */
static void
add_word(struct tokens *t, size_t at, size_t n)
{
	size_t step, last = 0, last_step = 0, plain = at, i, lone = 0;
	const char *p = t->text.p;

	for (i = at; i < at + n; i += step) {
		unsigned c = code_at(p + i, at + n - i, &step);
		bool unspaced = c >= 0xe00 && script_unspaced(fold_script(c));

		if (unspaced && i > plain)
			unit_add(t, UNIT_WORD, plain, at_most(i - plain, WORD_MAX_BYTES));
		if (unspaced && last_step > 0)
			unit_add(t, UNIT_PIECE, last, last_step + step);
		if (unspaced) {
			lone = last_step == 0 ? 1 : 0;
			last = i;
			last_step = step;
			plain = i + step;
		} else {
			if (lone)
				unit_add(t, UNIT_PIECE, last, last_step);
			lone = last_step = 0;
		}
	}
	if (lone)
		unit_add(t, UNIT_PIECE, last, last_step);
	if (i > plain)
		unit_add(t, UNIT_WORD, plain, at_most(i - plain, WORD_MAX_BYTES));
}

/* What a character of the folded text can begin. */
enum class { OTHER, SPACE, WORD, MARK, JOINT, CALL };

static enum class
class_of(char c)
{
	static const unsigned char classes[256] = {
		['\n'] = SPACE,
		[' '] = SPACE,
		['!'] = CALL,
		['"'] = MARK,
		['#'] = MARK,
		['&'] = MARK,
		['\''] = MARK,
		['('] = MARK,
		[')'] = MARK,
		['*'] = MARK,
		['+'] = JOINT,
		[','] = MARK,
		['-'] = JOINT,
		['.'] = JOINT,
		['/'] = MARK,
		['0' ... '9'] = WORD,
		['>'] = MARK,
		['?'] = CALL,
		['@'] = MARK,
		['['] = MARK,
		['\\'] = MARK,
		[']'] = MARK,
		['_'] = JOINT,
		['a' ... 'z'] = WORD,
		['{'] = MARK,
		['|'] = MARK,
		['}'] = MARK,
		['~'] = MARK,
	};

	return (enum class)classes[(unsigned char)c];
}

/*
 * Return whether what stands at P + I, right after a word or where a unit begins, is no part of a link or a
 * mail address, which have a '.' before a letter or an '@'.  P[N] is readable.
 */
static bool
no_address(const char *p, size_t i, size_t n)
{
	size_t most = at_most(n - i, LOOK_AHEAD) + i;
	bool dot = false;

	for (; i < most; i++) {
		switch (class_of(p[i])) {
		case WORD:
			if (dot)
				return false;
			break;
		case JOINT:
			dot = p[i] == '.';
			break;
		case SPACE:
		case CALL:
			return true;
		case MARK:
			return p[i] != '@';
		case OTHER:
			return false;
		}
	}
	return false;
}

/*
 * Return where the word that begins at FROM ends, or FROM if only the expression can tell: it may go on in
 * other characters, or be a link or an address.  P[N] is readable.
 */
static size_t
word_end(const char *p, size_t from, size_t n)
{
	size_t i = from;

	for (;;) {
		while (i < n && class_of(p[i]) == WORD)
			i++;
		if (p[i] != '\'' || class_of(p[i + 1]) != WORD)
			break;
		i++;
	}
	if (p[i] == '\'' && class_of(p[i + 1]) == OTHER)
		return from;
	if (i - from == 3 && memcmp(p + from, "www.", 4) == 0)
		return from;
	return no_address(p, i, n) ? i : from;
}

/*
 * Take what most text is made of without the expression: words of letters and digits, and the marks that
 * begin nothing longer.  Start at FROM; return where something comes that the expression has to look at, or
 * the end.
 */
static size_t
scan_plain(struct tokens *t, size_t from)
{
	const char *p = t->text.p;
	size_t n = t->text.n, end;

	for (; from < n; from = end) {
		if (t->failed)
			return n;
		enum unit_kind kind = UNIT_MARK;

		end = from + 1;
		switch (class_of(p[from])) {
		case SPACE:
			continue;
		case WORD:
			end = word_end(p, from, n);
			if (end == from)
				return from;
			kind = UNIT_WORD;
			break;
		case MARK:
			break;
		case JOINT: /* it may begin an address */
			if (!no_address(p, from, n))
				return from;
			break;
		case CALL:
			while (p[end] == '!' || p[end] == '?')
				end++;
			break;
		case OTHER:
			return from;
		}
		unit_add(t, kind, from, at_most(end - from, kind == UNIT_WORD ? WORD_MAX_BYTES : CALL_MAX));
	}
	return from;
}

void
units_scan(struct tokenizer *tk, struct tokens *t, size_t from)
{
	struct slice text = buf_slice(&t->text);
	struct rx_match m;
	size_t n;

	while ((from = scan_plain(t, from)) < text.n && rx_next(tk->units, text, from, &m)) {
		from = m.end;
		n = m.end - m.start;
		switch (m.group) {
		case 1:
			unit_add(t, UNIT_LINK, m.start, at_most(n, LINK_MAX));
			break;
		case 2:
			unit_add(t, UNIT_MAIL, m.start, n);
			break;
		case 3:
			add_word(t, m.start, n);
			break;
		default:
			unit_add(t, UNIT_MARK, m.start, m.group == 4 ? at_most(n, CALL_MAX) : n);
			break;
		}
	}
}
