/*
 * Models without files.  Over random histories of corrections, retrains, steps back, erased texts and erased
 * persons: a model that a verdict needs is never lost, but to whom it had learnt from being forgotten, and
 * what is made again is what it was, to the last bit.
 */
#include "config.h"

#include "engine_fixture.h"

#include "engine/fingerprint.h"
#include "engine/person.h"
#include "engine/registry.h"
#include "engine/retention.h"
#include "engine/sites.h"
#include "engine/shelf.h"
#include "engine/unfiled.h"
#include "store/chain.h"

#define HISTORIES 16
#define STEPS 120
#define VERDICTS_MAX 128
#define KEEP 2
#define FAR 12 /* events */
#define EMAIL "xanthippe@agora.example"

struct history {
	struct world *w;
	uint64_t random;
	int number;
	struct {
		int64_t seq;
		char model[MODEL_ID_BYTES];
	} verdicts[VERDICTS_MAX]; /* whose text is there */
	size_t n;
	size_t rebuilt; /* how often one was made again, */
	size_t unfiled; /* and how often the current one had no file */
};

static unsigned
below(struct history *h, unsigned n)
{
	h->random = h->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(h->random >> 33) % n;
}

static void
ok(int rc, const struct err *err)
{
	if (rc == -1)
		fail_msg("%s", err->text);
}

/* Say of a comment, of hers or of somebody else's, that it is LABEL. */
static void
say_as(struct history *h, bool hers, const char *content, enum label label)
{
	struct comment c = comment_of(hers ? "Xanthippe" : "Somebody", content);
	const struct feedback fb = {
		.label = label, .comment = &c, .site = SITE_DEFAULT, .origin = "native"
	};
	struct feedback_result result;
	struct err err;

	c.field[COMMENT_EMAIL] = slice_of(hers ? EMAIL : "some@body.example");
	ok(feedback_record(h->w->e->store, &fb, h->w->now_ms++, &h->w->ids, h->w->arena, &result, &err),
	    &err);
}

static void
say(struct history *h)
{
	static const char *const things[] = { "bicycle", "casino", "choir", "gobbledygook", "kitchen" };
	bool hers = below(h, 6) == 0;
	char content[80];

	snprintf(content, sizeof(content), "About the %s and the %s, number%u", things[below(h, 5)],
	    things[below(h, 5)], below(h, 9));
	say_as(h, hers, content, (enum label)below(h, 3));
}

static void
retrain_now(struct history *h)
{
	const struct retrain_options options = { .who = "test", .force = true };
	struct retrained made;
	struct err err;

	ok(retrain(h->w->e, &options, h->w->arena, &made, &err), &err);
	model_unref(made.model);
}

/* Learn as the daemon does: the file comes later. */
static void
learn_unfiled(struct world *w)
{
	int64_t learnt;
	struct model *made;
	struct err err;

	w->e->unfiled_bytes = 0;
	ok(learn_at_once(w->e, "test", &learnt, &made, &err), &err);
	model_unref(made);
}

static void
file_now(struct world *w)
{
	atomic_bool hurry = true;
	struct err err;

	ok(unfiled_file(w->e, &hurry, &err), &err);
	assert_false(unfiled_current(&w->e->paths));
}

static void
learn(struct history *h)
{
	if (below(h, 2) == 0)
		world_learn(h->w);
	else
		learn_unfiled(h->w);
	h->unfiled += unfiled_current(&h->w->e->paths);
	if (below(h, 25) == 0)
		retrain_now(h);
	if (below(h, 8) == 0)
		file_now(h->w);
}

static void
record(struct history *h)
{
	struct verdict_row row = {
		.time_ms = h->w->now_ms,
		.site = SITE_DEFAULT,
		.client = "native",
		.forced = "",
		.comment = comment_of("somebody", "hello"),
		.fingerprint = 1,
	};
	char id[MODEL_ID_BYTES];
	struct err err;

	if (h->n == VERDICTS_MAX)
		return;
	ok(engine_current_id(&h->w->e->paths, id, &err), &err);
	row.model = id;
	ulid_next(&h->w->ids, (uint64_t)h->w->now_ms, row.id);
	ok(store_verdict_add(h->w->e->store, &row, &err), &err);
	ok(store_verdict_get(h->w->e->store, row.id, h->w->arena, &row, &err), &err);
	h->verdicts[h->n].seq = row.seq;
	memcpy(h->verdicts[h->n++].model, id, sizeof(id));
}

