#include "config.h"

#include "tests/unit/store_fixture.h"

static void
sites(void **state)
{
	struct fixture *f = *state;
	struct site_row row = { .name = "blog",
		.url = "https://blog.example/",
		.has_key = true,
		.spam_threshold = 0.9,
		.rate_per_minute = 60,
		.created_ms = NOW };
	struct site_row *rows;
	struct err err = { 0 };
	int64_t id;
	size_t n;

	memset(row.key_digest, 7, sizeof(row.key_digest));
	row.key_digest[3] = 0;
	assert_int_equal(store_site_add(f->st, &row, &row.id, &err), 0);
	assert_int_equal(store_sites(f->st, false, f->a, &rows, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].id, SITE_DEFAULT);
	assert_string_equal(rows[0].name, "default");
	assert_string_equal(rows[0].url, "");
	assert_false(rows[0].has_key);
	assert_true(rows[0].created_ms > INT64_C(1600000000000));
	assert_int_equal(rows[1].id, row.id);
	assert_string_equal(rows[1].name, "blog");
	assert_string_equal(rows[1].url, row.url);
	assert_true(rows[1].has_key);
	assert_memory_equal(rows[1].key_digest, row.key_digest, sizeof(row.key_digest));
	assert_true(rows[1].spam_threshold > 0.89 && rows[1].spam_threshold < 0.91);
	assert_int_equal(rows[1].rate_per_minute, 60);
	assert_int_equal(rows[1].created_ms, NOW);
	assert_int_equal(rows[1].removed_ms, 0);

	assert_int_equal(store_site_add(f->st, &row, &id, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	row.has_key = false;
	row.name = "renamed";
	row.removed_ms = NOW + 1;
	assert_int_equal(store_site_update(f->st, &row, &err), 0);
	assert_int_equal(store_sites(f->st, false, f->a, &rows, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(store_sites(f->st, true, f->a, &rows, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(rows[1].name, "renamed");
	assert_false(rows[1].has_key);
	assert_int_equal(rows[1].removed_ms, NOW + 1);
	row.id = 12345;
	row.name = "none";
	assert_int_equal(store_site_update(f->st, &row, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void
many_sites_and_a_small_arena(void **state)
{
	struct fixture *f = *state;
	struct arena *small = arena_new(4000);
	struct site_row *rows;
	struct err err = { 0 };
	char name[32];
	int64_t id;
	size_t n;

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		assert_int_equal(store_site_add(f->st, &(struct site_row){ .name = name }, &id, &err), 0);
	}
	assert_int_equal(store_sites(f->st, false, f->a, &rows, &n, &err), 0);
	assert_int_equal(n, 101);
	for (size_t i = 1; i < n; i++) {
		snprintf(name, sizeof(name), "s%zu", i - 1);
		assert_string_equal(rows[i].name, name);
	}
	assert_int_equal(store_sites(f->st, false, small, &rows, &n, &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	assert_int_equal(store_sites(f->st, false, f->a, &rows, &n, &err), 0);
	arena_free(small);
}

static void
models(void **state)
{
	struct fixture *f = *state;
	struct model_row row = { .id = "m1",
		.parent = "",
		.kind = "train",
		.created_ms = NOW,
		.who = "root",
		.spam = 1,
		.ham = 2,
		.tokens = 3,
		.bytes = 4,
		.position = 5,
		.spam_threshold = 0.75,
		.unsure_threshold = 0.5,
		.blocked_ham_budget = 0.125,
		.figures = "{}" };
	struct model_row *rows;
	struct err err = { 0 };
	size_t n;

	assert_int_equal(store_models(f->st, f->a, &rows, &n, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_model_add(f->st, &row, &err), 0);
	row.id = "m2";
	row.parent = "m1";
	row.kind = "learn";
	assert_int_equal(store_model_add(f->st, &row, &err), 0);
	row.id = "m1";
	row.tokens = 33;
	row.figures = NULL;
	assert_int_equal(store_model_add(f->st, &row, &err), 0);
	assert_int_equal(store_model_pruned(f->st, "m1", NOW + 5, &err), 0);
	assert_int_equal(store_model_pruned(f->st, "m3", NOW, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(store_models(f->st, f->a, &rows, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(rows[1].id, "m2");
	assert_string_equal(rows[1].parent, "m1");
	assert_string_equal(rows[1].figures, "{}");
	assert_int_equal(rows[1].pruned_ms, 0);
	assert_string_equal(rows[0].id, "m1");
	assert_string_equal(rows[0].figures, "");
	assert_string_equal(rows[0].who, "root");
	assert_int_equal(rows[0].spam, 1);
	assert_int_equal(rows[0].ham, 2);
	assert_int_equal(rows[0].tokens, 33);
	assert_int_equal(rows[0].bytes, 4);
	assert_int_equal(rows[0].position, 5);
	assert_memory_equal(&rows[0].spam_threshold, &row.spam_threshold, sizeof(double));
	assert_memory_equal(&rows[0].unsure_threshold, &row.unsure_threshold, sizeof(double));
	assert_memory_equal(&rows[0].blocked_ham_budget, &row.blocked_ham_budget, sizeof(double));
	assert_int_equal(rows[0].pruned_ms, NOW + 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(sites),
		FRESH(many_sites_and_a_small_arena),
		FRESH(models),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
