#include "config.h"

#include <sys/stat.h>

#include <pthread.h>
#include <unistd.h>

#include "unit.h"

#include "base/crypto.h"
#include "base/file.h"
#include "engine/flood.h"
#include "engine/folders.h"

#define NOW 1790000000000
#define HOUR 3600000
#define LONG_TEXT "This wonderful article has told me everything that I ever wanted to know of gardens"
#define PUBLIC "203.0.113.7"

struct trial {
	char dir[64], path[96];
	struct flood *f;
};

static int
set_up(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));
	struct err err;

	if (t == NULL || crypto_init(NULL) == -1 || flood_new(&t->f, 1024, HOUR, &err) == -1)
		return -1;
	snprintf(t->dir, sizeof(t->dir), "/tmp/hamlet-flood-XXXXXX");
	if (mkdtemp(t->dir) == NULL)
		return -1;
	snprintf(t->path, sizeof(t->path), "%s/flood.state", t->dir);
	*state = t;
	return 0;
}

static int
tear_down(void **state)
{
	struct trial *t = *state;

	flood_free(t->f);
	folders_clear(t->dir);
	free(t);
	return 0;
}

/* One comment as it comes in. */
struct one {
	int site;
	const char *ip, *content, *url, *date;
	bool suspect;
	int64_t now_ms; /* 0: NOW */
};

static double
sum(const struct flood_found *found)
{
	double s = 0;

	for (size_t i = 0; i < found->n; i++) {
		assert_string_equal(found->v[i].field, "flood");
		s += found->v[i].weight;
	}
	return s;
}

/* Let a comment come in; return what the guard has to say of it. */
static double
come(struct trial *t, struct one one)
{
	const struct site site = { .id = one.site, .name = "s", .url = "https://blog.example/" };
	int64_t now = one.now_ms != 0 ? one.now_ms : NOW;
	struct comment c = { 0 };
	struct flood_found found;
	struct flood_keys keys;
	struct subject s;

	c.field[COMMENT_CONTENT] = slice_of(one.content);
	c.field[COMMENT_IP] = slice_of(one.ip);
	c.field[COMMENT_URL] = slice_of(one.url);
	c.field[COMMENT_DATE] = slice_of(one.date);
	c.field[COMMENT_PERMALINK] = slice_of("http://page.example/post");
	subject_init(&s, &c);
	flood_keys(&keys, &s, &site, now);
	flood_find(t->f, &keys, now, &found);
	flood_note(t->f, &keys, one.suspect, now);
	subject_fini(&s);
	return sum(&found);
}

static const char *
address(char b[32], int i)
{
	snprintf(b, 32, "198.51.%d.%d", 100 + i / 200, 1 + i % 200);
	return b;
}

static void
test_same_text_across_sites(void **state)
{
	struct trial *t = *state;

	assert_true(come(t, (struct one){ .site = 1, .ip = "203.0.113.1", .content = LONG_TEXT }) == 0);
	assert_true(come(t, (struct one){ .site = 2, .ip = "203.0.113.2", .content = LONG_TEXT }) == 1);
	assert_true(come(t, (struct one){ .site = 3, .ip = "203.0.113.3", .content = LONG_TEXT }) == 2);
	assert_true(come(t, (struct one){ .site = 4, .ip = "203.0.113.4", .content = LONG_TEXT }) == 2);
	assert_true(come(t, (struct one){ .site = 5, .ip = "203.0.113.5", .content = LONG_TEXT }) == 3);
}

/* Other digits, case, punctuation and links make no other text. */
static void
test_same_text_in_disguise(void **state)
{
	struct trial *t = *state;

	come(t, (struct one){ .site = 1, .ip = "203.0.113.1", .content = LONG_TEXT " 123" });
	assert_true(
	    come(t,
		(struct one){
		    .site = 2, .ip = "203.0.113.2", .content = LONG_TEXT "!!! http://win7.example/x" }) == 1);
	assert_true(come(t,
			(struct one){ .site = 3,
			    .ip = "203.0.113.3",
			    .content = "<b>" LONG_TEXT "</b> www.win8.example" }) == 2);
	assert_true(
	    come(t, (struct one){ .site = 4, .ip = "203.0.113.4", .content = "But " LONG_TEXT }) == 0);
}

