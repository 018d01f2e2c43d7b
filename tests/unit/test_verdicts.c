#include "config.h"

#include "store/search.h"
#include "tests/unit/store_fixture.h"

/* -- Verdicts -- */

static void
verdict_round_trip(void **state)
{
	struct fixture *f = *state;
	struct verdict_row row = verdict_of(f, NOW, VERDICT_SPAM), got;
	struct err err = { 0 };

	odd_comment(&row.comment);
	row.discard = row.test = true;
	row.forced = "guaranteed-spam";
	row.occasion = "retry";
	row.fingerprint = UINT64_MAX - 3;
	row.probability = 1 - 2e-9;
	row.prior = -1.0 / 3;
	row.evidence = bytes("\0\1 as it is", 11);
	add_verdict(f, &row);
	assert_int_equal(store_verdict_get(f->st, row.id, f->a, &got, &err), 0);
	assert_true(got.seq > 0);
	assert_string_equal(got.id, row.id);
	assert_int_equal(got.time_ms, NOW);
	assert_int_equal(got.site, SITE_DEFAULT);
	assert_string_equal(got.site_name, "default");
	assert_string_equal(got.client, "native");
	assert_string_equal(got.model, row.model);
	assert_memory_equal(&got.probability, &row.probability, sizeof(double));
	assert_memory_equal(&got.prior, &row.prior, sizeof(double));
	assert_int_equal(got.verdict, VERDICT_SPAM);
	assert_true(got.discard && got.test);
	assert_string_equal(got.forced, "guaranteed-spam");
	assert_string_equal(got.occasion, "retry");
	assert_true(got.fingerprint == UINT64_MAX - 3);
	assert_int_equal(got.evidence.n, row.evidence.n);
	assert_memory_equal(got.evidence.p, row.evidence.p, row.evidence.n);
	assert_comment_equal(&got.comment, &row.comment);

	row = verdict_of(f, NOW, VERDICT_HAM);
	row.comment = (struct comment){ 0 };
	row.model = row.client = row.forced = row.occasion = NULL;
	add_verdict(f, &row);
	assert_int_equal(store_verdict_get(f->st, row.id, f->a, &got, &err), 0);
	assert_comment_equal(&got.comment, &row.comment);
	assert_string_equal(got.model, "");
	assert_int_equal(got.evidence.n, 0);
	assert_false(got.discard || got.test);
}

static void
columns_are_the_fields(void **state)
{
	struct fixture *f = *state;
	struct verdict_row row = verdict_of(f, NOW, VERDICT_SPAM);
	char sql[128];

	for (int i = 0; i < COMMENT_FIELDS; i++)
		row.comment.field[i] = slice_of(comment_field_name((enum comment_field)i));
	add_verdict(f, &row);
	for (int i = 0; i < COMMENT_FIELDS; i++) {
		snprintf(sql, sizeof(sql), "SELECT %s FROM verdict", row.comment.field[i].p);
		assert_raw(f, sql, row.comment.field[i].p);
	}
}

