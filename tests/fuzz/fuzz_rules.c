#include "config.h"

#include "fuzz.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "engine/rules.h"

/*
 * The input is a file of rules, a NUL, and a comment's text, which the commenter's name, addresses and
 * browser are made of too.  What is read must be sound, and be asked in bounded time; what isn't must say
 * where it is wrong.
 */

#define ARENA_BYTES ((size_t)64 << 20)

static void
check_infos(const struct rules *r)
{
	for (size_t i = 0; i < rules_count(r); i++) {
		struct rule_info info = rules_info(r, i);

		CHECK(info.name[0] != '\0' && strlen(info.name) <= 64);
		CHECK(info.line >= 1 && info.hits == 0 && info.site == NULL);
		CHECK((info.action == RULE_EVIDENCE) == (info.weight != 0));
		CHECK(info.weight >= -RULE_WEIGHT_MAX && info.weight <= RULE_WEIGHT_MAX);
	}
}

static void
ask(const struct rules *r, struct slice text)
{
	struct arena *a = arena_new(ARENA_BYTES);
	struct comment c = { 0 };
	struct rule_hits hits;
	struct subject s;
	struct err err;

	c.field[COMMENT_CONTENT] = text;
	c.field[COMMENT_AUTHOR] = (struct slice){ text.p, text.n / 2 };
	c.field[COMMENT_EMAIL] = (struct slice){ text.p, text.n / 3 };
	c.field[COMMENT_URL] = (struct slice){ text.p + text.n / 2, text.n / 2 };
	c.field[COMMENT_IP] = (struct slice){ text.p, text.n < 16 ? text.n : 16 };
	subject_init(&s, &c);
	CHECK(a != NULL && rules_find(r, NULL, &s, a, &hits, &err) == 0);
	CHECK(hits.n <= rules_count(r));
	rules_count_hits(&hits);
	subject_fini(&s);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = fuzz_slice(data, size), file = input, text = { input.p, 0 };
	const char *nul = size == 0 ? NULL : memchr(input.p, '\0', input.n);
	char path[FUZZ_PATH_BYTES];
	struct rules *r;
	struct err err;

	if (crypto_init(&err) == -1)
		return 0;
	if (nul != NULL) {
		file.n = (size_t)(nul - input.p);
		text = (struct slice){ nul + 1, input.n - file.n - 1 };
	}
	fuzz_file(file, path);
	if (rules_load_file(&r, path, &err) == 0) {
		check_infos(r);
		ask(r, text);
		rules_unref(r);
	} else {
		CHECK(err.code == ERR_INPUT || err.code == ERR_LIMIT || err.code == ERR_IO ||
		    err.code == ERR_NOMEM);
		CHECK(strncmp(err.text, "/proc/self/fd/", 14) == 0);
	}
	return 0;
}
