#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "engine/check.h"
#include "engine/registry.h"
#include "engine_fixture.h"
#include "store/chain.h"

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static size_t
entries(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

/* -- Making a state directory -- */

static void
test_init(void **state)
{
	struct world *w = *state;
	const char *specs[] = { w->corpus };
	char id[MODEL_ID_BYTES];
	struct model_row *rows;
	struct model *m;
	struct err err;
	struct stat st;
	int64_t last, ham, spam;
	size_t n;

	world_init(w);
	assert_int_equal(stat(w->state, &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0750, 0);
	assert_int_equal(engine_current_id(&w->e->paths, id, &err), 0);
	m = world_model(w, NULL);
	assert_string_equal(model_info(m)->id, id);
	assert_int_equal(model_info(m)->spam, WORLD_ROWS);
	assert_int_equal(model_info(m)->ham, WORLD_ROWS);
	assert_int_equal(store_example_counts(w->e->store, &last, &ham, &spam, &err), 0);
	assert_int_equal(ham, WORLD_ROWS);
	assert_int_equal(spam, WORLD_ROWS);
	assert_int_equal(model_info(m)->position, last);
	model_unref(m);
	assert_int_equal(store_models(w->e->store, w->arena, &rows, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].id, id);
	assert_string_equal(rows[0].kind, "train");
	assert_true(rows[0].figures[0] == '{');

	assert_int_equal(engine_init(w->state, specs, 1, NULL, NULL, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_int_equal(engine_current_id(&w->e->paths, id, &err), 0);
}

static void
test_init_fails_clean(void **state)
{
	struct world *w = *state;
	char bad[128], deep[160], config[128];
	const char *specs[] = { w->corpus, bad };
	struct err err;

	snprintf(bad, sizeof(bad), "%s/bad.jsonl", w->top);
	write_text(bad, "{\"label\":\"ham\",\"content\":\"fine\"}\n{\"label\":\"ham\",\n");
	assert_int_equal(engine_init(w->state, specs, 2, NULL, NULL, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(strstr(err.text, "bad.jsonl"));
	assert_false(exists(w->state));

	/* The database can't be made where a folder of its name stands; what isn't ours stays. */
	snprintf(deep, sizeof(deep), "%s/hamlet.db", w->state);
	snprintf(config, sizeof(config), "%s/hamlet.conf", w->state);
	assert_int_equal(folders_make(deep, FOLDERS_CLOSED, NULL, &err), 0);
	write_text(config, "");
	assert_int_equal(engine_init(w->state, specs, 1, NULL, NULL, &err), -1);
	assert_true(exists(deep));
	assert_true(exists(config));
	assert_int_equal(rmdir(deep), 0);
	assert_int_equal(engine_init(w->state, specs, 1, NULL, NULL, &err), 0);
}

/* Folders above are made, and gone again when it fails. */
static void
test_init_folders(void **state)
{
	struct world *w = *state;
	char deep[160], above[128];
	const char *specs[] = { w->corpus };
	size_t from;
	struct err err;

	snprintf(above, sizeof(above), "%s/a", w->top);
	snprintf(deep, sizeof(deep), "%s/b//c/", above);
	assert_int_equal(folders_make(deep, FOLDERS_CLOSED, &from, &err), 0);
	assert_int_equal(from, strlen(above));
	folders_unmake(deep, from);
	assert_false(exists(above));
	assert_true(exists(w->top));
	write_text(above, "a file");
	assert_int_equal(engine_init(deep, specs, 1, NULL, NULL, &err), -1);
	assert_int_equal(err.code, ERR_IO);
}

/* Killed after the import: no model yet, and making it again is all it takes. */
static void
test_init_again(void **state)
{
	struct world *w = *state;
	const char *specs[] = { w->corpus };
	const struct corpus_options reading = { .format = CORPUS_JSONL, .label = LABEL_NONE };
	const struct import_options options = { .origin = "corpus", .who = "init" };
	struct import_result result;
	struct model *m;
	struct err err;
	int64_t last, ham, spam;

	assert_int_equal(engine_create(&w->e, w->state, 1000, &err), 0);
	assert_int_equal(engine_model(w->e, NULL, &m, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(engine_import(w->e, w->corpus, &reading, &options, &result, &err), 0);
	assert_int_equal(engine_init(w->state, specs, 1, NULL, NULL, &err), 0);
	assert_int_equal(store_example_counts(w->e->store, &last, &ham, &spam, &err), 0);
	assert_int_equal(ham + spam, 2 * WORLD_ROWS);
	model_unref(world_model(w, NULL));
}

static void
test_shipped(void **state)
{
	struct world *w = *state;
	const struct log log = { .fd = open("/dev/null", O_WRONLY | O_CLOEXEC), .level = LOG_INFO };
	struct err err;

	setenv("HAMLET_CORPUS", "/nonexistent", 1);
	assert_int_equal(engine_init_default(w->state, &log, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_false(exists(w->state));
	setenv("HAMLET_CORPUS", w->top, 1);
	assert_int_equal(engine_init_default(w->state, &log, &err), 0);
	unsetenv("HAMLET_CORPUS");
	assert_int_equal(engine_open(&w->e, w->state, STORE_READ, 1000, &err), 0);
	model_unref(world_model(w, NULL));
	close(log.fd);
}

static void
test_open_missing(void **state)
{
	struct world *w = *state;
	struct err err;

	assert_int_equal(engine_open(&w->e, w->state, STORE_WRITE, 1000, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "hamlet init"));
	assert_false(exists(w->state)); /* opening makes nothing */
}

static void
test_default_dir(void **state)
{
	char *dir;

	(void)state;
	setenv("HAMLET_STATE", "/some/where", 1);
	dir = engine_default_dir();
	assert_string_equal(dir, "/some/where");
	free(dir);
	setenv("HAMLET_STATE", "", 1);
	dir = engine_default_dir();
	assert_non_null(dir);
	assert_string_not_equal(dir, "");
	free(dir);
	unsetenv("HAMLET_STATE");
}

/* -- The registry -- */

static void
test_use(void **state)
{
	struct world *w = *state;
	char first[MODEL_ID_BYTES], second[MODEL_ID_BYTES], now[MODEL_ID_BYTES], prefix[9] = "";
	struct model *m;
	struct err err;

	assert_int_equal(engine_current_id(&w->e->paths, first, &err), 0);
	assert_true(world_say(w, "buy my herbal thing", LABEL_SPAM));
	assert_int_equal(world_learn(w), 1);
	assert_int_equal(engine_current_id(&w->e->paths, second, &err), 0);
	assert_string_not_equal(first, second);

	memcpy(prefix, first, 8);
	assert_int_equal(engine_use(w->e, prefix, &err), 0);
	assert_int_equal(engine_current_id(&w->e->paths, now, &err), 0);
	assert_string_equal(now, first);
	assert_int_equal(engine_use(w->e, second, &err), 0);

	prefix[5] = '\0';
	assert_int_equal(engine_model(w->e, prefix, &m, &err), -1); /* too short */
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(engine_model(w->e, "../../etc/passwd", &m, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(engine_use(w->e, "0000000", &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(engine_current_id(&w->e->paths, now, &err), 0);
	assert_string_equal(now, second);
}

static size_t
kept_learn_rows(struct world *w, size_t *all)
{
	struct model_row *rows;
	size_t kept = 0;
	struct err err;

	assert_int_equal(store_models(w->e->store, w->arena, &rows, all, &err), 0);
	for (size_t i = 0; i < *all; i++) {
		char *path = model_path(&w->e->paths, rows[i].id);

		/* A row that isn't marked has its file, and the other way round. */
		assert_int_equal(exists(path), rows[i].pruned_ms == 0);
		kept += rows[i].pruned_ms == 0 && strcmp(rows[i].kind, "learn") == 0;
		free(path);
	}
	return kept;
}

static void
test_prune(void **state)
{
	struct world *w = *state;
	char first[MODEL_ID_BYTES], oldest[MODEL_ID_BYTES] = "", path[256];
	struct model *m;
	size_t all;
	struct err err;

	assert_int_equal(engine_current_id(&w->e->paths, first, &err), 0);
	for (int i = 0; i < ENGINE_LEARN_KEPT + 4; i++) {
		char text[64];

		snprintf(text, sizeof(text), "thing to remember number %d", i);
		assert_true(world_say(w, text, i % 2 == 0 ? LABEL_SPAM : LABEL_HAM));
		assert_int_equal(world_learn(w), 1);
		if (i == 0)
			assert_int_equal(engine_current_id(&w->e->paths, oldest, &err), 0);
	}
	assert_int_equal(kept_learn_rows(w, &all), ENGINE_LEARN_KEPT);
	assert_int_equal(all, ENGINE_LEARN_KEPT + 5);
	assert_int_equal(engine_model(w->e, oldest, &m, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	model_unref(world_model(w, first)); /* trained ones stay */

	/* What killed publications leave is cleared away by the next, and nothing else is. */
	snprintf(path, sizeof(path), "%s/%064d.model", w->e->paths.models, 0);
	write_text(path, "an orphan");
	snprintf(path, sizeof(path), "%s/%064d.model.Ab3xYz", w->e->paths.models, 1);
	write_text(path, "half a file");
	snprintf(path, sizeof(path), "%s/current.123", w->e->paths.models);
	assert_int_equal(symlink("nowhere", path), 0);
	snprintf(path, sizeof(path), "%s/README", w->e->paths.models);
	write_text(path, "somebody's own");
	assert_true(world_say(w, "one more", LABEL_HAM));
	assert_int_equal(world_learn(w), 1);
	assert_true(exists(path));
	assert_int_equal(
	    entries(w->e->paths.models), ENGINE_LEARN_KEPT + 3); /* the first, the link, README */
}

/* Record a verdict by the current model; return its seq. */
static int64_t
record_verdict(struct world *w, const char *content, const char *forced)
{
	struct verdict_row row = {
		.time_ms = w->now_ms,
		.site = SITE_DEFAULT,
		.client = "native",
		.forced = forced,
		.fingerprint = 1,
		.comment = comment_of("someone", content),
	};
	char id[MODEL_ID_BYTES];
	struct err err;

	row.model = id;
	ulid_next(&w->ids, (uint64_t)w->now_ms, row.id);
	if (engine_current_id(&w->e->paths, id, &err) == -1 ||
	    store_verdict_add(w->e->store, &row, &err) == -1 ||
	    store_verdict_get(w->e->store, row.id, w->arena, &row, &err) == -1)
		fail_msg("%s", err.text);
	return row.seq;
}

static void
learn_on(struct world *w, const char *about, int n)
{
	char text[64];

	for (int i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%s number %d", about, i);
		assert_true(world_say(w, text, LABEL_HAM));
		assert_int_equal(world_learn(w), 1);
	}
}

/* A model stays as long as there is a verdict that can be computed again with it, and no longer. */
static void
test_prune_needed(void **state)
{
	struct world *w = *state;
	char needed[MODEL_ID_BYTES], forced[MODEL_ID_BYTES], ruled[MODEL_ID_BYTES];
	int64_t one, two;
	struct model *m;
	struct err err;

	learn_on(w, "first", 1);
	assert_int_equal(engine_current_id(&w->e->paths, needed, &err), 0);
	one = record_verdict(w, "hello", "");
	two = record_verdict(w, "hello again", "");
	learn_on(w, "second", 1);
	assert_int_equal(engine_current_id(&w->e->paths, forced, &err), 0);
	record_verdict(w, "hello", "administrator");
	learn_on(w, "a rule's", 1);
	assert_int_equal(engine_current_id(&w->e->paths, ruled, &err), 0);
	record_verdict(w, "hello", CHECK_FORCED_RULE "friends"); /* the classifier was asked for it */
	learn_on(w, "third", ENGINE_LEARN_KEPT + 2);
	model_unref(world_model(w, needed));
	model_unref(world_model(w, ruled));
	assert_int_equal(engine_model(w->e, forced, &m, &err), -1);
	assert_int_equal(store_verdict_erase(w->e->store, one, PARTS_PERSONAL, &err), 0);
	learn_on(w, "fourth", 1);
	model_unref(world_model(w, needed));
	assert_int_equal(store_verdict_erase(w->e->store, two, PART_SET(PART_CONTENT), &err), 0);
	learn_on(w, "fifth", 1);
	assert_int_equal(engine_model(w->e, needed, &m, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

/* The current model is never removed, however old. */
static void
test_prune_current(void **state)
{
	struct world *w = *state;
	char id[MODEL_ID_BYTES];
	struct err err;
	size_t all;
	int lock;

	for (int i = 0; i < 3; i++) {
		char text[64];

		snprintf(text, sizeof(text), "learn this: %d", i);
		world_say(w, text, LABEL_HAM);
		world_learn(w);
		if (i == 0)
			assert_int_equal(engine_current_id(&w->e->paths, id, &err), 0);
	}
	assert_int_equal(engine_use(w->e, id, &err), 0);
	assert_int_equal(engine_publish_lock(&w->e->paths, &lock, &err), 0);
	assert_int_equal(registry_prune(w->e, 1, &err), 0);
	close(lock);
	assert_int_equal(kept_learn_rows(w, &all), 2); /* the newest and the current one */
	model_unref(world_model(w, NULL));
}

/* -- Damage -- */

static void
change_byte(const char *path, off_t at)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned char c;

	assert_true(fd != -1);
	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 0x10;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static void
test_damaged_model(void **state)
{
	struct world *w = *state;
	char first[MODEL_ID_BYTES], second[MODEL_ID_BYTES], now[MODEL_ID_BYTES], *path;
	struct model *m;
	struct stat st;
	struct err err;
	int64_t learnt;

	assert_int_equal(engine_current_id(&w->e->paths, first, &err), 0);
	world_say(w, "remember me", LABEL_HAM);
	world_learn(w);
	assert_int_equal(engine_current_id(&w->e->paths, second, &err), 0);
	path = model_path(&w->e->paths, first);
	assert_int_equal(chmod(path, 0640), 0);

	assert_int_equal(stat(path, &st), 0);
	for (off_t at = 0; at < st.st_size; at += st.st_size / 23) {
		change_byte(path, at);
		assert_int_equal(engine_use(w->e, first, &err), -1);
		assert_int_equal(err.code, ERR_DAMAGED);
		assert_non_null(strstr(err.text, first)); /* by name */
		change_byte(path, at);
	}
	assert_int_equal(engine_current_id(&w->e->paths, now, &err), 0);
	assert_string_equal(now, second); /* what was current still is */
	assert_int_equal(engine_use(w->e, first, &err), 0); /* whole again */

	assert_int_equal(truncate(path, st.st_size / 2), 0);
	assert_int_equal(engine_model(w->e, NULL, &m, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	world_say(w, "and me", LABEL_HAM);
	assert_int_equal(learn_pending(w->e, "test", &learnt, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, first));

	/* Gone altogether: the link's promise is broken, which is not the same as never having had a model.
	 */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(engine_model(w->e, NULL, &m, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_int_equal(engine_use(w->e, second, &err), 0);
	assert_int_equal(world_learn(w), 1);
	free(path);
}

static void
test_wrong_name(void **state)
{
	struct world *w = *state;
	char first[MODEL_ID_BYTES], other[MODEL_ID_BYTES], *from, *to;
	struct err err;

	assert_int_equal(engine_current_id(&w->e->paths, first, &err), 0);
	memset(other, 'a', sizeof(other) - 1);
	other[sizeof(other) - 1] = '\0';
	from = model_path(&w->e->paths, first);
	to = model_path(&w->e->paths, other);
	assert_int_equal(link(from, to), 0);
	assert_int_equal(engine_use(w->e, other, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	free(from);
	free(to);
}

static void
test_bad_link(void **state)
{
	struct world *w = *state;
	char id[MODEL_ID_BYTES];
	struct err err;

	assert_int_equal(unlink(w->e->paths.current), 0);
	assert_int_equal(engine_current_id(&w->e->paths, id, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(symlink("/etc/passwd", w->e->paths.current), 0);
	assert_int_equal(engine_current_id(&w->e->paths, id, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
}

/* A publication that fails at its last step, or at the one before, leaves no model behind. */
static void
test_publish_fails(void **state)
{
	struct world *w = *state;
	const struct retrain_options options = { .dry_run = true, .blocked_ham_budget = 0.03 };
	const struct model_row row = { .kind = "train" };
	struct model *m, *found;
	struct engine *reader;
	struct retrained made;
	struct err err;
	size_t all;

	assert_int_equal(retrain(w->e, &options, w->arena, &made, &err), 0);
	m = made.model;
	assert_int_equal(engine_open(&reader, w->state, STORE_READ, 1000, &err), 0);
	assert_int_equal(engine_publish(reader, m, &row, &err), -1);
	assert_int_equal(entries(w->e->paths.models), 2);
	engine_close(reader);
	model_unref(world_model(w, NULL));

	assert_int_equal(unlink(w->e->paths.current), 0);
	assert_int_equal(mkdir(w->e->paths.current, 0700), 0); /* nothing can be renamed to it */
	assert_int_equal(engine_publish(w->e, m, &row, &err), -1);
	assert_int_equal(engine_model(w->e, model_info(m)->id, &found, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	kept_learn_rows(w, &all);
	assert_int_equal(rmdir(w->e->paths.current), 0);
	assert_int_equal(engine_publish(w->e, m, &row, &err), 0);
	assert_int_equal(engine_publish(w->e, m, &row, &err), 0); /* the same again changes nothing */
	kept_learn_rows(w, &all);
	assert_int_equal(all, 2);
	model_unref(m);
}

static void
note_priority(void *arg)
{
	*(int *)arg = getpriority(PRIO_PROCESS, 0);
}

/* Only who is known to be alone doesn't give way. */
static void
test_give_way(void **state)
{
	struct world *w = *state;
	int before = getpriority(PRIO_PROCESS, 0), within = before;

	assert_false(w->e->alone);
	engine_give_way(w->e, note_priority, &within);
	assert_int_equal(within, before + 5 < 19 ? before + 5 : 19);
	w->e->alone = true;
	engine_give_way(w->e, note_priority, &within);
	assert_int_equal(within, before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_init, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_init_fails_clean, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_init_folders, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_init_again, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_shipped, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_open_missing, world_set_up, world_tear_down),
		cmocka_unit_test(test_default_dir),
		cmocka_unit_test_setup_teardown(test_use, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_prune, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_prune_needed, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_prune_current, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_damaged_model, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_name, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_publish_fails, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_give_way, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_bad_link, world_set_up_made, world_tear_down),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
