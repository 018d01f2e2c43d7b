#include "config.h"

#include "check_form.h"

#include "base/buf.h"

/* The input is an urlencoded form, as the body of a request or the query of its address. */
#define FIELDS 64

static void
add_encoded(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addf(b, "%%%02x", (unsigned char)s.p[i]);
}

/* A form written anew from what was understood must be understood the same. */
static void
check_again(const struct form *form, struct arena *a)
{
	struct form again;
	struct err err;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < form->n; i++) {
		add_encoded(&b, form->v[i].name);
		buf_add_char(&b, '=');
		add_encoded(&b, form->v[i].value);
		buf_add_char(&b, '&');
	}
	CHECK(buf_ok(&b));
	CHECK(form_parse(&again, buf_slice(&b), FIELDS, a, &err) == 0 && again.n == form->n);
	for (size_t i = 0; i < form->n; i++) {
		CHECK(slice_equal(again.v[i].name, form->v[i].name));
		CHECK(slice_equal(again.v[i].value, form->v[i].value));
	}
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct form form;
	struct err err;

	if (form_parse(&form, fuzz_slice(data, size), FIELDS, a, &err) == 0) {
		check_form(&form, FIELDS);
		check_again(&form, a);
		check_comment_of(&form, a);
	} else {
		CHECK(err.code == ERR_INPUT || err.code == ERR_LIMIT);
	}
	arena_free(a);
	return 0;
}
