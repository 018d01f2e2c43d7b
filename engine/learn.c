#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/change.h"
#include "engine/learn.h"
#include "engine/unfiled.h"

#define ROW_BYTES ((size_t)1 << 20)

/* Write to TEXT the digest of the examples that BASE was made of and C changes; "" if the base's isn't known.
 */
static int
corpus_after(struct engine *e, const struct model *base, const struct change *c, char text[SET_DIGEST_HEX],
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
	if (store_model_get(e->store, model_info(base)->id, a, &row, &why) == -1) {
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
	struct ground *ground;
	const struct change *change;
	bool judges_only; /* that is all that the model is wanted for */
	struct model **out;
	struct err *err;
	int rc;
};

static void
open_ground(void *arg)
{
	struct heavy *h = arg;

	h->rc = ground_find(h->ground, h->e, h->err);
}

static void
close_base(void *arg)
{
	model_unref(arg);
}

static void
apply(void *arg)
{
	struct heavy *h = arg;
	const struct ground *g = h->ground;

	h->rc = delta_apply(
	    h->change->delta, g->base, g->current, (uint64_t)h->change->last, h->judges_only, h->out, h->err);
	if (h->rc == -1)
		err_prefix(
		    h->err, "model %.12s doesn't go with the examples, run 'hamlet retrain'", g->current);
}

/* Return whether the file of what C makes of G may wait: a small one costs nobody anything, and what is far
 * from its base takes long to be made again. */
static bool
may_wait(const struct engine *e, const struct ground *g, const struct change *c)
{
	const struct model_info *base = model_info(g->base);

	return base->bytes > e->unfiled_bytes && (uint64_t)c->last - base->position <= ENGINE_UNFILED_EVENTS;
}

static int
publish(struct engine *e, struct ground *g, const struct change *c, const char *who, bool at_once,
    struct model **out, struct err *err)
{
	char corpus[SET_DIGEST_HEX];
	const struct model_row row = { .kind = "learn", .who = who, .corpus = corpus };
	const bool waits = at_once && may_wait(e, g, c);
	struct heavy h = { .ground = g, .change = c, .judges_only = waits, .out = out, .err = err };
	int rc;

	if (corpus_after(e, g->base, c, corpus, err) == -1)
		return -1;
	engine_give_way(e, apply, &h);
	if (h.rc == -1)
		return -1;
	rc = waits ? engine_publish_unfiled(e, *out, &row, err) : engine_publish(e, *out, &row, err);
	if (rc == -1)
		model_unref(*out);
	return rc;
}

static int
count(const struct example_row *row, void *arg)
{
	(void)row;
	++*(int64_t *)arg;
	return 0;
}

/* Learn what was said since the position of G's current model, unless that was chosen by hand. */
static int
learn_after(struct engine *e, struct ground *g, const char *who, bool at_once, int64_t *learnt,
    struct model **made, struct err *err)
{
	struct change c = { 0 };
	int64_t last, events = 0;
	bool pinned;
	int rc;

	if (store_example_counts(e->store, &last, NULL, NULL, err) == -1)
		return -1;
	if (last < g->position)
		return err_set(err, ERR_DAMAGED,
		    "model %.12s includes example events up to %" PRId64 ", the database has only %" PRId64
		    ": run 'hamlet retrain'",
		    g->current, g->position, last);
	if (last == g->position)
		return 0;
	if (engine_pinned(e, g->current, &pinned, err) == -1 ||
	    store_event_walk(e->store, g->position, count, &events, err) == -1)
		return -1;
	if (pinned || events == 0)
		return 0;
	rc = change_find(&c, e, (int64_t)model_info(g->base)->position, INT64_MAX, err);
	if (rc == 0)
		rc = publish(e, g, &c, who, at_once, made, err);
	if (rc == 0)
		*learnt = events;
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

static int
learn(struct engine *e, const char *who, bool at_once, int64_t *learnt, struct model **made, struct err *err)
{
	struct err why = { 0 };
	struct ground ground = { .base = NULL };
	struct heavy h = { .e = e, .ground = &ground, .err = &why };
	int lock, rc;

	*learnt = 0;
	*made = NULL;
	if (engine_publish_lock(&e->paths, &lock, err) == -1)
		return -1;
	engine_give_way(e, open_ground, &h);
	if (h.rc == 0) {
		rc = learn_after(e, &ground, who, at_once, learnt, made, err);
		engine_give_way(e, close_base, ground.base);
	} else if (why.code == ERR_NOT_FOUND) {
		rc = learn_first(e, who, learnt, made, err);
	} else {
		rc = err_set(err, why.code, "%s", why.text);
	}
	close(lock);
	return rc;
}

int
learn_at_once(struct engine *e, const char *who, int64_t *learnt, struct model **made, struct err *err)
{
	return learn(e, who, true, learnt, made, err);
}

int
learn_pending(struct engine *e, const char *who, int64_t *learnt, struct err *err)
{
	struct model *made;
	int rc = learn(e, who, false, learnt, &made, err);

	model_unref(made);
	return rc;
}
