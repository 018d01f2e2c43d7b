#include "config.h"

#include <stdlib.h>

#include "classifier/padding.h"
#include "classifier/token_impl.h"
#include "classifier/weigh.h"

struct candidate {
	double ratio;
	uint64_t hash;
	size_t at, n; /* its text */
};

/* Words of the ham looked at, as often as they come there. */
struct search {
	struct tokens tokens;
	struct ratio_table ratios;
	double offset;
	struct buf list, text;
};

static void
note_word(struct search *s, const struct counts *counts, const struct unit *u)
{
	const struct slice word = { s->tokens.text.p + u->at, u->n };
	const struct count *e = counts_find(counts, u->hash);
	struct candidate c = { .hash = u->hash, .at = s->text.n, .n = u->n };

	if ((u->kind != UNIT_WORD && u->kind != UNIT_PIECE) || u->n < 2 || (unsigned char)word.p[0] < 'a' ||
	    e == NULL)
		return;
	c.ratio = ratio_of(&s->ratios, (uint32_t)e->spam, (uint32_t)e->ham, s->offset);
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
put_best(struct buf *out, struct search *s)
{
	struct candidate *list = (struct candidate *)(void *)s->list.p;
	size_t n = s->list.n / sizeof(*list), words = 0;

	if (n == 0 || !buf_ok(&s->list) || !buf_ok(&s->text))
		return;
	qsort(list, n, sizeof(*list), by_innocence);
	for (size_t i = 0; i < n && words < PADDING_WORDS; i++) {
		if (i > 0 && list[i].hash == list[i - 1].hash)
			continue;
		buf_add_char(out, ' ');
		buf_add(out, s->text.p + list[i].at, list[i].n);
		words++;
	}
}

int
padding_find(struct buf *out, struct tokenizer *tk, const struct rows *rows, const struct counts *counts)
{
	struct search s;
	int rc = 0;

	tokens_init(&s.tokens);
	ratio_table_init(&s.ratios);
	buf_init(&s.list, BUF_NO_LIMIT);
	buf_init(&s.text, BUF_NO_LIMIT);
	s.offset = ratio_offset((double)rows->spam, (double)(rows_count(rows) - rows->spam));
	for (size_t i = 0, ham = 0; rc == 0 && i < rows_count(rows) && ham < PADDING_HAM_MAX; i++) {
		if (rows_at(rows, i)->spam)
			continue;
		ham++;
		rc = tokenize(tk, &rows_at(rows, i)->comment, true, &s.tokens, NULL);
		for (size_t k = 0; rc == 0 && k < s.tokens.nunits; k++)
			note_word(&s, counts, &s.tokens.units[k]);
	}
	put_best(out, &s);
	rc = rc == 0 && buf_ok(&s.list) && buf_ok(&s.text) && buf_ok(out) ? 0 : -1;
	tokens_fini(&s.tokens);
	buf_fini(&s.list);
	buf_fini(&s.text);
	return rc;
}
