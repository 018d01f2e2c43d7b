#include "config.h"

#include "unit.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "classifier/model_impl.h"
#include "classifier/walk.h"

/* The token table: whatever the hashes are like, each is found with its own counts, and no other. */
#define TOKENS 5000
#define MANY 3000000u /* comments of each class */

static uint64_t
next_random(uint64_t *x)
{
	return *x = *x * 6364136223846793005u + 1442695040888963407u;
}

static int
by_hash(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* Make N counts in order of hash, TIGHT of them one behind the other; every third one is large. */
static struct count *
make_counts(size_t n, size_t tight)
{
	struct count *list = calloc(n + 1, sizeof(*list));
	uint64_t seed = 5;

	for (size_t i = 0; i < n; i++) {
		list[i].hash = i < tight ? UINT64_MAX / 3 + i + 1 : next_random(&seed) | 1;
		list[i].spam = (int32_t)(i % 3 == 0 ? LOOKUP_LARGE - 1 + i % 5 : i % 7);
		list[i].ham = (int32_t)(i % 9 == 0 ? MANY - i : i % 7 == 0);
	}
	qsort(list, n, sizeof(*list), by_hash);
	return list;
}

static struct model *
model_of(const struct count *list, size_t n)
{
	struct snapshot_header h = { .spam = MANY, .ham = MANY, .spam_share = 0.5 };
	struct model *m;
	struct err err;
	void *p;
	size_t size;

	assert_ok(snapshot_encode(&h, list, n, (struct slice){ NULL, 0 }, &p, &size, &err), err);
	assert_ok(model_open_memory(&m, p, size, &err), err);
	return m;
}

static void
check_found(const struct model *m, const struct count *list, size_t n)
{
	const struct lookup t = model_lookup(m);
	uint64_t seed = 6;

	for (size_t i = 0; i < n; i++) {
		const struct lookup_counts c = lookup_find(&t, list[i].hash),
					   none = lookup_find(&t, next_random(&seed) & ~(uint64_t)1);

		assert_int_equal(c.spam, list[i].spam);
		assert_int_equal(c.ham, list[i].ham);
		assert_int_equal(none.spam + none.ham, 0);
	}
}

static void
check_walk(const struct model *m, const struct count *list, size_t n)
{
	struct walk w;
	struct err err;

	assert_ok(walk_start(&w, m, true, &err), err);
	for (size_t i = 0; i < n; i++) {
		struct walked t;

		assert_true(w.more);
		t = walk_take(&w);
		assert_int_equal(t.hash, list[i].hash);
		assert_int_equal(t.counts.spam, list[i].spam);
		assert_int_equal(t.counts.ham, list[i].ham);
		assert_null(t.name);
	}
	assert_false(w.more);
	assert_ok(walk_end(&w, &err), err);
}

static void
check_table(size_t n, size_t tight)
{
	struct count *list = make_counts(n, tight);
	struct model *m = model_of(list, n);

	assert_int_equal(model_info(m)->tokens, n);
	check_found(m, list, n);
	check_walk(m, list, n);
	model_unref(m);
	free(list);
}

static void
every_token_is_found(void **state)
{
	(void)state;
	check_table(0, 0);
	check_table(1, 0);
	check_table(TOKENS, 0);
}

/* They run over into the buckets that follow, and at last over the end. */
static void
tokens_of_one_home_are_found(void **state)
{
	(void)state;
	check_table(TOKENS, 100);
	check_table(TOKENS, TOKENS);
}

static void
tokens_at_the_ends_are_found(void **state)
{
	struct count list[30] = { { .hash = 1, .spam = 1 } };
	struct model *m;

	(void)state;
	for (uint64_t i = 1; i < 30; i++)
		list[i] = (struct count){ .hash = UINT64_MAX - 30 + i, .ham = (int32_t)i };
	m = model_of(list, 30);
	check_walk(m, list, 30);
	check_found(m, list, 30);
	model_unref(m);
}

/* A tag of 0 is like any other, though free places have it too. */
static void
a_tag_of_zero_is_none_of_a_free_place(void **state)
{
	const struct count list[] = { { .hash = 5ull << 32, .spam = 4 } };
	struct model *m = model_of(list, 1);
	const struct lookup t = model_lookup(m);

	(void)state;
	assert_int_equal(lookup_find(&t, 5ull << 32).spam, 4);
	assert_int_equal(lookup_find(&t, (5ull << 32) + 1).spam, 0);
	model_unref(m);
}

static void
a_table_of_room_for_less_is_not_overrun(void **state)
{
	struct lookup_bucket bucket[2] = { 0 };
	struct lookup_large large[1];
	struct lookup_filling f = { bucket, large, .homes = 1, .places = 8, .larges = 1 };
	const struct lookup_counts one = { 1, 0 }, most = { LOOKUP_LARGE, 0 };

	(void)state;
	for (uint64_t i = 1; i <= 7; i++)
		assert_true(lookup_put(&f, i, one));
	assert_true(lookup_put(&f, 8, most));
	assert_false(lookup_put(&f, 9, one));
	f = (struct lookup_filling){ bucket, large, .homes = 1, .places = 8, .larges = 1 };
	assert_true(lookup_put(&f, 1, most));
	assert_false(lookup_put(&f, 2, most));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_token_is_found),
		cmocka_unit_test(tokens_of_one_home_are_found),
		cmocka_unit_test(tokens_at_the_ends_are_found),
		cmocka_unit_test(a_tag_of_zero_is_none_of_a_free_place),
		cmocka_unit_test(a_table_of_room_for_less_is_not_overrun),
	};

	return crypto_init(NULL) == -1 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
