/* Models that judge before they have a file: how they get one, and what becomes of them without. */
#include "config.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "engine_fixture.h"

#include "engine/backup.h"
#include "engine/registry.h"
#include "engine/shelf.h"
#include "engine/unfiled.h"

static void
ok(int rc, const struct err *err)
{
	if (rc == -1)
		fail_msg("%s", err->text);
}

/* Learn of one more comment as the daemon does; write the id of the model that comes of it to ID. */
static void
learn_unfiled(struct world *w, const char *content, char id[MODEL_ID_BYTES])
{
	struct model *made;
	int64_t learnt;
	struct err err;

	assert_true(world_say(w, content, LABEL_SPAM));
	ok(learn_at_once(w->e, "test", &learnt, &made, &err), &err);
	assert_int_equal(learnt, 1);
	memcpy(id, model_info(made)->id, MODEL_ID_BYTES);
	model_unref(made);
}

static void
current(struct world *w, char id[MODEL_ID_BYTES])
{
	struct err err;

	ok(engine_current_id(&w->e->paths, id, &err), &err);
}

static bool
has_file(struct world *w, const char *id)
{
	char *path = model_path(&w->e->paths, id);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static int
file_now(struct world *w, struct err *err)
{
	atomic_bool hurry = true;

	return unfiled_file(w->e, &hurry, err);
}

/* Spoil the last byte but some of the model ID's file. */
static void
spoil(struct world *w, const char *id)
{
	char *path = model_path(&w->e->paths, id);
	int fd = open(path, O_RDWR);

	free(path);
	assert_int_not_equal(fd, -1);
	assert_int_equal(pwrite(fd, "spoilt", 6, 8192), 6);
	close(fd);
}

static int
set_up(void **state)
{
	struct world *w;

	if (world_set_up_made(state) == -1)
		return -1;
	w = *state;
	w->e->unfiled_bytes = 0;
	return 0;
}

static void
test_judges_first(void **state)
{
	char first[MODEL_ID_BYTES], second[MODEL_ID_BYTES], third[MODEL_ID_BYTES], now[MODEL_ID_BYTES];
	struct world *w = *state;
	struct model *m, *to_judge;
	struct err err;

	current(w, first);
	learn_unfiled(w, "xylomarimba", second);
	learn_unfiled(w, "zabaglione", third);
	current(w, now);
	assert_string_equal(now, third);
	assert_true(unfiled_current(&w->e->paths));
	assert_false(has_file(w, second) || has_file(w, third));
	m = world_model(w, NULL);
	assert_string_equal(model_info(m)->id, third);
	assert_string_equal(model_info(m)->parent, second);
	assert_int_equal(model_info(m)->own_spam, 2);
	ok(engine_model_to_judge(w->e, NULL, &to_judge, &err), &err);
	assert_string_equal(model_info(to_judge)->id, third);
	model_unref(to_judge);
	model_unref(m);

	ok(file_now(w, &err), &err);
	assert_true(has_file(w, third) && !has_file(w, second));
	ok(registry_open(w->e, third, false, &m, &err), &err);
	model_unref(m);
	model_unref(world_model(w, second)); /* from the first, as before */
	ok(file_now(w, &err), &err); /* nothing to do */
}

/* Who doesn't see to files writes them: the tool, and the daemon where a model is small. */
static void
test_not_for_all(void **state)
{
	char id[MODEL_ID_BYTES];
	struct world *w = *state;

	learn_unfiled(w, "xylomarimba", id);
	world_say(w, "zabaglione", LABEL_HAM);
	assert_int_equal(world_learn(w), 1); /* from what the other was made from */
	assert_false(has_file(w, id) || unfiled_current(&w->e->paths));
	w->e->unfiled_bytes = ENGINE_UNFILED_BYTES;
	learn_unfiled(w, "gobbledygook", id);
	assert_true(has_file(w, id));
}

static void
test_interrupted(void **state)
{
	char id[MODEL_ID_BYTES], path[256], folder[256];
	struct world *w = *state;
	struct err err;

	learn_unfiled(w, "xylomarimba", id);
	snprintf(path, sizeof(path), "%s/%s.model.filing", w->e->paths.models, id);
	write_text(path, "cut off by a crash");
	ok(file_now(w, &err), &err);
	assert_int_equal(access(path, F_OK), -1);
	model_unref(world_model(w, NULL));

	write_text(path, "left by a crash");
	world_say(w, "zabaglione", LABEL_SPAM);
	world_learn(w); /* the next publication clears it away */
	assert_int_equal(access(path, F_OK), -1);

	learn_unfiled(w, "gobbledygook", id);
	snprintf(folder, sizeof(folder), "%s/%s.model.filing", w->e->paths.models, id);
	assert_int_equal(mkdir(folder, 0700), 0); /* nothing can be written there */
	assert_int_equal(file_now(w, &err), -1);
	assert_non_null(strstr(err.text, id));
	model_unref(world_model(w, NULL));
	assert_int_equal(rmdir(folder), 0);
	ok(file_now(w, &err), &err);
	assert_true(has_file(w, id));
}

/* The link can't be swapped: what was learnt isn't lost, nor what was in use. */
static void
test_no_link(void **state)
{
	char id[MODEL_ID_BYTES], before[MODEL_ID_BYTES], link[512], aside[520];
	struct world *w = *state;
	struct model *made;
	int64_t learnt;
	struct err err;

	current(w, before);
	snprintf(link, sizeof(link), "%s.%ld", w->e->paths.current, (long)getpid());
	snprintf(aside, sizeof(aside), "%s/x", link);
	assert_int_equal(mkdir(link, 0700), 0); /* in the way of the new link */
	write_text(aside, "x");
	world_say(w, "xylomarimba", LABEL_SPAM);
	assert_int_equal(learn_at_once(w->e, "test", &learnt, &made, &err), -1);
	assert_null(made);
	current(w, id);
	assert_string_equal(id, before);
	assert_int_equal(unlink(aside), 0);
	assert_int_equal(rmdir(link), 0);
	ok(learn_at_once(w->e, "test", &learnt, &made, &err), &err);
	assert_int_equal(learnt, 1);
	assert_int_equal(model_info(made)->own_spam, 1);
	model_unref(made);
	model_unref(world_model(w, NULL));
}

/* The power failed before the link was on disk: it points to an older model, and what came after is learnt
 * again; the models between, which verdicts may name, can still be had. */
static void
test_link_goes_back(void **state)
{
	char first[MODEL_ID_BYTES], second[MODEL_ID_BYTES], third[MODEL_ID_BYTES];
	struct world *w = *state;
	struct model *made;
	int64_t learnt;
	struct err err;

	current(w, first);
	learn_unfiled(w, "xylomarimba", second);
	learn_unfiled(w, "zabaglione", third);
	ok(registry_make_current(&w->e->paths, second, true, &err), &err);
	ok(learn_at_once(w->e, "test", &learnt, &made, &err), &err);
	assert_int_equal(learnt, 1);
	assert_string_equal(model_info(made)->id, third);
	model_unref(made);
	ok(registry_make_current(&w->e->paths, first, true, &err), &err);
	ok(learn_at_once(w->e, "test", &learnt, &made, &err), &err);
	assert_int_equal(learnt, 2);
	assert_int_equal(model_info(made)->own_spam, 2);
	model_unref(made);
	model_unref(world_model(w, second));
	model_unref(world_model(w, third));
}

/* What the current model is made from is damaged: an older one takes its place, and learns again. */
static void
test_base_is_damaged(void **state)
{
	char first[MODEL_ID_BYTES], second[MODEL_ID_BYTES], third[MODEL_ID_BYTES], id[MODEL_ID_BYTES];
	struct world *w = *state;
	struct model *m;
	struct err err;

	current(w, first);
	world_say(w, "xylomarimba", LABEL_SPAM);
	world_learn(w);
	current(w, second);
	learn_unfiled(w, "zabaglione", third);
	spoil(w, second);
	assert_int_equal(engine_model(w->e, NULL, &m, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, "hamlet retrain"));
	ok(unfiled_mend(w->e, &err), &err);
	current(w, id);
	assert_string_equal(id, first);
	assert_int_equal(world_learn(w), 2);
	m = world_model(w, NULL);
	assert_int_equal(model_info(m)->own_spam, 2);
	assert_string_equal(model_info(m)->parent, first);
	model_unref(m);

	current(w, second); /* the same while learning */
	learn_unfiled(w, "gobbledygook", third);
	spoil(w, second);
	world_say(w, "flibbertigibbet", LABEL_SPAM);
	assert_int_equal(world_learn(w), 4); /* from the first again */
	m = world_model(w, NULL);
	assert_int_equal(model_info(m)->own_spam, 4);
	model_unref(m);
}

/* With nothing sound to go back to, the link stays and the way out is told. */
static void
test_nothing_to_go_back_to(void **state)
{
	char first[MODEL_ID_BYTES], second[MODEL_ID_BYTES], id[MODEL_ID_BYTES];
	struct world *w = *state;
	struct model *made;
	int64_t learnt;
	struct err err;

	current(w, first);
	learn_unfiled(w, "xylomarimba", second);
	spoil(w, first);
	assert_int_equal(unfiled_mend(w->e, &err), -1);
	world_say(w, "zabaglione", LABEL_SPAM);
	assert_int_equal(learn_at_once(w->e, "test", &learnt, &made, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, "hamlet retrain"));
	current(w, id);
	assert_string_equal(id, second);
}

static void
set_maker(struct world *w, const char *id, const char *maker)
{
	char sql[256];
	sqlite3 *db;

	snprintf(sql, sizeof(sql), "UPDATE model SET maker = '%s' WHERE id = '%s'", maker, id);
	assert_int_equal(sqlite3_open(w->e->paths.db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Another version left a model without a file: it gets one before this one learns from it, if it comes out
 * the same. */
static void
test_another_maker(void **state)
{
	char first[MODEL_ID_BYTES], second[MODEL_ID_BYTES], third[MODEL_ID_BYTES];
	struct world *w = *state;
	struct model *m;

	current(w, first);
	learn_unfiled(w, "xylomarimba", second);
	set_maker(w, second, "hamlet of old");
	learn_unfiled(w, "zabaglione", third);
	assert_true(has_file(w, second) && !has_file(w, third));
	m = world_model(w, third);
	assert_string_equal(model_info(m)->parent, second);
	model_unref(m);
}

/* A copy of the state has what is needed to make the current model again. */
static void
test_backup(void **state)
{
	char id[MODEL_ID_BYTES], copy[160], restored[128], *old, *beside;
	char now[MODEL_ID_BYTES], command[300];
	struct backup_result result;
	struct world *w = *state, there = { .top = "" };
	struct err err;

	learn_unfiled(w, "xylomarimba", id);
	snprintf(copy, sizeof(copy), "%s/copy", w->top);
	snprintf(restored, sizeof(restored), "%s/restored", w->top);
	ok(backup_make(w->e, copy, NULL, NULL, &result, &err), &err);
	assert_int_equal(result.missing, 0);
	beside = backup_place(restored, &err);
	assert_non_null(beside);
	ok(backup_restore(copy, restored, beside, false, "test", NULL, NULL, &result, &old, &err), &err);
	free(beside);
	ok(engine_open(&there.e, restored, STORE_WRITE, 1000, &err), &err);
	current(&there, now);
	assert_string_equal(now, id);
	model_unref(world_model(&there, NULL));
	ok(file_now(&there, &err), &err);
	assert_true(has_file(&there, id) && !has_file(w, id));
	engine_close(there.e);
	snprintf(command, sizeof(command), "rm -r %s/copy %s", w->top, restored);
	assert_int_equal(system(command), 0);
}

/* One that was let go gets no file. */
static void
test_forgotten_meanwhile(void **state)
{
	char id[MODEL_ID_BYTES];
	struct world *w = *state;
	struct err err;

	learn_unfiled(w, "xylomarimba", id);
	ok(store_model_pruned(w->e->store, id, 1, &err), &err);
	assert_int_equal(file_now(w, &err), -1);
	assert_false(has_file(w, id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_judges_first, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_not_for_all, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_interrupted, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_no_link, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_link_goes_back, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_base_is_damaged, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_to_go_back_to, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_another_maker, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_backup, set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_forgotten_meanwhile, set_up, world_tear_down),
	};

	return cmocka_run_group_tests_name("unfiled", tests, NULL, NULL);
}
