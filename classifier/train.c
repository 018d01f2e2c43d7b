#include "config.h"

#include <stdlib.h>

#include "base/hash.h"
#include "classifier/count_tokens.h"
#include "classifier/fit.h"
#include "classifier/left_out.h"
#include "classifier/lone.h"
#include "classifier/model_impl.h"
#include "classifier/padding.h"
#include "classifier/sources.h"
#include "classifier/train.h"

#define PROGRESS_EVERY 256 /* rows */

/* How much a copy of an example with innocent words after it counts in the fit. */
#define PADDED_WEIGHT 0.25

#define EVIDENCE_KINDS 3 /* how often a row enters the fit: left out, with its source, padded */

struct trainer {
	struct train_options options;
	struct tokenizer *tokenizer;
	struct tokens tokens;
	struct counts counts;
	struct rows rows;
	size_t own_spam, own_ham; /* examples of single sites */
};

int
trainer_new(struct trainer **out, const struct train_options *options, struct err *err)
{
	struct trainer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	t->options = *options;
	tokens_init(&t->tokens);
	counts_init(&t->counts, options->names);
	if (tokenizer_new(&t->tokenizer, err) == -1) {
		trainer_free(t);
		return -1;
	}
	*out = t;
	return 0;
}

void
trainer_free(struct trainer *t)
{
	if (t == NULL)
		return;
	tokenizer_free(t->tokenizer);
	tokens_fini(&t->tokens);
	counts_fini(&t->counts);
	rows_fini(&t->rows);
	free(t);
}

uint64_t
origin_source(struct slice name)
{
	return hash_bytes(name.p, name.n, 0) | 1;
}

/* Count the comment at hand for everybody. */
static int
add_shared(struct trainer *t, const struct comment *comment, bool spam, uint64_t source)
{
	if (rows_add(&t->rows, comment, &t->tokens, spam, source) == -1)
		return -1;
	return count_tokens(&t->counts, &t->tokens, spam, 1);
}

/* Count the comment at hand for SITE. */
static int
add_own(struct trainer *t, uint64_t site, bool spam)
{
	++*(spam ? &t->own_spam : &t->own_ham);
	return count_own_tokens(&t->counts, &t->tokens, site, spam, 1);
}

int
trainer_add(struct trainer *t, const struct comment *comment, enum label label, const struct origin *from,
    struct err *err)
{
	static const struct origin nowhere;
	bool spam = label == LABEL_SPAM;

	if (from == NULL)
		from = &nowhere;
	if (tokenize(t->tokenizer, comment, t->options.fields == FIELDS_CONTENT, &t->tokens, err) == -1)
		return -1;
	if ((from->site != 0 && add_own(t, from->site, spam) == -1) ||
	    ((from->site == 0 || from->shared) && add_shared(t, comment, spam, from->source) == -1))
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}

static int
evidence_init(struct fit_rows *e, size_t rows)
{
	e->x = calloc(EVIDENCE_KINDS * rows + 1, FIT_COLUMNS * sizeof(*e->x));
	e->weight = calloc(EVIDENCE_KINDS * rows + 1, sizeof(*e->weight));
	e->spam = calloc(EVIDENCE_KINDS * rows + 1, sizeof(*e->spam));
	return e->x == NULL || e->weight == NULL || e->spam == NULL ? -1 : 0;
}

static void
evidence_fini(struct fit_rows *e)
{
	free(e->x);
	free(e->weight);
	free(e->spam);
}

static void
evidence_add(struct fit_rows *e, const struct row *row, const struct field_sums *sums, bool padded)
{
	double *x = e->x + e->n * FIT_COLUMNS;

	weigh_features(sums, x);
	x[FEATURES_MAX] = padded;
	e->weight[e->n] = (padded ? PADDED_WEIGHT : 1) * lone_weight(e->lone, row);
	e->spam[e->n++] = row->spam;
}

static void
report(const struct trainer *t, size_t i, double from, double to)
{
	if (t->options.progress != NULL && i % PROGRESS_EVERY == 0)
		t->options.progress(
		    from + (to - from) * (double)i / (double)rows_count(&t->rows), t->options.progress_arg);
}

/* Every example, left out. */
static int
add_examples(const struct trainer *t, struct left_out *l, struct fit_rows *e)
{
	struct field_sums sums;

	for (size_t i = 0; i < rows_count(&t->rows); i++) {
		if (left_out_sums(l, rows_at(&t->rows, i), &sums) == -1)
			return -1;
		evidence_add(e, rows_at(&t->rows, i), &sums, false);
		report(t, i, 0, 0.3);
	}
	e->honest = e->n;
	return 0;
}

