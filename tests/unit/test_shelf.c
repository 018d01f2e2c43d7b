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
	size_t rebuilt; /* how often one was made again */
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

static void
say(struct history *h)
{
	static const char *const things[] = { "bicycle", "casino", "choir", "gobbledygook", "kitchen" };
	bool hers = below(h, 8) == 0;
	char content[80];
	struct comment c;
	struct feedback fb = {
		.label = (enum label)below(h, 3), .comment = &c, .site = SITE_DEFAULT, .origin = "native"
	};
	struct feedback_result result;
	struct err err;

	snprintf(content, sizeof(content), "About the %s and the %s, number%u", things[below(h, 5)],
	    things[below(h, 5)], below(h, 9));
	c = comment_of(hers ? "Xanthippe" : "Somebody", content);
	c.field[COMMENT_EMAIL] = slice_of(hers ? EMAIL : "some@body.example");
	ok(feedback_record(h->w->e->store, &fb, h->w->now_ms++, &h->w->ids, h->w->arena, &result, &err),
	    &err);
}

static void
learn(struct history *h)
{
	char id[MODEL_ID_BYTES];
	struct retrained made;
	const struct retrain_options options = { .who = "test", .force = true };
	struct err err;

	world_learn(h->w);
	if (below(h, 25) != 0)
		return;
	ok(retrain(h->w->e, &options, h->w->arena, &made, &err), &err);
	model_unref(made.model);
	ok(engine_current_id(&h->w->e->paths, id, &err), &err);
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
	struct person_erased done;
	struct person_found f;
	struct err err;

	ok(person_find(h->w->e, &who, &f, &err), &err);
	expect_lost(h, &f);
	ok(person_erase(h->w->e, &f, "test", &done, &err), &err);
	person_found_fini(&f);
}

/* See that each model that verdicts need can be had, and is what it was. */
static void
check(struct history *h)
{
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
	if (below(h, 30) == 0) {
		struct site_change change = { .has_shares = true, .shares = below(h, 2) == 0 };
		struct err err;

		ok(sites_set(h->w->e, "default", &change, &err), &err);
	}
}

static void
test_histories(void **state)
{
	size_t rebuilt = 0;

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
		world_tear_down(&world);
	}
	(void)state;
	fprintf(stderr, "rebuilt %zu\n", rebuilt);
	assert_true(rebuilt > 10 * HISTORIES); /* it was about something */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_histories),
	};

	return cmocka_run_group_tests_name("shelf", tests, NULL, NULL);
}
