#include "config.h"

#include <string.h>

#include "classifier/fold.h"
#include "classifier/token_impl.h"

/*
 * Words with something between their letters: "v i a g r a", "v.i.a.g.r.a".  A run is single letters of an
 * alphabet, each set off from the next in the very same way; a wider gap ends it, and so a word.
 *
 * People write such things honestly: abbreviations (U.S.S.R., a.k.a.), initials (J. R. R. Tolkien: not set
 * off evenly), lists (a b c d), chords and grades (G D A), chat (y r u). So short runs are put together only
 * beside a long one, and what is made of the letters of those alone never starts it.
 */
#define RUN_MIN 3 /* letters: the shortest run that may be a word */
#define RUN_SURE 4 /* from here on one is, */
#define RUN_SURE_CAPITALS 5 /* and in capitals, as abbreviations are, from here on */
#define GAP_MAX 3 /* spaces between the letters of one word */
#define PIECE_MAX 40 /* letters put together at most; a longer run is cut */

/* Letters as single words: of chords and grades, and of chat ("y r u", "i c u"). */
static const char chords[] = "abcdefg", chat[] = "abcdiknruy";

/* What stands between two letters: spaces, a mark, spaces. */
struct gap {
	size_t before, after, step; /* STEP: units from one letter to the next */
	struct slice mark;
};

struct run {
	size_t letters, step;
	bool sure, likely;
};

static bool
is_letter(const struct tokens *t, const struct unit *u)
{
	enum script script;
	unsigned code;
	size_t step;

	if (u->kind != UNIT_WORD || u->n > 4)
		return false;
	code = code_at(t->text.p + u->at, u->n, &step);
	if (step != u->n)
		return false;
	script = fold_script(code);
	return (script == SCRIPT_LATIN || script == SCRIPT_CYRILLIC || script == SCRIPT_GREEK ||
	    script == SCRIPT_ARABIC || script == SCRIPT_HEBREW);
}

/* Return how many bytes, all spaces, stand between U and the unit after it. */
static size_t
room_after(const struct unit *u)
{
	return u[1].at - u->at - u->n;
}

static bool
is_joint(const struct tokens *t, const struct unit *u)
{
	static const char joints[] = ".-_*~+=/|\\,^:;#";

	return u->kind == UNIT_MARK && (u->n > 1 ? u->n <= 3 : strchr(joints, t->text.p[u->at]) != NULL);
}

/* Find what sets letter I off from the next; false if there is none, or it isn't even. */
static bool
find_gap(const struct tokens *t, size_t i, struct gap *g)
{
	const struct unit *u = &t->units[i];

	*g = (struct gap){ .step = 1 };
	if (i + 1 >= t->nunits)
		return false;
	g->before = room_after(u);
	if (g->before > GAP_MAX)
		return false;
	if (is_letter(t, u + 1))
		return g->before > 0;
	if (i + 2 >= t->nunits || !is_joint(t, u + 1) || !is_letter(t, u + 2))
		return false;
	g->step = 2;
	g->mark = (struct slice){ t->text.p + u[1].at, u[1].n };
	g->after = room_after(u + 1);
	return g->before == g->after;
}

static bool
is_same_gap(const struct gap *a, const struct gap *b)
{
	return a->before == b->before && a->after == b->after && a->step == b->step &&
	    a->mark.n == b->mark.n && (a->mark.n == 0 || memcmp(a->mark.p, b->mark.p, a->mark.n) == 0);
}

/* What the letters of a run have in common. */
struct letters {
	size_t n, capitals, next; /* NEXT: those that are the one after the one before */
	bool chords, chat;
	char last;
};

static void
look_at(struct letters *l, const struct tokens *t, const struct unit *u, bool capital)
{
	char c = t->text.p[u->at];

	l->n++;
	l->capitals += capital;
	l->next += l->n > 1 && c == l->last + 1;
	l->chords &= strchr(chords, c) != NULL;
	l->chat &= strchr(chat, c) != NULL;
	l->last = c;
}

static void
rate(struct run *r, const struct letters *l)
{
	bool list = 2 * l->next >= l->n;

	r->likely = l->n >= RUN_MIN;
	r->sure = !l->chords && !l->chat && !list &&
	    l->n >= (l->capitals == l->n ? RUN_SURE_CAPITALS : RUN_SURE);
}

/* Measure the run that begins with unit I; *NEXT_CASE: see case_of(). */
static struct run
measure(struct tokens *t, size_t i, size_t *next_case)
{
	struct letters l = { .chords = true, .chat = true };
	struct run r = { 0 };
	struct gap first, g;
	size_t at = i;

	look_at(&l, t, &t->units[i], case_of(t, t->units[i].at, next_case) != CASE_SMALL);
	if (!find_gap(t, i, &first))
		return r;
	for (g = first; is_same_gap(&first, &g);) {
		at += first.step;
		look_at(&l, t, &t->units[at], case_of(t, t->units[at].at, next_case) != CASE_SMALL);
		if (!find_gap(t, at, &g))
			break;
	}
	t->looked_at += l.n * first.step;
	r.step = first.step;
	r.letters = l.n;
	rate(&r, &l);
	return r;
}

/* Put the letters of R, from unit I on, together as words that begin at unit *PUT. */
static void
join(struct tokens *t, size_t i, const struct run *r, size_t *put)
{
	for (size_t k = 0; k < r->letters; k += PIECE_MAX) {
		size_t at = t->text.n, end = k + at_most(r->letters - k, PIECE_MAX);

		for (size_t j = k; j < end && buf_reserve(&t->text, 4) != NULL; j++) {
			const struct unit *u = &t->units[i + j * r->step];

			buf_add(&t->text, t->text.p + u->at, u->n);
		}
		t->units[(*put)++] = (struct unit){
			.kind = UNIT_WORD, .undone = true, .at = (uint32_t)at, .n = (uint16_t)(t->text.n - at)
		};
	}
}

/* Go over all runs; with JOIN put the likely ones together. Return whether there was a sure one. */
static bool
walk(struct tokens *t, bool joining, size_t *removed)
{
	size_t i = 0, put = 0, next_case = 0, length;
	bool sure = false;

	while (i < t->nunits) {
		struct run r = { 0 };

		if (is_letter(t, &t->units[i]))
			r = measure(t, i, &next_case);
		length = r.likely ? (r.letters - 1) * r.step + 1 : 1;
		sure |= r.sure;
		if (joining && r.likely) {
			*removed += t->units[i + length - 1].at - t->units[i].at + 1 - r.letters;
			join(t, i, &r, &put);
		} else if (joining) {
			memmove(t->units + put, t->units + i, length * sizeof(*t->units));
			put += length;
		}
		i += length;
	}
	if (joining)
		t->nunits = put;
	return sure;
}

size_t
units_close_up(struct tokens *t)
{
	size_t removed = 0;

	if (!walk(t, false, &removed))
		return 0;
	walk(t, true, &removed);
	add_disguise(t, "spaced-out word");
	return removed;
}
