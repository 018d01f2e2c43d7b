#include "config.h"

#include <stdlib.h>

#include "classifier/lone.h"

/* Rows of both classes, of mixed and of lone sources. */
struct classes {
	size_t spam, ham;
};

/* Count the rows of the source that begins at FIRST into *SOURCE; return where it ends. */
static size_t
count_source(const struct row *const *rows, size_t first, size_t n, struct classes *source)
{
	size_t i = first;

	*source = (struct classes){ 0, 0 };
	for (; i < n && rows[i]->source == rows[first]->source; i++)
		++*(rows[i]->spam ? &source->spam : &source->ham);
	return i;
}

static bool
is_lone(struct classes source)
{
	size_t fewer = source.spam < source.ham ? source.spam : source.ham;

	return fewer * LONE_MIXED < source.spam + source.ham;
}

/* Set the weights so that no class has more lone rows, for its mixed ones, than the other. */
static void
even_out(struct lone *l, struct classes lone, struct classes mixed)
{
	double spam, ham;

	if (mixed.spam < LONE_LEAST || mixed.ham < LONE_LEAST)
		return;
	spam = (double)lone.spam / (double)mixed.spam;
	ham = (double)lone.ham / (double)mixed.ham;
	if (spam > ham)
		l->spam_weight = ham / spam;
	else if (ham > spam)
		l->ham_weight = spam / ham;
}

int
lone_find(struct lone *l, const struct row *const *by_source, size_t n)
{
	struct classes lone = { 0 }, mixed = { 0 }, source;
	size_t sources = 0, end;

	for (size_t i = 0; i < n; i++)
		sources += i == 0 || by_source[i]->source != by_source[i - 1]->source;
	*l = (struct lone){
		.source = malloc((sources + 1) * sizeof(*l->source)), .spam_weight = 1, .ham_weight = 1
	};
	if (l->source == NULL)
		return -1;
	for (size_t i = 0; i < n; i = end) {
		struct classes *kind = &mixed;

		end = count_source(by_source, i, n, &source);
		if (is_lone(source)) {
			l->source[l->n++] = by_source[i]->source;
			kind = &lone;
		}
		kind->spam += source.spam;
		kind->ham += source.ham;
	}
	l->spam = lone.spam;
	l->ham = lone.ham;
	even_out(l, lone, mixed);
	return 0;
}

void
lone_fini(struct lone *l)
{
	free(l->source);
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

double
lone_weight(const struct lone *l, const struct row *row)
{
	double weight = row->spam ? l->spam_weight : l->ham_weight;

	if (weight == 1 || l->n == 0 ||
	    bsearch(&row->source, l->source, l->n, sizeof(row->source), by_number) == NULL)
		return 1;
	return weight;
}
