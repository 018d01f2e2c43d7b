/*
 * Random histories of what sites, admins and imports say of some comments: whatever is said and taken back in
 * whatever order, the counts are those of a model that saw only what holds in the end, bit for bit.
 */
#include "config.h"

#include "engine_fixture.h"

#include "classifier/model_impl.h"
#include "engine/example.h"
#include "engine/fingerprint.h"
#include "engine/set_digest.h"
#include "engine/sites.h"

#define HISTORIES 200
#define STEPS 12
#define TEXTS 5 /* comments of one history; the first JUDGED have a verdict */
#define JUDGED 3
#define SPEAKERS 4 /* nobody, and three sites */

static const char *const names[SPEAKERS] = { NULL, "default", "one", "two" };

/* What somebody's word on a comment is. */
struct word {
	enum label label;
	enum scope scope;
};

struct history {
	struct world *w;
	uint64_t random;
	int number;
	char text[TEXTS][80];
	char verdict[TEXTS][ULID_CHARS + 1];
	int judged_at[TEXTS]; /* by the verdict's site */
	struct word said[SPEAKERS][TEXTS];
	bool shares[SPEAKERS];
	struct model *start;
};

static unsigned
below(struct history *h, unsigned n)
{
	h->random = h->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(h->random >> 33) % n;
}

static void
add_sites(struct world *w)
{
	char key[SITE_KEY_CHARS + 1];
	struct err err;

	for (int i = 2; i < SPEAKERS; i++) {
		if (sites_add(w->e, names[i], "", key, &err) == -1)
			fail_msg("%s", err.text);
	}
}

static void
begin(struct history *h)
{
	struct verdict_row row = {
		.client = "native",
		.model = "m",
		.forced = "",
	};
	struct err err;

	for (int t = 0; t < TEXTS; t++) {
		snprintf(h->text[t], sizeof(h->text[t]), "A word on thing%d and matter%d of history%d", t,
		    (int)below(h, 50), h->number);
		for (int s = 0; s < SPEAKERS; s++)
			h->said[s][t] = (struct word){ .label = LABEL_NONE };
		if (t >= JUDGED)
			continue;
		h->judged_at[t] = 1 + (int)below(h, SPEAKERS - 1);
		row.site = h->judged_at[t];
		row.time_ms = h->w->now_ms;
		row.comment = comment_of("someone", h->text[t]);
		row.fingerprint = comment_fingerprint(&row.comment);
		ulid_next(&h->w->ids, (uint64_t)h->w->now_ms, row.id);
		memcpy(h->verdict[t], row.id, sizeof(row.id));
		if (store_verdict_add(h->w->e->store, &row, &err) == -1)
			fail_msg("%s", err.text);
	}
	h->start = world_model(h->w, NULL);
}

/* Note what is said: SCOPE holds from the first time on that the same is said. */
static void
note(struct history *h, int speaker, int t, enum label label, enum scope scope, bool changed)
{
	struct word *word = &h->said[speaker][t];

	assert_int_equal(changed, word->label != label);
	if (changed)
		*word = (struct word){ label, scope };
}

/* Have SITE say it of the comment itself, or, as an admin, of the verdict. */
static void
say(struct history *h, int site, int t, bool as_admin, enum label label)
{
	struct comment c = comment_of("someone", h->text[t]);
	struct feedback fb = {
		.label = label, .comment = &c, .site = site, .origin = "native", .who = "test"
	};
	struct feedback_result result;
	struct err err;

	if (as_admin) {
		site = h->judged_at[t];
		fb = (struct feedback){ .label = label, .verdict_id = h->verdict[t], .origin = "mark" };
	}
	if (feedback_record(h->w->e->store, &fb, h->w->now_ms, &h->w->ids, h->w->arena, &result, &err) == -1)
		fail_msg("history %d: %s", h->number, err.text);
	note(h, site, t, label, h->shares[site] ? SCOPE_BOTH : SCOPE_OWN, result.changed);
}

/* Import it as nobody's word, or as that of a site, as an export has it. */
static void
import(struct history *h, int speaker, int t, enum label label)
{
	static const char *const scopes[] = { "all", "own", "both" };
	const struct import_options options = { .origin = "import", .who = "test" };
	enum scope scope = speaker == 0 ? SCOPE_ALL : (enum scope)(1 + below(h, 2));
	struct example row = { .comment = comment_of("someone", h->text[t]), .label = label };
	struct corpus c = { .rows = &row, .n = 1 };
	struct import_result result;
	struct err err;

	if (speaker > 0) {
		row.site = slice_of(names[speaker]);
		row.scope = slice_of(scopes[scope]);
	}
	if (engine_import_rows(h->w->e, &c, &options, &result, &err) == -1)
		fail_msg("%s", err.text);
	note(h, speaker, t, label, scope, result.already == 0);
}

static void
change_sharing(struct history *h, int site)
{
	struct site_change change = { .has_shares = true, .shares = !h->shares[site] };
	struct err err;

	h->shares[site] = !h->shares[site];
	if (sites_set(h->w->e, names[site], &change, &err) == -1)
		fail_msg("%s", err.text);
}

