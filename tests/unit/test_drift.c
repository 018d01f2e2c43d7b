#include "config.h"

#include <math.h>

#include "engine/drift.h"
#include "engine_fixture.h"

#define TODAY 20000
#define NOW (TODAY * DAY_MS + DAY_MS / 2)

static void
put_day(struct world *w, int64_t day, int64_t verdicts, int64_t spam, const char *model)
{
	char fields[64];
	const struct daily_row row = { .site = SITE_DEFAULT,
		.day = day,
		.verdicts = verdicts,
		.spam = spam,
		.measured = verdicts,
		.unknown = 0.1 * (double)verdicts,
		.sampled = 10,
		.fields = fields,
		.model = model };
	struct err err;

	snprintf(fields, sizeof(fields), "{\"word\":1.5,\"url\":%d}", (int)(40 * spam / (verdicts + 1)));
	if (store_daily_put(w->e->store, &row, &err) == -1)
		fail_msg("%s", err.text);
}

/* Weeks of about 100 comments a day, a tenth of them spam. */
static void
put_weeks(struct world *w, int64_t until)
{
	for (int64_t day = TODAY - 20; day < until; day++)
		put_day(w, day, 95 + day % 11, 9 + day % 3, "one");
}

static size_t
find(struct world *w, struct drift **out)
{
	struct err err;
	size_t n;

	if (drift_find(w->e, NOW, w->arena, out, &n, &err) == -1)
		fail_msg("%s", err.text);
	return n;
}

static void
ordinary_days_say_nothing(void **state)
{
	struct world *w = *state;
	struct drift *d;

	put_weeks(w, TODAY + 1);
	assert_int_equal(find(w, &d), 0);
}

static void
a_rise_of_spam_names_its_field(void **state)
{
	struct world *w = *state;
	struct drift *d;
	struct buf b;

	put_weeks(w, TODAY - 1);
	put_day(w, TODAY - 1, 100, 60, "two");
	put_day(w, TODAY, 10, 1, "two");
	assert_int_equal(find(w, &d), 1);
	assert_int_equal(d[0].figure, DRIFT_SPAM);
	assert_string_equal(d[0].site, "default");
	assert_int_equal(d[0].day, TODAY - 1);
	assert_true(d[0].value == 0.6 && d[0].high < 0.4 && d[0].low == 0);
	assert_string_equal(d[0].field, "url");
	assert_true(d[0].moved > 1 && d[0].model_changed);
	buf_init(&b, BUF_NO_LIMIT);
	drift_text(&d[0], &b);
	assert_non_null(strstr(buf_str(&b), "default: 60 % spam on 2024-10-03, usually 0 to "));
	buf_fini(&b);
}

static void
silence_is_told_when_the_day_is_over(void **state)
{
	struct world *w = *state;
	struct drift *d;

	put_weeks(w, TODAY - 1);
	assert_int_equal(find(w, &d), 1);
	assert_int_equal(d[0].figure, DRIFT_VOLUME);
	assert_true(d[0].value == 0 && d[0].low > 20);
	put_day(w, TODAY - 1, 100, 10, "one");
	put_day(w, TODAY, 3, 0, "one"); /* it has only begun */
	assert_int_equal(find(w, &d), 0);
	put_day(w, TODAY, 400, 40, "one");
	assert_int_equal(find(w, &d), 1);
	assert_int_equal(d[0].figure, DRIFT_VOLUME);
	assert_int_equal(d[0].day, TODAY);
}

/* Never as 1.23e+03. */
static void
large_counts_are_told_whole(void **state)
{
	const struct drift d = { .site = "default",
		.day = TODAY,
		.figure = DRIFT_VOLUME,
		.value = 1234567,
		.low = 12.34,
		.high = 999.6 };
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	drift_text(&d, &b);
	assert_string_equal(buf_str(&b), "default: 1234567 comments on 2024-10-04, usually 12.3 to 1000");
	buf_fini(&b);
}

static void
a_young_site_has_no_usual_range(void **state)
{
	struct world *w = *state;
	struct drift *d;

	for (int64_t day = TODAY - DRIFT_DAYS_LEAST; day < TODAY - 1; day++)
		put_day(w, day, 100, 10, "one");
	put_day(w, TODAY - 1, 100, 90, "one");
	assert_int_equal(find(w, &d), 0);
}

static void
quiet_days_count_for_the_volume(void **state)
{
	struct world *w = *state;
	struct drift *d;

	for (int64_t day = TODAY - 27; day < TODAY - 1; day += 3)
		put_day(w, day, 40, 4, "one");
	put_day(w, TODAY - 1, 0, 0, "one");
	assert_int_equal(find(w, &d), 0);
}

/* Record a verdict as a check does, DAY days from TODAY. */
static void
record(struct world *w, int64_t day, enum verdict verdict, double known, bool test)
{
	static int number;
	/* 1 for word "a", -0.5 for url "b", and something that isn't evidence */
	static const char evidence[] = "\0\0\0\0\0\0\0\xf0\x3f\1\0a"
				       "\3\0\0\0\0\0\0\xe0\xbf\1\0b?";
	const struct verdict_row base = { .time_ms = day * DAY_MS + 1000,
		.site = SITE_DEFAULT,
		.client = "native",
		.model = "model",
		.probability = 0.5,
		.prior = 0,
		.known = known,
		.verdict = verdict,
		.test = test,
		.forced = "",
		.fingerprint = 1,
		.evidence = { evidence, sizeof(evidence) - 1 } };
	struct verdict_row row = base;
	struct err err;

