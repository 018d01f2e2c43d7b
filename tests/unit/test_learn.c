#include "config.h"

#include "classifier/model_impl.h"
#include "engine/fingerprint.h"
#include "engine_fixture.h"

/* Whether A and B count the same, bit for bit. */
static void
assert_same_counts(const struct model *a, const struct model *b)
{
	const struct snapshot_header *x = model_header(a), *y = model_header(b);

	assert_int_equal(x->spam, y->spam);
	assert_int_equal(x->ham, y->ham);
	assert_int_equal(x->own_spam, y->own_spam);
	assert_int_equal(x->own_ham, y->own_ham);
	assert_int_equal(x->tokens, y->tokens);
	assert_memory_equal(&x->section[SNAPSHOT_TABLE], &y->section[SNAPSHOT_TABLE], sizeof(x->section[0]));
}

/* What a full retrain makes of the examples; not published. */
static struct model *
retrained(struct world *w)
{
	const struct retrain_options options = { .dry_run = true, .who = "test" };
	struct retrained made;
	struct err err;

	if (retrain(w->e, &options, w->arena, &made, &err) == -1)
		fail_msg("%s", err.text);
	return made.model;
}

static void
assert_as_retrained(struct world *w)
{
	struct model *learnt = world_model(w, NULL), *trained = retrained(w);

	assert_same_counts(learnt, trained);
	assert_int_equal(model_info(learnt)->position, model_info(trained)->position);
	model_unref(learnt);
	model_unref(trained);
}

static void
test_learn_exactly(void **state)
{
	struct world *w = *state;
	struct model *first = world_model(w, NULL), *second;

	assert_int_equal(world_learn(w), 0); /* nothing new: nothing published */
	second = world_model(w, NULL);
	assert_string_equal(model_info(first)->id, model_info(second)->id);
	model_unref(second);

	assert_true(world_say(w, "a word nobody ever used before: xylomarimba", LABEL_SPAM));
	assert_false(world_say(w, "a word nobody ever used before: xylomarimba", LABEL_SPAM));
	assert_true(world_say(w, "one more thing about my bicycle", LABEL_HAM));
	assert_int_equal(world_learn(w), 2);
	second = world_model(w, NULL);
	assert_string_equal(model_info(second)->parent, model_info(first)->id);
	assert_int_equal(model_info(second)->spam, WORLD_ROWS);
	assert_int_equal(model_info(second)->own_spam, 1);
	assert_int_equal(model_info(second)->own_ham, 1);
	assert_as_retrained(w);
	model_unref(first);
	model_unref(second);
}

/* Spam, ham, spam again: learnt one by one or all at once, it is the last word that counts, and counts once.
 */
static void
test_change_of_mind(void **state)
{
	static const char text[] = "I am not sure about this casino bicycle";
	struct world *w = *state;
	struct model *spam, *ham, *again;

	world_say(w, text, LABEL_SPAM);
	world_learn(w);
	spam = world_model(w, NULL);
	assert_true(world_say(w, text, LABEL_HAM));
	assert_int_equal(world_learn(w), 1);
	ham = world_model(w, NULL);
	assert_int_equal(model_info(ham)->spam, WORLD_ROWS);
	assert_int_equal(model_info(ham)->own_spam, 0);
	assert_int_equal(model_info(ham)->own_ham, 1);
	assert_as_retrained(w);
	assert_true(world_say(w, text, LABEL_SPAM));
	world_learn(w);
	again = world_model(w, NULL);
	assert_same_counts(spam, again);
	model_unref(spam);
	model_unref(ham);

	assert_true(world_say(w, text, LABEL_HAM));
	assert_true(world_say(w, text, LABEL_SPAM));
	assert_int_equal(world_learn(w), 2);
	ham = world_model(w, NULL);
	assert_same_counts(ham, again);
	model_unref(ham);
	model_unref(again);
	assert_as_retrained(w);
}

