#include "config.h"

#include <stdlib.h>

#include "base/hash.h"
#include "classifier/padding.h"
#include "classifier/token_impl.h"
#include "classifier/weigh.h"

#define SHORT 20 /* words, by turns */
#define LONG 60
#define PICKS_MAX 100 /* comments that ham is taken from */
#define INNOCENT_EVERY 5 /* of so many pairs of rows one gets the most innocent words */

struct candidate {
	double ratio;
	uint64_t hash;
	size_t at, n; /* its text */
};

/* Words of the ham looked at, as often as they come there. */
struct search {
	struct tokens tokens;
	struct ratio_table ratios;
	double offset; /* of the field of words */
	struct buf list, text;
};

static void
note_word(struct search *s, const struct selection *rows, const struct vocabulary *v, const struct unit *u)
{
	const struct slice word = { s->tokens.text.p + u->at, u->n };
	uint32_t number = vocabulary_find(v, u->hash);
	struct candidate c = { .hash = u->hash, .at = s->text.n, .n = u->n };

	if ((u->kind != UNIT_WORD && u->kind != UNIT_PIECE) || u->n < 2 || (unsigned char)word.p[0] < 'a' ||
	    number == VOCABULARY_NONE)
		return;
	c.ratio = ratio_of(&s->ratios, rows->tally[number].spam, rows->tally[number].ham, s->offset);
	if (c.ratio >= 0)
		return;
	buf_add_slice(&s->text, word);
	buf_add(&s->list, &c, sizeof(c));
}

static int
by_innocence(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->ratio != y->ratio)
		return x->ratio < y->ratio ? -1 : 1;
	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static void
keep_best(struct padding *p, struct search *s)
{
	struct candidate *list = (struct candidate *)(void *)s->list.p;
	size_t n = s->list.n / sizeof(*list);

	if (n == 0 || !buf_ok(&s->list) || !buf_ok(&s->text))
		return;
	qsort(list, n, sizeof(*list), by_innocence);
	for (size_t i = 0; i < n && p->n < PADDING_WORDS; i++) {
		if (i > 0 && list[i].hash == list[i - 1].hash)
			continue;
		buf_add_char(&p->words, ' ');
		buf_add(&p->words, s->text.p + list[i].at, list[i].n);
		p->at[++p->n] = p->words.n;
	}
}

/* List the ham that other rows can be padded with; -1 when memory ran out. */
static int
list_ham(struct padding *p)
{
	const struct selection *rows = p->rows;

	p->ham = malloc((rows->n + 1) * sizeof(*p->ham));
	for (size_t i = 0; p->ham != NULL && i < rows->n; i++) {
		if (!rows->v[i]->spam && rows->v[i]->nunits > 0)
			p->ham[p->nham++] = i;
	}
	return p->ham != NULL ? 0 : -1;
}

int
padding_init(struct padding *p, struct tokenizer *tk, const struct left_out *l)
{
	const struct selection *rows = l->rows;
	struct search s;
	int rc;

	*p = (struct padding){ .rows = rows };
	rc = list_ham(p);
	buf_init(&p->words, BUF_NO_LIMIT);
	tokens_init(&s.tokens);
	ratio_table_init(&s.ratios);
	buf_init(&s.list, BUF_NO_LIMIT);
	buf_init(&s.text, BUF_NO_LIMIT);
	s.offset = ratio_offsets(&l->totals, (double)rows->spam, (double)(rows->n - rows->spam))
		       .of[weigh_varies(FIELD_WORD)];
	for (size_t i = 0, ham = 0; rc == 0 && i < rows->n && ham < PADDING_HAM_MAX; i++) {
		if (rows->v[i]->spam)
			continue;
		ham++;
		rc = tokenize(tk, &rows->v[i]->comment, true, &s.tokens, NULL);
		for (size_t k = 0; rc == 0 && k < s.tokens.nunits; k++)
			note_word(&s, rows, l->v, &s.tokens.units[k]);
	}
	keep_best(p, &s);
	rc = rc == 0 && buf_ok(&s.list) && buf_ok(&s.text) && buf_ok(&p->words) ? 0 : -1;
	tokens_fini(&s.tokens);
	buf_fini(&s.list);
	buf_fini(&s.text);
	return rc;
}

void
padding_fini(struct padding *p)
{
	free(p->ham);
	p->ham = NULL;
	buf_fini(&p->words);
}

/* Return the place in P's list of the first ham at or after row FROM; P->nham if there is none. */
static size_t
ham_from(const struct padding *p, size_t from)
{
	size_t low = 0, high = p->nham;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->ham[middle] < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Return a ham row other than row I, the one that the row's own key and PICK point to or the next one that is
 * there, round the end; NULL if there is none.  Where ham is rare the next one is far: it isn't walked to. */
static const struct row *
pick_ham(const struct padding *p, size_t i, size_t pick)
{
	const struct selection *rows = p->rows;
	size_t n = rows->n, place = ham_from(p, (size_t)(hash_mix(rows->v[i]->key, n + pick) % n));

	if (p->nham == 0)
		return NULL;
	if (p->ham[place % p->nham] == i)
		place++;
	return p->ham[place % p->nham] != i ? rows->v[p->ham[place % p->nham]] : NULL;
}

/* Append the first words of S, at most WORDS of them, to TEXT; return how many. */
static size_t
add_beginning(struct buf *text, struct slice s, size_t words)
{
	size_t i = 0, n = 1;

	for (; i < s.n && n <= words; i++)
		n += s.p[i] == ' ' || s.p[i] == '\n';
	buf_add(text, s.p, i);
	return n > words ? words : n;
}

/* Append innocent words, drawn by row I's own key, or all of them when as many are asked for. */
static void
add_innocent(const struct padding *p, size_t i, size_t words, struct buf *text)
{
	for (size_t k = 0; k < at_most(words, p->n); k++) {
		size_t at = words >= p->n ? k : (size_t)(hash_mix(p->rows->v[i]->key, k) % p->n);

		buf_add(text, p->words.p + p->at[at], p->at[at + 1] - p->at[at]);
	}
}

bool
padding_add(const struct padding *p, size_t i, struct buf *text)
{
	size_t words = i % 2 == 0 ? SHORT : LONG;

	if (p->n > 0 && i / 2 % INNOCENT_EVERY == INNOCENT_EVERY - 1) {
		add_innocent(p, i, words, text);
		return true;
	}
	for (size_t pick = 0; pick < PICKS_MAX && words > 0; pick++) {
		const struct row *ham = pick_ham(p, i, pick);

		if (ham == NULL)
			return false;
		buf_add_char(text, ' ');
		words -= add_beginning(text, ham->comment.field[COMMENT_CONTENT], words);
	}
	return true;
}
