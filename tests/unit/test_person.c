#include "config.h"

#include "classifier/model_impl.h"
#include "engine/person.h"
#include "engine/retention.h"
#include "engine/scrub.h"
#include "engine/sites.h"
#include "engine_fixture.h"

#define DAY INT64_C(86400000)
#define EMAIL "Xanthippe@Zymurgy.example"

static const struct person xanthippe = { .email = "xanthippe@zymurgy.EXAMPLE" };

/* -- What the tests share -- */

static struct comment
by(const char *author, const char *email, const char *content)
{
	struct comment c = comment_of(author, content);

	c.field[COMMENT_EMAIL] = slice_of(email);
	c.field[COMMENT_IP] = slice_of("192.0.2.7");
	return c;
}

static const char *
judged(struct world *w, const struct comment *comment, int64_t age_ms)
{
	struct verdict_row row = {
		.time_ms = w->now_ms - age_ms,
		.site = SITE_DEFAULT,
		.client = "native",
		.model = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		.forced = "",
		.fingerprint = (uint64_t)++w->now_ms, /* none is like another */
		.comment = *comment,
	};
	struct err err;
	char *id;

	ulid_next(&w->ids, (uint64_t)row.time_ms, row.id);
	if (store_verdict_add(w->e->store, &row, &err) == -1)
		fail_msg("%s", err.text);
	id = arena_copy(w->arena, row.id, ULID_CHARS);
	assert_non_null(id);
	return id;
}

static void
say(struct world *w, const char *id, const struct comment *comment, enum label label)
{
	const struct feedback fb = { .label = label,
		.verdict_id = id,
		.comment = comment,
		.site = id == NULL ? SITE_DEFAULT : 0,
		.origin = "mark",
		.who = "test" };
	struct feedback_result result;
	struct err err;

	if (store_begin(w->e->store, &err) == -1 ||
	    feedback_record(w->e->store, &fb, w->now_ms, &w->ids, w->arena, &result, &err) == -1 ||
	    store_commit(w->e->store, &err) == -1)
		fail_msg("%s", err.text);
}

static struct person_found
found(struct world *w, const struct person *who)
{
	struct person_found f;
	struct err err;

	if (person_find(w->e, who, NULL, NULL, &f, &err) == -1)
		fail_msg("%s", err.text);
	return f;
}

static const struct erase_options quietly = { .by = "test" };

static struct person_erased
erase(struct world *w, const struct person *who)
{
	struct person_found f = found(w, who);
	struct person_erased done;
	struct err err;

	if (person_erase(w->e, &f, &quietly, &done, &err) == -1)
		fail_msg("%s", err.text);
	person_found_fini(&f);
	return done;
}

/* Whether the current model counts what one trained on what is left of the examples does, bit for bit. */
static void
assert_as_retrained(struct world *w)
{
	const struct retrain_options options = { .dry_run = true, .who = "test" };
	struct model *learnt = world_model(w, NULL), *trained;
	const struct snapshot_header *x, *y;
	struct retrained made;
	struct err err;

	if (retrain(w->e, &options, w->arena, &made, &err) == -1)
		fail_msg("%s", err.text);
	trained = made.model;
	x = model_header(learnt);
	y = model_header(trained);
	assert_int_equal(x->spam + x->own_spam, y->spam + y->own_spam);
	assert_int_equal(x->ham + x->own_ham, y->ham + y->own_ham);
	assert_int_equal(x->tokens, y->tokens);
	assert_memory_equal(&x->section[SNAPSHOT_TABLE], &y->section[SNAPSHOT_TABLE], sizeof(x->section[0]));
	assert_int_equal(x->section[SNAPSHOT_NAMES].bytes, y->section[SNAPSHOT_NAMES].bytes);
	model_unref(learnt);
	model_unref(trained);
}

static void
assert_chain_whole(struct world *w)
{
	const struct chain_verify how = { NULL, NULL, NULL };
	struct chain_report report;
	struct err err;

	if (store_chain_verify(w->e->store, &how, &report, &err) == -1)
		fail_msg("%s", err.text);
	if (report.fault != CHAIN_WHOLE)
		fail_msg("%s", report.text);
}

static void
let_corrections_be_shared(struct world *w)
{
	const struct site_change change = { .has_shares = true, .shares = true };
	struct err err;

	if (sites_set(w->e, "default", &change, &err) == -1)
		fail_msg("%s", err.text);
}

/* -- Tests -- */

/* Over histories drawn by chance: hers and others' words, some of them the same, said, changed and taken
 * back. */
