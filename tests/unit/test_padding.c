#include "config.h"

#include "unit.h"

#include "base/hash.h"
#include "classifier/padding.h"

/* The words that padded copies of the examples are made with. */

struct fixture {
	struct tokenizer *tk;
	struct tokens tokens;
	struct rows rows;
	struct vocabulary vocabulary;
	struct selection chosen;
	struct padding padding;
	struct buf words;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	assert_ok(tokenizer_new(&f->tk, &err), err);
	tokens_init(&f->tokens);
	vocabulary_init(&f->vocabulary, false);
	buf_init(&f->words, BUF_NO_LIMIT);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tokenizer_free(f->tk);
	tokens_fini(&f->tokens);
	rows_fini(&f->rows);
	vocabulary_fini(&f->vocabulary);
	selection_fini(&f->chosen);
	padding_fini(&f->padding);
	buf_fini(&f->words);
	free(f);
	return 0;
}

static void
add(struct fixture *f, const char *text, bool spam)
{
	struct comment c = { .field[COMMENT_CONTENT] = slice_of(text) };
	struct err err;

	assert_ok(tokenize(f->tk, &c, true, &f->tokens, &err), err);
	assert_int_equal(rows_add(&f->rows, &f->vocabulary, &c, &f->tokens, spam, 0, 0), 0);
}

static const char *
find(struct fixture *f)
{
	static const struct choice all;
	const struct left_out l = { .rows = &f->chosen, .v = &f->vocabulary, .totals = { 1, 1 } };

	rows_sort(&f->rows);
	selection_fini(&f->chosen);
	padding_fini(&f->padding);
	assert_int_equal(selection_init(&f->chosen, &f->rows, &all, f->vocabulary.table.used), 0);
	assert_int_equal(padding_init(&f->padding, f->tk, &l), 0);
	return buf_str(&f->padding.words);
}

static void
takes_the_most_innocent_words(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		add(f, "thanks 42 both", false);
		add(f, "buy pills both", true);
	}
	add(f, "thanks article", false);
	assert_string_equal(find(f), " thanks article");
}

static void
takes_no_more_than_it_should(void **state)
{
	struct fixture *f = *state;
	char text[16];
	size_t spaces = 0;

	for (int i = 0; i < 2 * PADDING_WORDS; i++) {
		snprintf(text, sizeof(text), "word%d", i);
		add(f, text, false);
		add(f, "buy pills", true);
	}
	for (const char *p = find(f); *p != '\0'; p++)
		spaces += *p == ' ';
	assert_int_equal(spaces, PADDING_WORDS);
}

static void
finds_nothing_without_ham(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(find(f), "");
	add(f, "buy pills", true);
	assert_string_equal(find(f), "");
}

/* The same examples in another order: the same words. */
static void
depends_on_the_examples_alone(void **state)
{
	static const char *const texts[] = { "thanks a lot", "nice article", "I agree with you",
		"see you there", "what a day", "my own blog", "well said", "good point", "more of this",
		"never again" };
	struct fixture *f = *state;
	size_t n = sizeof(texts) / sizeof(texts[0]);
	char *first;

	for (size_t i = 0; i < n; i++)
		add(f, texts[i], i % 3 == 0);
	first = strdup(find(f));
	assert_true(strlen(first) > 20);
	rows_fini(&f->rows);
	vocabulary_fini(&f->vocabulary);
	for (size_t i = n; i-- > 0;)
		add(f, texts[i], i % 3 == 0);
	assert_string_equal(find(f), first);
	free(first);
}

/* What a row is padded with: other ham, or innocent words; never without any. */
static void
pads_every_row(void **state)
{
	struct fixture *f = *state;

	add(f, "buy pills", true);
	find(f);
	assert_false(padding_add(&f->padding, 0, &f->words));
	for (int i = 0; i < 6; i++) {
		add(f, "buy more pills", true);
		add(f, i % 2 == 0 ? "thanks for this" : "a nice article", false);
	}
	find(f);
	for (size_t i = 0; i < rows_count(&f->rows); i++) {
		buf_clear(&f->words);
		assert_true(padding_add(&f->padding, i, &f->words));
		assert_true(f->words.n > 0 && f->words.p[0] == ' ');
		assert_null(strstr(buf_str(&f->words), "pills"));
	}
}

/* As long as F's rows are, what row I is padded with when each row in turn is asked, from the one that its
 * key points to on, for the first words of its comment. */
static void
pad_by_walking(const struct fixture *f, size_t i, struct buf *out)
{
	const struct selection *rows = &f->chosen;
	size_t n = rows->n, words = i % 2 == 0 ? 20 : 60;

	for (size_t pick = 0; pick < 100 && words > 0; pick++) {
		size_t at = hash_mix(rows->v[i]->key, n + pick) % n;

		for (size_t k = 0; k < n && (at == i || rows->v[at]->spam || rows->v[at]->nunits == 0); k++)
			at = (at + 1) % n;
		buf_add_char(out, ' ');
		buf_add_slice(out, rows->v[at]->comment.field[COMMENT_CONTENT]);
		words--;
	}
}

/* The ham that a row's own key points to, or the next that has words: never the row itself. */
static void
takes_the_next_ham(void **state)
{
	struct fixture *f = *state;
	struct buf expected;
	char text[16];

	buf_init(&expected, BUF_NO_LIMIT);
	for (int i = 0; i < 60; i++) {
		snprintf(text, sizeof(text), "same%d", i);
		add(f, text, i % 7 != 0); /* in both classes, so that nothing speaks for ham */
		add(f, i % 2 == 0 ? "" : text, false);
		add(f, text, true);
	}
	find(f);
	for (size_t i = 0; i < f->chosen.n; i++) {
		if (f->padding.n > 0 && i / 2 % 5 == 4)
			continue;
		buf_clear(&f->words);
		buf_clear(&expected);
		assert_true(padding_add(&f->padding, i, &f->words));
		pad_by_walking(f, i, &expected);
		assert_string_equal(buf_str(&f->words), buf_str(&expected));
	}
	buf_fini(&expected);
}

static void
a_single_ham_is_not_padded_with_itself(void **state)
{
	struct fixture *f = *state;

	add(f, "thanks", false);
	for (int i = 0; i < 3; i++)
		add(f, "thanks", true);
	find(f);
	for (size_t i = 0; i < f->chosen.n; i++)
		assert_int_equal(padding_add(&f->padding, i, &f->words), f->chosen.v[i]->spam);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_the_most_innocent_words, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_no_more_than_it_should, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_nothing_without_ham, setup, teardown),
		cmocka_unit_test_setup_teardown(pads_every_row, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_the_next_ham, setup, teardown),
		cmocka_unit_test_setup_teardown(a_single_ham_is_not_padded_with_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(depends_on_the_examples_alone, setup, teardown),
	};

	return cmocka_run_group_tests_name("padding", tests, NULL, NULL);
}
