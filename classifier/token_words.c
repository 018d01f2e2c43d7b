#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hash_here.h"
#include "base/utf8.h"
#include "classifier/fold.h"
#include "classifier/token_impl.h"

#define CHARS_MIN 3
#define CHARS_MAX 5
#define TRIPLE_SPAN_MAX 3 /* words from the first to the third; not more than PAIR_GAP_MAX */

/* Make room for N more members; false when memory ran out. */
static bool
members_reserve(struct tokens *t, size_t n)
{
	size_t cap = t->members_cap == 0 ? 1024 : t->members_cap;
	uint32_t *members;

	while (cap - t->nmembers < n)
		cap *= 2;
	if (cap == t->members_cap)
		return true;
	members = realloc(t->members, cap * sizeof(*members));
	if (members == NULL) {
		t->failed = true;
		return false;
	}
	t->members = members;
	t->members_cap = cap;
	return true;
}

/* A run of characters within a word. */
struct run {
	uint64_t hash;
	uint32_t at, n;
};
#define RUNS_MAX ((CHARS_MAX - CHARS_MIN + 1) * (WORD_MAX_BYTES + 2))

/* List the runs of SIZE bytes between AT and END in RUN; return how many there are. */
static inline size_t
byte_runs(const struct tokens *t, size_t at, size_t end, size_t size, struct run *run)
{
	size_t n = 0;

	for (; at + size <= end; at++)
		run[n++] = (struct run){ hash_here(t->text.p + at, size, token_seed(FIELD_CHARS)),
			(uint32_t)at, (uint32_t)size };
	return n;
}

/* List the runs of characters between AT and END in RUN; return how many there are. */
static size_t
character_runs(const struct tokens *t, size_t at, size_t end, struct run *run)
{
	uint32_t start[WORD_MAX_BYTES + 3];
	size_t count = 0, n = 0, step;

	for (size_t i = at; i < end; i += step) {
		code_at(t->text.p + i, end - i, &step);
		start[count++] = (uint32_t)i;
	}
	start[count] = (uint32_t)end;
	for (size_t size = CHARS_MIN; size <= CHARS_MAX; size++) {
		for (size_t i = 0; i + size <= count; i++) {
			uint32_t bytes = start[i + size] - start[i];

			run[n++] = (struct run){ hash_here(
						     t->text.p + start[i], bytes, token_seed(FIELD_CHARS)),
				start[i], bytes };
		}
	}
	return n;
}

/* Add the N runs at RUN, and note them as members; for both there is room. */
static void
add_runs(struct tokens *t, const struct run *run, size_t n)
{
	uint32_t *members = t->members + t->nmembers;
	size_t index;

	for (size_t i = 0; i < n; i++) {
		struct token *token = token_new(t, run[i].hash, &index);

		if (token != NULL) {
			token->field = FIELD_CHARS;
			token->at = run[i].at;
			token->n = (uint16_t)run[i].n;
		}
		members[i] = (uint32_t)index;
	}
	t->nmembers += n;
}

/* Add the character runs of the word at AT, N, with its ends marked by '_', and note them as members.  All
 * are hashed before the first is looked for, which is where the processor guesses wrong and begins again. */
static void
add_chars(struct tokens *t, size_t at, size_t n)
{
	struct run run[RUNS_MAX];
	size_t start = t->text.n, end, count;

	/* Reserve first: the text may move while it is copied from itself. */
	if (buf_reserve(&t->text, n + 2) == NULL || !members_reserve(t, RUNS_MAX))
		return;
	buf_add_char(&t->text, '_');
	buf_add(&t->text, t->text.p + at, n);
	buf_add_char(&t->text, '_');
	end = t->text.n;
	if (utf8_ascii(t->text.p + start, end - start) == end - start) { /* sizes that the compiler knows */
		count = byte_runs(t, start, end, 3, run);
		count += byte_runs(t, start, end, 4, run + count);
		count += byte_runs(t, start, end, 5, run + count);
	} else {
		count = character_runs(t, start, end, run);
	}
	add_runs(t, run, count);
}
_Static_assert(CHARS_MIN == 3 && CHARS_MAX == 5, "the runs of ASCII words are written out");

/* Return whether the word has letters and, beside them, digits that can stand for letters. */
static bool
is_leet(const char *p, size_t n)
{
	size_t letters = 0, stand_ins = 0;

	for (size_t i = 0; i < n; i++) {
		letters += p[i] >= 'a' && p[i] <= 'z';
		stand_ins += unleet(p[i]) != p[i];
	}
	return letters >= 2 && stand_ins >= 1 && letters + stand_ins == n && n >= 4;
}

/* Tell what the word U may stand for, beside itself. */
static void
add_unleeted(struct tokens *t, const struct unit *u)
{
	size_t at = t->text.n, n = u->n > WORD_MAX_BYTES ? WORD_MAX_BYTES : u->n;

	for (size_t i = 0; i < n; i++)
		buf_add_char(&t->text, unleet(t->text.p[u->at + i]));
	token_add_text(t, FIELD_WORD, NULL, at, n);
	add_chars(t, at, n);
	token_add_new(t, FIELD_SHAPE, "disguise", slice_of("digits for letters"));
}

