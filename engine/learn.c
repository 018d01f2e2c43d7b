#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/background.h"
#include "engine/change.h"
#include "engine/learn.h"

#define ROW_BYTES ((size_t)1 << 20)

/* Write to TEXT the digest of the examples that PARENT was made of and C changes; "" if the parent's isn't
 * known. */
static int
corpus_after(struct engine *e, const struct model *parent, const struct change *c, char text[SET_DIGEST_HEX],
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
		set_digest_join(&d, &c->set);
		set_digest_text(&d, text);
	}
	arena_free(a);
	return rc;
}

/* The long parts of learning, which are done in the background. */
struct heavy {
	struct engine *e;
	const struct model *parent;
	const struct change *change;
	struct model **out;
	struct err *err;
	int rc;
};

static void
open_current(void *arg)
{
	struct heavy *h = arg;

	h->rc = engine_model(h->e, NULL, h->out, h->err);
}

static void
close_parent(void *arg)
{
	model_unref(arg);
}

static void
apply(void *arg)
{
	struct heavy *h = arg;

	h->rc = delta_apply(h->change->delta, h->parent, (uint64_t)h->change->last, h->out, h->err);
	if (h->rc == -1)
		err_prefix(h->err, "model %.12s doesn't go with the examples, run 'hamlet retrain'",
		    model_info(h->parent)->id);
}

static int
publish(struct engine *e, const struct model *parent, const struct change *c, const char *who,
    struct model **out, struct err *err)
{
	char corpus[SET_DIGEST_HEX];
	const struct model_row row = { .kind = "learn", .who = who, .corpus = corpus };
	struct heavy h = { .parent = parent, .change = c, .out = out, .err = err };

	if (corpus_after(e, parent, c, corpus, err) == -1)
		return -1;
	background_run(apply, &h);
	if (h.rc == 0 && engine_publish(e, *out, &row, err) == -1) {
		model_unref(*out);
		h.rc = -1;
	}
	return h.rc;
}

static int
learn_after(struct engine *e, const struct model *current, const char *who, int64_t *learnt,
    struct model **made, struct err *err)
{
	struct change c = { 0 };
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
	rc = change_find(&c, e, position, INT64_MAX, err);
	if (rc == 0 && c.events > 0)
		rc = publish(e, current, &c, who, made, err);
	if (rc == 0)
		*learnt = c.events;
	else
		*made = NULL;
	change_fini(&c);
	return rc;
}

/* There is no model yet: make the first, if there is anything to make it from. */
static int
learn_first(struct engine *e, const char *who, int64_t *learnt, struct model **out, struct err *err)
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
		*out = made.model;
	}
	arena_free(a);
	return rc;
}

int
learn_and_keep(struct engine *e, const char *who, int64_t *learnt, struct model **made, struct err *err)
{
	struct err why = { 0 };
	struct model *current;
	struct heavy h = { .e = e, .out = &current, .err = &why };
	int lock, rc;

	*learnt = 0;
	*made = NULL;
	if (engine_publish_lock(&e->paths, &lock, err) == -1)
		return -1;
	background_run(open_current, &h);
	if (h.rc == 0) {
		rc = learn_after(e, current, who, learnt, made, err);
		background_run(close_parent, current);
	} else if (why.code == ERR_NOT_FOUND) {
		rc = learn_first(e, who, learnt, made, err);
	} else {
		rc = err_set(err, why.code, "%s", why.text);
	}
	close(lock);
	return rc;
}

int
learn_pending(struct engine *e, const char *who, int64_t *learnt, struct err *err)
{
	struct model *made;
	int rc = learn_and_keep(e, who, learnt, &made, err);

	model_unref(made);
	return rc;
}
