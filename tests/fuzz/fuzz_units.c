#include "config.h"

#include "fuzz.h"

#include "classifier/fold.h"
#include "classifier/token_impl.h"

/*
 * The input is a text.  Folded, it is cut into units as the expression alone would cut it, though what is
 * plain never reaches the expression.
 */
#define WORD_BYTES 60
#define LINK_BYTES 2000
#define MARK_BYTES 4

static const struct unit *
check_one(const struct tokens *t, const struct unit *u, enum unit_kind kind, size_t at, size_t n, size_t most)
{
	CHECK(u < t->units + t->nunits);
	CHECK(u->kind == kind && u->at == at && u->n == at_most(n, most));
	return u + 1;
}

/* Whether the word of N bytes at P has characters that are cut into pairs. */
static bool
has_pieces(const char *p, size_t n)
{
	size_t step;

	for (size_t i = 0; i < n; i += step) {
		if (script_unspaced(fold_script(code_at(p + i, n - i, &step))))
			return true;
	}
	return false;
}

/* Pass over the units of such a word, which lie within it. */
static const struct unit *
check_pieces(const struct tokens *t, const struct unit *u, const struct rx_match *m)
{
	const struct unit *first = u;

	for (; u < t->units + t->nunits && u->at < m->end; u++) {
		CHECK(u->kind == UNIT_WORD || u->kind == UNIT_PIECE);
		CHECK(u->at >= m->start && (size_t)u->at + u->n <= m->end);
	}
	CHECK(u > first);
	return u;
}

static const struct unit *
check_match(const struct tokens *t, const struct unit *u, const struct rx_match *m)
{
	size_t n = m->end - m->start;

	switch (m->group) {
	case 1:
		return check_one(t, u, UNIT_LINK, m->start, n, LINK_BYTES);
	case 2:
		return check_one(t, u, UNIT_MAIL, m->start, n, n);
	case 3:
		if (has_pieces(t->text.p + m->start, n))
			return check_pieces(t, u, m);
		return check_one(t, u, UNIT_WORD, m->start, n, WORD_BYTES);
	case 4:
		return check_one(t, u, UNIT_MARK, m->start, n, MARK_BYTES);
	default:
		return check_one(t, u, UNIT_MARK, m->start, n, n);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tokenizer *tk;
	struct normal_counts counts = { 0 };
	const struct unit *u;
	struct rx_match m;
	struct tokens t;
	struct err err;

	if (tk == NULL)
		CHECK(tokenizer_new(&tk, &err) == 0);
	tokens_init(&t);
	normalise(&t.text, fuzz_slice(data, size), &counts, &t.cases, &t.scratch);
	CHECK(buf_ok(&t.text));
	units_scan(tk, &t, 0);
	u = t.units;
	for (size_t from = 0; rx_next(tk->units, buf_slice(&t.text), from, &m); from = m.end)
		u = check_match(&t, u, &m);
	CHECK(!t.failed && (t.nunits == 0 ? u == t.units : u == t.units + t.nunits));
	tokens_fini(&t);
	return 0;
}
