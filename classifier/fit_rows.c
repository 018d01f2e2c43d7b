#include "config.h"

#include <stdlib.h>

#include "classifier/fit_rows.h"
#include "classifier/left_out.h"
#include "classifier/lone.h"
#include "classifier/padding.h"
#include "classifier/sources.h"
#include "classifier/totals.h"

#define PROGRESS_EVERY 256 /* rows */

/* How much a copy of an example with innocent words after it counts in the fit. */
#define PADDED_WEIGHT 0.25

#define EVIDENCE_KINDS 3 /* how often a row enters the fit: left out, with its source, padded */

/* Rows being gathered. */
struct gathering {
	const struct train_options *options;
	const struct selection *chosen;
	const struct vocabulary *vocabulary;
	struct fit_rows *e;
	struct left_out left_out;
	struct tokenizer *tokenizer;
	struct tokens tokens;
	struct buf text; /* of a padded copy */
};

int
fit_rows_init(struct fit_rows *e, size_t rows)
{
	*e = (struct fit_rows){ .totals = { 1, 1 } };
	e->x = calloc(rows + 1, FIT_COLUMNS * sizeof(*e->x));
	e->weight = calloc(rows + 1, sizeof(*e->weight));
	e->spam = calloc(rows + 1, sizeof(*e->spam));
	return e->x == NULL || e->weight == NULL || e->spam == NULL ? -1 : 0;
}

void
fit_rows_fini(struct fit_rows *e)
{
	free(e->x);
	free(e->weight);
	free(e->spam);
}

void
fit_rows_add(struct fit_rows *e, const struct row *row, const struct field_sums *sums, bool padded)
{
	double *x = e->x + e->n * FIT_COLUMNS;

	weigh_features(sums, x);
	x[FEATURES_MAX] = padded;
	e->weight[e->n] = (padded ? PADDED_WEIGHT : 1) * lone_weight(e->lone, row);
	e->spam[e->n++] = row->spam;
}

static void
report(const struct gathering *g, size_t i, double from, double to)
{
	if (g->options->progress != NULL && i % PROGRESS_EVERY == 0)
		g->options->progress(
		    from + (to - from) * (double)i / (double)g->chosen->n, g->options->progress_arg);
}

/* Every example, left out. */
static int
add_examples(struct gathering *g)
{
	struct field_sums sums;

	for (size_t i = 0; i < g->chosen->n; i++) {
		if (left_out_sums(&g->left_out, g->chosen->v[i], &sums) == -1)
			return -1;
		fit_rows_add(g->e, g->chosen->v[i], &sums, false);
		report(g, i, 0, 0.3);
	}
	g->e->honest = g->e->n;
	return 0;
}

static int
add_unsourced(const struct row *row, const struct field_sums *sums, void *arg)
{
	fit_rows_add(arg, row, sums, false);
	return 0;
}

/* Every example of the sources that can be left out, left out with all of its source. */
static int
add_sources(struct gathering *g, const struct sources *s)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++)
		rc = sources_leave_out(s, i, &g->left_out, add_unsourced, g->e);
	return rc;
}

/* Tokenise the comment of row I with its padding after it; *NONE when there is no ham. */
static int
tokenize_padded(struct gathering *g, const struct padding *p, size_t i, bool *none)
{
	struct comment padded = g->chosen->v[i]->comment;

	buf_clear(&g->text);
	buf_add_slice(&g->text, padded.field[COMMENT_CONTENT]);
	*none = !padding_add(p, i, &g->text);
	if (*none)
		return 0;
	if (!buf_ok(&g->text))
		return -1;
	padded.field[COMMENT_CONTENT] = buf_slice(&g->text);
	return tokenize(g->tokenizer, &padded, g->options->fields == FIELDS_CONTENT, &g->tokens, NULL);
}

/* Every example once more with innocent words after it, so that the weights are those that hold under padding
 * too. */
static int
add_padded(struct gathering *g)
{
	struct field_sums sums;
	struct padding padding;
	int rc = padding_init(&padding, g->tokenizer, &g->left_out);

	for (size_t i = 0; i < g->chosen->n && rc == 0; i++) {
		const struct row *row = g->chosen->v[i];
		bool none = false;

		rc = tokenize_padded(g, &padding, i, &none);
		if (none)
			break;
		if (rc == 0)
			rc = left_out_padded(&g->left_out, row, &g->tokens, &sums);
		if (rc == 0)
			fit_rows_add(g->e, row, &sums, true);
		report(g, i, 0.5, 0.9);
	}
	padding_fini(&padding);
	return rc;
}

/* Add every row in all its kinds, each counting what its source lets it. */
static int
add_all(struct gathering *g)
{
	struct sources s;
	struct lone lone = { 0 };
	int rc = sources_find(&s, g->chosen);

	if (rc == 0)
		rc = lone_find(&lone, s.order, g->chosen->n);
	g->e->lone = &lone;
	if (rc == 0)
		rc = totals_fit(&g->left_out, &lone);
	g->e->totals = g->left_out.totals;
	if (rc == 0 && (add_examples(g) == -1 || add_sources(g, &s) == -1 || add_padded(g) == -1))
		rc = -1;
	g->e->lone = NULL;
	sources_fini(&s);
	lone_fini(&lone);
	return rc;
}

static int
gather(struct gathering *g, struct err *err)
{
	if (tokenizer_new(&g->tokenizer, err) == -1)
		return -1;
	if (left_out_init(&g->left_out, g->chosen, g->vocabulary) == -1 ||
	    fit_rows_init(g->e, EVIDENCE_KINDS * g->chosen->n) == -1 || add_all(g) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}

int
fit_rows_gather(struct fit_rows *e, const struct selection *chosen, const struct vocabulary *v,
    const struct train_options *options, struct err *err)
{
	struct gathering g = { .options = options, .chosen = chosen, .vocabulary = v, .e = e };
	int rc;

	*e = (struct fit_rows){ 0 };
	tokens_init(&g.tokens);
	buf_init(&g.text, BUF_NO_LIMIT);
	rc = gather(&g, err);
	tokenizer_free(g.tokenizer);
	tokens_fini(&g.tokens);
	buf_fini(&g.text);
	left_out_fini(&g.left_out);
	return rc;
}
