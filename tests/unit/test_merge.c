#include "config.h"

#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "classifier/model_impl.h"
#include "classifier/train.h"

/* Learning from a model: in memory or from its file, whole or only to judge, it is the same. */
#define COMMENTS 1500 /* enough for a table and names of several megabytes */
#define WORDS 12

struct world {
	char dir[32], *path;
	struct model *base; /* with a file of its own at PATH */
};

static uint32_t
next_random(uint32_t *x)
{
	return *x = *x * 1664525u + 1013904223u;
}

/* Add COMMENTS comments of words that SEED chooses to D, or take them back. */
static void
add_random(struct delta *d, uint32_t seed, size_t comments, bool take_back)
{
	struct comment c = { 0 };
	struct err err;

	for (size_t i = 0; i < comments; i++) {
		char text[WORDS * 16] = "";

		for (size_t k = 0, at = 0; k < WORDS; k++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "w%ux%u ",
			    next_random(&seed) >> 17, next_random(&seed) >> 26);
		c.field[COMMENT_CONTENT] = slice_of(text);
		assert_ok(delta_add(d, &c, i % 3 == 0 ? LABEL_HAM : LABEL_SPAM, NULL, take_back, &err), err);
	}
}

static struct delta *
random_delta(uint32_t seed, size_t comments, bool take_back)
{
	struct delta *d;
	struct err err;

	assert_ok(delta_new(&d, FIELDS_ALL, &err), err);
	add_random(d, seed, comments, take_back);
	return d;
}

static struct model *
apply(const struct delta *d, const struct model *base, bool judges_only)
{
	struct model *m;
	struct err err;

	assert_ok(delta_apply(d, base, model_info(base)->id, 7, judges_only, &m, &err), err);
	return m;
}

static void
write_model(const struct model *m, const char *path)
{
	struct slice bytes = model_bytes(m);
	struct err err;

	assert_ok(file_write_whole(path, bytes.p, bytes.n, &err), err);
}

static struct model *
open_to_learn(const char *path)
{
	struct model *m;
	struct err err;

	assert_ok(model_open_to_learn(&m, path, &err), err);
	return m;
}

static int
setup(void **state)
{
	static const struct train_options options = {
		.fields = FIELDS_ALL, .blocked_ham_budget = 0.005, .names = true
	};
	static struct world w = { .dir = "/tmp/hamlet-unit-XXXXXX" };
	struct delta *d = random_delta(1, COMMENTS, false);
	struct trainer *t;
	struct model *first;
	struct err err;

	if (mkdtemp(w.dir) == NULL || asprintf(&w.path, "%s/a.model", w.dir) == -1)
		return -1;
	assert_ok(trainer_new(&t, &options, &err), err);
	for (int i = 0; i < 6; i++) {
		struct comment c = { .field[COMMENT_CONTENT] = slice_of(
					 i % 2 ? "buy my pills" : "a fine pie") };

		assert_ok(trainer_add(t, &c, i % 2 ? LABEL_SPAM : LABEL_HAM, NULL, &err), err);
	}
	assert_ok(trainer_build(t, &first, &err), err);
	trainer_free(t);
	w.base = apply(d, first, false);
	assert_true(model_header(w.base)->section[SNAPSHOT_NAMES].bytes > 1000000);
	write_model(w.base, w.path);
	model_unref(first);
	delta_free(d);
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	model_unref(w->base);
	unlink(w->path);
	rmdir(w->dir);
	free(w->path);
	return 0;
}

/* Check that D makes the same of the model, however it is held. */
static void
check_same(const struct world *w, const struct delta *d)
{
	struct model *file = open_to_learn(w->path), *wanted = apply(d, w->base, false), *m;
	struct slice bytes = model_bytes(wanted);

	m = apply(d, file, false);
	assert_int_equal(model_bytes(m).n, bytes.n);
	assert_memory_equal(model_bytes(m).p, bytes.p, bytes.n);
	model_unref(m);
	for (int i = 0; i < 2; i++) {
		m = apply(d, i == 0 ? w->base : file, true);
		assert_string_equal(model_info(m)->id, model_info(wanted)->id);
		assert_int_equal(model_info(m)->bytes, bytes.n);
		assert_memory_equal(
		    model_header(m), bytes.p, model_header(wanted)->section[SNAPSHOT_HALVES].at);
		model_unref(m);
	}
	model_unref(wanted);
	model_unref(file);
}

static void
it_is_the_same_however_the_model_is_held(void **state)
{
	const struct world *w = *state;
	struct delta *d;

	for (int i = 0; i < 4; i++) {
		d = random_delta(2, i == 0 ? 0 : 40, false); /* nothing, or new tokens, */
		if (i >= 2)
			add_random(d, 1, i == 2 ? 30 : COMMENTS,
			    true); /* and old ones that go, at last all of them */
		check_same(w, d);
		delta_free(d);
	}
}

static void
taking_back_leads_to_where_it_was(void **state)
{
	const struct world *w = *state;
	struct delta *more = random_delta(3, 50, false), *less = random_delta(3, 50, true);
	struct model *file = open_to_learn(w->path), *there = apply(more, file, false), *back;
	const struct snapshot_header *h, *wanted;

	back = apply(less, there, true);
	h = model_header(back);
	wanted = model_header(w->base);
	assert_memory_equal(h->section, wanted->section, sizeof(h->section));
	assert_memory_equal(
	    model_lookup(back).bucket, model_lookup(w->base).bucket, h->section[SNAPSHOT_TABLE].bytes);
	model_unref(back);
	model_unref(there);
	model_unref(file);
	delta_free(more);
	delta_free(less);
}

