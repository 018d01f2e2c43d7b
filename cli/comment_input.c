#include "config.h"

#include <string.h>

#include "base/utf8.h"
#include "cli/comment_input.h"
#include "corpus/input.h"

int
comment_input_read(struct buf *b, const char *path, struct err *err)
{
	struct slice piece;
	struct input in;
	int more;

	buf_init(b, COMMENT_INPUT_MAX);
	if (input_open(&in, path, err) == -1)
		return -1;
	while ((more = input_chunk(&in, &piece, err)) == 1 && buf_ok(b))
		buf_add_slice(b, piece);
	if (more == 1)
		err_set(err, ERR_LIMIT, "%s: larger than %zu bytes", in.name, COMMENT_INPUT_MAX);
	input_close(&in);
	return more == 0 && buf_ok(b) ? 0 : more == 0 ? err_set(err, ERR_NOMEM, "out of memory") : -1;
}

bool
comment_input_is_object(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr(" \t\r\n", s.p[i]) == NULL || s.p[i] == '\0')
			return s.p[i] == '{';
	}
	return false;
}

void
comment_input_text(struct buf *b, struct slice text)
{
	if (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	utf8_repair(b, text);
}