/* Let U stand for TEXT, whose place in the comment counts but not its own letters. */
static void
replace_unit(struct tokens *t, struct unit *u, const char *text)
{
	u->at = (uint32_t)t->text.n;
	u->n = (uint16_t)strlen(text);
	buf_add_str(&t->text, text);
}

/* Write a word with three or more of one letter in a row ("soooo") with two of them. */
static void
shorten_runs(struct tokens *t, struct unit *u)
{
	size_t at = t->text.n, n = u->n, i;
	const char *p = t->text.p + u->at;

	for (i = 2; i < n && !(p[i] >= 'a' && p[i] <= 'z' && p[i] == p[i - 1] && p[i] == p[i - 2]); i++)
		;
	if (i >= n || buf_reserve(&t->text, n) == NULL)
		return;
	for (i = 0, p = t->text.p + u->at; i < n; i++) {
		if (i < 2 || p[i] < 'a' || p[i] > 'z' || p[i] != p[i - 1] || p[i] != p[i - 2])
			buf_add_char(&t->text, p[i]);
	}
	u->at = (uint32_t)at;
	u->n = (uint16_t)(t->text.n - at);
}

static bool
is_number(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
	}
	return true;
}

enum letter_case
case_of(const struct tokens *t, size_t at, size_t *next)
{
	const struct cased_word *list = (const struct cased_word *)(const void *)t->cases.p;
	size_t n = t->cases.n / sizeof(*list);

	while (*next < n && list[*next].at < at)
		++*next;
	return *next < n && list[*next].at == at ? (enum letter_case)list[*next].letter_case : CASE_SMALL;
}

/* Add what goes with a word that is new to the comment: its character runs, the form behind digits, a
 * number's length. */
static void
add_word_tokens(struct tokens *t, struct unit *u)
{
	u->members = (uint32_t)t->nmembers;
	add_chars(t, u->at, u->n);
	u->nmembers = (uint32_t)(t->nmembers - u->members);
	if (is_number(t->text.p + u->at, u->n))
		token_add_number(t, FIELD_WORD, "digits", u->n);
	else if (is_leet(t->text.p + u->at, u->n))
		add_unleeted(t, u);
}

static void
add_unit_tokens(struct tokens *t, struct unit *u, size_t *next_case)
{
	static const char *const kinds[] = { NULL, "Initial", "CAPITALS" };
	enum letter_case letter_case = u->kind == UNIT_WORD && !u->undone ? case_of(t, u->at, next_case)
									  : CASE_SMALL;
	const struct unit *first;
	size_t before, index;

	if (u->kind == UNIT_LINK)
		replace_unit(t, u, "(link)");
	else if (u->kind == UNIT_MAIL)
		replace_unit(t, u, "(address)");
	else if (u->kind == UNIT_WORD)
		shorten_runs(t, u);
	before = t->n;
	index = token_add_text(t, FIELD_WORD, NULL, u->at, u->n);
	if (t->failed || t->n == 0)
		return;
	u->hash = t->v[index].hash;
	u->word = (uint32_t)index;
	first = &t->units[t->v[index].unit];
	if (t->n > before || first == u || first->hash != u->hash) { /* or it was told as a reading only */
		t->v[index].unit = (uint32_t)(u - t->units);
		if (u->kind == UNIT_WORD)
			add_word_tokens(t, u);
	} else {
		u->members = first->members;
		u->nmembers = first->nmembers;
	}
	if (letter_case != CASE_SMALL)
		token_add_text(t, FIELD_WORD, kinds[letter_case], u->at, u->n);
}

/* Add the pair or, with GAP2, the triple with this HASH that begins with unit I; return its index. */
static size_t
add_combination(struct tokens *t, enum field field, uint64_t hash, size_t i, size_t gap, size_t gap2)
{
	size_t index;
	struct token *token = token_new(t, hash, &index);

	if (token == NULL)
		return index;
	token->field = (uint8_t)field;
	token->unit = (uint32_t)i;
	token->gap[0] = (uint8_t)gap;
	token->gap[1] = (uint8_t)gap2;
	return index;
}

static void
add_combinations(struct tokens *t)
{
	for (size_t i = 0; i < t->nunits && !t->failed; i++) {
		struct unit *u = &t->units[i];
		uint64_t pair[PAIR_GAP_MAX + 1], hash;

		for (size_t gap = 1; gap <= PAIR_GAP_MAX && i + gap < t->nunits; gap++) {
			pair[gap] = hash_mix(hash_mix(u->hash, u[gap].hash), gap);
			u->pair[u->npairs++] = (uint32_t)add_combination(t, FIELD_PAIR, pair[gap], i, gap, 0);
		}
		for (size_t span = 2; span <= TRIPLE_SPAN_MAX && i + span < t->nunits; span++) {
			for (size_t gap = 1; gap < span; gap++) {
				hash = hash_mix(hash_mix(pair[gap], u[span].hash), span - gap);
				add_combination(t, FIELD_TRIPLE, hash, i, gap, span - gap);
			}
		}
	}
}

void
tokens_of_text(struct tokens *t)
{
	size_t next_case = 0;

	for (size_t i = 0; i < t->nunits && !t->failed; i++)
		add_unit_tokens(t, &t->units[i], &next_case);
	if (t->failed)
		return;
	add_combinations(t);
}