/* Let the text of a verdict go. */
static void
fade(struct history *h)
{
	size_t i;
	struct err err;

	if (h->n == 0)
		return;
	i = below(h, (unsigned)h->n);
	ok(store_verdict_erase(h->w->e->store, h->verdicts[i].seq, PARTS_PERSONAL, &err), &err);
	h->verdicts[i] = h->verdicts[--h->n];
}

/* Make any model that is kept current, and then the newest again. */
static void
step_back(struct history *h)
{
	struct model_row *rows;
	char newest[MODEL_ID_BYTES];
	size_t n, i;
	struct err err;

	ok(engine_current_id(&h->w->e->paths, newest, &err), &err);
	ok(store_models(h->w->e->store, h->w->arena, &rows, &n, &err), &err);
	i = below(h, (unsigned)n);
	if (rows[i].pruned_ms != 0)
		return;
	ok(engine_use(h->w->e, rows[i].id, &err), &err);
	if (below(h, 2) == 0)
		record(h);
	ok(engine_use(h->w->e, newest, &err), &err);
}

static void
prune(struct history *h)
{
	struct cleared c;
	struct err err;
	int lock;

	if (below(h, 4) == 0) {
		ok(registry_clear(h->w->e, below(h, 3), false, h->w->arena, &c, &err), &err);
		return;
	}
	ok(engine_publish_lock(&h->w->e->paths, &lock, &err), &err);
	ok(registry_prune(h->w->e, KEEP, &err), &err);
	close(lock);
}

/* Take from the verdicts those whose models counted what is about to be forgotten. */
static void
expect_lost(struct history *h, const struct person_found *f)
{
	size_t kept = 0;
	struct err err;

	for (size_t i = 0; i < h->n; i++) {
		struct model_row row;
		bool lost = false;

		ok(store_model_get(h->w->e->store, h->verdicts[i].model, h->w->arena, &row, &err), &err);
		for (size_t k = 0; k < f->nexamples; k++)
			lost = lost ||
			    (row.position >= f->examples[k].counted.from &&
				row.position < f->examples[k].counted.to);
		if (!lost)
			h->verdicts[kept++] = h->verdicts[i];
	}
	h->n = kept;
}

static void
erase(struct history *h)
{
	static const struct person who = { .email = EMAIL };
	static const struct erase_options quietly = { .by = "test" };
	struct person_erased done;
	struct person_found f;
	struct err err;

	ok(person_find(h->w->e, &who, NULL, NULL, &f, &err), &err);
	expect_lost(h, &f);
	ok(person_erase(h->w->e, &f, &quietly, &done, &err), &err);
	person_found_fini(&f);
}

/* Let the texts of examples go that are none any more; models that are needed don't mind. */
static void
forget_past(struct history *h)
{
	struct retention_batch batch;
	struct retention *r;
	struct config c;
	struct err err;
	int rc;

	ok(config_defaults(&c, &err), &err);
	ok(config_set(&c, "retain_content", "1d", &err), &err);
	ok(retention_begin(&r, h->w->e, &c, h->w->now_ms + INT64_C(48) * 3600 * 1000, &err), &err);
	while ((rc = retention_next(r, &batch, &err)) == 1) {
		ok(retention_apply(h->w->e->store, &batch, &err), &err);
		retention_applied(r);
	}
	ok(rc, &err);
	retention_free(r);
	config_fini(&c);
	h->n = 0; /* the verdicts' own texts too */
}

/* See that each model that verdicts need can be had, and is what it was. */
static void
check(struct history *h)
{
	struct model *current;
	struct shelf s;
	struct err err;

	ok(shelf_read(&s, h->w->e, &err), &err);
	for (size_t i = 0; i < s.n; i++) {
		struct model *m;

		if (s.rows[i].pruned_ms != 0)
			continue;
		if (engine_model(h->w->e, s.rows[i].id, &m, &err) == -1)
			fail_msg("history %d: %s", h->number, err.text);
		assert_string_equal(model_info(m)->id, s.rows[i].id);
		h->rebuilt += shelf_rebuilds(&s, i);
		model_unref(m);
	}
	if (engine_model(h->w->e, NULL, &current, &err) == -1)
		fail_msg("history %d: %s", h->number, err.text);
	model_unref(current);
	for (size_t i = 0; i < h->n; i++) {
		size_t k = shelf_find(&s, h->verdicts[i].model);

		if (k == SHELF_NONE || s.rows[k].pruned_ms != 0)
			fail_msg("history %d: a model that is needed is gone", h->number);
		if (shelf_rebuilds(&s, k))
			assert_in_range(shelf_distance(&s, k), 1, 3 * FAR);
	}
	shelf_fini(&s);
}

