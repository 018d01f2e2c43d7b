#include "config.h"

#include "unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "classifier/train.h"
#include "corpus/comment_json.h"

/*
 * Every allocation fails once: the n-th, for each n until none is left to fail.  The linker puts these in
 * place of the allocator in our own code (-Wl,--wrap=...); a leak on the way out is for the address sanitizer
 * to see.
 */
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static long left = -1; /* allocations until the one that fails; below 0: none does */

static bool
fails(void)
{
	return left >= 0 && left-- == 0;
}

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

/* Carry out WORK with its n-th allocation failing, for every n until it gets through; it must fail cleanly
 * till then. */
static void
fail_each(int (*work)(struct err *err))
{
	struct err err;
	long n = 0;

	for (;; n++) {
		int rc;

		err = (struct err){ 0 };
		left = n;
		rc = work(&err);
		if (left >= 0) { /* none was left to fail */
			left = -1;
			assert_int_equal(rc, 0);
			break;
		}
		left = -1;
		assert_int_equal(rc, -1);
		assert_int_equal(err.code, ERR_NOMEM);
	}
	assert_true(n > 5);
}

static const struct comment spam = {
	.field[COMMENT_CONTENT] = { "v i a g r a and c4sino at http://pills.example/buy", 50 },
	.field[COMMENT_AUTHOR] = { "Cheap Pills", 11 },
	.field[COMMENT_URL] = { "http://pills.example", 20 }
};
static const struct comment ham = { .field[COMMENT_CONTENT] = { "I liked the second part, thank you.", 35 },
	.field[COMMENT_EMAIL] = { "ann@mail.example", 16 },
	.field[COMMENT_PERMALINK] = { "http://blog.example/second-part", 31 } };

static int
train(struct model **out, struct err *err)
{
	const struct train_options options = {
		.fields = FIELDS_ALL, .blocked_ham_budget = 0.005, .names = true
	};
	struct trainer *t;
	int rc;

	if (trainer_new(&t, &options, err) == -1)
		return -1;
	rc = trainer_add(t, &spam, LABEL_SPAM, NULL, err);
	for (int i = 0; i < 3 && rc == 0; i++)
		rc = trainer_add(
		    t, i % 2 == 0 ? &ham : &spam, i % 2 == 0 ? LABEL_HAM : LABEL_SPAM, NULL, err);
	if (rc == 0)
		rc = trainer_build(t, out, err);
	trainer_free(t);
	return rc;
}

static int
work_train(struct err *err)
{
	struct model *m;

	if (train(&m, err) == -1)
		return -1;
	model_unref(m);
	return 0;
}

static struct model *known; /* made once, with allocations that succeed */

static int
work_classify(struct err *err)
{
	struct classifier *c;
	struct judgement j;
	int rc;

	if (classifier_new(&c, err) == -1)
		return -1;
	rc = classify(c, known, &spam, FIELDS_ALL, &j, err);
	classifier_free(c);
	return rc;
}

static int
learn_from(const struct model *base, bool judges_only, struct err *err)
{
	struct model *m;
	struct delta *d;
	int rc;

	if (delta_new(&d, FIELDS_ALL, err) == -1)
		return -1;
	rc = delta_add(d, &ham, LABEL_HAM, NULL, false, err);
	if (rc == 0)
		rc = delta_apply(d, base, model_info(base)->id, 1, judges_only, &m, err);
	if (rc == 0)
		model_unref(m);
	delta_free(d);
	return rc;
}

static int
work_learn(struct err *err)
{
	return learn_from(known, false, err);
}

static char known_path[] = "/tmp/hamlet-unit-XXXXXX"; /* its file */

static int
work_learn_from_file(struct err *err)
{
	struct model *m;
	int rc;

	if (model_open_to_learn(&m, known_path, err) == -1)
		return -1;
	rc = learn_from(m, true, err);
	model_unref(m);
	return rc;
}

static void
training_fails_cleanly(void **state)
{
	(void)state;
	fail_each(work_train);
}

static void
judging_fails_cleanly(void **state)
{
	(void)state;
	fail_each(work_classify);
}

static void
learning_fails_cleanly(void **state)
{
	(void)state;
	fail_each(work_learn);
	fail_each(work_learn_from_file);
}

static int
setup(void **state)
{
	struct err err;
	int fd;

	(void)state;
	if (train(&known, &err) == -1 || (fd = mkstemp(known_path)) == -1)
		return -1;
	close(fd);
	return file_write_whole(known_path, model_bytes(known).p, model_bytes(known).n, &err);
}

static int
teardown(void **state)
{
	(void)state;
	model_unref(known);
	unlink(known_path);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(training_fails_cleanly),
		cmocka_unit_test(judging_fails_cleanly),
		cmocka_unit_test(learning_fails_cleanly),
	};

	return crypto_init(NULL) == -1 ? 1 : cmocka_run_group_tests(tests, setup, teardown);
}
