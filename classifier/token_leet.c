#include "config.h"

#include <string.h>

#include "classifier/token_impl.h"

/*
 * Words with digits and signs for letters: "v1agra", "5ub5cr!be", "ca$h".
 *
 * Most words with a digit in them are honest (mp3, h2o, 1st, 10am, log4j, i18n, win32), so how sure one can
 * be comes in degrees.  A word is sure when stand-ins are among its letters in two places or more, and then
 * it is read as what it stands for.  Once there are several such words and enough of the text is written so,
 * the others are too, down to those that are nothing but digits ("411" for "all").  Any other word stays, and
 * what it may stand for is told beside it (see token_words.c).  What was written is kept as a token wherever
 * it was read as something else.
 */
#define CLUSTER_MAX 8 /* units of one word: its letters, and the signs between them */
#define WORD_MAX 40 /* bytes */
#define ONES_MAX 3 /* digits read both ways in one word */
#define HEXADECIMAL_MIN 6
#define INNER_MAX 3 /* stand-ins in a row, among letters */
#define TEXT_POINTS 2 /* of a text that is written so throughout: the least, */
#define TEXT_SHARE 4 /* and one for so many words... */
#define TEXT_POINTS_MORE 3 /* or these, */
#define TEXT_SHARE_MORE 8 /* and one for so many */

/* Adjacent units that may be one word. */
struct cluster {
	size_t units, at, n; /* its text is in one piece */
	size_t letters, stand_ins;
	size_t inner; /* places where stand-ins have letters on both sides */
	bool first, last; /* stand-ins at its beginning, at its end */
};

char
unleet(char c)
{
	static const char letters[256] = { ['0'] = 'o',
		['1'] = 'i',
		['3'] = 'e',
		['4'] = 'a',
		['5'] = 's',
		['7'] = 't',
		['8'] = 'b',
		['9'] = 'g',
		['@'] = 'a',
		['$'] = 's',
		['!'] = 'i' };
	char letter = letters[(unsigned char)c];

	return letter == 0 ? c : letter;
}

static bool
is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

/*
 * Return whether "1" between BEFORE and AFTER reads better as "l" than as "i": counted over the words of the
 * shipped corpus.  For each letter before it, and for a word's beginning: what comes after an "l", '$' being
 * the word's end and '1' another such digit.
 */
static bool
is_ell(char before, char after)
{
	static const char *const after_ell[27] = { "$1abcefghkmopqtuvwy", "aeouy", "1eouy", "1y",
		"$1abdefhkmopqsuvwy", "aouy", "1aeuy", "uy", "$1abcdefghjkmostuvwy", "ce", "1aeouy",
		"$1aeouwy", "", "1y", "$1abdefghkmoptuvyz", "1aeouyz", "$1dorsxz", "1y", "1uy", "uy",
		"$1adefhkopuy", "w", "$bqy", "y", "1aefko", "1u", "1aeoquwxy" };

	return after != '\0' && strchr(after_ell[is_small(before) ? before - 'a' : 26], after) != NULL;
}

/* Append what the N bytes at AT of T's text stand for; return where. Of its first "1"s, the Kth is an "l" if
 * bit K of READING is set; the others are read by what stands beside them. */
static size_t
put_reading(struct tokens *t, size_t at, size_t n, unsigned reading, unsigned chosen)
{
	size_t to = t->text.n, ones = 0;

	if (buf_reserve(&t->text, n) == NULL)
		return to;
	for (size_t i = 0; i < n; i++) {
		const char *p = t->text.p + at;
		char before = i == 0 ? '^' : t->text.p[to + i - 1];
		char after = i + 1 == n ? '$' : p[i + 1] == '1' ? '1' : unleet(p[i + 1]);
		bool ell = p[i] == '1' && is_ell(before, after);

		if (p[i] == '1' && ones < chosen)
			ell = reading >> ones++ & 1;
		buf_add_char(&t->text, ell ? 'l' : unleet(p[i]));
	}
	return to;
}

static bool
is_sign(const struct tokens *t, const struct unit *u)
{
	if (u->kind != UNIT_MARK)
		return false;
	for (size_t i = 0; i < u->n; i++) {
		if (strchr("@$!", t->text.p[u->at + i]) == NULL)
			return false;
	}
	return true;
}

/* Count what the text of C is made of; false if there is anything but letters and stand-ins. */
static bool
look_at(const struct tokens *t, struct cluster *c)
{
	const char *p = t->text.p + c->at;
	size_t run = 0;
	bool weak = false;

	for (size_t i = 0; i < c->n; i++) {
		if (p[i] == '\'')
			continue;
		if (is_small(p[i])) {
			c->inner += c->letters > 0 && run > 0 && run <= INNER_MAX && !weak;
			c->letters++;
			run = 0;
			weak = false;
		} else if (unleet(p[i]) != p[i]) {
			c->stand_ins++;
			run++;
			weak |= p[i] == '!'; /* "wow!this" */
		} else {
			return false;
		}
	}
	c->first = !is_small(p[0]);
	c->last = !is_small(p[c->n - 1]);
	return true;
}

