#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/normal.h"
#include "corpus/summary.h"

#define LOPSIDED_ROWS 20
#define LOPSIDED_PART 10 /* one in ten */

static const char *const scripts[SUMMARY_SCRIPTS] = { "latin", "cyrillic", "greek", "han", "kana", "hangul",
	"arabic", "hebrew", "thai", "indic", "other", "none" };

const char *
summary_script(size_t i)
{
	return scripts[i];
}

/* Return the number, in scripts[], of the script that most letters of the content belong to. */
static size_t
main_script(const struct example *row)
{
	struct normal_counts n = { 0 };
	struct buf out, scratch;
	size_t best = SUMMARY_SCRIPTS - 1, most = 0;

	buf_init(&out, BUF_NO_LIMIT);
	buf_init(&scratch, BUF_NO_LIMIT);
	normalise(&out, row->comment.field[COMMENT_CONTENT], &n, NULL, &scratch);
	buf_fini(&out);
	buf_fini(&scratch);

	const size_t letters[] = { n.latin, n.cyrillic, n.greek, n.han, n.kana, n.hangul, n.arabic, n.hebrew,
		n.thai, n.indic, n.other };

	for (size_t i = 0; i < SUMMARY_SCRIPTS - 1; i++) {
		if (letters[i] > most) {
			most = letters[i];
			best = i;
		}
	}
	return best;
}

static void
count_language(struct summary *s, const struct example *row)
{
	struct slice code = row->comment.field[COMMENT_LANG];
	size_t i = 0;

	if (code.p == NULL)
		code = slice_of("none");
	while (i < s->nlanguages && !slice_equal(s->languages[i].code, code))
		i++;
	if (i == SUMMARY_LANGUAGES)
		return;
	s->nlanguages += i == s->nlanguages;
	s->languages[i].code = code;
	s->languages[i].rows.n[row->label]++;
}

static int
compare_languages(const void *a, const void *b)
{
	const struct summary_language *x = a, *y = b;
	size_t n = by_class_sum(&x->rows), m = by_class_sum(&y->rows);

	if (n != m)
		return (n < m) - (n > m);
	n = x->code.n < y->code.n ? x->code.n : y->code.n;
	return memcmp(x->code.p, y->code.p, n);
}

void
summary_of(struct summary *s, const struct corpus *c)
{
	*s = (struct summary){ 0 };
	for (size_t r = 0; r < c->n; r++) {
		const struct example *row = &c->rows[r];

		if (row->label == LABEL_NONE)
			continue;
		s->rows.n[row->label]++;
		for (int f = 0; f < COMMENT_FIELDS; f++)
			s->fields[f].n[row->label] += row->comment.field[f].p != NULL;
		count_language(s, row);
		s->scripts[main_script(row)].n[row->label]++;
	}
	qsort(s->languages, s->nlanguages, sizeof(s->languages[0]), compare_languages);
}

bool
summary_lopsided(const struct by_class *rows)
{
	size_t all = by_class_sum(rows);

	return all >= LOPSIDED_ROWS &&
	    (rows->n[LABEL_HAM] * LOPSIDED_PART < all || rows->n[LABEL_SPAM] * LOPSIDED_PART < all);
}
