/* The registry of models: what a retrain may publish, what a replay sees, what may be cleared away. */
#include "config.h"

#include <unistd.h>

#include "engine_fixture.h"

#include "engine/check.h"
#include "engine/fingerprint.h"
#include "engine/gate.h"
#include "engine/registry.h"
#include "engine/replay.h"
#include "engine/review.h"
#include "engine/set_digest.h"
#include "engine/sites.h"
#include "store/chain.h"

/* Judge CONTENT on the site "default" by the current model and record the verdict at AGO_MS before now. */
static enum verdict
record(struct world *w, const char *content, int64_t ago_ms)
{
	const struct comment comment = comment_of("someone", content);
	struct model *m = world_model(w, NULL);
	struct check_request request = { .comment = &comment, .client = "native", .discard_threshold = 2 };
	struct classifier *c = NULL;
	struct sites *sites = NULL;
	struct verdict_row row;
	struct judgement j;
	struct err err;

	if (classifier_new(&c, &err) == -1 || sites_load(&sites, w->e, &err) == -1)
		fail_msg("%s", err.text);
	request.site = sites_default(sites);
	if (check_judge(c, m, &request, w->now_ms - ago_ms, w->arena, &row, &j, &err) == -1)
		fail_msg("%s", err.text);
	ulid_next(&w->ids, (uint64_t)row.time_ms, row.id);
	if (store_verdict_add(w->e->store, &row, &err) == -1)
		fail_msg("%s", err.text);
	classifier_free(c);
	sites_unref(sites);
	model_unref(m);
	return row.verdict;
}

/* Import N comments of HEAD and a word of their own as LABEL. */
static void
import(struct world *w, const char *head, int n, enum label label)
{
	const struct import_options options = { .origin = "import", .who = "test" };
	const struct corpus_options reading = { .label = LABEL_NONE };
	struct import_result result;
	char path[128];
	struct err err;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < n; i++)
		buf_addf(&b, "{\"label\":\"%s\",\"content\":\"%s %c%c%c%c\"}\n", label_name(label), head,
		    'a' + i % 26, 'a' + i / 26, 'a' + i % 7, 'a' + i % 11);
	snprintf(path, sizeof(path), "%s/more.jsonl", w->top);
	write_text(path, buf_str(&b));
	buf_fini(&b);
	if (engine_import(w->e, path, &reading, &options, &result, &err) == -1)
		fail_msg("%s", err.text);
}

static struct retrained
retrain_with(struct world *w, double budget, double max_flips, bool force)
{
	const struct retrain_options options = {
		.who = "me", .blocked_ham_budget = budget, .max_flips = max_flips, .force = force
	};
	struct retrained made;
	struct err err;

	if (retrain(w->e, &options, w->arena, &made, &err) == -1)
		fail_msg("%s", err.text);
	return made;
}

static void
assert_current(struct world *w, const char *id, bool is)
{
	char now[MODEL_ID_BYTES];
	struct err err;

	assert_int_equal(engine_current_id(&w->e->paths, now, &err), 0);
	assert_int_equal(strcmp(now, id) == 0, is);
}

static struct model_row
row_of(struct world *w, const char *id)
{
	struct model_row row;
	struct err err;

	if (store_model_get(w->e->store, id, w->arena, &row, &err) == -1)
		fail_msg("%s", err.text);
	return row;
}

#define ABOUT_GARDENS "I tried this with my garden and the novel on day %d, thank you for writing it up."

/* Fill the record with good comments, then let many examples say that such comments are spam. */
static void
turn_round(struct world *w, int verdicts, int64_t ago_ms)
{
	char text[128];

	for (int i = 0; i < verdicts; i++) {
		snprintf(text, sizeof(text), ABOUT_GARDENS, i);
		assert_int_equal(record(w, text, ago_ms), VERDICT_HAM);
	}
	import(w, "I tried this with my garden and the novel on day 3, thank you for writing it up.", 400,
	    LABEL_SPAM);
}

