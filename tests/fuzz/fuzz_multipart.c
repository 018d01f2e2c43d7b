#include "config.h"

#include "check_form.h"

/* The input's first line is the value of Content-Type, the rest is the body. */
#define FIELDS 16

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = fuzz_slice(data, size), type = fuzz_cut(&body, '\n'), boundary;
	enum form_kind kind = form_kind(type, &boundary);
	char *copy = fuzz_copy(body);
	struct arena *a;
	struct form form;
	struct err err;

	CHECK(kind == FORM_MULTIPART || boundary.p == NULL);
	CHECK(fuzz_within(boundary, type.p, type.n));
	a = fuzz_arena();
	if (kind != FORM_MULTIPART) {
		/* nothing more to see */
	} else if (form_parse_multipart(&form, (struct slice){ copy, body.n }, boundary, FIELDS, a, &err) ==
	    0) {
		check_form(&form, FIELDS);
		for (size_t i = 0; i < form.n; i++) {
			CHECK(fuzz_within(form.v[i].name, copy, body.n));
			CHECK(fuzz_within(form.v[i].value, copy, body.n));
		}
		check_comment_of(&form, a);
	} else {
		CHECK(err.code == ERR_INPUT || err.code == ERR_LIMIT);
	}
	arena_free(a);
	free(copy);
	return 0;
}
