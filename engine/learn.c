#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

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

static int
publish(
    struct engine *e, const struct model *parent, const struct change *c, const char *who, struct err *err)
{
	char corpus[SET_DIGEST_HEX];
	const struct model_row row = { .kind = "learn", .who = who, .corpus = corpus };
	struct model *m;
	int rc;

	if (corpus_after(e, parent, c, corpus, err) == -1)
		return -1;
	if (delta_apply(c->delta, parent, (uint64_t)c->last, &m, err) == -1)
		return err_prefix(err, "model %.12s doesn't go with the examples, run 'hamlet retrain'",
		    model_info(parent)->id);
	rc = engine_publish(e, m, &row, err);
	model_unref(m);
	return rc;
}

static int
learn_after(struct engine *e, const struct model *current, const char *who, int64_t *learnt, struct err *err)
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
		rc = publish(e, current, &c, who, err);
	if (rc == 0)
		*learnt = c.events;
	change_fini(&c);
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