static void
erased_is_as_never_learnt(void **state)
{
	static const char *const words[] = { "flibbertigibbet bicycle", "bicycle casino",
		"choir gobbledygook", "casino bonus", "thank you for the novel" };
	struct world *w = *state;
	struct person_found f;
	unsigned seed = 7;

	let_corrections_be_shared(w);
	for (int round = 0; round < 6; round++) {
		for (int i = 0; i < 12; i++) {
			bool hers = rand_r(&seed) % 2 == 0;
			const struct comment c = by(hers ? "Xanthippe" : "Somebody",
			    hers ? EMAIL : "some@body.example", words[rand_r(&seed) % 5]);
			static const enum label labels[] = { LABEL_HAM, LABEL_SPAM, LABEL_NONE };
			const char *id = rand_r(&seed) % 2 == 0 ? judged(w, &c, 0) : NULL;

			say(w, id, &c, labels[rand_r(&seed) % 3]);
			if (rand_r(&seed) % 3 == 0)
				world_learn(w);
		}
		erase(w, &xanthippe);
		assert_as_retrained(w);
		assert_chain_whole(w);
		f = found(w, &xanthippe);
		assert_int_equal(f.nexamples, 0);
		person_found_fini(&f);
	}
}

static void
snapshots_that_knew_her_go(void **state)
{
	struct world *w = *state;
	const struct comment c = by("Xanthippe", EMAIL, "flibbertigibbet"),
			     other = by("A", "b@c.example", "fine");
	char first[MODEL_ID_BYTES], knew[MODEL_ID_BYTES], now[MODEL_ID_BYTES];
	struct person_erased done;
	struct person_found f;
	struct model *m;
	struct err err;

	engine_current_id(&w->e->paths, first, &err);
	say(w, NULL, &c, LABEL_SPAM);
	world_learn(w);
	engine_current_id(&w->e->paths, knew, &err);
	say(w, NULL, &other, LABEL_HAM);
	world_learn(w);
	f = found(w, &xanthippe);
	assert_int_equal(f.models, 2);
	person_found_fini(&f);
	done = erase(w, &xanthippe);
	assert_int_equal(done.unlearnt, 1);
	assert_int_equal(done.models, 2); /* the one that was current too */
	assert_int_equal(engine_model(w->e, knew, &m, &err), -1);
	model_unref(world_model(w, first)); /* from before her */
	engine_current_id(&w->e->paths, now, &err);
	assert_string_not_equal(now, knew);
	assert_int_equal(world_learn(w), 0);
}