static void
verdict_refusals(void **state)
{
	struct fixture *f = *state;
	struct verdict_row row = verdict_of(f, NOW, VERDICT_HAM), got;
	struct arena *small = arena_new(64);
	struct err err = { 0 };

	add_verdict(f, &row);
	assert_int_equal(store_verdict_add(f->st, &row, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_int_equal(store_verdict_get(f->st, row.id, small, &got, &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	assert_int_equal(store_verdict_get(f->st, "'; DROP TABLE verdict; --", f->a, &got, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	row = verdict_of(f, NOW, VERDICT_HAM);
	row.site = 42;
	assert_int_equal(store_verdict_add(f->st, &row, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	row.site = SITE_DEFAULT;
	add_verdict(f, &row);
	assert_raw(f, "SELECT count(*) FROM verdict", "2");
	arena_free(small);
}

static void
models_of_verdicts_survive_rollback(void **state)
{
	struct fixture *f = *state;
	struct verdict_row row = verdict_of(f, NOW, VERDICT_HAM), got;
	struct err err = { 0 };

	row.model = "new";
	assert_int_equal(store_begin(f->st, &err), 0);
	add_verdict(f, &row);
	store_rollback(f->st);
	add_verdict(f, &row);
	assert_int_equal(store_begin(f->st, &err), 0);
	assert_int_equal(store_savepoint(f->st, &err), 0);
	row = verdict_of(f, NOW, VERDICT_HAM);
	row.model = "newer";
	add_verdict(f, &row);
	store_rollback_to(f->st);
	add_verdict(f, &row);
	assert_int_equal(store_commit(f->st, &err), 0);
	assert_int_equal(store_verdict_get(f->st, row.id, f->a, &got, &err), 0);
	assert_string_equal(got.model, "newer");
	assert_raw(f, "SELECT group_concat(name) FROM model_name", "new,newer");
}

static int64_t
add_site(struct fixture *f, const char *name)
{
	struct err err = { 0 };
	int64_t id = 0;

	assert_int_equal(store_site_add(f->st, &(struct site_row){ .name = name }, &id, &err), 0);
	return id;
}

static int
match(struct fixture *f, int64_t site, uint64_t fingerprint, int64_t since, struct verdict_row *row)
{
	struct err err = { 0 };

	if (store_verdict_match(f->st, site, fingerprint, since, f->a, row, &err) == 0)
		return 1;
	assert_int_equal(err.code, ERR_NOT_FOUND);
	return 0;
}

static void
match_finds_the_newest(void **state)
{
	struct fixture *f = *state;
	struct verdict_row row, got;
	int64_t blog = add_site(f, "blog");
	char old[ULID_CHARS + 1], older[ULID_CHARS + 1];

	assert_false(match(f, 0, 5, 0, &got));
	row = verdict_of(f, NOW - 700 * DAY, VERDICT_HAM);
	row.fingerprint = 5;
	add_verdict(f, &row);
	memcpy(older, row.id, sizeof(older));
	row = verdict_of(f, NOW - 3 * DAY, VERDICT_HAM);
	row.fingerprint = 5;
	add_verdict(f, &row);
	row = verdict_of(f, NOW - 3 * DAY, VERDICT_SPAM);
	row.fingerprint = 5;
	add_verdict(f, &row);
	memcpy(old, row.id, sizeof(old));
	for (int day = 2; day >= 0; day--) {
		row = verdict_of(f, NOW - day * DAY, VERDICT_HAM);
		add_verdict(f, &row);
	}
	row.fingerprint = 5;
	row.site = blog;
	snprintf(row.id, sizeof(row.id), "01J%023d", ++f->ids);
	row.time_ms = NOW - DAY;
	add_verdict(f, &row);

	assert_true(match(f, SITE_DEFAULT, 5, 0, &got));
	assert_string_equal(got.id, old);
	assert_string_equal(got.site_name, "default");
	assert_true(match(f, SITE_DEFAULT, 5, NOW - 3 * DAY, &got));
	assert_false(match(f, SITE_DEFAULT, 5, NOW - 3 * DAY + 1, &got));
	assert_true(match(f, blog, 5, 0, &got));
	assert_string_equal(got.id, row.id);
	assert_true(match(f, 0, 5, 0, &got));
	assert_string_equal(got.id, row.id);
	assert_false(match(f, blog, 77, 0, &got));
	raw_once(f, "UPDATE verdict SET fingerprint = 6 WHERE time_ms > 1728043200000 - 4 * 86400000");
	assert_true(match(f, SITE_DEFAULT, 5, 0, &got));
	assert_string_equal(got.id, older);
}

static void
match_goes_far_back(void **state)
{
	static const char *const moves[] = { "UPDATE verdict SET seq = 511 WHERE seq = 2",
		"UPDATE verdict SET seq = 512 WHERE seq = 511",
		"UPDATE verdict SET seq = 100000 WHERE seq = 512",
		"UPDATE verdict SET seq = 16777216 WHERE seq = 100000" };
	struct fixture *f = *state;
	struct verdict_row row, got;
	char first[ULID_CHARS + 1];

	row = verdict_of(f, NOW, VERDICT_HAM);
	add_verdict(f, &row);
	memcpy(first, row.id, sizeof(first));
	row = verdict_of(f, NOW + 1, VERDICT_HAM);
	row.fingerprint = 5;
	add_verdict(f, &row);
	for (size_t i = 0; i < 4; i++) {
		raw_once(f, moves[i]);
		assert_true(match(f, SITE_DEFAULT, 77, 0, &got));
		assert_string_equal(got.id, first);
		assert_true(match(f, SITE_DEFAULT, 5, 0, &got));
		assert_string_equal(got.id, row.id);
	}
	raw_once(f, "UPDATE verdict SET seq = 16777218 + 512 WHERE seq = 16777216");
	assert_false(match(f, SITE_DEFAULT, 77, 0, &got)); /* over STORE_MATCH_MAX */
	assert_true(match(f, SITE_DEFAULT, 5, 0, &got));
}

/* However many tests of a comment came after its real verdict, and in however distant a run: that is found.
 */
static void
match_prefers_what_is_no_test(void **state)
{
	static const char *const moves[] = { "UPDATE verdict SET seq = 600 WHERE seq = 3",
		"UPDATE verdict SET seq = 100000 WHERE seq = 600" };
	struct fixture *f = *state;
	struct verdict_row row, got;
	int64_t blog = add_site(f, "blog");
	char real[ULID_CHARS + 1];

	for (int i = 0; i < 3; i++) {
		row = verdict_of(f, NOW + i, VERDICT_HAM);
		row.fingerprint = 5;
		row.test = i != 1;
		add_verdict(f, &row);
		if (i == 1)
			memcpy(real, row.id, sizeof(real));
	}
	for (size_t i = 0; i < 3; i++) {
		assert_true(match(f, SITE_DEFAULT, 5, 0, &got));
		assert_string_equal(got.id, real);
		assert_string_equal(got.site_name, "default");
		if (i < 2)
			raw_once(f, moves[i]);
	}
	assert_true(match(f, SITE_DEFAULT, 5, NOW + 2, &got));
	assert_string_equal(got.id, row.id);
	assert_true(got.test);
	assert_false(match(f, blog, 5, 0, &got));
	raw_once(f, "UPDATE verdict SET test = 1");
	assert_true(match(f, SITE_DEFAULT, 5, 0, &got));
	assert_string_equal(got.id, row.id);
}

struct seen {
	int n, max;
	int ids[64];
	struct store *st;
};

static int
see_verdict(const struct verdict_row *row, void *arg)
{
	struct seen *s = arg;

	assert_true(s->n < 64);
	s->ids[s->n++] = (int)strtol(row->id + 3, NULL, 10);
	assert_non_null(row->site_name);
	return s->n == s->max;
}

static void
assert_walk(struct fixture *f, const struct verdict_filter *filter, int n, const int *ids)
{
	struct seen s = { 0 };
	struct err err = { 0 };

	if (store_verdict_walk(f->st, filter, see_verdict, &s, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(s.n, n);
	for (int i = 0; i < n; i++)
		assert_int_equal(s.ids[i], ids[i]);
}

#define WALKS(f, n, list, ...)                                                                               \
	assert_walk(f, &(const struct verdict_filter){ .verdict = -1, __VA_ARGS__ }, n, (const int[])list)
#define LIST(...)                                                                                            \
	{                                                                                                    \
		__VA_ARGS__                                                                                  \
	}

static void
filters(void **state)
{
	struct fixture *f = *state;
	const int64_t times[] = { NOW, NOW + 1, NOW + 3600000, NOW - DAY, NOW + 3600001, NOW + 9000000 };
	int64_t blog = add_site(f, "blog");
	struct verdict_row row;
	struct seen s = { .max = 2 };
	struct err err = { 0 };

	for (int i = 0; i < 6; i++) { /* ids 1 to 6, the fourth when the clock was wrong */
		row = verdict_of(f, times[i], (enum verdict)(i % 3));
		if (i == 5)
			row.site = blog;
		add_verdict(f, &row);
	}
	WALKS(f, 6, LIST(1, 2, 3, 4, 5, 6), .limit = 0);
	WALKS(f, 6, LIST(6, 5, 4, 3, 2, 1), .newest_first = true);
	WALKS(f, 2, LIST(6, 5), .newest_first = true, .limit = 2);
	WALKS(f, 3, LIST(4, 5, 6), .after_seq = 3);
	WALKS(f, 1, LIST(4), .after_seq = 3, .limit = 1);
	WALKS(f, 4, LIST(2, 3, 5, 6), .since_ms = NOW + 1);
	WALKS(f, 3, LIST(1, 2, 4), .until_ms = NOW + 3600000);
	WALKS(f, 2, LIST(2, 3), .since_ms = NOW + 1, .until_ms = NOW + 3600001);
	WALKS(f, 1, LIST(4), .since_ms = NOW - 2 * DAY, .until_ms = NOW);
	WALKS(f, 0, LIST(0), .since_ms = NOW + 5 * DAY);
	WALKS(f, 0, LIST(0), .until_ms = NOW - 5 * DAY);
	WALKS(f, 1, LIST(6), .site = blog);
	assert_walk(f, &(const struct verdict_filter){ .verdict = VERDICT_SPAM }, 2, (const int[]){ 3, 6 });
	assert_walk(f, &(const struct verdict_filter){ .verdict = VERDICT_HAM }, 2, (const int[]){ 1, 4 });
	assert_int_equal(
	    store_verdict_walk(f->st, &(struct verdict_filter){ .verdict = -1 }, see_verdict, &s, &err), 0);
	assert_int_equal(s.n, 2);
}

static void
time_filters_hold_whoever_writes(void **state)
{
	struct fixture *f = *state;
	struct fixture other = *f;
	struct verdict_row row;
	struct err err;

	assert_int_equal(open_store(&other.st, f->path, STORE_WRITE, &err), 0);
	for (int i = 1; i <= 12; i++) { /* two writers, of two hours, in turn */
		row = verdict_of(f, NOW + (i % 2) * 3600000, VERDICT_HAM);
		add_verdict(i % 3 == 0 ? &other : f, &row);
	}
	store_close(other.st);
	WALKS(f, 6, LIST(1, 3, 5, 7, 9, 11), .since_ms = NOW + 3600000);
	WALKS(f, 6, LIST(2, 4, 6, 8, 10, 12), .until_ms = NOW + 3600000);
	assert_int_equal(store_begin(f->st, &err), 0);
	row = verdict_of(f, NOW + 3 * DAY, VERDICT_HAM);
	add_verdict(f, &row);
	store_rollback(f->st);
	for (int i = 0; i < 2; i++) {
		row = verdict_of(f, NOW + 2 * DAY, VERDICT_HAM);
		add_verdict(f, &row);
	}
	WALKS(f, 2, LIST(14, 15), .since_ms = NOW + DAY);
}

static void
search(void **state)
{
	struct fixture *f = *state;
	static const char nul[] = "x\0Hidden";
	struct verdict_row row;

	row = verdict_of(f, NOW, VERDICT_SPAM); /* 1 */
	row.comment.field[COMMENT_CONTENT] = slice_of("Cheap CASINO chips, 100% safe_");
	row.comment.field[COMMENT_AUTHOR] = slice_of("Bob");
	add_verdict(f, &row);
	row = verdict_of(f, NOW, VERDICT_SPAM); /* 2 */
	row.comment.field[COMMENT_CONTENT] = bytes(nul, 8);
	row.comment.field[COMMENT_EMAIL] = slice_of("bob@mail.example");
	add_verdict(f, &row);
	row = verdict_of(f, NOW, VERDICT_SPAM); /* 3 */
	row.comment.field[COMMENT_CONTENT] = slice_of("caf\xe9 \xd0\xb4\xd0\xb0");
	row.comment.field[COMMENT_URL] = slice_of("http://casino.example/");
	row.comment.field[COMMENT_IP] = slice_of("192.0.2.77");
	add_verdict(f, &row);
	WALKS(f, 2, LIST(1, 3), .search = "casino");
	WALKS(f, 1, LIST(1), .search = "  casino\tBOB ");
	WALKS(f, 2, LIST(1, 2), .search = "bob");
	WALKS(f, 1, LIST(2), .search = "hidden");
	WALKS(f, 1, LIST(1), .search = "100%");
	WALKS(f, 1, LIST(1), .search = "_");
	WALKS(f, 0, LIST(0), .search = "192.0.2.77");
	WALKS(f, 0, LIST(0), .search = "casino' OR 1");
	WALKS(f, 1, LIST(3), .search = "\xd0\xb4\xd0\xb0");
	WALKS(f, 1, LIST(3), .search = "\xe9");
	WALKS(f, 3, LIST(1, 2, 3), .search = " ");
}

static int
walk_again(const struct verdict_row *row, void *arg)
{
	struct seen *s = arg;
	struct arena *a = arena_new(100000);
	struct verdict_row got;
	struct err err = { 0 };

	assert_int_equal(store_verdict_get(s->st, row->id, a, &got, &err), 0);
	assert_int_equal(
	    store_verdict_walk(s->st, &(struct verdict_filter){ .verdict = -1 }, see_verdict, s, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	arena_free(a);
	s->n++;
	return 0;
}

static void
walks_do_not_nest(void **state)
{
	struct fixture *f = *state;
	struct seen s = { .st = f->st };
	struct verdict_row row;
	struct err err = { 0 };

	for (int i = 0; i < 3; i++) {
		row = verdict_of(f, NOW, VERDICT_HAM);
		add_verdict(f, &row);
	}
	assert_int_equal(
	    store_verdict_walk(f->st, &(struct verdict_filter){ .verdict = -1 }, walk_again, &s, &err), 0);
	assert_int_equal(s.n, 3);
	WALKS(f, 3, LIST(1, 2, 3), .limit = 0);
}

static void
counts(void **state)
{
	struct fixture *f = *state;
	const enum verdict kinds[] = { VERDICT_HAM, VERDICT_UNSURE, VERDICT_SPAM, VERDICT_SPAM, VERDICT_HAM };
	int64_t blog = add_site(f, "blog"), seq;
	char ids[6][ULID_CHARS + 1];
	struct verdict_counts c;
	struct verdict_row row;
	struct example_row e;
	struct err err = { 0 };

	for (int i = 0; i < 6; i++) {
		row = verdict_of(f, NOW + i * 3600000, i < 5 ? kinds[i] : VERDICT_SPAM);
		row.test = i == 5;
		row.site = i == 4 ? blog : SITE_DEFAULT;
		add_verdict(f, &row);
		memcpy(ids[i], row.id, sizeof(ids[i]));
	}
	for (int i = 0; i < 6; i++) { /* each is said to be the opposite of its verdict */
		e = example_of(f, NOW + DAY, i == 2 || i == 3 || i == 5 ? LABEL_HAM : LABEL_SPAM, 0);
		e.verdict_id = ids[i];
		seq = add_example(f, &e);
		if (i != 3)
			continue;
		e = example_of(f, NOW + DAY, LABEL_NONE, seq); /* and this one is taken back */
		e.verdict_id = ids[i];
		add_example(f, &e);
	}
	assert_int_equal(store_verdict_counts(f->st, 0, 0, &c, &err), 0);
	assert_int_equal(c.ham, 2);
	assert_int_equal(c.unsure, 1);
	assert_int_equal(c.spam, 2);
	assert_int_equal(c.missed_spam, 3);
	assert_int_equal(c.blocked_ham, 1);
	assert_int_equal(store_verdict_counts(f->st, blog, 0, &c, &err), 0);
	assert_int_equal(c.ham, 1);
	assert_int_equal(c.spam, 0);
	assert_int_equal(c.missed_spam, 1);
	assert_int_equal(c.blocked_ham, 0);
	assert_int_equal(store_verdict_counts(f->st, 0, NOW + 2 * 3600000, &c, &err), 0);
	assert_int_equal(c.ham, 1);
	assert_int_equal(c.unsure, 0);
	assert_int_equal(c.spam, 2);
	assert_int_equal(c.missed_spam, 1);
	assert_int_equal(c.blocked_ham, 1);
}

struct days {
	int64_t day[8];
	struct verdict_counts c[8];
	size_t n;
};

static void
note_day(int64_t day, const struct verdict_counts *c, void *arg)
{
	struct days *d = arg;

	assert_true(d->n < 8);
	d->day[d->n] = day;
	d->c[d->n++] = *c;
}

/* Counts by days are those of all, and only new comments count in either. */
static void
days(void **state)
{
	static const char *const occasions[] = { "", "retry", "recheck_queue", "pre_check", "", "edit" };
	struct days d = { .n = 0 };
	struct fixture *f = *state;
	struct verdict_counts c;
	struct verdict_row row;
	struct example_row e;
	struct err err = { 0 };
	char id[ULID_CHARS + 1];

	for (int i = 0; i < 6; i++) {
		row = verdict_of(f, NOW + i * DAY, i < 5 ? VERDICT_HAM : VERDICT_SPAM);
		row.occasion = occasions[i];
		add_verdict(f, &row);
		if (i == 1)
			memcpy(id, row.id, sizeof(id));
	}
	e = example_of(f, NOW + 9 * DAY, LABEL_SPAM, 0);
	e.verdict_id = id;
	add_example(f, &e);
	assert_int_equal(store_verdict_counts(f->st, 0, 0, &c, &err), 0);
	assert_int_equal(c.ham, 3);
	assert_int_equal(c.spam, 0);
	assert_int_equal(c.missed_spam, 1);
	assert_int_equal(store_verdict_days(f->st, 0, 0, note_day, &d, &err), 0);
	assert_int_equal(d.n, 4);
	assert_int_equal(d.day[0], NOW / DAY);
	assert_int_equal(d.c[0].ham, 1);
	assert_int_equal(d.day[1], NOW / DAY + 1);
	assert_int_equal(d.day[2], NOW / DAY + 4);
	assert_int_equal(d.day[3], NOW / DAY + 1);
	assert_int_equal(d.c[3].ham, 0);
	assert_int_equal(d.c[3].missed_spam, 1);
	d.n = 0;
	assert_int_equal(store_verdict_days(f->st, SITE_DEFAULT, NOW + 2 * DAY, note_day, &d, &err), 0);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.c[0].ham, 1);
}

static void
search_words(void **state)
{
	const struct slice fields[] = { slice_of("One TWO"), { NULL, 0 }, slice_of("three") };

	(void)state;
	assert_true(search_match(slice_of("two three"), fields, 3));
	assert_true(search_match(slice_of("hre"), fields, 3));
	assert_true(search_match(slice_of(""), fields, 3));
	assert_true(search_match((struct slice){ NULL, 0 }, fields, 3));
	assert_false(search_match(slice_of("twothree"), fields, 3));
	assert_false(search_match(slice_of("two four"), fields, 3));
	assert_false(search_match(slice_of("a"), fields, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(verdict_round_trip),
		FRESH(columns_are_the_fields),
		FRESH(verdict_refusals),
		FRESH(models_of_verdicts_survive_rollback),
		FRESH(match_finds_the_newest),
		FRESH(match_goes_far_back),
		FRESH(match_prefers_what_is_no_test),
		FRESH(filters),
		FRESH(time_filters_hold_whoever_writes),
		FRESH(search),
		FRESH(walks_do_not_nest),
		FRESH(counts),
		FRESH(days),
		cmocka_unit_test(search_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
