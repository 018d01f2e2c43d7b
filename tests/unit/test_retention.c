#include "config.h"

#include "engine/recompute.h"
#include "engine/retention.h"
#include "engine/sites.h"
#include "engine/take_back.h"
#include "engine_fixture.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

/* -- What the tests share -- */

static struct config
settings(const char *person, const char *addresses)
{
	struct config c;
	struct err err;

	if (config_defaults(&c, &err) == -1 || config_set(&c, "retain_person", person, &err) == -1 ||
	    config_set(&c, "retain_addresses", addresses, &err) == -1 ||
	    config_set(&c, "retain_evidence", "90d", &err) == -1)
		fail_msg("%s", err.text);
	return c;
}

static const char *
add_verdict(struct world *w, int64_t site, int64_t age_ms)
{
	struct verdict_row row = { .time_ms = w->now_ms - age_ms,
		.site = site,
		.client = "native",
		.model = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		.probability = 0.25,
		.forced = "",
		.fingerprint = 77,
		.comment = comment_of("Ann Onymous", "I like it"),
		.evidence = { "\0\0\0\0\0\0\0\xf0\xbf\4\0like", 15 } };
	struct err err;
	char *id;

	row.comment.field[COMMENT_EMAIL] = slice_of("ann@example.org");
	row.comment.field[COMMENT_IP] = slice_of("192.0.2.7");
	ulid_next(&w->ids, (uint64_t)row.time_ms, row.id);
	if (store_verdict_add(w->e->store, &row, &err) == -1)
		fail_msg("%s", err.text);
	id = arena_copy(w->arena, row.id, ULID_CHARS);
	assert_non_null(id);
	return id;
}

/* One pass at NOW_MS; returns how many batches it took, at most MAX (then it isn't ended). */
static size_t
pass(struct world *w, const struct config *c, int64_t now_ms, size_t max)
{
	struct retention_batch batch;
	struct retention *r;
	struct err err;
	size_t n = 0;
	int rc = 0;

	if (retention_begin(&r, w->e, c, now_ms, &err) == -1)
		fail_msg("%s", err.text);
	while (n < max && (rc = retention_next(r, &batch, &err)) == 1) {
		assert_in_range(batch.n, 1, RETENTION_BATCH);
		if (store_begin(w->e->store, &err) == -1 ||
		    retention_apply(w->e->store, &batch, &err) == -1 || store_commit(w->e->store, &err) == -1)
			fail_msg("%s", err.text);
		retention_applied(r);
		n++;
	}
	if (rc == -1 || (rc == 0 && n < max && retention_end(w->e->store, r, &err) == -1))
		fail_msg("%s", err.text);
	retention_free(r);
	return n;
}

static struct verdict_row
verdict(struct world *w, const char *id)
{
	struct verdict_row row;
	struct err err;

	if (store_verdict_get(w->e->store, id, w->arena, &row, &err) == -1)
		fail_msg("%s", err.text);
	return row;
}

#define CONTENT PART_SET(PART_CONTENT)
#define PERSON PART_SET(PART_PERSON)
#define ADDRESS PART_SET(PART_ADDRESS)
#define FINGERPRINT PART_SET(PART_FINGERPRINT)
#define EVIDENCE PART_SET(PART_EVIDENCE)

static void
assert_gone(struct world *w, const char *id, unsigned gone)
{
	struct verdict_row row = verdict(w, id);

	assert_int_equal(row.gone, gone);
	assert_int_equal(row.comment.field[COMMENT_CONTENT].p == NULL, (gone & CONTENT) != 0);
	assert_int_equal(row.comment.field[COMMENT_EMAIL].p == NULL, (gone & PERSON) != 0);
	assert_int_equal(row.comment.field[COMMENT_IP].p == NULL, (gone & ADDRESS) != 0);
	assert_int_equal(row.fingerprint == 0, (gone & FINGERPRINT) != 0);
	assert_int_equal(row.evidence.n == 0, (gone & EVIDENCE) != 0);
	assert_true(row.probability == 0.25);
}

static void
assert_chain_whole(struct world *w)
{
	const struct chain_verify how = { NULL, NULL, NULL };
	struct chain_report report;
	struct err err;

	if (store_chain_verify(w->e->store, &how, &report, &err) == -1)
		fail_msg("%s", err.text);
	if (report.fault != CHAIN_WHOLE)
		fail_msg("%s", report.text);
}

struct purges {
	int n;
	char last[256];
};

static int
count_purge(const struct event_row *row, void *arg)
{
	struct purges *p = arg;

	if (strcmp(row->kind, "purge") == 0) {
		p->n++;
		snprintf(p->last, sizeof(p->last), "%s", row->detail);
	}
	return 0;
}

