#include "config.h"

#include "fuzz.h"

#include "base/utf8.h"
#include "engine/blogspam.h"
#include "engine/blogspam_options.h"

/* The input is the body of a call to blogspam.net's API. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(fuzz_slice(data, size));
	struct arena *a = arena_new(64u << 20);
	struct blogspam_outcome out;
	struct blogspam b;
	struct json *j;
	struct err err;

	CHECK(a != NULL);
	if (blogspam_parse(&j, (struct slice){ copy, size }, a, &err) == 0) {
		if (blogspam_read(&b, j, a, &err) == 0) {
			for (int i = 0; i < COMMENT_FIELDS; i++) {
				struct slice s = b.comment.field[i];

				CHECK(s.n == 0 || (utf8_valid(s) && memchr(s.p, '\0', s.n) == NULL));
			}
			blogspam_run(&b, &out);
			CHECK(out.test != NULL && (out.answer == BLOGSPAM_NEXT || out.why != NULL));
			CHECK(out.answer != BLOGSPAM_NEXT || blogspam_ip_valid(b.field[BLOGSPAM_IP]) ||
			    blogspam_excludes(b.field[BLOGSPAM_OPTIONS], "20-ip.js"));
		}
		json_free(j);
	} else {
		CHECK(err.code == ERR_INPUT && j == NULL);
	}
	arena_free(a);
	free(copy);
	return 0;
}