/* Between finding and erasing somebody else corrects a verdict on her comment, and takes another one back. */
static void
what_changes_meanwhile_is_erased_too(void **state)
{
	struct world *w = *state;
	const struct comment c = by("Xanthippe", EMAIL, "flibbertigibbet"),
			     d = by("Xanthippe", EMAIL, "bumbershoot");
	const char *first = judged(w, &c, 0), *second = judged(w, &d, 0);
	struct person_found f;
	struct person_erased done;
	struct err err;

	say(w, first, &c, LABEL_SPAM);
	say(w, second, &d, LABEL_HAM);
	world_learn(w);
	f = found(w, &xanthippe);
	say(w, first, &c, LABEL_HAM);
	say(w, second, &d, LABEL_NONE);
	if (person_erase(w->e, &f, &quietly, &done, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(done.examples, 4);
	assert_int_equal(done.unlearnt, 1);
	person_found_fini(&f);
	f = found(w, &xanthippe);
	assert_int_equal(f.nexamples + f.nverdicts, 0);
	person_found_fini(&f);
	assert_as_retrained(w);
}

/* What somebody else does, by a handle of his own, when an erasure has come so far. */
struct other {
	struct world w;
	double at; /* share of a round */
	int times; /* it is still to be done */
	const char *id; /* of a verdict to be marked; NULL: a comment is judged and marked */
	const struct comment *comment;
};

static void
somebody_else(double share, void *arg)
{
	struct other *o = arg;

	if (share != o->at || o->times == 0)
		return;
	o->times--;
	say(&o->w, o->id != NULL ? o->id : judged(&o->w, o->comment, 0), NULL, LABEL_HAM);
	if (share == .5) /* before, the publish lock is held */
		world_learn(&o->w);
}

static struct other
another(const struct world *w)
{
	struct other o = { .w = *w, .at = .25, .times = 1 };
	struct err err;

	if (engine_open(&o.w.e, w->state, STORE_WRITE, 1000, &err) == -1)
		fail_msg("%s", err.text);
	return o;
}

/* Erase her, whose e-mail address isn't what she is found by unless WHO says so, while O acts. */
static int
erase_beside(
    struct world *w, const struct person *who, struct other *o, struct person_erased *done, struct err *err)
{
	const struct erase_options options = { .by = "test", .progress = somebody_else, .arg = o };
	struct person_found f = found(w, who);
	int rc = person_erase(w->e, &f, &options, done, err);

	person_found_fini(&f);
	engine_close(o->w.e);
	return rc;
}

/* The examples are erased, the verdict isn't yet, and is corrected: a new example, which is learnt from. */
static void
a_correction_in_the_middle_is_erased_too(void **state)
{
	struct world *w = *state;
	const struct comment c = by("Xanthippe", EMAIL, "flibbertigibbet");
	struct other o = another(w);
	struct person_erased done;
	struct person_found f;
	struct err err;

	o.id = judged(w, &c, 0);
	say(w, o.id, &c, LABEL_SPAM);
	world_learn(w);
	if (erase_beside(w, &xanthippe, &o, &done, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(o.times, 0);
	assert_int_equal(done.verdicts, 1);
	assert_int_equal(done.examples, 2);
	assert_int_equal(done.unlearnt, 2);
	f = found(w, &xanthippe);
	assert_int_equal(f.nexamples + f.nverdicts, 0);
	person_found_fini(&f);
	assert_as_retrained(w);
	assert_chain_whole(w);
}

/* It is not gone on for ever, and what was done by then is said. */
static void
an_erasure_without_an_end_gives_up(void **state)
{
	struct world *w = *state;
	const struct comment c = by("Xanthippe", EMAIL, "flibbertigibbet");
	struct other o = another(w);
	struct person_erased done;
	struct person_found f;
	struct err err;

	judged(w, &c, 0);
	o.at = .5; /* when each round has erased what it had found */
	o.times = 1000;
	o.comment = &c;
	assert_int_equal(erase_beside(w, &xanthippe, &o, &done, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_non_null(strstr(err.text, "examples erased, but not all: "));
	assert_int_equal(o.times > 900, 1);
	f = found(w, &xanthippe);
	assert_int_equal(f.nverdicts > 0, 1);
	assert_int_equal(done.verdicts + f.nverdicts, 1 + 1000 - o.times);
	person_found_fini(&f);
	erase(w, &xanthippe);
	assert_as_retrained(w);
}

/* Whose name is the same, but not the address, was not in the list that the erasure was confirmed by. */
static void
somebody_else_of_her_name_is_spared(void **state)
{
	const struct person name = { .author = "Xanthippe" };
	struct world *w = *state;
	const struct comment hers = by("Xanthippe", EMAIL, "a"), other = by("Xanthippe", "x@y.example", "b");
	struct other o = another(w);
	struct person_erased done;
	struct person_found f;
	struct err err;

	judged(w, &hers, 0);
	o.at = .5;
	o.comment = &other;
	assert_int_equal(erase_beside(w, &name, &o, &done, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	f = found(w, &name);
	assert_int_equal(f.nverdicts, 1);
	assert_string_equal(f.emails[0].text, "x@y.example");
	person_found_fini(&f);
}

/* A retrain that began before and ends after would bring her back, and she could not be taken back any more.
 */
static void
a_retrain_under_way_does_not_bring_her_back(void **state)
{
	const struct retrain_options options = { .dry_run = true, .who = "test" };
	struct world *w = *state;
	const struct comment c = by("Xanthippe", EMAIL, "flibbertigibbet");
	const struct model_row row = { .kind = "train", .who = "test" };
	struct retrained made;
	struct model *with, *without;
	char now[MODEL_ID_BYTES], then[MODEL_ID_BYTES];
	struct err err;

	say(w, NULL, &c, LABEL_SPAM);
	if (retrain(w->e, &options, w->arena, &made, &err) == -1)
		fail_msg("%s", err.text);
	with = made.model;
	erase(w, &xanthippe);
	engine_current_id(&w->e->paths, then, &err);
	assert_int_equal(engine_publish(w->e, with, &row, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	engine_current_id(&w->e->paths, now, &err);
	assert_string_equal(now, then);
	assert_int_equal(engine_model(w->e, model_info(with)->id, &without, &err), -1);
	model_unref(with);
}

/* Verdict and example lose their fields at different times; what is left still belongs together. */
static void
what_belongs_together_is_found(void **state)
{
	struct world *w = *state;
	const struct comment c = by("Xanthippe", EMAIL, "flibbertigibbet");
	const char *id = judged(w, &c, 40 * DAY);
	struct person_found f;
	struct verdict_row row;
	struct err err;

	say(w, id, NULL, LABEL_SPAM);
	if (store_verdict_get(w->e->store, id, w->arena, &row, &err) == -1 ||
	    store_verdict_erase(w->e->store, row.seq, PART_SET(PART_PERSON), &err) == -1)
		fail_msg("%s", err.text);
	f = found(w, &xanthippe);
	assert_int_equal(f.nverdicts, 1);
	assert_int_equal(f.nexamples, 1);
	person_found_fini(&f);
	erase(w, &xanthippe);
	if (store_verdict_get(w->e->store, id, w->arena, &row, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(row.gone, PARTS_PERSONAL);
}

/* Older records have addresses as they were sent. */
static void
an_address_is_found_however_it_is_written(void **state)
{
	struct world *w = *state;
	static const char *const forms[] = { "2001:DB8:8:0:0:0:0:8", " 2001:db8:8::8 ",
		"2001:0db8:0008:0000:0000:0000:0000:0008" };
	const struct person ip = { .ip = "2001:Db8:8::0:8" }, other = { .ip = "2001:db8:8::9" },
			    word = { .ip = "unknown" };
	struct comment c = by("Xanthippe", EMAIL, "a");
	struct person_found f;

	for (size_t i = 0; i < 3; i++) {
		c.field[COMMENT_IP] = slice_of(forms[i]);
		judged(w, &c, 0);
		say(w, NULL, &c, LABEL_SPAM);
	}
	c.field[COMMENT_IP] = slice_of("Unknown");
	judged(w, &c, 0);
	f = found(w, &other);
	assert_int_equal(f.nverdicts, 0);
	person_found_fini(&f);
	f = found(w, &word);
	assert_int_equal(f.nverdicts, 1);
	assert_int_equal(f.nips, 0);
	person_found_fini(&f);
	f = found(w, &ip);
	assert_int_equal(f.nverdicts, 3);
	assert_int_equal(f.nips, 3); /* for the search of the files */
	assert_string_equal(f.ips[0], "2001:db8:8::8");
	assert_string_equal(f.ips[1], forms[0]);
	assert_string_equal(f.ips[2], forms[2]);
	person_found_fini(&f);
	erase(w, &ip);
	f = found(w, &ip);
	assert_int_equal(f.nverdicts + f.nexamples, 0);
	person_found_fini(&f);
}

static void
several_persons_are_told_apart(void **state)
{
	struct world *w = *state;
	const struct person name = { .author = "Xanthippe" }, ip = { .ip = "192.0.2.7" };
	const struct comment a = by("Xanthippe", EMAIL, "a"),
			     b = by(" Xanthippe ", " XANTHIPPE@zymurgy.example", "b"),
			     c = by("Xanthippe", NULL, "c"), d = by("xanthippe", "x@y.example", "d");
	struct person_found f;

	judged(w, &a, 0);
	judged(w, &b, 0);
	f = found(w, &name);
	assert_int_equal(f.nverdicts, 2);
	assert_false(person_is_ambiguous(&f));
	person_found_fini(&f);
	judged(w, &c, 0); /* who may be she or not */
	judged(w, &d, 0); /* another name */
	f = found(w, &name);
	assert_int_equal(f.nverdicts, 3);
	assert_true(person_is_ambiguous(&f));
	person_found_fini(&f);
	f = found(w, &ip);
	assert_int_equal(f.nverdicts, 4);
	assert_int_equal(f.nemails, 3);
	person_found_fini(&f);
	f = found(w, &xanthippe);
	assert_int_equal(f.nverdicts, 2);
	assert_false(person_is_ambiguous(&f));
	person_found_fini(&f);
}

static void
files_are_searched_across_chunks(void **state)
{
	struct world *w = *state;
	const struct slice needles[] = { slice_of("xanthippe@zymurgy.example"), slice_of("x"),
		slice_of("aaaaaaaaaa") };
	const size_t size = 3u << 20;
	struct scrub_report report;
	char *bytes = malloc(size), path[160];
	struct err err;

	assert_non_null(bytes);
	memset(bytes, 'x', size);
	memcpy(bytes + (1u << 20) - 7, "XANTHIPPE@zymurgy.example", 25); /* where one chunk ends */
	memcpy(bytes + size - 25, "xanthippe@zymurgy.example", 25);
	snprintf(path, sizeof(path), "%s/models/left-over", w->state);
	if (file_write_whole(path, bytes, size, &err) == -1)
		fail_msg("%s", err.text);
	free(bytes);
	engine_close(w->e);
	w->e = NULL;
	if (scrub(w->state, needles, 3, NULL, NULL, w->arena, &report, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(report.nhits, 1);
	assert_string_equal(report.hits[0].file, "models/left-over");
	assert_int_equal(report.hits[0].times, 2);
	assert_false(report.rewritten);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    erased_is_as_never_learnt, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    snapshots_that_knew_her_go, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    what_changes_meanwhile_is_erased_too, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    a_correction_in_the_middle_is_erased_too, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    an_erasure_without_an_end_gives_up, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    somebody_else_of_her_name_is_spared, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    a_retrain_under_way_does_not_bring_her_back, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    what_belongs_together_is_found, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    an_address_is_found_however_it_is_written, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    several_persons_are_told_apart, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    files_are_searched_across_chunks, world_set_up_made, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