static struct purges
purges(struct world *w)
{
	struct purges p = { 0 };
	struct err err;

	if (store_log_walk(w->e->store, 0, count_purge, &p, &err) == -1)
		fail_msg("%s", err.text);
	return p;
}

/* -- Verdicts -- */

static void
parts_go_when_their_time_has_come(void **state)
{
	struct world *w = *state;
	struct config c = settings("2d", "5h");
	const char *fresh = add_verdict(w, SITE_DEFAULT, 5 * HOUR - 1);
	const char *hours = add_verdict(w, SITE_DEFAULT, 5 * HOUR + 1);
	const char *days = add_verdict(w, SITE_DEFAULT, 2 * DAY + 1);
	const char *old = add_verdict(w, SITE_DEFAULT, 90 * DAY + 1);

	assert_int_equal(pass(w, &c, w->now_ms, 100), 4);
	assert_gone(w, fresh, 0);
	assert_gone(w, hours, ADDRESS);
	assert_gone(w, days, ADDRESS | PERSON | FINGERPRINT);
	assert_gone(w, old, CONTENT | PERSON | ADDRESS | FINGERPRINT | EVIDENCE);
	assert_int_equal(purges(w).n, 1);
	assert_string_equal(purges(w).last, "{\"content\":1,\"person\":2,\"addresses\":3,\"evidence\":1}");
	assert_chain_whole(w);

	assert_int_equal(pass(w, &c, w->now_ms, 100), 0); /* nothing to do: nothing recorded */
	assert_int_equal(purges(w).n, 1);
	assert_int_equal(pass(w, &c, w->now_ms + DAY, 100), 1);
	assert_gone(w, fresh, ADDRESS);
	assert_string_equal(purges(w).last, "{\"addresses\":1}");
	config_fini(&c);
}

static void
sites_have_their_own_times(void **state)
{
	struct world *w = *state;
	struct config c = settings("30d", "7d");
	char key[SITE_KEY_CHARS + 1];
	const char *here, *there, *kept;
	struct err err;

	if (sites_add(w->e, "choir", "", key, &err) == -1 ||
	    sites_add(w->e, "archive", "", key, &err) == -1 ||
	    config_set_for(&c, "choir", "retain_content", "1h", &err) == -1 ||
	    config_set_for(&c, "archive", "retain_addresses", "forever", &err) == -1)
		fail_msg("%s", err.text);
	here = add_verdict(w, SITE_DEFAULT, 8 * DAY);
	there = add_verdict(w, SITE_DEFAULT + 1, 2 * HOUR);
	kept = add_verdict(w, SITE_DEFAULT + 2, 8 * DAY);
	pass(w, &c, w->now_ms, 100);
	assert_gone(w, here, ADDRESS);
	assert_gone(w, there, CONTENT | FINGERPRINT);
	assert_gone(w, kept, 0);

	if (config_set_for(&c, "archive", "retain_addresses", "1d", &err) == -1 ||
	    sites_remove(w->e, "archive", &err) == -1)
		fail_msg("%s", err.text);
	pass(w, &c, w->now_ms, 100); /* shorter now, and the site is out of use */
	assert_gone(w, kept, ADDRESS);
	config_fini(&c);
}

/* A clock that was wrong for a while must neither keep nor lose what came before and after. */
static void
a_clock_that_jumped_holds_nothing_up(void **state)
{
	struct world *w = *state;
	struct config c = settings("30d", "7d");
	const char *before = add_verdict(w, SITE_DEFAULT, 9 * DAY);
	const char *ahead = add_verdict(w, SITE_DEFAULT, -400 * DAY);
	const char *after = add_verdict(w, SITE_DEFAULT, 8 * DAY);
	const char *behind = add_verdict(w, SITE_DEFAULT, 9000 * DAY);
	const char *fresh = add_verdict(w, SITE_DEFAULT, DAY);

	pass(w, &c, w->now_ms, 100);
	assert_gone(w, before, ADDRESS);
	assert_gone(w, ahead, 0);
	assert_gone(w, after, ADDRESS);
	assert_gone(w, behind, CONTENT | PERSON | ADDRESS | FINGERPRINT | EVIDENCE);
	assert_gone(w, fresh, 0);
	pass(w, &c, w->now_ms + 500 * DAY, 100);
	assert_gone(w, ahead, CONTENT | PERSON | ADDRESS | FINGERPRINT | EVIDENCE);
	config_fini(&c);
}