	snprintf(row.id, sizeof(row.id), "01J%023d", number++);
	if (store_verdict_add(w->e->store, &row, &err) == -1)
		fail_msg("%s", err.text);
}

static struct daily_row
get_day(struct world *w, int64_t day)
{
	struct daily_row row;
	struct err err;

	if (store_daily_get(w->e->store, SITE_DEFAULT, day, w->arena, &row, &err) == -1)
		fail_msg("%s", err.text);
	return row;
}

static void
update(struct world *w)
{
	struct err err;
	bool more = true;

	while (more) {
		if (daily_update(w->e, &more, &err) == -1)
			fail_msg("%s", err.text);
	}
}

static void
each_record_counts_once(void **state)
{
	struct world *w = *state;
	struct daily_fields fields;
	struct daily_row row;

	for (int i = 0; i < 2 * DAILY_SAMPLE; i++)
		record(w, TODAY - 1, i % 4 == 0 ? VERDICT_SPAM : VERDICT_HAM, i % 2 == 0 ? 0.75 : NAN, false);
	record(w, TODAY - 1, VERDICT_SPAM, 0, true);
	update(w);
	update(w);
	record(w, TODAY - 1, VERDICT_UNSURE, 0.75, false);
	record(w, TODAY, VERDICT_HAM, 0.75, false);
	update(w);
	row = get_day(w, TODAY - 1);
	assert_int_equal(row.verdicts, 2 * DAILY_SAMPLE + 1);
	assert_int_equal(row.spam, 2 * DAILY_SAMPLE / 4);
	assert_int_equal(row.unsure, 1);
	assert_int_equal(row.measured, DAILY_SAMPLE + 1);
	assert_true(fabs(row.unknown - 0.25 * (DAILY_SAMPLE + 1)) < 1e-9);
	assert_true(row.sampled > 0);
	assert_string_equal(row.model, "model");
	daily_fields_read(&fields, row.fields);
	assert_int_equal(fields.n, 2);
	assert_string_equal(fields.at[0].name, "word");
	assert_true(
	    fields.at[0].sum == (double)row.sampled && fields.at[1].sum == -0.5 * (double)row.sampled);
	assert_int_equal(get_day(w, TODAY).verdicts, 1);
}

static int
count_day(const struct daily_row *row, void *arg)
{
	(void)row;
	++*(size_t *)arg;
	return 0;
}

static size_t
days_from(struct world *w, int64_t day)
{
	size_t n = 0;
	struct err err;

	if (store_daily_walk(w->e->store, day, count_day, &n, &err) == -1)
		fail_msg("%s", err.text);
	return n;
}

/* A few comments that came while a clock was far ahead don't push the real days out, in whatever rounds. */
static void
a_clock_far_ahead_costs_no_days(void **state)
{
	struct world *w = *state;
	struct drift *d;

	put_weeks(w, TODAY - 1);
	put_day(w, TODAY - 1, 100, 60, "one");
	for (int i = 0; i < 3; i++) {
		record(w, TODAY + 3000 + i / 2, VERDICT_HAM, 0.75, false);
		update(w);
	}
	assert_int_equal(days_from(w, 0), 20 + 2);
	assert_int_equal(find(w, &d), 1);
	record(w, TODAY, VERDICT_HAM, 0.75, false);
	update(w);
	assert_int_equal(days_from(w, 0), 20 + 2 + 1);
	assert_int_equal(find(w, &d), 1);
}

static void
the_last_days_are_kept(void **state)
{
	struct world *w = *state;

	for (int64_t day = TODAY - DAILY_KEPT - 5; day < TODAY; day++)
		put_day(w, day, 100, 10, "one");
	record(w, TODAY, VERDICT_HAM, 0.75, false);
	update(w);
	assert_int_equal(days_from(w, 0), DAILY_KEPT);
	assert_int_equal(days_from(w, TODAY - DAILY_KEPT + 1), DAILY_KEPT);
}

static void
broken_fields_are_left_out(void **state)
{
	struct daily_fields f;

	(void)state;
	daily_fields_read(&f, "");
	assert_int_equal(f.n, 0);
	daily_fields_read(&f, "{\"word\":");
	assert_int_equal(f.n, 0);
	daily_fields_read(&f, "{\"a-name-that-is-too-long-for-a-field\":1,\"word\":2}");
	assert_int_equal(f.n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    ordinary_days_say_nothing, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    a_rise_of_spam_names_its_field, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    silence_is_told_when_the_day_is_over, world_set_up_made, world_tear_down),
		cmocka_unit_test(large_counts_are_told_whole),
		cmocka_unit_test_setup_teardown(
		    a_young_site_has_no_usual_range, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    quiet_days_count_for_the_volume, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(each_record_counts_once, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    a_clock_far_ahead_costs_no_days, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(the_last_days_are_kept, world_set_up_made, world_tear_down),
		cmocka_unit_test(broken_fields_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
