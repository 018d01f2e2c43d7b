#include "config.h"

#include <stdlib.h>

#include "base/large.h"
#include "classifier/selection.h"

#define AHEAD 16 /* tokens whose counts are sent for */

static bool
takes(const struct choice *c, uint32_t example)
{
	return c->fold == NULL || (c->fold[example] != c->left_out && c->fold[example] != CHOICE_NEVER);
}

static void
count(struct tally *tally, const uint32_t *number, size_t n, bool spam)
{
	for (size_t i = 0; i < n; i++) {
		if (i + AHEAD < n)
			__builtin_prefetch(&tally[number[i + AHEAD]], 1);
		++*(spam ? &tally[number[i]].spam : &tally[number[i]].ham);
	}
}

static void
choose(struct selection *s, const struct choice *c)
{
	for (size_t i = 0; i < rows_count(s->rows); i++) {
		const struct row *row = rows_at(s->rows, i);

		if (!takes(c, row->example))
			continue;
		s->v[s->n++] = row;
		s->spam += row->spam;
		count(s->tally, row_numbers(s->rows, row), row->ntokens, row->spam);
	}
}

static void
choose_own(struct selection *s, const struct choice *c)
{
	for (size_t i = 0; i < s->rows->own.n; i++) {
		const struct own_row *own = rows_own(s->rows, i);

		if (!takes(c, own->example))
			continue;
		++*(own->spam ? &s->own_spam : &s->own_ham);
		count(s->tally, own_numbers(s->rows, own), own->ntokens, own->spam);
	}
}

int
selection_init(struct selection *s, const struct rows *rows, const struct choice *c, size_t tokens)
{
	*s = (struct selection){ .rows = rows, .tokens = tokens };
	s->v = malloc((rows_count(rows) + 1) * sizeof(*s->v));
	s->tally = large_alloc((tokens + 1) * sizeof(*s->tally));
	if (s->v == NULL || s->tally == NULL)
		return -1;
	choose(s, c);
	choose_own(s, c);
	return 0;
}

uint64_t
selection_tokens(const struct selection *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->tokens; i++)
		n += (s->tally[i].spam | s->tally[i].ham) != 0;
	return n;
}

void
selection_fini(struct selection *s)
{
	free(s->v);
	large_free(s->tally, (s->tokens + 1) * sizeof(*s->tally));
	*s = (struct selection){ 0 };
}
