#include "config.h"

#include <stdlib.h>

#include "base/hash.h"
#include "classifier/fit_rows.h"
#include "classifier/model_impl.h"
#include "classifier/strangers.h"
#include "classifier/train.h"

struct trainer {
	struct train_options options;
	struct tokenizer *tokenizer;
	struct tokens tokens;
	struct vocabulary vocabulary;
	struct rows rows;
	uint32_t examples;
	bool settled; /* nothing is added any more */
};

int
trainer_new(struct trainer **out, const struct train_options *options, struct err *err)
{
	struct trainer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	t->options = *options;
	tokens_init(&t->tokens);
	vocabulary_init(&t->vocabulary, options->names);
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
	vocabulary_fini(&t->vocabulary);
	rows_fini(&t->rows);
	free(t);
}

uint64_t
origin_source(struct slice name)
{
	return hash_bytes(name.p, name.n, 0) | 1;
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
	if ((from->site != 0 &&
		rows_add_own(&t->rows, &t->vocabulary, &t->tokens, from->site, spam, t->examples) == -1) ||
	    ((from->site == 0 || from->shared) &&
		rows_add(&t->rows, &t->vocabulary, comment, &t->tokens, spam, from->source, t->examples) ==
		    -1))
		return err_set(err, ERR_NOMEM, "out of memory");
	t->examples++;
	return 0;
}

int
trainer_settle(struct trainer *t, struct err *err)
{
	if (t->settled)
		return 0;
	if (rows_settle(&t->rows, &t->vocabulary) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	t->settled = true;
	return 0;
}

/* Append token NUMBER to the N of LIST if any chosen example has it. */
static size_t
list_token(const struct trainer *t, const struct selection *s, uint32_t number, struct count *list, size_t n)
{
	const struct vocabulary *v = &t->vocabulary;
	const struct tally c = s->tally[number];

	if (c.spam + c.ham == 0)
		return n;
	list[n] = (struct count){ .hash = v->hash[number],
		.spam = (int32_t)c.spam,
		.ham = (int32_t)c.ham,
		.name = v->name != NULL ? v->name[number] : 0 };
	return n + 1;
}

/* Return the tokens of the chosen examples by hash, *N of them; NULL when memory ran out. */
static struct count *
list_tokens(const struct trainer *t, const struct selection *s, size_t *n)
{
	const struct vocabulary *v = &t->vocabulary;
	struct count *list = malloc((s->tokens + 1) * sizeof(*list));

	*n = 0;
	for (size_t i = 0; list != NULL && i < s->tokens; i++) {
		if (i + HASHED_AHEAD < s->tokens) {
			__builtin_prefetch(&s->tally[v->order[i + HASHED_AHEAD]]);
			__builtin_prefetch(&v->hash[v->order[i + HASHED_AHEAD]]);
		}
		*n = list_token(t, s, v->order[i], list, *n);
	}
	return list;
}

/* Encode the tokens of the chosen examples as a snapshot with HEADER and open it. */
static int
make_model(const struct trainer *t, const struct snapshot_header *header, const struct selection *s,
    bool named, struct model **out, struct err *err)
{
	static const struct slice no_names;
	size_t size, n;
	void *p;
	struct count *list = list_tokens(t, s, &n);
	int rc;

	if (list == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = snapshot_encode(
	    header, list, n, named ? buf_slice(&t->vocabulary.names) : no_names, &p, &size, err);
	free(list);
	return rc == 0 ? model_open_memory(out, p, size, err) : -1;
}

static int
fit(struct fit *fit, const struct trainer *t, const struct selection *s, const struct train_options *options,
    struct err *err)
{
	struct fit_rows e;
	int rc = fit_rows_gather(&e, s, &t->vocabulary, options, err);

	if (rc == 0)
		rc = fit_model(fit, &e, options->blocked_ham_budget, err);
	fit_rows_fini(&e);
	return rc;
}

static int
build(const struct trainer *t, const struct selection *s, const struct train_options *options,
    struct model **out, struct err *err)
{
	struct snapshot_header h = {
		.spam = s->spam,
		.ham = s->n - s->spam,
		.own_spam = s->own_spam,
		.own_ham = s->own_ham,
		.position = options->position,
		.blocked_ham_budget = options->blocked_ham_budget,
	};
	struct fit found;

	if (fit(&found, t, s, options, err) == -1)
		return -1;
	h.weights = found.weights;
	h.spam_share = found.spam_share;
	h.spam_threshold = found.spam_threshold;
	h.unsure_threshold = found.unsure_threshold;
	if (make_model(t, &h, s, options->names, out, err) == -1)
		return -1;
	if (options->progress != NULL)
		options->progress(1, options->progress_arg);
	return 0;
}

int
trainer_build_of(const struct trainer *t, const struct choice *choice, const struct train_options *options,
    struct model **out, struct err *err)
{
	struct selection s;
	int rc;

	if (selection_init(&s, &t->rows, choice, t->vocabulary.table.used) == -1)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	else
		rc = build(t, &s, options, out, err);
	selection_fini(&s);
	return rc;
}

int
trainer_judge_left_out(const struct trainer *t, const struct choice *choice,
    const struct train_options *options, void (*each)(const struct left_out_judgement *j, void *arg),
    void *arg, uint64_t *tokens, struct err *err)
{
	struct selection s;
	struct fit found;
	int rc = 0;

	if (selection_init(&s, &t->rows, choice, t->vocabulary.table.used) == -1)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	if (rc == 0)
		rc = fit(&found, t, &s, options, err);
	if (rc == 0)
		rc = strangers_judge(&s, &t->vocabulary, choice, &found, each, arg, err);
	*tokens = rc == 0 ? selection_tokens(&s) : 0;
	selection_fini(&s);
	return rc;
}

int
trainer_build(struct trainer *t, struct model **out, struct err *err)
{
	const struct choice all = { .fold = NULL };

	if (trainer_settle(t, err) == -1)
		return -1;
	return trainer_build_of(t, &all, &t->options, out, err);
}