/* A correction taken back leaves the counts as if it had never been. */
static void
test_unlearn(void **state)
{
	struct world *w = *state;
	struct model *before = world_model(w, NULL), *after;

	world_say(w, "wrongly marked, with rare words: quokka", LABEL_SPAM);
	world_learn(w);
	assert_true(world_say(w, "wrongly marked, with rare words: quokka", LABEL_NONE));
	assert_false(world_say(w, "wrongly marked, with rare words: quokka", LABEL_NONE));
	assert_int_equal(world_learn(w), 1);
	after = world_model(w, NULL);
	assert_same_counts(before, after);
	model_unref(before);
	model_unref(after);
	assert_as_retrained(w);
	assert_true(world_say(w, "wrongly marked, with rare words: quokka", LABEL_HAM));
	assert_int_equal(world_learn(w), 1);
	assert_as_retrained(w);
}

/* The text taken back is the one that was learnt, however the new word spells the same comment. */
static void
test_other_shape(void **state)
{
	struct world *w = *state;

	world_say(w, "He said \\\"it\\'s here\\\" &amp; left", LABEL_SPAM);
	world_learn(w);
	assert_true(world_say(w, "He said \"it's here\" & LEFT!", LABEL_HAM));
	world_learn(w);
	assert_as_retrained(w);
}

/* A database from a backup, older than the model: refused, until a retrain. */
static void
test_lost_events(void **state)
{
	struct world *w = *state;
	struct world other = *w;
	struct model *m;
	const struct model_row row = { .kind = "train" };
	struct err err;
	int64_t learnt;
	int lock;

	world_say(w, "one", LABEL_HAM);
	world_learn(w);
	m = world_model(w, NULL);
	snprintf(other.state, sizeof(other.state), "%s/state2", w->top);
	world_init(&other);
	assert_int_equal(engine_publish_lock(&other.e->paths, &lock, &err), 0);
	assert_int_equal(engine_publish(other.e, m, &row, &err), 0);
	close(lock);
	assert_int_equal(learn_pending(other.e, "test", &learnt, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, "hamlet retrain"));
	model_unref(m);
	engine_close(other.e);
	snprintf(other.state, sizeof(other.state), "%s/state2/models", w->top);
	folders_clear(other.state);
	snprintf(other.state, sizeof(other.state), "%s/state2", w->top);
	folders_clear(other.state);
}

/* -- Retraining -- */

static void
note_progress(double share, void *arg)
{
	double *last = arg;

	assert_true(share >= 0 && share <= 1);
	assert_true(share >= *last);
	*last = share;
}

static void
test_retrain(void **state)
{
	struct world *w = *state;
	double last = 0;
	const struct retrain_options options = {
		.who = "me", .blocked_ham_budget = 0.02, .progress = note_progress, .progress_arg = &last
	};
	char id[MODEL_ID_BYTES];
	struct model_row *rows;
	struct retrained made;
	struct model *m;
	struct err err;
	size_t n;

	m = retrained(w);
	assert_int_equal(store_models(w->e->store, w->arena, &rows, &n, &err), 0);
	assert_int_equal(n, 1); /* a dry run leaves no trace */
	model_unref(m);
	world_say(w, "new in the set", LABEL_HAM);
	assert_int_equal(retrain(w->e, &options, w->arena, &made, &err), 0);
	assert_true(last > 0.999);
	assert_non_null(strstr(made.figures, "\"mcc\":"));
	assert_int_equal(engine_current_id(&w->e->paths, id, &err), 0);
	assert_string_equal(id, model_info(made.model)->id);
	m = made.model;
	assert_true(model_info(m)->blocked_ham_budget > 0.0199 && model_info(m)->blocked_ham_budget < 0.0201);
	model_unref(m);
	assert_int_equal(store_models(w->e->store, w->arena, &rows, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].who, "me");
	assert_string_equal(rows[0].figures, made.figures);
	m = retrained(w); /* the budget stays until another is asked for */
	assert_true(model_info(m)->blocked_ham_budget > 0.0199);
	model_unref(m);
	assert_int_equal(world_learn(w), 0);
}