/* Ham that looks like a burst: none of it may weigh anything. */
static void
test_thanks(void **state)
{
	struct trial *t = *state;
	char ip[32];

	for (int i = 0; i < 300; i++)
		assert_true(
		    come(t, (struct one){ .site = 1 + i % 7, .ip = address(ip, i), .content = "Thanks!" }) ==
		    0);
	for (int i = 0; i < 300; i++)
		assert_true(come(t,
				(struct one){ .site = 1 + i % 7,
				    .ip = address(ip, i),
				    .content = "Great post, thank you so much :)" }) == 0);
}

static void
test_owner_answers(void **state)
{
	struct trial *t = *state;

	for (int i = 0; i < 50; i++)
		assert_true(come(t,
				(struct one){ .site = 1,
				    .ip = PUBLIC,
				    .content = LONG_TEXT,
				    .url = "https://www.blog.example/me" }) == 0);
}

static void
test_sent_again(void **state)
{
	struct trial *t = *state;

	for (int i = 0; i < 50; i++)
		assert_true(
		    come(t, (struct one){ .site = 1, .ip = PUBLIC, .content = LONG_TEXT, .suspect = true }) ==
		    0);
}

static void
test_reader_of_two_blogs(void **state)
{
	struct trial *t = *state;

	assert_true(come(t, (struct one){ .site = 1, .ip = PUBLIC, .content = LONG_TEXT }) == 0);
	assert_true(come(t, (struct one){ .site = 2, .ip = PUBLIC, .content = LONG_TEXT }) == 0);
}

static void
test_import(void **state)
{
	struct trial *t = *state;
	char ip[32];

	for (int i = 0; i < 50; i++)
		assert_true(come(t,
				(struct one){ .site = 1,
				    .ip = address(ip, i),
				    .content = LONG_TEXT,
				    .url = "http://a.example/",
				    .date = "2019-05-01T10:00:00Z",
				    .suspect = true }) == 0);
	/* and it isn't remembered against those who write now */
	assert_true(come(t,
			(struct one){ .site = 2,
			    .ip = PUBLIC,
			    .content = LONG_TEXT,
			    .url = "http://a.example/",
			    .date = "2026-09-21T14:13:20Z" }) == 0);
}

static void
test_own_pages(void **state)
{
	struct trial *t = *state;
	char ip[32], text[128];

	for (int i = 0; i < 50; i++) {
		snprintf(text, sizeof(text),
		    "See number %c%c of https://blog.example/post or http://sub.blog.example "
		    "or http://page.example/x",
		    'a' + i % 26, 'a' + i / 26);
		assert_true(
		    come(t,
			(struct one){ .site = 1, .ip = address(ip, i), .content = text, .suspect = true }) ==
		    0);
	}
}

/* What everybody links to, in comments that look good, is no burst. */
static void
test_popular_host(void **state)
{
	struct trial *t = *state;
	char ip[32], text[128];

	for (int i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "Number %c%c: https://www.video.example/watch", 'a' + i % 26,
		    'a' + i / 26);
		assert_true(come(t,
				(struct one){ .site = 1 + i % 9,
				    .ip = address(ip, i),
				    .content = text,
				    .suspect = i % 3 == 0 }) == 0);
	}
}

static void
test_private_address(void **state)
{
	struct trial *t = *state;
	char text[64];

	for (int i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "text %c%c", 'a' + i % 26, 'a' + i / 26);
		assert_true(
		    come(t,
			(struct one){
			    .site = 1 + i % 5, .ip = "127.0.0.1", .content = text, .suspect = true }) == 0);
	}
}