/* Return whether C is the kind of number that computers write: six digits to the base of 16, or more. */
static bool
is_hexadecimal(const struct tokens *t, const struct cluster *c)
{
	const char *p = t->text.p + c->at;
	size_t n = c->n > 2 && memcmp(p, "0x", 2) == 0 ? c->n - 2 : c->n;

	for (size_t i = c->n - n; i < c->n; i++) {
		if (strchr("0123456789abcdef", p[i]) == NULL)
			return false;
	}
	return n >= HEXADECIMAL_MIN;
}

/* Return whether unit I, a word by itself as most are, has nothing that stands for a letter. */
static bool
is_plain(const struct tokens *t, size_t i)
{
	const struct unit *u = &t->units[i];
	const char *p = t->text.p + u->at;
	bool plain = u->kind == UNIT_WORD && (i + 1 == t->nunits || u[1].at > u->at + u->n);

	for (size_t k = 0; plain && k < u->n; k++)
		plain = unleet(p[k]) == p[k];
	return plain;
}

/* Find the word that begins with unit I; false if it isn't one that might stand for another. */
static bool
find(struct tokens *t, size_t i, struct cluster *c)
{
	const struct unit *u = &t->units[i];
	size_t k = 0, last = 0;

	if (is_plain(t, i)) {
		t->looked_at += 2;
		return false;
	}
	*c = (struct cluster){ .at = u->at };
	while (k < CLUSTER_MAX && i + k < t->nunits && (k == 0 || u[k].at == u[k - 1].at + u[k - 1].n) &&
	    ((u[k].kind == UNIT_WORD && !u[k].undone) || is_sign(t, &u[k]))) {
		k++;
		if (u[k - 1].kind == UNIT_WORD || t->text.p[u[k - 1].at] != '!') /* which ends a sentence */
			last = k;
	}
	t->looked_at += k + 1;
	if (last == 0 || (i > 0 && u[-1].at + u[-1].n == u->at && u->kind != UNIT_WORD))
		return false;
	c->units = last;
	c->n = u[last - 1].at + u[last - 1].n - u->at;
	return c->n >= 2 && c->n <= WORD_MAX && look_at(t, c) && c->stand_ins > 0 && !is_hexadecimal(t, c);
}

/* Return how much of a proof C is that its writer puts digits for letters: 2 is enough for itself. */
static size_t
points(const struct cluster *c)
{
	size_t places = c->inner + c->first + c->last;

	if (c->letters < 2)
		return 0;
	if (places >= 2)
		return c->inner > 0 && c->letters >= 3 ? 2 : 1;
	return c->inner > 0 && c->letters >= 3;
}

/* Return whether C is read as what it stands for, when the text is written so THROUGHOUT or not. */
static bool
is_read(const struct cluster *c, bool throughout)
{
	if (throughout)
		return c->letters > 0 || c->stand_ins >= 3;
	return points(c) >= 2;
}

/* Tell all that C may be: "1" is an "i" or an "l". */
static void
add_readings(struct tokens *t, const struct cluster *c)
{
	unsigned ones = 0;

	for (size_t i = 0; i < c->n && ones < ONES_MAX; i++)
		ones += t->text.p[c->at + i] == '1';
	for (unsigned reading = 0; ones > 0 && reading < 1u << ones; reading++) {
		size_t at = put_reading(t, c->at, c->n, reading, ones);

		token_add_text(t, FIELD_WORD, NULL, at, t->text.n - at);
	}
}

/* Let one unit at *PUT stand for C, and tell what was written. */
static void
undo(struct tokens *t, const struct cluster *c, size_t *put)
{
	size_t at;

	token_add_text(t, FIELD_WORD, "written", c->at, c->n);
	add_readings(t, c);
	at = put_reading(t, c->at, c->n, 0, 0);
	t->units[(*put)++] = (struct unit){
		.kind = UNIT_WORD, .undone = true, .at = (uint32_t)at, .n = (uint16_t)(t->text.n - at)
	};
}

/* Return whether the text is written with stand-ins throughout; *ANY: a word of it is. */
static bool
survey(struct tokens *t, bool *any)
{
	size_t words = 0, sum = 0;
	struct cluster c;

	for (size_t i = 0; i < t->nunits; i++) {
		words += t->units[i].kind == UNIT_WORD;
		if (!find(t, i, &c))
			continue;
		sum += points(&c);
		*any |= is_read(&c, false);
		i += c.units - 1;
	}
	return (sum >= TEXT_POINTS && sum * TEXT_SHARE >= words) ||
	    (sum >= TEXT_POINTS_MORE && sum * TEXT_SHARE_MORE >= words);
}

size_t
units_unleet(struct tokens *t)
{
	bool any = false, throughout = survey(t, &any);
	size_t put = 0, undone = 0;
	struct cluster c;

	if (!throughout && !any)
		return 0;
	for (size_t i = 0; i < t->nunits; i++) {
		if (find(t, i, &c) && is_read(&c, throughout)) {
			undo(t, &c, &put);
			undone += c.stand_ins;
			i += c.units - 1;
		} else {
			t->units[put++] = t->units[i];
		}
	}
	t->nunits = put;
	add_disguise(t, "digits for letters");
	return undone;
}
