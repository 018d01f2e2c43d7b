/* When a site's corrections look poisoned. */
#include "config.h"

#include "engine_fixture.h"

#include "engine/poison.h"

#define HOUR_MS ((int64_t)3600 * 1000)

/* Record N words of LABEL by the site "default", AGO_MS before now, each on a verdict of PROBABILITY. */
static void
correct(struct world *w, int n, int64_t ago_ms, enum label label, double probability, const char *origin)
{
	struct verdict_row row = { .site = SITE_DEFAULT,
		.client = "native",
		.model = "m",
		.forced = "",

		.verdict = probability > 0.5 ? VERDICT_SPAM : VERDICT_HAM,
		.probability = probability };
	struct example_row said = { .site = SITE_DEFAULT,
		.scope = SCOPE_OWN,
		.label = label,
		.origin = origin,
		.who = "default",
		.source = "" };
	static uint64_t fingerprint = 1000;
	struct err err;
	int64_t seq;

	for (int i = 0; i < n; i++) {
		row.time_ms = said.time_ms = w->now_ms - ago_ms;
		row.fingerprint = said.fingerprint = fingerprint++;
		row.comment = said.comment = comment_of("someone", "whatever");
		ulid_next(&w->ids, (uint64_t)row.time_ms, row.id);
		said.verdict_id = probability < 0 ? "" : row.id;
		if (probability >= 0 && store_verdict_add(w->e->store, &row, &err) == -1)
			fail_msg("%s", err.text);
		ulid_next(&w->ids, (uint64_t)row.time_ms, said.id);
		if (store_example_add(w->e->store, &said, &seq, &err) == -1)
			fail_msg("%s", err.text);
	}
}

static size_t
warnings(struct world *w, struct poison *first)
{
	struct poison *found;
	struct err err;
	size_t n;

	if (poison_find(w->e, w->now_ms, w->arena, &found, &n, &err) == -1)
		fail_msg("%s", err.text);
	if (n > 0 && first != NULL)
		*first = found[0];
	return n;
}

static void
test_sure(void **state)
{
	struct world *w = *state;
	struct poison p;

	correct(w, POISON_SURE - 1, HOUR_MS, LABEL_HAM, 0.995, "native");
	correct(w, 60, HOUR_MS, LABEL_HAM, 0.9, "native"); /* not so sure */
	assert_int_equal(warnings(w, NULL), 0);
	correct(w, 1, 2 * HOUR_MS, LABEL_SPAM, 0.005, "akismet"); /* the other way round */
	assert_int_equal(warnings(w, &p), 1);
	assert_string_equal(p.site, "default");
	assert_int_equal(p.sure, POISON_SURE);
	assert_int_equal(p.contrary, POISON_SURE + 60);
	assert_int_equal(p.since_ms, w->now_ms - 2 * HOUR_MS);
	assert_string_equal(p.model, ""); /* the only one is younger */
}

static void
test_burst(void **state)
{
	struct world *w = *state;

	correct(w, POISON_BURST - 1, HOUR_MS, LABEL_HAM, -1, "akismet"); /* of comments never judged */
	correct(w, 200, HOUR_MS, LABEL_SPAM, 0.995, "akismet"); /* what it said itself */
	correct(w, 200, HOUR_MS, LABEL_HAM, 0.7, "mark"); /* an admin's */
	correct(w, 200, 25 * HOUR_MS, LABEL_HAM, -1, "akismet"); /* of yesterday: that makes 7 a day */
	assert_int_equal(warnings(w, NULL), 0);
	correct(w, 1, HOUR_MS, LABEL_HAM, 0.6, "akismet");
	assert_int_equal(warnings(w, NULL), 1);
}

/* A client of any of the daemon's APIs can be taken over, or send what its visitors report. */
static void
test_clients(void **state)
{
	static const char *const clients[] = { "akismet", "blogspam", "native" };
	struct world *w = *state;
	struct poison p;

	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
		correct(w, POISON_SURE, HOUR_MS, LABEL_HAM, 0.995, clients[i]);
	assert_int_equal(warnings(w, &p), 1);
	assert_int_equal(p.sure, 3 * POISON_SURE);
}

/* A site on which that many are usual isn't warned about. */
static void
test_usual(void **state)
{
	struct world *w = *state;

	for (int day = 2; day < 29; day++)
		correct(w, 15, day * 24 * HOUR_MS, LABEL_HAM, 0.995, "native");
	correct(w, 40, HOUR_MS, LABEL_HAM, 0.995, "native");
	assert_int_equal(warnings(w, NULL), 0);
	correct(w, 10, HOUR_MS, LABEL_HAM, 0.995, "native");
	assert_int_equal(warnings(w, NULL), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sure, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_burst, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_clients, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_usual, world_set_up_made, world_tear_down),
	};

	return cmocka_run_group_tests_name("poison", tests, NULL, NULL);
}
