#include "config.h"

#include "corpus/reader.h"

int
text_read(struct reader *r, struct err *err)
{
	struct example row = { 0 };
	struct slice line;
	int more;

	if (reader_default_label(r, &row.label) == -1)
		return reader_fatal(r, 1, 1, err, "plain text doesn't say its label; give one");
	while ((more = input_line(&r->in, &line, err)) == 1) {
		int rc = 0;

		row.comment.field[COMMENT_CONTENT] = line;
		if (r->in.overlong)
			rc = reader_bad(r, r->in.line, CORPUS_MAX_LINE, err,
			    "the line is longer than %u bytes", CORPUS_MAX_LINE);
		else if (!slice_blank(line) && reader_wants(r, example_has, &row))
			rc = reader_add(r, &row, r->in.line, err);
		if (rc == -1)
			return -1;
	}
	return more;
}