static void
an_interrupted_pass_is_recorded_by_the_next(void **state)
{
	struct world *w = *state;
	struct config c = settings("30d", "7d");

	for (int i = 0; i < 3 * RETENTION_BATCH + 1; i++)
		add_verdict(w, SITE_DEFAULT, 8 * DAY);
	assert_int_equal(pass(w, &c, w->now_ms, 2), 2); /* and then the power went */
	assert_int_equal(purges(w).n, 0);
	assert_int_equal(pass(w, &c, w->now_ms, 100), 2);
	assert_int_equal(purges(w).n, 1);
	assert_string_equal(purges(w).last, "{\"addresses\":97}");
	assert_chain_whole(w);
	config_fini(&c);
}

/* -- Corrections -- */

/* Correct the verdict ID (with COMMENT if not NULL); returns the code of why not. */
static enum err_code
correct(struct world *w, const char *id, enum label label, const struct comment *comment, struct err *err)
{
	const struct feedback fb = { .label = label, .verdict_id = id, .comment = comment, .origin = "mark" };
	struct feedback_result result;

	*err = (struct err){ 0 };
	if (store_begin(w->e->store, err) == -1)
		fail_msg("%s", err->text);
	if (feedback_record(w->e->store, &fb, w->now_ms, &w->ids, w->arena, &result, err) == -1) {
		store_rollback(w->e->store);
		return err->code;
	}
	assert_true(result.changed);
	if (store_commit(w->e->store, err) == -1)
		fail_msg("%s", err->text);
	return ERR_NONE;
}