static void
test_flips_are_refused(void **state)
{
	struct world *w = *state;
	struct retrained made;
	struct err err;

	turn_round(w, 120, 1000);
	made = retrain_with(w, 0.2, 0.02, false);
	assert_false(made.published);
	assert_non_null(strstr(made.objection, "of 120 verdicts of the last 7 days"));
	assert_current(w, model_info(made.model)->id, false);
	assert_string_equal(row_of(w, model_info(made.model)->id).withheld, made.objection);

	/* It is there to be looked at, and made current by who has looked; learning then goes on from it. */
	assert_int_equal(engine_use(w->e, model_info(made.model)->id, &err), 0);
	assert_current(w, model_info(made.model)->id, true);
	assert_string_equal(row_of(w, model_info(made.model)->id).withheld, "");
	world_say(w, "one more thing", LABEL_HAM);
	assert_int_equal(world_learn(w), 1);
	model_unref(made.model);

	/* What the current model says as well isn't held against the next. */
	made = retrain_with(w, 0.2, 0.02, false);
	assert_string_equal(made.objection, "");
	assert_true(made.published);
	model_unref(made.model);
}

static void
test_force(void **state)
{
	struct world *w = *state;
	struct retrained made;

	turn_round(w, 120, 1000);
	made = retrain_with(w, 0.2, 0.02, true);
	assert_true(made.published);
	assert_true(made.objection[0] != '\0');
	assert_current(w, model_info(made.model)->id, true);
	assert_string_equal(row_of(w, model_info(made.model)->id).withheld, "");
	model_unref(made.model);
}

/* Neither a few verdicts, nor old ones, nor any where no share is set, keep a model back. */
static void
test_flips_that_do_not_count(void **state)
{
	struct world *w = *state;
	struct retrained made;

	turn_round(w, 120, (int64_t)8 * 24 * 3600 * 1000);
	made = retrain_with(w, 0.2, 0.02, false);
	assert_true(made.published);
	model_unref(made.model);
}

static void
test_few_flips(void **state)
{
	struct world *w = *state;
	struct retrained made;

	turn_round(w, GATE_VERDICTS_LEAST - 1, 1000);
	made = retrain_with(w, 0.2, 0.02, false);
	assert_true(made.published);
	model_unref(made.model);
}

static void
test_any_flips(void **state)
{
	struct world *w = *state;
	struct retrained made;

	turn_round(w, 120, 1000);
	made = retrain_with(w, 0.2, 0, false);
	assert_true(made.published);
	model_unref(made.model);
}

/* Good comments that can't be told from spam: more of them than the budget has room for. */
static void
test_broken_budget_is_refused(void **state)
{
	struct world *w = *state;
	struct retrained made;

	import(w, "I tried this with my garden and the novel, thank you for writing it up.", 400, LABEL_HAM);
	import(w, "Cheap pills and casino bonus, click here now!!! Win big today with us", 400, LABEL_SPAM);
	import(w, "Cheap pills and casino bonus, click here now!!! Win big today with you", 14, LABEL_HAM);
	made = retrain_with(w, 0.005, 0.02, false);
	assert_false(made.published);
	assert_non_null(strstr(made.objection, "over the budget of 0.50 %"));
	model_unref(made.model);
	made = retrain_with(w, 0.005, 0.02, true);
	assert_true(made.published);
	assert_current(w, model_info(made.model)->id, true);
	model_unref(made.model);
}