static void
test_readers_behind_one_address(void **state)
{
	struct trial *t = *state;

	for (int i = 0; i < 50; i++)
		assert_true(come(t,
				(struct one){ .site = 1 + i % 5,
				    .ip = PUBLIC,
				    .content = i % 2 ? "odd" : "even",
				    .suspect = i % 2 == 0 }) == 0);
}

static void
test_host_burst(void **state)
{
	struct trial *t = *state;
	char ip[32], text[128];
	double last = 0;

	for (int i = 0; i < 8; i++) {
		snprintf(text, sizeof(text), "Number %c: buy at http://www.pills%s.example/x", 'a' + i,
		    i % 2 ? "" : "");
		last = come(
		    t, (struct one){ .site = 1 + i, .ip = address(ip, i), .content = text, .suspect = true });
		if (i < 2)
			assert_true(last == 0);
	}
	assert_true(last == 1.5);
	/* on a site alone it takes different texts */
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text),
		    "%.*s a text of some length that is the beginning of one other than the others "
		    "http://one.example",
		    i, "abcdefghijklmnopqrstuvwxyz");
		last = come(t,
		    (struct one){ .site = 1, .ip = address(ip, 100 + i), .content = text, .suspect = true });
	}
	assert_true(last == 0.75);
}

static void
test_address_burst(void **state)
{
	struct trial *t = *state;
	char text[64];
	double last = 0;

	for (int i = 0; i < 6; i++) {
		snprintf(text, sizeof(text), "text %c", 'a' + i);
		last = come(t,
		    (struct one){ .site = 1 + i,
			.ip = i % 2 ? "2001:db8::1" : "2001:db8::2",
			.content = text,
			.suspect = true });
	}
	assert_true(last == 1);
}

static void
test_cap(void **state)
{
	struct trial *t = *state;
	double last = 0;

	for (int i = 0; i < 20; i++)
		last = come(t,
		    (struct one){ .site = 1 + i,
			.ip = PUBLIC,
			.content = LONG_TEXT " http://x.example",
			.suspect = true });
	assert_true(last > FLOOD_WEIGHT_MAX - 1e-9 && last < FLOOD_WEIGHT_MAX + 1e-9);
}

static void
test_forgets(void **state)
{
	struct trial *t = *state;
	int64_t start = NOW - NOW % HOUR;

	come(t, (struct one){ .site = 1, .ip = "203.0.113.1", .content = LONG_TEXT, .now_ms = start });
	assert_true(
	    come(t,
		(struct one){
		    .site = 2, .ip = "203.0.113.2", .content = LONG_TEXT, .now_ms = start + 2 * HOUR - 1 }) ==
	    1);
	assert_true(
	    come(t,
		(struct one){
		    .site = 3, .ip = "203.0.113.3", .content = LONG_TEXT, .now_ms = start + 4 * HOUR }) == 0);
	/* a clock that is put back a little loses nothing */
	assert_true(
	    come(t,
		(struct one){
		    .site = 4, .ip = "203.0.113.4", .content = LONG_TEXT, .now_ms = start + 3 * HOUR }) == 1);
}

/* What came under a clock that was far ahead isn't held against anybody once it is put right, and what comes
 * then is forgotten as ever. */
static void
test_forgets_what_is_to_come(void **state)
{
	struct trial *t = *state;
	struct one one = { .ip = "203.0.113.1", .content = LONG_TEXT };

	for (one.site = 1; one.site <= 5; one.site++) {
		one.now_ms = NOW + 48LL * HOUR;
		come(t, one);
	}
	one.now_ms = NOW;
	assert_true(come(t, one) == 0);
	one.site++;
	one.ip = "203.0.113.2";
	assert_true(come(t, one) == 1);
	one.now_ms = NOW + 3LL * HOUR;
	assert_true(come(t, one) == 0);
}

