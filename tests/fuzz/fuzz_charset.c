#include "config.h"

#include "fuzz.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "daemon/charset.h"
#include "daemon/percent.h"

/* The input's first line names an encoding, the rest is text in it; the same text is percent-decoded too. */

static void
check_charset(struct slice name, struct slice text)
{
	struct arena *a = fuzz_arena();
	struct charset *cs = charset_open(name, a);
	bool failed = false, clean;
	struct slice out = charset_text(cs, text, a, &failed);

	CHECK(!failed && out.p != NULL && out.n <= 12 * text.n + 64);
	CHECK(utf8_valid(out) && (out.n == 0 || memchr(out.p, '\0', out.n) == NULL));
	clean = utf8_valid(text) && (text.n == 0 || memchr(text.p, '\0', text.n) == NULL);
	CHECK(cs != NULL || !clean || out.p == text.p);
	charset_close(cs);
	arena_free(a);
}

/* What is decoded from the encoded form of S must be S. */
static void
check_round(struct slice s)
{
	struct buf b;
	size_t n;

	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < s.n; i++)
		buf_addf(&b, "%%%02X", (unsigned char)s.p[i]);
	CHECK(buf_ok(&b));
	n = b.n;
	CHECK(b.p == NULL || percent_decode(b.p, &n, true) == 0);
	CHECK(slice_equal((struct slice){ b.p, n }, s));
	buf_fini(&b);
}

static void
check_percent(struct slice text)
{
	char *p = fuzz_copy(text), *q = fuzz_copy(text);
	size_t n = text.n, m = text.n;
	int rc = percent_decode(p, &n, true);

	CHECK(percent_decode(q, &m, false) == rc);
	if (rc == 0) {
		CHECK(n == m && n <= text.n && text.n <= 3 * n);
		check_round((struct slice){ p, n });
	}
	free(p);
	free(q);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_slice(data, size), name = fuzz_cut(&text, '\n');
	char *copy = fuzz_copy(text);

	text.p = copy;
	check_charset(name, text);
	check_percent(text);
	free(copy);
	return 0;
}
