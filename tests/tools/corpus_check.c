#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/normal.h"
#include "corpus/corpus.h"
#include "corpus/lint.h"
#include "corpus/near_duplicates.h"

/*
 * corpus_check FILE...: whether the JSON Lines files FILE, taken together, may be shipped.  Lists
 * near-duplicates and what lint.h finds, then says what is in the files.  Exits 1 when anything is wrong with
 * them.
 */

#define MAX_LANGUAGES 256

struct language {
	struct slice code;
	size_t n[2]; /* by label */
};

static const char *const scripts[] = { "latin", "cyrillic", "greek", "han", "kana", "hangul", "arabic",
	"hebrew", "thai", "indic", "other", "none" };

#define SCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

struct summary {
	size_t rows[2]; /* by label */
	size_t fields[COMMENT_FIELDS][2];
	struct language languages[MAX_LANGUAGES];
	size_t n_languages;
	size_t scripts[SCRIPTS];
};

static void
print_place(const struct example *row)
{
	printf("%s:%zu", row->file, row->line);
	if (row->id.p != NULL)
		printf("/%.*s", (int)row->id.n, row->id.p);
}

static void
print_problem(void *arg, const struct example *row, enum lint_problem problem, struct slice text)
{
	(void)arg;
	print_place(row);
	printf(": %s", lint_problem_text(problem));
	if (text.p != NULL)
		printf(": %.*s", (int)text.n, text.p);
	putchar('\n');
}

/* Return how many pairs were listed, or -1. */
static long
list_duplicates(const struct corpus *c, struct err *err)
{
	struct near_pair *pairs;
	size_t n;

	if (near_duplicates(&pairs, &n, c, err) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		print_place(&c->rows[pairs[i].a]);
		fputs(" ~ ", stdout);
		print_place(&c->rows[pairs[i].b]);
		printf(" %.2f\n", pairs[i].similarity);
	}
	free(pairs);
	return (long)n;
}

/* Return the number, in scripts[], of the script that most letters of the content belong to. */
static size_t
main_script(const struct example *row)
{
	struct normal_counts n = { 0 };
	struct buf out, scratch;
	size_t best = SCRIPTS - 1, most = 0;

	buf_init(&out, BUF_NO_LIMIT);
	buf_init(&scratch, BUF_NO_LIMIT);
	normalise(&out, row->comment.field[COMMENT_CONTENT], &n, NULL, &scratch);
	buf_fini(&out);
	buf_fini(&scratch);

	const size_t letters[] = { n.latin, n.cyrillic, n.greek, n.han, n.kana, n.hangul, n.arabic, n.hebrew,
		n.thai, n.indic, n.other };

	for (size_t i = 0; i < SCRIPTS - 1; i++) {
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
	while (i < s->n_languages && !slice_equal(s->languages[i].code, code))
		i++;
	if (i == MAX_LANGUAGES)
		return;
	s->n_languages += i == s->n_languages;
	s->languages[i].code = code;
	s->languages[i].n[row->label]++;
}

static void
summarise(struct summary *s, const struct corpus *c)
{
	for (size_t r = 0; r < c->n; r++) {
		const struct example *row = &c->rows[r];

		s->rows[row->label]++;
		for (int f = 0; f < COMMENT_FIELDS; f++)
			s->fields[f][row->label] += row->comment.field[f].p != NULL;
		count_language(s, row);
		s->scripts[main_script(row)]++;
	}
}

static int
compare_languages(const void *a, const void *b)
{
	const struct language *x = a, *y = b;
	size_t n = x->n[0] + x->n[1], m = y->n[0] + y->n[1];

	return (n < m) - (n > m);
}

static double
share(size_t part, size_t whole)
{
	return whole == 0 ? 0 : 100 * (double)part / (double)whole;
}

static void
print_summary(struct summary *s)
{
	size_t all = s->rows[LABEL_HAM] + s->rows[LABEL_SPAM];

	printf("\n%zu rows: %zu ham (%.1f %%), %zu spam\n", all, s->rows[LABEL_HAM],
	    share(s->rows[LABEL_HAM], all), s->rows[LABEL_SPAM]);
	qsort(s->languages, s->n_languages, sizeof(s->languages[0]), compare_languages);
	printf("\n%-12s %6s %8s %6s %6s\n", "language", "rows", "share", "ham", "spam");
	for (size_t i = 0; i < s->n_languages; i++) {
		const struct language *l = &s->languages[i];

		printf("%-12.*s %6zu %6.1f %% %6zu %6zu\n", (int)l->code.n, l->code.p, l->n[0] + l->n[1],
		    share(l->n[0] + l->n[1], all), l->n[LABEL_HAM], l->n[LABEL_SPAM]);
	}
	printf("\n%-12s %6s %8s\n", "script", "rows", "share");
	for (size_t i = 0; i < SCRIPTS; i++) {
		if (s->scripts[i] > 0)
			printf("%-12s %6zu %6.1f %%\n", scripts[i], s->scripts[i], share(s->scripts[i], all));
	}
	printf("\n%-12s %8s %8s\n", "field in", "ham", "spam");
	for (int f = 0; f < COMMENT_FIELDS; f++)
		printf("%-12s %6.1f %% %6.1f %%\n", comment_field_name((enum comment_field)f),
		    share(s->fields[f][LABEL_HAM], s->rows[LABEL_HAM]),
		    share(s->fields[f][LABEL_SPAM], s->rows[LABEL_SPAM]));
}

/* Return 0 when all is well, else 1. */
static int
check(const struct corpus *c)
{
	struct summary s = { 0 };
	size_t problems = 0;
	struct err err;
	long pairs;

	for (size_t r = 0; r < c->n; r++)
		problems += lint_row(&c->rows[r], print_problem, NULL);
	pairs = list_duplicates(c, &err);
	if (pairs == -1) {
		fprintf(stderr, "corpus_check: %s\n", err.text);
		return 1;
	}
	summarise(&s, c);
	print_summary(&s);
	printf("\n%zu problems, %ld near-duplicates\n", problems, pairs);
	return problems > 0 || pairs > 0;
}

int
main(int argc, char **argv)
{
	const struct corpus_options options = { .format = CORPUS_JSONL, .label = LABEL_NONE };
	struct corpus c;
	struct err err;
	int rc = 0;

	if (argc < 2) {
		fputs("usage: corpus_check FILE...\n", stderr);
		return 2;
	}
	corpus_init(&c);
	for (int i = 1; i < argc; i++) {
		if (corpus_read(&c, argv[i], &options, &err) == -1) {
			fprintf(stderr, "corpus_check: %s\n", err.text);
			rc = 1;
		}
	}
	rc |= check(&c);
	corpus_fini(&c);
	return rc;
}