/* Nor do they take others' places. */
static void
test_what_is_to_come_gives_way(void **state)
{
	struct trial *t = *state;
	char text[160];

	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "%c%c%c%c " LONG_TEXT, 'a' + i % 26, 'a' + i / 26 % 26,
		    'a' + i / 676 % 26, 'a' + i / 17576);
		for (int k = 0; k < 2; k++)
			come(t, (struct one){ .site = 1, .content = text, .now_ms = NOW + 48LL * HOUR });
	}
	for (int site = 1; site <= 5; site++)
		for (int i = 0; i < 100; i++) {
			snprintf(text, sizeof(text), "%c%c here " LONG_TEXT, 'a' + i % 26, 'a' + i / 26);
			assert_true(come(t, (struct one){ .site = site, .content = text }) ==
			    (site >= 5		? 3
				    : site >= 3 ? 2
						: 0));
		}
}

/* More keys than there is room for: it stays within bounds, and what comes often isn't pushed out. */
static void
test_full(void **state)
{
	struct trial *t = *state;
	char text[160], ip[32];

	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "%c%c%c%c " LONG_TEXT, 'a' + i % 26, 'a' + i / 26 % 26,
		    'a' + i / 676 % 26, 'a' + i / 17576);
		come(t, (struct one){ .site = 1 + i % 3, .ip = address(ip, i % 5000), .content = text });
		if (i % 50 == 0)
			come(t, (struct one){ .site = 1 + i / 50 % 6, .ip = PUBLIC, .content = LONG_TEXT });
	}
	assert_true(come(t, (struct one){ .site = 9, .ip = "203.0.113.2", .content = LONG_TEXT }) == 3);
}

/* -- Its file -- */

static void
start_again(struct trial *t)
{
	struct err err;

	flood_free(t->f);
	assert_ok(flood_new(&t->f, 4096, HOUR, &err), err);
}

#define FILE_EMPTY 64 /* head and digest */