static void
test_gate_and_chance(void **state)
{
	struct world *w = *state;
	struct model *m = world_model(w, NULL);
	static const struct {
		size_t ham, blocked;
		double budget;
		bool objects;
	} cases[] = {
		{ 0, 0, 0.005, false },
		{ 4467, 21, 0.005, false },
		{ 4467, 33, 0.005, false }, /* chance 2 in 100 */
		{ 4467, 36, 0.005, true },
		{ 40, 5, 0.005, false }, /* counts as 1.5 rows: 2 in 100 */
		{ 40, 6, 0.005, true },
		{ 1000000, 5200, 0.005, true },
		{ 1000000, 5100, 0.005, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct gate gate = { cases[i].budget, cases[i].ham, cases[i].blocked, 0 };
		const char *why;
		struct err err;

		assert_int_equal(gate_judge(w->e, m, m, &gate, w->arena, &why, &err), 0);
		assert_int_equal(why[0] != '\0', cases[i].objects);
	}
	model_unref(m);
}

static void
test_two_retrains(void **state)
{
	struct world *w = *state;
	const struct retrain_options options = { .who = "second" }, dry = { .dry_run = true };
	struct retrained made;
	struct err err;
	int lock;

	assert_int_equal(file_lock(&lock, w->e->paths.retrain_lock, 0, &err), 0); /* the first one */
	assert_int_equal(retrain(w->e, &options, w->arena, &made, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_non_null(strstr(err.text, "another retrain is at work"));
	assert_null(made.model);
	assert_int_equal(retrain(w->e, &dry, w->arena, &made, &err), 0); /* writes nothing */
	model_unref(made.model);
	close(lock);
	assert_int_equal(retrain(w->e, &options, w->arena, &made, &err), 0);
	model_unref(made.model);
}

/* Say of a comment that came from the address IP that it is LABEL. */
static void
say_from(struct world *w, const char *content, const char *ip, enum label label)
{
	struct comment c = comment_of("someone", content);
	const struct feedback fb = {
		.label = label, .comment = &c, .site = SITE_DEFAULT, .origin = "native", .who = "test"
	};
	struct feedback_result result;
	struct err err;

	c.field[COMMENT_IP] = slice_of(ip);
	if (feedback_record(w->e->store, &fb, w->now_ms, &w->ids, w->arena, &result, &err) == -1)
		fail_msg("%s", err.text);
}

/* Return the seq of the last event. */
static int64_t
said_last(struct world *w)
{
	int64_t last;
	struct err err;

	assert_int_equal(store_example_counts(w->e->store, &last, NULL, NULL, &err), 0);
	return last;
}

/* Learning and unlearning lead to the digest that a retrain of the same examples has. */
static void
test_corpus_digest(void **state)
{
	struct world *w = *state;
	char first[SET_DIGEST_HEX], id[MODEL_ID_BYTES];
	struct retrained made;
	struct err err;

	assert_int_equal(engine_current_id(&w->e->paths, id, &err), 0);
	snprintf(first, sizeof(first), "%s", row_of(w, id).corpus);
	assert_int_equal(strlen(first), 64);
	say_from(w, "a comment to be taken back", "192.0.2.7", LABEL_SPAM);
	world_learn(w);
	assert_int_equal(engine_current_id(&w->e->paths, id, &err), 0);
	assert_string_not_equal(row_of(w, id).corpus, first);
	made = retrain_with(w, 0, 0, false);
	assert_string_equal(row_of(w, id).corpus, row_of(w, model_info(made.model)->id).corpus);
	model_unref(made.model);
	/* what retention erases of an example in force isn't missed */
	assert_int_equal(store_example_erase(w->e->store, said_last(w), PART_SET(PART_ADDRESS), &err), 0);
	world_say(w, "a comment to be taken back", LABEL_NONE);
	world_learn(w);
	assert_int_equal(engine_current_id(&w->e->paths, id, &err), 0);
	assert_string_equal(row_of(w, id).corpus, first);
}

/* -- Replay -- */

struct seen {
	size_t n;
	char id[ULID_CHARS + 1];
	char evidence[512];
};

static int
see(const struct replay_flip *flip, void *arg)
{
	struct seen *s = arg;

	s->n++;
	assert_int_not_equal(flip->row->verdict, flip->verdict);
	snprintf(s->id, sizeof(s->id), "%s", flip->row->id);
	snprintf(s->evidence, sizeof(s->evidence), "%s", flip->evidence);
	return 0;
}

static void
test_replay(void **state)
{
	struct world *w = *state;
	struct replay_options options = { .evidence = 3 };
	struct seen seen = { 0 };
	struct retrained made;
	struct model *m;
	struct replay r;
	struct err err;

	turn_round(w, 120, 1000);
	record(w, "Cheap pills and casino bonus 5 for your garden, click now!!!", 1000);
	options.model = m = world_model(w, NULL);
	assert_int_equal(replay_run(&r, w->e, &options, see, &seen, &err), 0);
	assert_int_equal(r.judged, 121);
	assert_int_equal(r.flips, 0); /* the model that judged them says what it said */
	replay_fini(&r);
	model_unref(m);

	made = retrain_with(w, 0.2, 0.02, false);
	options.model = made.model;
	assert_int_equal(replay_run(&r, w->e, &options, see, &seen, &err), 0);
	assert_true(r.flips > 100);
	assert_int_equal(seen.n, r.flips);
	assert_int_equal(r.nsites, 1);
	assert_string_equal(r.sites[0].name, "default");
	assert_int_equal(r.sites[0].moved[VERDICT_HAM][VERDICT_HAM] +
		r.sites[0].moved[VERDICT_HAM][VERDICT_UNSURE] + r.sites[0].moved[VERDICT_HAM][VERDICT_SPAM],
	    120);
	assert_non_null(strstr(seen.evidence, "\"token\":"));
	replay_fini(&r);

	options.at_most = 30; /* the same ones each time */
	assert_int_equal(replay_run(&r, w->e, &options, NULL, NULL, &err), 0);
	assert_in_range(r.judged, 10, 60);
	replay_fini(&r);
	model_unref(made.model);
}

static void
test_replay_other_threshold(void **state)
{
	struct world *w = *state;
	struct replay_options options = { .spam_threshold = 0.0000001 };
	struct seen seen = { 0 };
	struct model *m;
	struct replay r;
	struct err err;

	record(w, "I tried this with my garden and the novel on day 7, thank you for writing it up.", 0);
	options.model = m = world_model(w, NULL);
	assert_int_equal(replay_run(&r, w->e, &options, see, &seen, &err), 0);
	assert_int_equal(r.sites[0].moved[VERDICT_HAM][VERDICT_SPAM], 1);
	replay_fini(&r);
	model_unref(m);
}

/* What nobody has heard of is no more spam by that threshold than by any other. */
static void
test_replay_other_threshold_unheard(void **state)
{
	struct world *w = *state;
	struct replay_options options = { .spam_threshold = 0.0000001 };
	struct model *m;
	struct replay r;
	struct err err;

	record(w, "xyzzyq wvutqq", 0);
	options.model = m = world_model(w, NULL);
	assert_int_equal(replay_run(&r, w->e, &options, NULL, NULL, &err), 0);
	assert_int_equal(r.judged, 1);
	assert_int_equal(r.sites[0].moved[VERDICT_UNSURE][VERDICT_UNSURE], 1);
	replay_fini(&r);
	model_unref(m);
}

static void
test_replay_skips(void **state)
{
	struct world *w = *state;
	struct replay_options options = { .evidence = 3 };
	struct verdict_row row = { .site = SITE_DEFAULT,
		.client = "native",
		.model = "m",
		.forced = "",

		.fingerprint = 1 };
	struct model *m;
	struct replay r;
	struct err err;

	ulid_next(&w->ids, 1000, row.id);
	row.time_ms = 1000;
	assert_int_equal(store_verdict_add(w->e->store, &row, &err), 0); /* its text is gone */
	row.comment = comment_of("someone", "hello");
	row.test = true;
	ulid_next(&w->ids, 1001, row.id);
	assert_int_equal(store_verdict_add(w->e->store, &row, &err), 0);
	row.test = false;
	row.forced = "administrator";
	ulid_next(&w->ids, 1002, row.id);
	assert_int_equal(store_verdict_add(w->e->store, &row, &err), 0);
	options.model = m = world_model(w, NULL);
	assert_int_equal(replay_run(&r, w->e, &options, NULL, NULL, &err), 0);
	assert_int_equal(r.judged, 0);
	assert_int_equal(r.erased, 1);
	assert_int_equal(r.tests, 1);
	assert_int_equal(r.forced, 1);
	replay_fini(&r);
	model_unref(m);
}

static int
note_seq(const struct verdict_row *row, void *arg)
{
	*(int64_t *)arg = row->seq;
	return 0;
}

static int64_t
newest_verdict(struct world *w)
{
	const struct verdict_filter filter = { .verdict = -1, .newest_first = true, .limit = 1 };
	int64_t seq = 0;
	struct err err;

	assert_int_equal(store_verdict_walk(w->e->store, &filter, note_seq, &seq, &err), 0);
	return seq;
}

/* What is judged again needs the text and who wrote it; without the rest it is judged, and counted. */
static void
test_replay_erased(void **state)
{
	static const unsigned parts[] = { PART_SET(PART_CONTENT), PART_SET(PART_PERSON),
		PART_SET(PART_ADDRESS), PART_SET(PART_EVIDENCE), 0 };
	struct world *w = *state;
	struct replay_options options = { .spam_threshold = 0.0000001 };
	struct model *m = world_model(w, NULL);
	struct seen seen = { 0 };
	struct replay r;
	struct err err;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		record(w, "I tried this with my garden and the novel, thank you for writing it up.", 0);
		assert_int_equal(store_verdict_erase(w->e->store, newest_verdict(w), parts[i], &err), 0);
	}
	options.model = m;
	assert_int_equal(replay_run(&r, w->e, &options, see, &seen, &err), 0);
	assert_int_equal(r.erased, 2);
	assert_int_equal(r.judged, 3);
	assert_int_equal(r.incomplete, 2);
	assert_int_equal(r.flips, 3);
	replay_fini(&r);
	model_unref(m);
}

/* An erased fingerprint is 0: that makes nobody's label another one's. */
static void
test_review_erased(void **state)
{
	struct world *w = *state;
	const struct comment other = comment_of("someone", "something else, of which nothing is left");
	struct example_row said;
	struct model *m;
	struct review r;
	struct err err;

	world_say(w, "something else, of which nothing is left", LABEL_SPAM);
	assert_int_equal(store_example_match(
			     w->e->store, SITE_DEFAULT, comment_fingerprint(&other), w->arena, &said, &err),
	    0);
	assert_int_equal(store_example_erase(w->e->store, said.seq, PARTS_PERSONAL, &err), 0);
	record(w, "I tried this with my garden and the novel, thank you for writing it up.", 0);
	assert_int_equal(store_verdict_erase(w->e->store, newest_verdict(w), PART_SET(PART_PERSON), &err), 0);
	record(w, "Cheap pills and casino bonus 5 for your garden, click now!!!", 0);
	assert_int_equal(store_verdict_erase(w->e->store, newest_verdict(w), PART_SET(PART_PERSON), &err), 0);
	m = world_model(w, NULL);
	assert_int_equal(review_find(&r, w->e, m, 0, 0, &err), 0);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.entries[0].alike, 1);
	assert_int_equal(r.entries[1].alike, 1);
	review_fini(&r);
	model_unref(m);
}

/* -- Clearing away -- */

static void
test_clear(void **state)
{
	struct world *w = *state;
	char judged[MODEL_ID_BYTES], middle[MODEL_ID_BYTES];
	struct cleared c;
	struct model *m;
	struct err err;

	record(w, "I tried this with my garden", 0);
	assert_int_equal(engine_current_id(&w->e->paths, judged, &err), 0);
	world_say(w, "the first", LABEL_SPAM);
	world_learn(w);
	assert_int_equal(engine_current_id(&w->e->paths, middle, &err), 0);
	world_say(w, "the second", LABEL_SPAM);
	world_learn(w);

	assert_int_equal(registry_clear(w->e, 8, true, w->arena, &c, &err), 0);
	assert_int_equal(c.n, 0);
	assert_int_equal(registry_clear(w->e, 0, true, w->arena, &c, &err), 0);
	assert_int_equal(c.n, 1);
	assert_string_equal(c.ids[0], middle); /* not the current one, nor the one that a verdict names */
	assert_int_equal(c.kept, 2);
	m = world_model(w, middle); /* it was only asked for */
	model_unref(m);
	assert_int_equal(registry_clear(w->e, 0, false, w->arena, &c, &err), 0);
	assert_int_equal(c.n, 1);
	assert_int_equal(engine_model(w->e, middle, &m, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	m = world_model(w, judged);
	model_unref(m);
	assert_true(row_of(w, middle).pruned_ms > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_flips_are_refused, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_force, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_flips_that_do_not_count, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_few_flips, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_any_flips, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_broken_budget_is_refused, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_gate_and_chance, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_two_retrains, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_corpus_digest, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_replay, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_replay_other_threshold, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_replay_other_threshold_unheard, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_replay_skips, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_replay_erased, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_review_erased, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_clear, world_set_up_made, world_tear_down),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
