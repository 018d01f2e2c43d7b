#include "config.h"

#include <stdint.h>

#include "classifier/plain.h"

enum kind { OTHER, CONTROL, LINE, MARKUP, DIGIT, SMALL, CAPITAL, FOREIGN };

static const unsigned char kinds[256] = {
	[0x00 ... 0x09] = CONTROL,
	['\n'] = LINE,
	[0x0b ... 0x1f] = CONTROL,
	['0' ... '9'] = DIGIT,
	['<'] = MARKUP,
	['A' ... 'Z'] = CAPITAL,
	['['] = MARKUP,
	['a' ... 'z'] = SMALL,
	[0x7f] = CONTROL,
	[0x80 ... 0xff] = FOREIGN,
};

/* A word, all of it ASCII. */
struct plain_word {
	size_t start; /* offset in the output */
	size_t letters, capitals, n;
	bool initial;
};

static bool
in_word(unsigned char c)
{
	return kinds[c] >= DIGIT && kinds[c] <= CAPITAL;
}

/* Return how much of S can be done here. */
static size_t
plain_length(struct slice s, bool markup)
{
	size_t n = 0;

	while (n < s.n) {
		unsigned char kind = kinds[(unsigned char)s.p[n]];

		if (kind == FOREIGN || (kind == MARKUP && markup))
			break;
		n++;
	}
	if (n < s.n && (unsigned char)s.p[n] >= 0x80) {
		while (n > 0 && in_word((unsigned char)s.p[n - 1]))
			n--;
	}
	return n;
}

static void
word_done(struct plain_word *w, struct normal_counts *counts, struct buf *cases)
{
	struct cased_word noted = { (uint32_t)w->start, CASE_INITIAL };

	counts->letters += w->letters;
	counts->latin += w->letters;
	counts->digits += w->n - w->letters;
	if (w->capitals > 0) {
		counts->capitals += w->capitals;
		counts->mixed_case += w->capitals >= w->initial + 2u && w->letters >= w->capitals + 2;
		if (w->capitals == w->letters && w->letters > 1)
			noted.letter_case = CASE_CAPITALS;
		if (cases != NULL && (noted.letter_case == CASE_CAPITALS || w->initial))
			buf_add(cases, &noted, sizeof(noted));
	}
	*w = (struct plain_word){ 0 };
}

size_t
plain_fold(struct buf *out, struct slice in, bool markup, struct normal_counts *counts, struct buf *cases)
{
	size_t n = plain_length(in, markup);
	char *to = n == 0 ? NULL : buf_reserve(out, n);
	struct plain_word w = { 0 };

	if (to == NULL)
		return 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)in.p[i], kind = kinds[c];

		if (kind < DIGIT) {
			if (w.n > 0)
				word_done(&w, counts, cases);
			counts->lines += kind == LINE;
			to[i] = kind == CONTROL || kind == LINE ? ' ' : (char)c;
			continue;
		}
		if (w.n++ == 0) {
			w.start = out->n + i;
			w.initial = kind == CAPITAL;
		}
		w.letters += kind != DIGIT;
		w.capitals += kind == CAPITAL;
		to[i] = (char)(kind == CAPITAL ? c + 32 : c);
	}
	if (w.n > 0)
		word_done(&w, counts, cases);
	out->n += n;
	out->p[out->n] = '\0';
	return n;
}