static void
what_is_gone_cannot_be_learnt(void **state)
{
	struct world *w = *state;
	struct config c = settings("1h", "1h");
	const char *id = add_verdict(w, SITE_DEFAULT, DAY), *marked = add_verdict(w, SITE_DEFAULT, DAY);
	const struct comment comment = comment_of("Ann Onymous", "I like it");
	struct recomputed again;
	struct verdict_row row;
	struct err err;
	struct buf b;

	assert_int_equal(correct(w, marked, LABEL_SPAM, NULL, &err), ERR_NONE);
	pass(w, &c, w->now_ms, 100);
	assert_int_equal(correct(w, id, LABEL_SPAM, NULL, &err), ERR_REFUSED);
	assert_non_null(strstr(err.text, "is no longer kept"));
	assert_int_equal(correct(w, id, LABEL_SPAM, &comment, &err), ERR_NONE); /* it came along */
	assert_int_equal(correct(w, marked, LABEL_NONE, NULL, &err), ERR_NONE); /* the example has it */
	assert_int_equal(correct(w, marked, LABEL_HAM, NULL, &err), ERR_NONE);
	assert_int_equal(world_learn(w), 4);

	row = verdict(w, id);
	buf_init(&b, BUF_NO_LIMIT);
	assert_int_equal(recompute(w->e, &row, &b, &again, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	buf_fini(&b);
	config_fini(&c);
}

/* -- Examples -- */

struct texts {
	int there, gone, addresses;
};

static int
look_at(const struct example_row *row, void *arg)
{
	struct texts *t = arg;

	if (strcmp(row->origin, "mark") != 0 && strcmp(row->origin, "unlearn") != 0)
		return 0;
	++*((row->gone & CONTENT) != 0 ? &t->gone : &t->there);
	t->addresses += row->comment.field[COMMENT_IP].p != NULL;
	return 0;
}

static struct texts
texts(struct world *w)
{
	struct texts t = { 0 };
	struct err err;

	if (store_event_walk(w->e->store, 0, look_at, &t, &err) == -1)
		fail_msg("%s", err.text);
	return t;
}

static bool
is_kept(struct world *w, const char *id)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s.model", w->e->paths.models, id);
	return access(path, F_OK) == 0;
}

static void
examples_keep_what_takes_them_back(void **state)
{
	struct world *w = *state;
	struct config c = settings("30d", "7d");
	const char *stays = add_verdict(w, SITE_DEFAULT, HOUR), *goes = add_verdict(w, SITE_DEFAULT, HOUR);
	char with[MODEL_ID_BYTES], without[MODEL_ID_BYTES];
	struct err err;

	assert_int_equal(correct(w, stays, LABEL_HAM, NULL, &err), ERR_NONE);
	w->now_ms++; /* both are the same comment: the second word replaces the first */
	assert_int_equal(correct(w, goes, LABEL_SPAM, NULL, &err), ERR_NONE);
	assert_int_equal(world_learn(w), 2);
	assert_int_equal(engine_current_id(&w->e->paths, with, &err), 0);
	assert_int_equal(pass(w, &c, w->now_ms + 89 * DAY, 100), 3);
	assert_int_equal(texts(w).there, 2);
	assert_int_equal(texts(w).addresses, 0);

	/* Replaced 91 days ago, and no model would have to take it back. */
	pass(w, &c, w->now_ms + 91 * DAY, 100);
	assert_int_equal(texts(w).there, 1);
	assert_true(is_kept(w, with));

	assert_int_equal(correct(w, goes, LABEL_NONE, NULL, &err), ERR_NONE);
	pass(w, &c, w->now_ms + 91 * DAY, 100);
	assert_int_equal(texts(w).there, 2); /* taken back, but that is still to be learnt */
	assert_int_equal(world_learn(w), 1);
	assert_int_equal(engine_current_id(&w->e->paths, without, &err), 0);
	assert_true(is_kept(w, with));
	pass(w, &c, w->now_ms + 91 * DAY, 100);
	assert_int_equal(texts(w).there, 0);
	assert_int_equal(texts(w).gone, 3);
	assert_false(is_kept(w, with)); /* it knew the words */
	assert_true(is_kept(w, without));
	assert_chain_whole(w);
	config_fini(&c);
}

/* A correction has its verdict's addresses, and keeps them no longer than that may, however late it came. */
static void
addresses_of_examples_are_as_old_as_the_comment(void **state)
{
	struct world *w = *state;
	struct config c = settings("30d", "7d");
	const char *first = add_verdict(w, SITE_DEFAULT, 6 * DAY);
	struct err err;

	assert_int_equal(correct(w, first, LABEL_SPAM, NULL, &err), ERR_NONE);
	assert_int_equal(pass(w, &c, w->now_ms, 100), 0);
	assert_int_equal(texts(w).addresses, 1);
	pass(w, &c, w->now_ms + DAY + 1, 100);
	assert_int_equal(texts(w).addresses, 0);
	assert_string_equal(purges(w).last, "{\"addresses\":1,\"example_addresses\":1}");
	assert_chain_whole(w);
	config_fini(&c);
}

/* More of them than are looked for at once. */
static void
addresses_of_many_examples_go(void **state)
{
	enum { N = 1100 };
	struct world *w = *state;
	struct config c = settings("30d", "7d");
	struct example_row row = { .time_ms = w->now_ms - 8 * DAY,
		.site = SITE_DEFAULT,
		.label = LABEL_SPAM,
		.origin = "mark",
		.who = "",
		.verdict_id = "",
		.source = "" };
	struct err err;
	int64_t seq;

	assert_int_equal(store_begin(w->e->store, &err), 0);
	for (int i = 0; i < N; i++) {
		row.comment = comment_of("Ann Onymous", "I like it");
		row.comment.field[COMMENT_IP] = slice_of("192.0.2.7");
		row.fingerprint = 1000 + (uint64_t)i;
		ulid_next(&w->ids, (uint64_t)row.time_ms, row.id);
		if (store_example_add(w->e->store, &row, &seq, &err) == -1)
			fail_msg("%s", err.text);
	}
	assert_int_equal(store_commit(w->e->store, &err), 0);
	assert_int_equal(texts(w).addresses, N);
	pass(w, &c, w->now_ms, 100);
	assert_int_equal(texts(w).addresses, 0);
	assert_string_equal(purges(w).last, "{\"example_addresses\":1100}");
	config_fini(&c);
}

static void
what_is_taken_back_is_said_without_addresses(void **state)
{
	struct world *w = *state;
	const char *first = add_verdict(w, SITE_DEFAULT, HOUR), *second;
	const struct take_back what = { .site = SITE_DEFAULT + 1, .who = "me" };
	char key[SITE_KEY_CHARS + 1];
	struct err err;
	int64_t n;

	if (sites_add(w->e, "choir", "", key, &err) == -1)
		fail_msg("%s", err.text);
	second = add_verdict(w, SITE_DEFAULT + 1, HOUR);
	assert_int_equal(correct(w, first, LABEL_SPAM, NULL, &err), ERR_NONE);
	assert_int_equal(correct(w, second, LABEL_SPAM, NULL, &err), ERR_NONE);
	assert_int_equal(texts(w).addresses, 2);
	assert_int_equal(correct(w, first, LABEL_NONE, NULL, &err), ERR_NONE);
	assert_int_equal(take_back(w->e, &what, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(texts(w).there, 4);
	assert_int_equal(texts(w).addresses, 2);
	assert_int_equal(world_learn(w), 4);
	assert_chain_whole(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    parts_go_when_their_time_has_come, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    sites_have_their_own_times, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    a_clock_that_jumped_holds_nothing_up, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    an_interrupted_pass_is_recorded_by_the_next, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_gone_cannot_be_learnt, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    examples_keep_what_takes_them_back, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    addresses_of_examples_are_as_old_as_the_comment, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    addresses_of_many_examples_go, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_taken_back_is_said_without_addresses, world_set_up_made, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