static void
test_first_model(void **state)
{
	struct world *w = *state;
	const struct retrain_options options = { .who = "me" };
	struct retrained made;
	struct model *m;
	struct err err;

	assert_int_equal(engine_create(&w->e, w->state, 1000, &err), 0);
	assert_int_equal(world_learn(w), 0);
	assert_int_equal(retrain(w->e, &options, w->arena, &made, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	world_say(w, "the first comment", LABEL_HAM);
	world_say(w, "buy cheap pills", LABEL_SPAM);
	assert_int_equal(world_learn(w), 2);
	m = world_model(w, NULL);
	assert_int_equal(model_info(m)->own_ham, 1);
	model_unref(m);
	assert_int_equal(retrain(w->e, &options, w->arena, &made, &err), 0);
	assert_string_equal(made.figures, ""); /* too little to measure */
	model_unref(made.model);
}

/* -- Whose word counts -- */

static void
record_verdict(struct world *w, const char *id, int64_t site, const char *content, bool test)
{
	struct verdict_row row = {
		.time_ms = w->now_ms,
		.site = site,
		.client = "native",
		.model = "m",
		.test = test,
		.forced = "",
	};
	struct err err;

	row.comment = comment_of("someone", content);
	row.fingerprint = comment_fingerprint(&row.comment);
	memcpy(row.id, id, sizeof(row.id));
	if (store_verdict_add(w->e->store, &row, &err) == -1)
		fail_msg("%s", err.text);
}

static int
record(struct world *w, const struct feedback *fb, struct feedback_result *out, struct err *err)
{
	return feedback_record(w->e->store, fb, w->now_ms, &w->ids, w->arena, out, err);
}

static void
test_feedback(void **state)
{
	static const char id[] = "01J0000000000000000000000A", tested[] = "01J0000000000000000000000B";
	struct world *w = *state;
	const struct comment shaped = comment_of("Someone", "it\\'s <b>here</b>");
	struct feedback fb = { .label = LABEL_SPAM, .verdict_id = id, .origin = "mark", .who = "admin" };
	struct feedback_result r;
	struct err err;

	record_verdict(w, id, SITE_DEFAULT, "it's here", false);
	record_verdict(w, tested, SITE_DEFAULT, "only a test", true);
	assert_int_equal(record(w, &fb, &r, &err), 0);
	assert_true(r.changed);
	assert_string_equal(r.verdict_id, id);

	/* The same said by the comment, as its site: found, and nothing new. */
	fb = (struct feedback){
		.label = LABEL_SPAM, .comment = &shaped, .site = SITE_DEFAULT, .origin = "akismet"
	};
	assert_int_equal(record(w, &fb, &r, &err), 0);
	assert_false(r.changed);
	assert_string_equal(r.verdict_id, id);
	fb.site = 0; /* the admin finds it too */
	assert_int_equal(record(w, &fb, &r, &err), 0);
	assert_false(r.changed);

	fb = (struct feedback){ .label = LABEL_HAM, .verdict_id = id, .site = 77, .origin = "native" };
	assert_int_equal(record(w, &fb, &r, &err), -1); /* another site's */
	assert_int_equal(err.code, ERR_NOT_FOUND);
	fb.site = SITE_DEFAULT;
	fb.verdict_id = tested;
	assert_int_equal(record(w, &fb, &r, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	fb.verdict_id = "01J0000000000000000000000C";
	assert_int_equal(record(w, &fb, &r, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	fb.verdict_id = "not an id";
	assert_int_equal(record(w, &fb, &r, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(world_learn(w), 1);
	assert_as_retrained(w);
}

/* A site's word on a comment of the corpus stands beside it; the admin's replaces it. */
static void
test_shared_examples(void **state)
{
	static const char text[] =
	    "I tried this with my garden and the garden on day 0, thank you for writing it up.";
	struct world *w = *state;
	struct comment c = comment_of("Reader 0", text);
	struct feedback fb = { .label = LABEL_SPAM, .comment = &c, .site = SITE_DEFAULT, .origin = "native" };
	struct feedback_result r;
	struct err err;
	int64_t last, ham, spam;

	assert_int_equal(record(w, &fb, &r, &err), 0);
	assert_true(r.changed);
	assert_string_equal(r.verdict_id, "");
	assert_int_equal(store_example_counts(w->e->store, &last, &ham, &spam, &err), 0);
	assert_int_equal(ham, WORLD_ROWS);
	assert_int_equal(spam, WORLD_ROWS + 1);
	c = comment_of("Reader 1",
	    "I tried this with my kitchen and the kitchen on day 1, thank you for writing it up.");
	fb.site = 0;
	assert_int_equal(record(w, &fb, &r, &err), 0);
	assert_int_equal(store_example_counts(w->e->store, &last, &ham, &spam, &err), 0);
	assert_int_equal(ham, WORLD_ROWS - 1);
	assert_int_equal(spam, WORLD_ROWS + 2);
	assert_int_equal(world_learn(w), 2);
	assert_as_retrained(w);
}

/* -- Import and export -- */

static const struct corpus_options reading = { .format = CORPUS_JSONL, .label = LABEL_NONE };
static const struct import_options importing = { .origin = "import", .who = "test" };

static int
append(struct slice line, void *arg, struct err *err)
{
	(void)err;
	buf_add_slice(arg, line);
	return 0;
}

static void
test_round_trip(void **state)
{
	struct world *w = *state;
	struct world other = *w;
	struct import_result r;
	struct model *a, *b;
	struct buf out;
	struct err err;
	char path[128];
	int64_t last, ham, spam;

	world_say(w, "context\tand \"quotes\" \\ and emoji \xf0\x9f\x91\x8d", LABEL_SPAM);
	world_say(w, "changed my mind", LABEL_SPAM);
	world_say(w, "changed my mind", LABEL_HAM);
	world_say(w, "never mind", LABEL_HAM);
	world_say(w, "never mind", LABEL_NONE);
	buf_init(&out, BUF_NO_LIMIT);
	assert_int_equal(engine_export(w->e, 0, LABEL_NONE, append, &out, &err), 0);
	snprintf(path, sizeof(path), "%s/out.jsonl", w->top);
	write_text(path, buf_str(&out));

	/* Into the same store: nothing new.  Into another: a site's words stay its own. */
	assert_int_equal(engine_import(w->e, path, &reading, &importing, &r, &err), 0);
	assert_int_equal(r.added + r.relabelled, 0);
	assert_int_equal(r.already, 2 * WORLD_ROWS + 2);
	snprintf(other.state, sizeof(other.state), "%s/other", w->top);
	assert_int_equal(engine_create(&other.e, other.state, 1000, &err), 0);
	assert_int_equal(engine_import(other.e, path, &reading, &importing, &r, &err), 0);
	assert_int_equal(r.added, 2 * WORLD_ROWS + 2);
	assert_int_equal(store_example_counts(other.e->store, &last, &ham, &spam, &err), 0);
	assert_int_equal(ham, WORLD_ROWS + 1);
	a = retrained(w);
	b = retrained(&other);
	assert_same_counts(a, b);
	assert_int_equal(model_info(b)->own_spam, 1);
	assert_int_equal(model_info(b)->own_ham, 1);
	model_unref(a);
	model_unref(b);

	/* And its export is the first, but for the new ids and times. */
	buf_clear(&out);
	assert_int_equal(engine_export(other.e, 0, LABEL_SPAM, append, &out, &err), 0);
	assert_non_null(strstr(buf_str(&out), "\"source\":\"made-up\""));
	assert_null(strstr(buf_str(&out), "\"label\":\"ham\""));
	buf_clear(&out);
	assert_int_equal(engine_export(other.e, time_now_ms() + 100000, LABEL_NONE, append, &out, &err), 0);
	assert_int_equal(out.n, 0);
	buf_fini(&out);
	engine_close(other.e);
	snprintf(path, sizeof(path), "%s/models", other.state);
	folders_clear(path);
	folders_clear(other.state);
}

static int
refuse(struct slice line, void *arg, struct err *err)
{
	(void)line;
	return (*(int *)arg)++ < 2 ? 0 : err_set(err, ERR_LIMIT, "enough");
}

static void
test_export_ends(void **state)
{
	struct world *w = *state;
	struct err err;
	int n = 0;

	assert_int_equal(engine_export(w->e, 0, LABEL_NONE, refuse, &n, &err), -1);
	assert_int_equal(n, 3);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
test_import_last_word(void **state)
{
	struct world *w = *state;
	struct import_result r;
	struct err err;
	char path[128];

	snprintf(path, sizeof(path), "%s/words.jsonl", w->top);
	write_text(path,
	    "{\"label\":\"ham\",\"content\":\"First of all\"}\n"
	    "{\"label\":\"spam\",\"content\":\"Second of all\"}\n"
	    "{\"label\":\"ham\",\"content\":\"first of ALL!\"}\n"
	    "{\"label\":\"spam\",\"content\":\"First of all.\"}\n");
	assert_int_equal(engine_import(w->e, path, &reading, &importing, &r, &err), 0);
	assert_int_equal(r.added, 2);
	assert_int_equal(r.already, 1);
	assert_int_equal(r.relabelled, 1);
	assert_int_equal(world_learn(w), 3);
	assert_as_retrained(w);
	write_text(
	    path, "{\"label\":\"ham\",\"content\":\"Good\"}\n{\"label\":\"sham\",\"content\":\"Bad\"}\n");
	assert_int_equal(engine_import(w->e, path, &reading, &importing, &r, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(world_learn(w), 0); /* nothing of it went in */
}

/* A step back stays: what was learnt since isn't learnt into the older model again by itself. */
static void
test_rollback_is_pinned(void **state)
{
	struct world *w = *state;
	char first[MODEL_ID_BYTES], now[MODEL_ID_BYTES], second[MODEL_ID_BYTES];
	struct err err;

	assert_int_equal(engine_current_id(&w->e->paths, first, &err), 0);
	world_say(w, "poisoned by a visitor", LABEL_HAM);
	assert_int_equal(world_learn(w), 1);
	assert_int_equal(engine_current_id(&w->e->paths, second, &err), 0);

	assert_int_equal(engine_use(w->e, first, &err), 0);
	assert_int_equal(world_learn(w), 0);
	assert_int_equal(engine_current_id(&w->e->paths, now, &err), 0);
	assert_string_equal(now, first);

	assert_int_equal(engine_use(w->e, second, &err), 0);
	world_say(w, "an honest word", LABEL_HAM);
	assert_int_equal(world_learn(w), 1);
}

/* Who went back too far goes on to the right model: what came after it still isn't wanted. */
static void
test_rollback_in_two_steps(void **state)
{
	struct world *w = *state;
	static const char *const said[] = { "an honest word", "poisoned by a visitor", "and once more" };
	char ids[3][MODEL_ID_BYTES], now[MODEL_ID_BYTES];
	struct err err;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(engine_current_id(&w->e->paths, ids[i], &err), 0);
		world_say(w, said[i], LABEL_HAM);
		assert_int_equal(world_learn(w), 1);
	}
	for (int i = 0; i < 4; i++) { /* the same once more is no step at all */
		assert_int_equal(engine_use(w->e, ids[i / 2], &err), 0);
		assert_int_equal(world_learn(w), 0);
		assert_int_equal(engine_current_id(&w->e->paths, now, &err), 0);
		assert_string_equal(now, ids[i / 2]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rollback_is_pinned, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_rollback_in_two_steps, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_learn_exactly, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_change_of_mind, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_unlearn, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_other_shape, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_lost_events, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_retrain, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_first_model, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_feedback, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_shared_examples, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_round_trip, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_export_ends, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_import_last_word, world_set_up_made, world_tear_down),
	};

	return cmocka_run_group_tests_name("learn", tests, NULL, NULL);
}
