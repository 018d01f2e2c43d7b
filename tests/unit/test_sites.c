#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/crypto.h"
#include "engine/folders.h"
#include "engine/sites.h"

struct fixture {
	char dir[64];
	struct engine *e;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || crypto_init(NULL) == -1)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "/tmp/hamlet-sites-XXXXXX");
	if (mkdtemp(f->dir) == NULL || engine_create(&f->e, f->dir, 1000, NULL) == -1)
		return -1;
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	engine_close(f->e);
	folders_clear(f->dir);
	char models[80];
	snprintf(models, sizeof(models), "%s/models", f->dir);
	folders_clear(models);
	folders_clear(f->dir);
	free(f);
	return 0;
}

static struct sites *
load(struct fixture *f)
{
	struct sites *s;
	struct err err = { 0 };

	if (sites_load(&s, f->e, &err) == -1)
		fail_msg("%s", err.text);
	return s;
}

static void
test_default(void **state)
{
	struct sites *s = load(*state);

	assert_non_null(sites_default(s));
	assert_string_equal(sites_default(s)->name, "default");
	assert_ptr_equal(sites_by_name(s, slice_of("default")), sites_default(s));
	/* It has no key, and nothing passes for one. */
	assert_null(sites_by_key(s, slice_of("")));
	assert_null(sites_by_key(s, slice_of("000000000000")));
	sites_unref(s);
}

static void
test_add(void **state)
{
	struct fixture *f = *state;
	char one[SITE_KEY_CHARS + 1], two[SITE_KEY_CHARS + 1], wrong[SITE_KEY_CHARS + 1];
	struct sites *s;

	assert_int_equal(sites_add(f->e, "blog-1", "https://one.example/", one, NULL), 0);
	assert_int_equal(sites_add(f->e, "blog_2.b", NULL, two, NULL), 0);
	assert_int_equal(strlen(one), 12);
	assert_int_equal(strspn(one, "0123456789abcdef"), 12);
	assert_string_not_equal(one, two);
	s = load(f);
	assert_string_equal(sites_by_key(s, slice_of(one))->name, "blog-1");
	assert_string_equal(sites_by_key(s, slice_of(one))->url, "https://one.example/");
	assert_string_equal(sites_by_key(s, slice_of(two))->name, "blog_2.b");
	memcpy(wrong, one, sizeof(one));
	wrong[11] = one[11] == '0' ? '1' : '0';
	assert_null(sites_by_key(s, slice_of(wrong)));
	assert_null(sites_by_key(s, (struct slice){ one, 11 }));
	assert_null(sites_by_key(s, (struct slice){ one, 13 }));
	assert_null(sites_by_name(s, slice_of("blog")));
	sites_unref(s);
}

static void
test_refused(void **state)
{
	static const char *const bad[] = { "", "A", "a b", "a/b", "é",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	struct fixture *f = *state;
	char key[SITE_KEY_CHARS + 1];
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(sites_add(f->e, bad[i], "", key, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
	}
	assert_int_equal(sites_add(f->e, "a", "http://a.example/ b", key, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(sites_add(f->e, "default", "", key, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_int_equal(sites_add(f->e, "a", "", key, &err), 0);
	assert_int_equal(sites_add(f->e, "a", "", key, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_string_equal(key, "");
}

static void
test_rotate(void **state)
{
	struct fixture *f = *state;
	char old[SITE_KEY_CHARS + 1], new[SITE_KEY_CHARS + 1];
	struct sites *s, *before;
	struct err err;

	assert_int_equal(sites_add(f->e, "blog", "", old, NULL), 0);
	before = load(f);
	assert_int_equal(sites_rotate(f->e, "blog", new, NULL), 0);
	s = load(f);
	assert_null(sites_by_key(s, slice_of(old)));
	assert_string_equal(sites_by_key(s, slice_of(new))->name, "blog");
	assert_string_equal(
	    sites_by_key(before, slice_of(old))->name, "blog"); /* a table doesn't change under its users */
	sites_unref(s);
	sites_unref(before);
	assert_int_equal(sites_rotate(f->e, "default", new, NULL), 0);
	s = load(f);
	assert_ptr_equal(sites_by_key(s, slice_of(new)), sites_default(s));
	sites_unref(s);
	assert_int_equal(sites_rotate(f->e, "nobody", new, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void
test_remove(void **state)
{
	struct fixture *f = *state;
	char key[SITE_KEY_CHARS + 1];
	struct sites *s;
	struct err err;

	assert_int_equal(sites_add(f->e, "blog", "", key, NULL), 0);
	assert_int_equal(sites_remove(f->e, "blog", NULL), 0);
	s = load(f);
	assert_null(sites_by_key(s, slice_of(key)));
	assert_null(sites_by_name(s, slice_of("blog")));
	sites_unref(s);
	assert_int_equal(sites_remove(f->e, "blog", &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(sites_rotate(f->e, "blog", key, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(sites_add(f->e, "blog", "", key, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_int_equal(sites_remove(f->e, "default", &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
}

static void
test_key_not_kept(void **state)
{
	struct fixture *f = *state;
	char key[SITE_KEY_CHARS + 1];
	struct arena *a = arena_new(1 << 20);
	struct site_row *rows;
	struct digest bare;
	size_t n;

	assert_non_null(a);
	assert_int_equal(sites_add(f->e, "blog", "", key, NULL), 0);
	assert_int_equal(store_sites(f->e->store, false, a, &rows, &n, NULL), 0);
	assert_int_equal(n, 2);
	digest_bytes(&bare, key, SITE_KEY_CHARS, NULL, 0);
	assert_true(rows[1].has_key);
	assert_memory_not_equal(rows[1].key_digest, bare.bytes, DIGEST_BYTES); /* salted */
	arena_free(a);
}

static void
test_many(void **state)
{
	struct fixture *f = *state;
	char keys[40][SITE_KEY_CHARS + 1], name[16];
	struct sites *s, *more;

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "site%d", i);
		assert_int_equal(sites_add(f->e, name, "", keys[i], NULL), 0);
	}
	s = load(f);
	more = sites_ref(s);
	sites_unref(s);
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "site%d", i);
		assert_string_equal(sites_by_key(more, slice_of(keys[i]))->name, name);
	}
	sites_unref(more);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_default, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_add, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rotate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_remove, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_key_not_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("sites", tests, NULL, NULL);
}
