#include "config.h"

#include "fuzz.h"

#include "base/utf8.h"
#include "corpus/comment_json.h"

/* The input is a native comment object.  What is understood of it, written out, must be understood the same.
 */

static int
parse(struct comment *comment, struct json **j, struct slice text, struct arena *a, struct err *err)
{
	int rc;

	*j = NULL;
	if (json_parse(j, text.p, text.n, err) == -1)
		return -1;
	rc = comment_from_json(comment, *j, a, err);
	CHECK(rc == 0 || strncmp(err->text, "'", 1) == 0 || strncmp(err->text, "a comment ", 10) == 0);
	return rc;
}

static void
write_comment(struct buf *b, const struct comment *comment)
{
	buf_init(b, BUF_NO_LIMIT);
	json_open(b, '{');
	comment_to_json(comment, b);
	json_close(b, '}');
	CHECK(buf_ok(b) && utf8_valid(buf_slice(b)));
	for (size_t i = 0; i < b->n; i++)
		CHECK((unsigned char)b->p[i] >= 0x20);
}

static void
check_again(const struct comment *comment, struct arena *a)
{
	struct comment again;
	struct json *j;
	struct err err;
	struct buf b;

	write_comment(&b, comment);
	CHECK(parse(&again, &j, buf_slice(&b), a, &err) == 0);
	for (int i = 0; i < COMMENT_FIELDS; i++) {
		CHECK((again.field[i].p == NULL) == (comment->field[i].p == NULL));
		CHECK(slice_equal(again.field[i], comment->field[i]));
		CHECK(utf8_valid(comment->field[i]));
	}
	json_free(j);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct comment comment;
	struct json *j;
	struct err err;

	if (parse(&comment, &j, fuzz_slice(data, size), a, &err) == 0)
		check_again(&comment, a);
	else
		CHECK(err.code == ERR_INPUT && *err.text != '\0');
	json_free(j);
	arena_free(a);
	return 0;
}