static void
step(struct history *h)
{
	int t = (int)below(h, TEXTS), site = 1 + (int)below(h, SPEAKERS - 1);
	enum label label = (enum label)below(h, 3);

	arena_reset(h->w->arena);
	h->w->now_ms += below(h, 4) == 0 ? -60000 : 1000; /* clocks jump back, too */
	switch (below(h, 8)) {
	case 0:
		change_sharing(h, site);
		break;
	case 1:
		if (label != LABEL_NONE)
			import(h, (int)below(h, SPEAKERS), t, label);
		break;
	case 2:
	case 3:
		if (t < JUDGED)
			say(h, 0, t, true, label);
		break;
	default:
		say(h, site, t, false, label);
	}
}

/* The current model is the one that H began with and what holds now, and so is its digest. */
static void
check(struct history *h)
{
	struct model *now, *expected;
	struct set_digest digest;
	char text[SET_DIGEST_HEX];
	struct model_row before, after;
	struct delta *d;
	struct err err;

	world_learn(h->w);
	now = world_model(h->w, NULL);
	assert_int_equal(
	    store_model_get(h->w->e->store, model_info(h->start)->id, h->w->arena, &before, &err), 0);
	assert_int_equal(store_model_get(h->w->e->store, model_info(now)->id, h->w->arena, &after, &err), 0);
	assert_int_equal(set_digest_parse(&digest, before.corpus), 0);
	assert_int_equal(delta_new(&d, FIELDS_ALL, &err), 0);
	for (int s = 0; s < SPEAKERS; s++) {
		for (int t = 0; t < TEXTS; t++) {
			const struct word *word = &h->said[s][t];
			const struct comment c = comment_of("someone", h->text[t]);
			const struct origin from = { .source = (uint64_t)s,
				.site = word->scope == SCOPE_ALL ? 0 : (uint64_t)s,
				.shared = word->scope == SCOPE_BOTH };

			if (word->label == LABEL_NONE)
				continue;
			assert_int_equal(delta_add(d, &c, word->label, &from, false, &err), 0);
			assert_int_equal(set_digest_add(&digest, &c, word->label, &from, false, &err), 0);
		}
	}
	assert_int_equal(delta_apply(d, h->start, model_info(h->start)->id, model_info(now)->position, false,
			     &expected, &err),
	    0);
	if (memcmp(&model_header(now)->section[SNAPSHOT_TABLE],
		&model_header(expected)->section[SNAPSHOT_TABLE], sizeof(struct snapshot_section)) != 0)
		fail_msg("history %d: other counts", h->number);
	set_digest_text(&digest, text);
	assert_string_equal(after.corpus, text);
	delta_free(d);
	model_unref(expected);
	model_unref(now);
}

/* Take back what is said of the comment T, by everybody. */
static void
forget(struct history *h, int t)
{
	for (int s = 0; s < SPEAKERS; s++) {
		const struct comment c = comment_of("someone", h->text[t]);
		struct example_row known,
		    row = { .label = LABEL_NONE,
			    .site = s,
			    .origin = "mark",
			    .who = "",
			    .verdict_id = "",
			    .source = "",
			    .fingerprint = comment_fingerprint(&c),
			    .comment = c };
		enum example_outcome outcome;
		struct err err;
		bool found;

		if (example_find(h->w->e->store, s, row.fingerprint, h->w->arena, &known, &found, &err) == -1)
			fail_msg("%s", err.text);
		ulid_next(&h->w->ids, (uint64_t)h->w->now_ms, row.id);
		if (found && example_say(h->w->e->store, &row, &known, &outcome, &err) == -1)
			fail_msg("%s", err.text);
		h->said[s][t].label = LABEL_NONE;
	}
}

static void
run(struct history *h)
{
	begin(h);
	for (int i = 0; i < STEPS; i++) {
		step(h);
		if (below(h, STEPS) == 0)
			check(h);
	}
	forget(h, (int)below(h, TEXTS)); /* as if that one had never been seen */
	check(h);
	for (int t = 0; t < TEXTS; t++)
		forget(h, t);
	check(h);
	model_unref(h->start);
}

static int
see_order(const struct example_row *row, void *arg)
{
	char *last = arg;

	if (row->origin[0] != 'i') { /* an import has a source of its own, later than the one of the others */
		assert_true(strcmp(row->id, last) > 0);
		memcpy(last, row->id, ULID_CHARS + 1);
	}
	return 0;
}

static void
test_histories(void **state)
{
	struct history h = { .w = *state };
	char last[ULID_CHARS + 1] = "";
	int64_t begun;
	struct err err;

	add_sites(h.w);
	assert_int_equal(store_example_counts(h.w->e->store, &begun, NULL, NULL, &err), 0);
	for (h.number = 0; h.number < HISTORIES; h.number++) {
		h.random = (uint64_t)h.number;
		run(&h);
	}
	assert_int_equal(store_event_walk(h.w->e->store, begun, see_order, last, &err), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_histories, world_set_up_made, world_tear_down),
	};

	return cmocka_run_group_tests_name("histories", tests, NULL, NULL);
}