static off_t
file_size(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void
test_forget(void **state)
{
	struct trial *t = *state;
	struct err err;

	come(t, (struct one){ .site = 1, .ip = "203.0.113.1", .content = LONG_TEXT });
	come(t, (struct one){ .site = 2, .ip = "203.0.113.2", .content = LONG_TEXT });
	flood_forget(t->f);
	assert_ok(flood_save(t->f, t->path, NOW, &err), err);
	assert_int_equal(file_size(t->path), FILE_EMPTY);
	assert_true(come(t, (struct one){ .site = 3, .ip = "203.0.113.3", .content = LONG_TEXT }) == 0);
}

static void
test_file(void **state)
{
	struct trial *t = *state;
	struct err err;

	assert_int_equal(flood_load(t->f, t->path, NOW, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	come(t, (struct one){ .site = 1, .ip = "203.0.113.1", .content = LONG_TEXT });
	come(t, (struct one){ .site = 2, .ip = "203.0.113.2", .content = LONG_TEXT });
	assert_int_equal(flood_noted(t->f), 2);
	assert_ok(flood_save(t->f, t->path, NOW, &err), err);
	start_again(t); /* with another size */
	assert_ok(flood_load(t->f, t->path, NOW, &err), err);
	assert_true(come(t, (struct one){ .site = 3, .ip = "203.0.113.3", .content = LONG_TEXT }) == 2);
	assert_true(file_size(t->path) > FILE_EMPTY);
	assert_ok(flood_save(t->f, t->path, NOW + 2 * HOUR, &err), err); /* what nobody may know isn't kept */
	assert_int_equal(file_size(t->path), FILE_EMPTY);
	assert_ok(flood_save(t->f, t->path, NOW, &err), err);
	start_again(t); /* after two windows nothing of it counts any more */
	assert_ok(flood_load(t->f, t->path, NOW + 2 * HOUR, &err), err);
	assert_true(
	    come(t,
		(struct one){
		    .site = 3, .ip = "203.0.113.3", .content = LONG_TEXT, .now_ms = NOW + 2 * HOUR }) == 0);
	flood_free(t->f);
	assert_ok(flood_new(&t->f, 4096, HOUR / 2, &err), err);
	assert_int_equal(flood_load(t->f, t->path, NOW, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
}

/* What saving leaves that is killed before the file has its name holds digests too. */
static void
test_leftovers(void **state)
{
	static const char *const names[] = { ".Ab3xYz", ".000000", "", ".forget.me", ".Ab3xY", "x.Ab3xYz" };
	struct trial *t = *state;
	char path[128];
	struct err err;

	for (size_t i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "%s%s", t->path, names[i]);
		assert_ok(flood_save(t->f, path, NOW, &err), err);
	}
	assert_ok(flood_load(t->f, t->path, NOW, &err), err);
	for (size_t i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "%s%s", t->path, names[i]);
		assert_int_equal(access(path, F_OK) == 0, i >= 2);
	}
	assert_int_equal(unlink(t->path), 0);
	snprintf(path, sizeof(path), "%s.Zz9xYz", t->path);
	assert_ok(file_write_whole(path, "x", 1, &err), err);
	assert_int_equal(flood_load(t->f, t->path, NOW, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(access(path, F_OK), -1);
}

/* A file with any byte changed, or cut anywhere, is refused whole. */
static void
test_damaged_file(void **state)
{
	struct trial *t = *state;
	struct err err;
	char *p;
	size_t n;

	for (int i = 0; i < 5; i++)
		come(t, (struct one){ .site = 1 + i, .ip = PUBLIC, .content = LONG_TEXT });
	assert_ok(flood_save(t->f, t->path, NOW, &err), err);
	assert_ok(file_read(&p, &n, t->path, 1 << 20, &err), err);
	for (size_t i = 0; i < n; i += i < 40 ? 1 : 13) {
		p[i] ^= 0x10;
		assert_ok(file_write_whole(t->path, p, n, &err), err);
		start_again(t);
		assert_int_equal(flood_load(t->f, t->path, NOW, &err), -1);
		assert_int_equal(err.code, ERR_DAMAGED);
		p[i] ^= 0x10;
		assert_ok(file_write_whole(t->path, p, i, &err), err);
		assert_int_equal(flood_load(t->f, t->path, NOW, &err), -1);
		assert_int_equal(err.code, ERR_DAMAGED);
		assert_true(come(t, (struct one){ .site = 9, .ip = PUBLIC, .content = LONG_TEXT }) == 0);
	}
	free(p);
}

/* -- Threads -- */

static void *
hammer(void *arg)
{
	struct trial *t = arg;
	char text[128];

	for (int i = 0; i < 2000; i++) {
		snprintf(
		    text, sizeof(text), "%c" LONG_TEXT " http://x%c.example", 'a' + i % 26, 'a' + i % 20);
		come(t, (struct one){ .site = 1 + i % 6, .ip = PUBLIC, .content = text, .suspect = i % 2 });
	}
	return NULL;
}

static void
test_threads(void **state)
{
	struct trial *t = *state;
	pthread_t threads[4];
	struct err err;

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, t), 0);
	for (int i = 0; i < 20; i++)
		assert_ok(flood_save(t->f, t->path, NOW, &err), err);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(flood_noted(t->f), 8000);
	start_again(t);
	assert_ok(flood_load(t->f, t->path, NOW, &err), err);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_same_text_across_sites),
		TEST(test_same_text_in_disguise),
		TEST(test_thanks),
		TEST(test_owner_answers),
		TEST(test_sent_again),
		TEST(test_reader_of_two_blogs),
		TEST(test_import),
		TEST(test_own_pages),
		TEST(test_popular_host),
		TEST(test_private_address),
		TEST(test_readers_behind_one_address),
		TEST(test_host_burst),
		TEST(test_address_burst),
		TEST(test_cap),
		TEST(test_forgets),
		TEST(test_forgets_what_is_to_come),
		TEST(test_what_is_to_come_gives_way),
		TEST(test_full),
		TEST(test_forget),
		TEST(test_file),
		TEST(test_leftovers),
		TEST(test_damaged_file),
		TEST(test_threads),
	};

	return cmocka_run_group_tests_name("flood", tests, NULL, NULL);
}
