#include "config.h"

#include "fuzz.h"

#include "base/utf8.h"
#include "classifier/normal.h"

/*
 * The input is a text to normalise.  One that begins with "REPEAT " is repeated until it is longer than what
 * is looked at.
 */
#define REPEAT "REPEAT "

/* No character grows more than this: U+FDFA, three bytes, becomes eighteen characters of two bytes at most.
 */
#define GROWTH 12

static void
check_cases(const struct buf *cases, const struct buf *out)
{
	const struct cased_word *list = (const struct cased_word *)(const void *)cases->p;

	CHECK(cases->n % sizeof(*list) == 0);
	for (size_t i = 0; i < cases->n / sizeof(*list); i++) {
		CHECK(list[i].at < out->n && (i == 0 || list[i].at > list[i - 1].at));
		CHECK(list[i].letter_case == CASE_INITIAL || list[i].letter_case == CASE_CAPITALS);
		CHECK(((unsigned char)out->p[list[i].at] & 0xc0) != 0x80);
	}
}

static void
check_counts(const struct normal_counts *c, size_t bytes)
{
	CHECK(c->bytes <= 2 * bytes + 1 && c->letters <= c->bytes && c->capitals <= c->bytes);
	CHECK(c->latin + c->cyrillic + c->greek + c->han + c->kana + c->hangul + c->arabic + c->hebrew +
		c->thai + c->indic + c->other ==
	    c->letters);
	CHECK(c->digits <= c->bytes && c->not_ascii <= c->bytes && c->tags + c->bbcode <= c->bytes);
}

static void
check_text(struct slice text)
{
	size_t looked_at = text.n < NORMAL_INPUT_MAX ? text.n : NORMAL_INPUT_MAX;
	struct normal_counts counts = { 0 };
	struct buf out, cases, scratch;

	buf_init(&out, BUF_NO_LIMIT);
	buf_init(&cases, BUF_NO_LIMIT);
	buf_init(&scratch, BUF_NO_LIMIT);
	normalise(&out, text, &counts, &cases, &scratch);
	CHECK(buf_ok(&out) && buf_ok(&cases) && buf_ok(&scratch));
	CHECK(out.n <= GROWTH * looked_at + 64 && utf8_valid(buf_slice(&out)));
	for (size_t i = 0; i < out.n; i++)
		CHECK((unsigned char)out.p[i] >= 0x20 && out.p[i] != 0x7f);
	check_cases(&cases, &out);
	check_counts(&counts, looked_at);
	buf_fini(&out);
	buf_fini(&cases);
	buf_fini(&scratch);
}

static void
check_repeated(struct slice text)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	while (b.n <= NORMAL_INPUT_MAX && text.n > 0)
		buf_add_slice(&b, text);
	CHECK(buf_ok(&b));
	check_text(buf_slice(&b));
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t skip = strlen(REPEAT);

	if (size > skip && memcmp(data, REPEAT, skip) == 0)
		check_repeated(fuzz_slice(data + skip, size - skip));
	else
		check_text(fuzz_slice(data, size));
	return 0;
}
