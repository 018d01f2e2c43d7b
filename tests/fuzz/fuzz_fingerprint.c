#include "config.h"

#include "known_model.h"

#include "engine/fingerprint.h"

/*
 * The input is a comment, as fuzz_comment() cuts it.  Its fingerprint must stay the same when its content is
 * escaped as PHP's addslashes() or htmlspecialchars() would, unless it has such escapes of its own.
 */

static void
add_escaped(struct buf *b, char c, bool html)
{
	static const char specials[] = "<>\"'";
	static const char *const entities[] = { "&lt;", "&gt;", "&quot;", "&#039;" };
	const char *at = c == '\0' ? NULL : strchr(specials, c);

	if (html && at != NULL)
		buf_add_str(b, entities[at - specials]);
	else if (!html && (c == '"' || c == '\''))
		buf_addf(b, "\\%c", c);
	else
		buf_add_char(b, c);
}

static void
check_escaped(const struct comment *comment, uint64_t number, bool html)
{
	struct slice content = comment->field[COMMENT_CONTENT];
	struct comment escaped = *comment;
	struct buf b;

	if (content.n == 0 || memchr(content.p, '\\', content.n) != NULL ||
	    (html && memchr(content.p, '&', content.n) != NULL))
		return;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < content.n; i++)
		add_escaped(&b, content.p[i], html);
	CHECK(buf_ok(&b));
	escaped.field[COMMENT_CONTENT] = buf_slice(&b);
	CHECK(comment_fingerprint(&escaped) == number);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct comment comment = fuzz_comment(fuzz_slice(data, size));
	uint64_t number = comment_fingerprint(&comment);

	CHECK(number != 0);
	check_escaped(&comment, number, false);
	check_escaped(&comment, number, true);
	return 0;
}