static int
add_unsourced(const struct row *row, const struct field_sums *sums, void *arg)
{
	evidence_add(arg, row, sums, false);
	return 0;
}

/* Every example of the sources that can be left out, left out with all of its source. */
static int
add_sources(const struct trainer *t, const struct sources *s, struct left_out *l, struct fit_rows *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++)
		rc = sources_leave_out(s, i, l, add_unsourced, e);
	report(t, 0, 0.5, 1);
	return rc;
}

/* Tokenise the comment of row I with its padding after it; *NONE when there is no ham. */
static int
tokenize_padded(struct trainer *t, const struct padding *p, size_t i, struct buf *text, bool *none)
{
	struct comment padded = rows_at(&t->rows, i)->comment;

	buf_clear(text);
	buf_add_slice(text, padded.field[COMMENT_CONTENT]);
	*none = !padding_add(p, i, text);
	if (*none)
		return 0;
	if (!buf_ok(text))
		return -1;
	padded.field[COMMENT_CONTENT] = buf_slice(text);
	return tokenize(t->tokenizer, &padded, t->options.fields == FIELDS_CONTENT, &t->tokens, NULL);
}

/* Every example once more with innocent words after it, so that the weights are those that hold under padding
 * too. */
static int
add_padded(struct trainer *t, struct left_out *l, struct fit_rows *e)
{
	struct field_sums sums;
	struct padding padding;
	struct buf text;
	int rc = padding_init(&padding, t->tokenizer, &t->rows, &t->counts);

	buf_init(&text, BUF_NO_LIMIT);
	for (size_t i = 0; i < rows_count(&t->rows) && rc == 0; i++) {
		const struct row *row = rows_at(&t->rows, i);
		bool none = false;

		rc = tokenize_padded(t, &padding, i, &text, &none);
		if (none)
			break;
		if (rc == 0)
			rc = left_out_padded(l, row, &t->tokens, &sums);
		if (rc == 0)
			evidence_add(e, row, &sums, true);
		report(t, i, 0.5, 0.9);
	}
	padding_fini(&padding);
	buf_fini(&text);
	return rc;
}

/* Gather all rows to fit to. */
static int
gather(struct trainer *t, struct left_out *l, struct fit_rows *e)
{
	struct sources s;
	struct lone lone = { 0 };
	int rc = sources_find(&s, &t->rows);

	if (rc == 0)
		rc = lone_find(&lone, s.order, rows_count(&t->rows));
	e->lone = &lone;
	if (rc == 0 &&
	    (evidence_init(e, rows_count(&t->rows)) == -1 || add_examples(t, l, e) == -1 ||
		add_sources(t, &s, l, e) == -1 || add_padded(t, l, e) == -1))
		rc = -1;
	e->lone = NULL;
	sources_fini(&s);
	lone_fini(&lone);
	return rc;
}

static int
fit_all(struct trainer *t, struct fit *fit, struct err *err)
{
	struct fit_rows e = { 0 };
	struct left_out l;
	int rc;

	left_out_init(&l, &t->rows, &t->counts);
	rows_sort(&t->rows); /* sums of doubles depend on their order: let it not be that of the examples */
	if (gather(t, &l, &e) == -1)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	else
		rc = fit_model(fit, &e, t->options.blocked_ham_budget, err);
	left_out_fini(&l);
	evidence_fini(&e);
	return rc;
}

/* Encode LIST as a snapshot with HEADER and open it. */
static int
make_model(const struct snapshot_header *header, const struct count *list, size_t n, struct slice names,
    struct model **out, struct err *err)
{
	size_t size;
	void *p;

	if (snapshot_encode(header, list, n, names, &p, &size, err) == -1)
		return -1;
	return model_open_memory(out, p, size, err);
}

int
trainer_build(struct trainer *t, struct model **out, struct err *err)
{
	struct snapshot_header h = { 0 };
	struct count *list;
	struct fit fit;
	size_t n;
	int rc;

	if (fit_all(t, &fit, err) == -1)
		return -1;
	h.spam = t->rows.spam;
	h.ham = rows_count(&t->rows) - t->rows.spam;
	h.own_spam = t->own_spam;
	h.own_ham = t->own_ham;
	h.position = t->options.position;
	h.weights = fit.weights;
	h.spam_share = fit.spam_share;
	h.spam_threshold = fit.spam_threshold;
	h.unsure_threshold = fit.unsure_threshold;
	h.blocked_ham_budget = t->options.blocked_ham_budget;
	list = counts_sorted(&t->counts, &n);
	if (list == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = make_model(&h, list, n, buf_slice(&t->counts.names), out, err);
	free(list);
	if (rc == 0 && t->options.progress != NULL)
		t->options.progress(1, t->options.progress_arg);
	return rc;
}
