#include "config.h"

#include "tests/unit/store_fixture.h"

/* -- Examples -- */

static void
example_round_trip(void **state)
{
	struct fixture *f = *state;
	struct example_row row = example_of(f, NOW, LABEL_SPAM, 0), got;
	struct err err = { 0 };
	int64_t seq;

	odd_comment(&row.comment);
	row.site = 0;
	row.verdict_id = "01J00000000000000000000001";
	row.source = "tube";
	seq = add_example(f, &row);
	assert_int_equal(store_example_match(f->st, 0, 99, f->a, &got, &err), 0);
	assert_int_equal(got.seq, seq);
	assert_string_equal(got.id, row.id);
	assert_int_equal(got.time_ms, NOW);
	assert_int_equal(got.label, LABEL_SPAM);
	assert_int_equal(got.replaces, 0);
	assert_int_equal(got.replaced_label, LABEL_NONE);
	assert_int_equal(got.site, 0);
	assert_string_equal(got.origin, "mark");
	assert_string_equal(got.who, "root");
	assert_string_equal(got.verdict_id, row.verdict_id);
	assert_string_equal(got.source, "tube");
	assert_true(got.fingerprint == 99);
	assert_comment_equal(&got.comment, &row.comment);
	assert_int_equal(store_example_match(f->st, SITE_DEFAULT, 99, f->a, &got, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	row = example_of(f, NOW, LABEL_HAM, 0);
	row.comment = (struct comment){ 0 };
	seq = add_example(f, &row);
	assert_int_equal(store_example_match(f->st, SITE_DEFAULT, 99, f->a, &got, &err), 0);
	assert_int_equal(got.seq, seq);
	assert_string_equal(got.verdict_id, "");
	assert_comment_equal(&got.comment, &row.comment);
}

struct events {
	int n;
	struct {
		int64_t seq;
		enum label label, replaced;
	} e[32];
};

static int
see_event(const struct example_row *row, void *arg)
{
	struct events *s = arg;

	assert_true(s->n < 32);
	s->e[s->n].seq = row->seq;
	s->e[s->n].label = row->label;
	s->e[s->n].replaced = row->replaced_label;
	s->n++;
	return 0;
}

static void
assert_counts(struct fixture *f, int64_t last, int64_t ham, int64_t spam)
{
	int64_t l, h, s;
	struct err err = { 0 };

	assert_int_equal(store_example_counts(f->st, &l, &h, &s, &err), 0);
	assert_int_equal(l, last);
	assert_int_equal(h, ham);
	assert_int_equal(s, spam);
	assert_int_equal(store_example_counts(f->st, &l, NULL, NULL, &err), 0);
	assert_int_equal(l, last);
}

static void
event_log(void **state)
{
	struct fixture *f = *state;
	struct events s = { 0 };
	struct example_row row;
	struct err err = { 0 };
	int64_t a, b, c, d, e, sum[2] = { 0, 0 };

	assert_counts(f, 0, 0, 0);
	row = example_of(f, NOW, LABEL_SPAM, 0);
	a = add_example(f, &row);
	row = example_of(f, NOW + 1, LABEL_HAM, 0);
	b = add_example(f, &row);
	row = example_of(f, NOW + 2, LABEL_HAM, a); /* the first was ham after all */
	c = add_example(f, &row);
	assert_counts(f, c, 2, 0);
	row = example_of(f, NOW + 3, LABEL_NONE, b); /* forget the second */
	d = add_example(f, &row);
	row = example_of(f, NOW + 4, LABEL_SPAM, d); /* no: it is spam */
	e = add_example(f, &row);
	assert_counts(f, e, 1, 1);

	assert_int_equal(store_event_walk(f->st, 0, see_event, &s, &err), 0);
	assert_int_equal(s.n, 5);
	for (int i = 0; i < s.n; i++) {
		if (s.e[i].label != LABEL_NONE)
			sum[s.e[i].label]++;
		if (s.e[i].replaced != LABEL_NONE)
			sum[s.e[i].replaced]--;
	}
	assert_int_equal(sum[LABEL_HAM], 1);
	assert_int_equal(sum[LABEL_SPAM], 1);
	assert_int_equal(s.e[2].replaced, LABEL_SPAM);
	assert_int_equal(s.e[3].replaced, LABEL_HAM);
	assert_int_equal(s.e[4].replaced, LABEL_NONE);
	s.n = 0;
	assert_int_equal(store_event_walk(f->st, c, see_event, &s, &err), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.e[0].seq, d);

	s.n = 0;
	assert_int_equal(store_example_walk(f->st, LABEL_NONE, 0, see_event, &s, &err), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.e[0].seq, c);
	assert_int_equal(s.e[1].seq, e);
	s.n = 0;
	assert_int_equal(store_example_walk(f->st, LABEL_SPAM, 0, see_event, &s, &err), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.e[0].seq, e);
	s.n = 0;
	assert_int_equal(store_example_walk(f->st, LABEL_HAM, NOW + 3, see_event, &s, &err), 0);
	assert_int_equal(s.n, 0);
}

static void
an_event_is_replaced_once(void **state)
{
	struct fixture *f = *state;
	struct example_row row = example_of(f, NOW, LABEL_SPAM, 0);
	struct err err = { 0 };
	int64_t first = add_example(f, &row), seq;

	row = example_of(f, NOW, LABEL_HAM, first);
	add_example(f, &row);
	row = example_of(f, NOW, LABEL_HAM, first);
	assert_int_equal(store_example_add(f->st, &row, &seq, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	row.replaces = 4711; /* there is no such event */
	assert_int_equal(store_example_add(f->st, &row, &seq, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	row.replaces = 3; /* itself */
	assert_int_equal(store_example_add(f->st, &row, &seq, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_counts(f, 2, 1, 0);
}

/* Only examples in force count, of one site, from exactly that address. */
static void
from_an_address(void **state)
{
	struct fixture *f = *state;
	struct example_row e = example_of(f, NOW, LABEL_SPAM, 0);
	struct err err = { 0 };
	bool found;
	int64_t seq;

	e.site = SITE_DEFAULT;
	e.comment.field[COMMENT_IP] = slice_of("192.0.2.7");
	seq = add_example(f, &e);
	assert_int_equal(store_example_from(f->st, SITE_DEFAULT, "192.0.2.7", LABEL_SPAM, &found, &err), 0);
	assert_true(found);
	assert_int_equal(store_example_from(f->st, SITE_DEFAULT, "192.0.2.7", LABEL_HAM, &found, &err), 0);
	assert_false(found);
	assert_int_equal(store_example_from(f->st, SITE_DEFAULT, "192.0.2.70", LABEL_SPAM, &found, &err), 0);
	assert_false(found);
	assert_int_equal(
	    store_example_from(f->st, SITE_DEFAULT, "::ffff:c000:207", LABEL_SPAM, &found, &err), 0);
	assert_true(found);
	assert_int_equal(store_example_from(f->st, 77, "192.0.2.7", LABEL_SPAM, &found, &err), 0);
	assert_false(found);
	e = example_of(f, NOW, LABEL_NONE, seq);
	e.site = SITE_DEFAULT;
	add_example(f, &e);
	assert_int_equal(store_example_from(f->st, SITE_DEFAULT, "192.0.2.7", LABEL_SPAM, &found, &err), 0);
	assert_false(found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(example_round_trip),
		FRESH(event_log),
		FRESH(an_event_is_replaced_once),
		FRESH(from_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
