#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "classifier/count_tokens.h"
#include "classifier/fit.h"
#include "classifier/model_impl.h"
#include "classifier/token.h"
#include "classifier/train.h"
#include "classifier/window.h"

#define PROGRESS_EVERY 256 /* rows */

/* One example: where its tokens, units and members stand, and its class. */
struct row {
	uint64_t key; /* of its tokens and class, to put the rows in an order of their own */
	size_t at, units, members;
	uint32_t n, nunits;
	bool spam;
};

/* A list that grows. */
struct list {
	void *p;
	size_t n, cap;
};

struct trainer {
	struct train_options options;
	struct tokenizer *tokenizer;
	struct tokens tokens;
	struct counts counts;
	struct list rows;    /* of struct row */
	struct list hash;    /* uint64_t, of all rows' tokens, one after the other */
	struct list field;   /* uint8_t, likewise */
	struct list units;   /* struct unit, likewise */
	struct list members; /* uint32_t, likewise */
	size_t spam;
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
	free(t->rows.p);
	free(t->hash.p);
	free(t->field.p);
	free(t->units.p);
	free(t->members.p);
	free(t);
}

/* Make room for N more items of SIZE bytes; return where they go, or NULL. */
static void *
list_reserve(struct list *l, size_t n, size_t size)
{
	size_t cap = l->cap == 0 ? 1024 : l->cap;
	void *p;

	while (cap < l->n + n)
		cap *= 2;
	if (cap != l->cap) {
		p = realloc(l->p, cap * size);
		if (p == NULL)
			return NULL;
		l->p = p;
		l->cap = cap;
	}
	return (char *)l->p + l->n * size;
}

/* Keep what the fit needs of the comment just tokenised. */
static int
keep_row(struct trainer *t, bool spam)
{
	const struct tokens *tokens = &t->tokens;
	struct row *row = list_reserve(&t->rows, 1, sizeof(struct row));
	uint64_t *hash = list_reserve(&t->hash, tokens->n, sizeof(*hash));
	uint8_t *field = list_reserve(&t->field, tokens->n, sizeof(*field));
	struct unit *units = list_reserve(&t->units, tokens->nunits, sizeof(*units));
	uint32_t *members = list_reserve(&t->members, tokens->nmembers, sizeof(*members));

	if (row == NULL || hash == NULL || field == NULL || units == NULL || members == NULL)
		return -1;
	*row = (struct row){ spam, t->hash.n, t->units.n, t->members.n, (uint32_t)tokens->n, (uint32_t)tokens->nunits, spam };
	for (size_t i = 0; i < tokens->n; i++) {
		hash[i] = tokens->v[i].hash;
		field[i] = tokens->v[i].field;
		row->key = hash_mix(row->key, hash[i]);
	}
	if (tokens->nunits > 0)
		memcpy(units, tokens->units, tokens->nunits * sizeof(*units));
	if (tokens->nmembers > 0)
		memcpy(members, tokens->members, tokens->nmembers * sizeof(*members));
	t->rows.n++;
	t->hash.n += tokens->n;
	t->field.n += tokens->n;
	t->units.n += tokens->nunits;
	t->members.n += tokens->nmembers;
	return 0;
}

int
trainer_add(struct trainer *t, const struct comment *comment, enum label label, struct err *err)
{
	bool spam = label == LABEL_SPAM;

	if (tokenize(t->tokenizer, comment, t->options.fields == FIELDS_CONTENT, &t->tokens, err) == -1)
		return -1;
	if (keep_row(t, spam) == -1 || count_tokens(&t->counts, &t->tokens, spam, 1) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	t->spam += spam;
	return 0;
}

/* Working memory of the fit. */
struct fit_scratch {
	struct ratio_table ratios;
	struct window_scratch windows;
	double *ratio; /* of one row's tokens */
};

/*
 * The sums of a row's fields as a model without that row would give them: its own count is taken from each of its tokens and
 * from its class's total.  -1 when memory ran out.
 */
static int
left_out_sums(const struct trainer *t, const struct row *row, struct fit_scratch *s, struct field_sums *sums)
{
	double offset = ratio_offset((double)(t->spam - row->spam), (double)(t->rows.n - t->spam - !row->spam));
	const uint64_t *hash = (const uint64_t *)t->hash.p + row->at;
	const uint8_t *field = (const uint8_t *)t->field.p + row->at;
	struct window windows[WINDOW_SIZES];
	double *ratio = s->ratio;

	memset(sums, 0, sizeof(*sums));
	for (size_t i = 0; i < row->n; i++) {
		const struct count *e = counts_find(&t->counts, hash[i]);
		uint32_t spam = (uint32_t)e->spam - row->spam, ham = (uint32_t)e->ham - !row->spam;

		ratio[i] = NAN;
		if (spam + ham == 0)
			continue;
		ratio[i] = ratio_of(&s->ratios, spam, ham, offset);
		sums->sum[field[i]] += ratio[i];
		sums->known[field[i]]++;
	}
	if (window_worst((const struct unit *)t->units.p + row->units, row->nunits, (const uint32_t *)t->members.p + row->members, ratio,
		&s->windows, windows) == -1)
		return -1;
	window_note(sums, windows);
	return 0;
}

/* Write the left-out features of all rows to X and their classes to SPAM; -1 when memory ran out. */
static int
left_out_features(const struct trainer *t, struct fit_scratch *s, double *x, bool *spam)
{
	const struct row *rows = t->rows.p;
	struct field_sums sums;

	for (size_t i = 0; i < t->rows.n; i++) {
		if (left_out_sums(t, &rows[i], s, &sums) == -1)
			return -1;
		weigh_features(&sums, x + i * FEATURES_MAX);
		spam[i] = rows[i].spam;
		if (t->options.progress != NULL && i % PROGRESS_EVERY == 0)
			t->options.progress(0.9 * (double)i / (double)t->rows.n, t->options.progress_arg);
	}
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	uint64_t x = ((const struct row *)a)->key, y = ((const struct row *)b)->key;

	return x < y ? -1 : x > y;
}

static int
fit_rows(const struct trainer *t, struct fit *fit, struct err *err)
{
	struct fit_scratch s = { .ratio = calloc(TOKENS_MAX, sizeof(double)) };
	double *x = calloc(t->rows.n + 1, FEATURES_MAX * sizeof(*x));
	bool *spam = calloc(t->rows.n + 1, sizeof(*spam));
	int rc;

	ratio_table_init(&s.ratios);
	if (t->rows.n > 0) /* sums of doubles depend on their order: let it not be that of the examples */
		qsort(t->rows.p, t->rows.n, sizeof(struct row), by_key);
	if (x == NULL || spam == NULL || s.ratio == NULL || left_out_features(t, &s, x, spam) == -1)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	else
		rc = fit_model(fit, x, spam, t->rows.n, t->options.blocked_ham_budget, err);
	free(x);
	free(spam);
	free(s.ratio);
	window_scratch_fini(&s.windows);
	return rc;
}

/* Encode LIST as a snapshot with HEADER and open it. */
static int
make_model(const struct snapshot_header *header, const struct count *list, size_t n, struct slice names, struct model **out,
    struct err *err)
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

	if (fit_rows(t, &fit, err) == -1)
		return -1;
	h.spam = t->spam;
	h.ham = t->rows.n - t->spam;
	h.position = t->options.position;
	h.weights = fit.weights;
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
