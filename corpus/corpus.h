#ifndef HAMLET_CORPUS_CORPUS_H
#define HAMLET_CORPUS_CORPUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "classifier/comment.h"
#include "classifier/train.h"

/* Labelled comments in memory, as read from files; they live in the corpus's own arena, and are well-formed
 * UTF-8. */
struct example {
	struct comment comment;
	enum label label;
	struct slice source, split, id; /* absent if not given */
	struct slice site,
	    scope; /* whose word it is and for whom it counts, as exported; absent if not given */
	struct origin origin; /* for training: its source is that of the member, else of the file */
	const char *file; /* where the row comes from, as named in messages */
	size_t line; /* its first line there, from 1 */
};

struct corpus {
	struct example *rows;
	size_t n, cap;
	struct arena *arena; /* NULL until something is read */
	size_t skipped; /* rows left out: bad ones, and of WordPress those that nobody has judged */
};

/*
 * CORPUS_JSONL	an object a line: label, source, split, id and the native comment's members
 * CORPUS_CSV	a header line names the columns, by these names or by the ones other programs use (csv.c has
 *the list); separated by commas, semicolons or tabs, whichever the header has most of
 * CORPUS_WXR	WordPress's export: approved comments are ham, those marked as spam are spam, the others are
 *left out CORPUS_MBOX	mail: From, Date, Subject and the first readable part; options.label, else what
 *X-Label or X-Spam say CORPUS_TEXT	a comment a line
 */
enum corpus_format { CORPUS_JSONL, CORPUS_CSV, CORPUS_WXR, CORPUS_MBOX, CORPUS_TEXT };

struct corpus_options {
	enum corpus_format format;
	enum label label; /* for rows that carry none (text, mbox); LABEL_NONE: a row must say */
	bool skip_bad; /* count bad rows in corpus.skipped instead of failing */
	bool unlabelled_ok; /* rows without a label get LABEL_NONE (for `hamlet score`) */
};

#define CORPUS_MAX_ROWS 20000000
#define CORPUS_MAX_LINE (4u << 20) /* bytes of one row; of a mail, what lies beyond is not looked at */
#define CORPUS_MAX_BYTES ((size_t)4 << 30) /* of text, in all */
#define CORPUS_MAX_FILTERS 16

void corpus_init(struct corpus *c);

/* Free all rows; C is as after corpus_init(). */
void corpus_fini(struct corpus *c);

/*
 * Append the rows of SPEC to *C.  SPEC is a path with optional row filters, "FILE:key=value[:key=value...]",
 * where key is any member (in CSV: any column) of a row, such as split, label, lang or source, and the value
 * must be the same byte for byte (numbers, true and false: as JSON writes them); a row that doesn't match is
 * not looked at further.  "-" is standard input.  A file whose name itself has ":" and exists is taken as it
 * is.
 *
 * On failure *C has the rows and the count of skipped ones that it had before.  ERR_INPUT names file, line
 * and column (in CSV the column is counted in fields, elsewhere in characters).  options.skip_bad can't help
 * where a file's rows can no longer be told apart, such as in XML that is not well-formed.
 */
int corpus_read(struct corpus *c, const char *spec, const struct corpus_options *options, struct err *err);

/* Set *FORMAT from "jsonl", "csv", "wxr", "mbox" or "text" and return 0, or -1. */
int corpus_format_parse(enum corpus_format *format, const char *name);

#endif