static void
step(struct history *h)
{
	static void (*const acts[])(
	    struct history * h) = { say, say, say, learn, learn, learn, record, record, fade, prune };

	arena_reset(h->w->arena);
	acts[below(h, 10)](h);
	if (below(h, 20) == 0)
		step_back(h);
	if (below(h, 60) == 0)
		erase(h);
	if (below(h, 60) == 0)
		forget_past(h);
	if (below(h, 30) == 0) {
		struct site_change change = { .has_shares = true, .shares = below(h, 2) == 0 };
		struct err err;

		ok(sites_set(h->w->e, "default", &change, &err), &err);
	}
}

static void
test_histories(void **state)
{
	size_t rebuilt = 0, unfiled = 0;

	for (int number = 0; number < HISTORIES; number++) {
		struct history h = { .random = (uint64_t)number, .number = number };
		void *world = NULL;

		assert_int_equal(world_set_up_made(&world), 0);
		h.w = world;
		h.w->e->rebuild_events = FAR;
		for (int i = 0; i < STEPS; i++) {
			step(&h);
			if (i % 6 == 0)
				check(&h);
		}
		prune(&h);
		check(&h);
		rebuilt += h.rebuilt;
		unfiled += h.unfiled;
		world_tear_down(&world);
	}
	(void)state;
	assert_true(rebuilt > 10 * HISTORIES); /* it was about something */
	assert_true(unfiled > 5 * HISTORIES);
}

static void
assert_all_there(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		model_unref(world_model(h->w, h->verdicts[i].model));
}

/* What others are made from has to go: they can be had all the same, and she is in none of them. */
static void
test_base_is_forgotten(void **state)
{
	struct history h = { .w = *state };
	char path[256], trained[MODEL_ID_BYTES];
	struct shelf s;
	struct err err;

	say_as(&h, true, "flibbertigibbet", LABEL_SPAM);
	retrain_now(&h); /* which counts it */
	ok(engine_current_id(&h.w->e->paths, trained, &err), &err);
	say_as(&h, true, "flibbertigibbet", LABEL_NONE);
	for (int i = 0; i < ENGINE_LEARN_KEPT + 6; i++) {
		char text[64];

		snprintf(text, sizeof(text), "word number %d", i);
		say_as(&h, false, text, i % 2 == 0 ? LABEL_HAM : LABEL_SPAM);
		world_learn(h.w);
		record(&h);
	}
	ok(shelf_read(&s, h.w->e, &err), &err);
	assert_true(shelf_rebuilds(&s, shelf_find(&s, h.verdicts[0].model)));
	assert_string_equal(s.rows[s.places[shelf_find(&s, h.verdicts[0].model)].from].id, trained);
	shelf_fini(&s);
	assert_all_there(&h);
	erase(&h);
	assert_int_equal(h.n, ENGINE_LEARN_KEPT + 6);
	snprintf(path, sizeof(path), "%s/%s.model", h.w->e->paths.models, trained);
	assert_int_equal(access(path, F_OK), -1);
	assert_all_there(&h);
}

/* The text of an example that a model would be made again with is not what it was: that is told. */
static void
test_other_examples(void **state)
{
	struct history h = { .w = *state };
	struct model *m;
	struct err err;

	for (int i = 0; i < ENGINE_LEARN_KEPT + 2; i++) {
		char text[64];

		snprintf(text, sizeof(text), "word number %d", i);
		say_as(&h, false, text, LABEL_HAM);
		world_learn(h.w);
		record(&h);
	}
	assert_all_there(&h);
	ok(store_example_erase(h.w->e->store, 2 * WORLD_ROWS + 1, PARTS_PERSONAL, &err), &err);
	assert_int_equal(engine_model(h.w->e, h.verdicts[0].model, &m, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, "what came out is another model"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_histories),
		cmocka_unit_test_setup_teardown(test_base_is_forgotten, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_other_examples, world_set_up_made, world_tear_down),
	};

	return cmocka_run_group_tests_name("shelf", tests, NULL, NULL);
}
