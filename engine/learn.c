#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "classifier/train.h"
#include "engine/example.h"
#include "engine/learn.h"
#include "engine/set_digest.h"

#define ROW_BYTES ((size_t)1 << 20)

/* An event that a new one replaces: what was learnt from it is to be taken back. */
struct replaced {
	int64_t seq;
	enum label label;
};

struct pending {
	struct delta *delta;
	struct set_digest change; /* of the set of examples */
	int64_t last, events;
	struct replaced *replaced;
	size_t n, cap;
	struct err err; /* why a step of a walk failed */
};

static int
remember(struct pending *p, int64_t seq, enum label label)
{
	if (p->n == p->cap) {
		size_t cap = p->cap == 0 ? 64 : 2 * p->cap;
		struct replaced *list = realloc(p->replaced, cap * sizeof(*list));

		if (list == NULL)
			return err_set(&p->err, ERR_NOMEM, "out of memory");
		p->replaced = list;
		p->cap = cap;
	}
	p->replaced[p->n++] = (struct replaced){ seq, label };
	return 0;
}

/* Count the example ROW in, or with TAKE_BACK out. */
static int
count(struct pending *p, const struct example_row *row, bool take_back)
{
	const struct origin origin = example_origin(row);

	if (delta_add(p->delta, &row->comment, row->label, &origin, take_back, &p->err) == -1)
		return -1;
	return set_digest_add(&p->change, &row->comment, row->label, &origin, take_back, &p->err);
}

static int
add_event(const struct example_row *row, void *arg)
{
	struct pending *p = arg;

	p->last = row->seq;
	p->events++;
	if (row->replaces != 0 && row->replaced_label != LABEL_NONE &&
	    remember(p, row->replaces, row->replaced_label) == -1)
		return -1;
	if (row->label == LABEL_NONE)
		return 0;
	return count(p, row, false);
}

/* Take back the one event that a walk was started for. */
static int
take_back(const struct example_row *row, void *arg)
{
	struct pending *p = arg;
	const struct replaced *r = &p->replaced[p->n - 1];

	if (row->seq != r->seq || row->label != r->label)
		err_set(&p->err, ERR_DAMAGED, "example event %" PRId64 " is replaced, but missing", r->seq);
	else
		count(p, row, true);
	return 1;
}

static int
walked(const struct pending *p, int rc, struct err *err)
{
	return p->err.code == ERR_NONE ? rc : err_set(err, p->err.code, "%s", p->err.text);
}

/* Fill P's delta with all that happened after POSITION. */
static int
gather(struct engine *e, int64_t position, struct pending *p, struct err *err)
{
	int rc = walked(p, store_event_walk(e->store, position, add_event, p, err), err);

	/* The replaced comment's own text was counted, which need not be that of the new event. */
	for (; rc == 0 && p->n > 0; p->n--)
		rc = walked(
		    p, store_event_walk(e->store, p->replaced[p->n - 1].seq - 1, take_back, p, err), err);
	return rc;
}

/* Write to TEXT the digest of the examples that PARENT was made of and P changes; "" if the parent's isn't
 * known. */
static int
corpus_after(struct engine *e, const struct model *parent, const struct pending *p, char text[SET_DIGEST_HEX],
    struct err *err)
{
	struct arena *a = arena_new(ROW_BYTES);
	struct err why = { 0 };
	struct model_row row;
	struct set_digest d;
	int rc = 0;

	text[0] = '\0';
	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (store_model_get(e->store, model_info(parent)->id, a, &row, &why) == -1) {
		if (why.code != ERR_NOT_FOUND)
			rc = err_set(err, why.code, "%s", why.text);
	} else if (set_digest_parse(&d, row.corpus) == 0) {
		set_digest_join(&d, &p->change);
		set_digest_text(&d, text);
	}
	arena_free(a);
	return rc;
}

static int
publish(
    struct engine *e, const struct model *parent, const struct pending *p, const char *who, struct err *err)
{
	char corpus[SET_DIGEST_HEX];
	const struct model_row row = { .kind = "learn", .who = who, .corpus = corpus };
	struct model *m;
	int rc;

	if (corpus_after(e, parent, p, corpus, err) == -1)
		return -1;
	if (delta_apply(p->delta, parent, (uint64_t)p->last, &m, err) == -1)
		return err_prefix(err, "model %.12s doesn't go with the examples, run 'hamlet retrain'",
		    model_info(parent)->id);
	rc = engine_publish(e, m, &row, err);
	model_unref(m);
	return rc;
}

static int
learn_after(struct engine *e, const struct model *current, const char *who, int64_t *learnt, struct err *err)
{
	struct pending p = { 0 };
	int64_t position = (int64_t)model_info(current)->position, last;
	bool pinned;
	int rc;

	if (store_example_counts(e->store, &last, NULL, NULL, err) == -1)
		return -1;
	if (last < position)
		return err_set(err, ERR_DAMAGED,
		    "model %.12s includes example events up to %" PRId64 ", the database has only %" PRId64
		    ": run 'hamlet retrain'",
		    model_info(current)->id, position, last);
	if (last == position)
		return 0;
	if (engine_pinned(e, current, &pinned, err) == -1)
		return -1;
	if (pinned)
		return 0;
	if (delta_new(&p.delta, FIELDS_ALL, err) == -1)
		return -1;
	rc = gather(e, position, &p, err);
	if (rc == 0 && p.events > 0)
		rc = publish(e, current, &p, who, err);
	if (rc == 0)
		*learnt = p.events;
	free(p.replaced);
	delta_free(p.delta);
	return rc;
}

/* There is no model yet: make the first, if there is anything to make it from. */
static int
learn_first(struct engine *e, const char *who, int64_t *learnt, struct err *err)
{
	const struct retrain_options options = { .who = who, .lock_held = true };
	struct arena *a;
	struct retrained made;
	int64_t last, ham, spam;
	int rc;

	if (store_example_counts(e->store, &last, &ham, &spam, err) == -1)
		return -1;
	if (ham + spam == 0)
		return 0;
	a = arena_new(1 << 20);
	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = retrain(e, &options, a, &made, err);
	if (rc == 0) {
		*learnt = ham + spam;
		model_unref(made.model);
	}
	arena_free(a);
	return rc;
}

int
learn_pending(struct engine *e, const char *who, int64_t *learnt, struct err *err)
{
	struct err why = { 0 };
	struct model *current;
	int lock, rc;

	*learnt = 0;
	if (engine_publish_lock(&e->paths, &lock, err) == -1)
		return -1;
	if (engine_model(e, NULL, &current, &why) == 0) {
		rc = learn_after(e, current, who, learnt, err);
		model_unref(current);
	} else if (why.code == ERR_NOT_FOUND) {
		rc = learn_first(e, who, learnt, err);
	} else {
		rc = err_set(err, why.code, "%s", why.text);
	}
	close(lock);
	return rc;
}