static void
what_it_is_opened_for_bounds_its_use(void **state)
{
	const struct world *w = *state;
	struct delta *d = random_delta(4, 1, false);
	struct model *judging = apply(d, w->base, true), *file = open_to_learn(w->path), *m;
	struct err err;

	assert_int_equal(delta_apply(d, judging, model_info(judging)->id, 8, true, &m, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_null(model_lookup(file).bucket);
	assert_string_equal(model_info(file)->id, model_info(w->base)->id);
	model_unref(judging);
	model_unref(file);
	delta_free(d);
}

/* Damage the byte at AT, and see that the file is refused by its name. */
static void
refuse_damaged(const struct world *w, const char *path, size_t at)
{
	struct slice bytes = model_bytes(w->base);
	char *copy = malloc(bytes.n);
	struct model *m;
	struct err err;

	memcpy(copy, bytes.p, bytes.n);
	copy[at] ^= 4;
	assert_ok(file_write_whole(path, copy, bytes.n, &err), err);
	assert_int_equal(model_open_to_learn(&m, path, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, path));
	free(copy);
}

static void
a_damaged_file_is_refused(void **state)
{
	const struct world *w = *state;
	const struct snapshot_header *h = model_header(w->base);
	char path[64];

	snprintf(path, sizeof(path), "%s/b.model", w->dir);
	refuse_damaged(w, path, 100);
	for (int i = 0; i < SNAPSHOT_PARTS; i++) {
		if (h->section[i].bytes > 0)
			refuse_damaged(w, path, h->section[i].at + h->section[i].bytes / 2);
	}
	refuse_damaged(w, path, h->digest_at + 3);
	unlink(path);
}

static void
a_file_cut_off_meanwhile_does_no_harm(void **state)
{
	const struct world *w = *state;
	const struct snapshot_header *h = model_header(w->base);
	const struct snapshot_section *table = &h->section[SNAPSHOT_TABLE];
	const uint64_t ends[] = { table->at + 16, table->at + table->bytes / 2 + 7,
		h->section[SNAPSHOT_HALVES].at + 102, h->section[SNAPSHOT_NAMES].at + 100,
		h->digest_at - 70 };
	struct delta *d = random_delta(5, 3, false);
	struct model *file, *m;
	char path[64];
	struct err err;

	snprintf(path, sizeof(path), "%s/c.model", w->dir);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		write_model(w->base, path);
		file = open_to_learn(path);
		assert_int_equal(truncate(path, (off_t)ends[i]), 0);
		assert_int_equal(delta_apply(d, file, model_info(file)->id, 8, true, &m, &err), -1);
		assert_true(err.code == ERR_DAMAGED || err.code == ERR_IO);
		model_unref(file);
		unlink(path);
	}
	delta_free(d);
}

/* Somebody writes to the file after it was found sound: what comes of it may be nonsense, but nothing breaks.
 */
static void
a_file_changed_meanwhile_does_no_harm(void **state)
{
	const struct world *w = *state;
	const struct snapshot_header *h = model_header(w->base);
	struct delta *d = random_delta(6, 3, false);
	uint32_t seed = 6;
	char path[64];
	struct err err;

	snprintf(path, sizeof(path), "%s/d.model", w->dir);
	for (int i = 0; i < 40; i++) {
		unsigned char junk[5000];
		struct model *file, *m;
		FILE *f;

		write_model(w->base, path);
		file = open_to_learn(path);
		for (size_t k = 0; k < sizeof(junk); k++)
			junk[k] = i % 4 == 0 ? 0 : (unsigned char)(next_random(&seed) >> 24);
		f = fopen(path, "r+");
		assert_non_null(f);
		fseek(f,
		    (long)(h->section[0].at +
			next_random(&seed) % (h->digest_at - h->section[0].at - sizeof(junk))),
		    SEEK_SET);
		assert_int_equal(fwrite(junk, 1, sizeof(junk), f), sizeof(junk));
		fclose(f);
		if (delta_apply(d, file, model_info(file)->id, 8, i % 2 == 0, &m, &err) == 0)
			model_unref(m);
		model_unref(file);
	}
	unlink(path);
	delta_free(d);
}

/* Names that all claim to be long: most tokens find none left, and what is written stays where it belongs. */
static void
names_that_run_out_do_no_harm(void **state)
{
	const struct world *w = *state;
	const struct snapshot_section *names = &model_header(w->base)->section[SNAPSHOT_NAMES];
	struct delta *d = random_delta(7, 3, false);
	unsigned char *junk = malloc(names->bytes);
	char path[64];
	struct err err;

	memset(junk, 0xff, names->bytes);
	snprintf(path, sizeof(path), "%s/e.model", w->dir);
	for (int judges_only = 0; judges_only < 2; judges_only++) {
		struct model *file, *m;
		int fd;

		write_model(w->base, path);
		file = open_to_learn(path);
		fd = open(path, O_WRONLY);
		assert_int_equal(pwrite(fd, junk, names->bytes, (off_t)names->at), names->bytes);
		close(fd);
		assert_int_equal(
		    delta_apply(d, file, model_info(file)->id, 8, judges_only == 1, &m, &err), -1);
		assert_int_equal(err.code, ERR_DAMAGED);
		model_unref(file);
	}
	unlink(path);
	free(junk);
	delta_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_same_however_the_model_is_held),
		cmocka_unit_test(taking_back_leads_to_where_it_was),
		cmocka_unit_test(what_it_is_opened_for_bounds_its_use),
		cmocka_unit_test(a_damaged_file_is_refused),
		cmocka_unit_test(a_file_cut_off_meanwhile_does_no_harm),
		cmocka_unit_test(a_file_changed_meanwhile_does_no_harm),
		cmocka_unit_test(names_that_run_out_do_no_harm),
	};

	return crypto_init(NULL) == -1 ? 1 : cmocka_run_group_tests(tests, setup, teardown);
}
