#ifndef HAMLET_TESTS_FUZZ_CHECK_FORM_H
#define HAMLET_TESTS_FUZZ_CHECK_FORM_H

#include "fuzz.h"

#include "base/utf8.h"
#include "daemon/akismet_fields.h"
#include "daemon/form.h"

/* What must hold of any form that was decoded, and of the comment made from it. */
static inline void
check_form(const struct form *form, size_t max)
{
	CHECK(form->n <= max);
	for (size_t i = 0; i < form->n; i++) {
		const struct form_field *f = &form->v[i];

		CHECK(f->name.p != NULL && f->value.p != NULL);
	}
	CHECK(form_get(form, "comment_content").p != NULL || form_get(form, "comment_content").n == 0);
}

static inline void
check_comment_of(const struct form *form, struct arena *a)
{
	struct akismet_fields fields;
	struct err err;

	CHECK(akismet_fields(&fields, form, a, &err) == 0);
	for (int i = 0; i < COMMENT_FIELDS; i++) {
		struct slice s = fields.comment.field[i];

		CHECK(s.p != NULL || s.n == 0);
		CHECK(utf8_valid(s) && (s.n == 0 || memchr(s.p, '\0', s.n) == NULL));
	}
}

#endif
