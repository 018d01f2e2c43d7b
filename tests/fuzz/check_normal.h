#ifndef HAMLET_TESTS_FUZZ_CHECK_NORMAL_H
#define HAMLET_TESTS_FUZZ_CHECK_NORMAL_H

#include "fuzz.h"

#include "base/utf8.h"
#include "classifier/normal.h"

/* What must hold of any text that is normalised. */

/* No character grows more than this: a byte that is no UTF-8 may be a fraction, which has a sign of three
 * bytes between its digits.  Those that become a sentence, as U+FDFA does, may do so a few times. */
#define GROWTH 5
#define GROWN 32768

static inline void
check_normal_cases(const struct buf *cases, const struct buf *out)
{
	const struct cased_word *list = (const struct cased_word *)(const void *)cases->p;

	CHECK(cases->n % sizeof(*list) == 0);
	for (size_t i = 0; i < cases->n / sizeof(*list); i++) {
		CHECK(list[i].at < out->n && (i == 0 || list[i].at > list[i - 1].at));
		CHECK(list[i].letter_case == CASE_INITIAL || list[i].letter_case == CASE_CAPITALS);
		CHECK(((unsigned char)out->p[list[i].at] & 0xc0) != 0x80);
	}
}

/* Check what was counted in a text of so many BYTES that came to OUT. */
static inline void
check_normal_counts(const struct normal_counts *c, size_t bytes, size_t out)
{
	const size_t of[] = { c->latin, c->cyrillic, c->greek, c->han, c->kana, c->hangul, c->arabic,
		c->hebrew, c->thai, c->indic, c->other };
	size_t sum = 0;

	/* a stray 0x80 is a euro sign, of three bytes */
	CHECK(c->bytes <= 3 * bytes + 1 && c->letters <= out && c->capitals <= c->bytes);
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		CHECK(of[i] <= c->letters);
		sum += of[i];
	}
	CHECK(sum == c->letters);
	CHECK(c->digits <= c->bytes && c->not_ascii <= c->bytes && c->tags + c->bbcode <= c->bytes);
}

static inline void
check_normal(struct slice text)
{
	size_t looked_at = text.n < NORMAL_INPUT_MAX ? text.n : NORMAL_INPUT_MAX;
	struct normal_counts counts = { 0 };
	struct buf out, cases, scratch;

	buf_init(&out, BUF_NO_LIMIT);
	buf_init(&cases, BUF_NO_LIMIT);
	buf_init(&scratch, BUF_NO_LIMIT);
	normalise(&out, text, &counts, &cases, &scratch);
	CHECK(buf_ok(&out) && buf_ok(&cases) && buf_ok(&scratch));
	CHECK(out.n <= GROWTH * looked_at + GROWN && utf8_valid(buf_slice(&out)));
	for (size_t i = 0; i < out.n; i++)
		CHECK((unsigned char)out.p[i] >= 0x20 && out.p[i] != 0x7f);
	check_normal_cases(&cases, &out);
	check_normal_counts(&counts, looked_at, out.n);
	buf_fini(&out);
	buf_fini(&cases);
	buf_fini(&scratch);
}

#endif
