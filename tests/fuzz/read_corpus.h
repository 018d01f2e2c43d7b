#ifndef HAMLET_TESTS_FUZZ_READ_CORPUS_H
#define HAMLET_TESTS_FUZZ_READ_CORPUS_H

#include "fuzz.h"

#include "base/utf8.h"
#include "corpus/corpus.h"

/* What must hold of a file in any format, read in the ways that the programs read one. */

static inline void
check_row(const struct example *row, const struct corpus_options *options)
{
	struct slice other[] = { row->source, row->split, row->id };

	CHECK(row->label == LABEL_HAM || row->label == LABEL_SPAM ||
	    (row->label == LABEL_NONE && options->unlabelled_ok));
	CHECK(row->comment.field[COMMENT_CONTENT].p != NULL && row->line > 0 && row->file != NULL);
	for (int f = 0; f < COMMENT_FIELDS; f++) {
		CHECK(row->comment.field[f].p != NULL || row->comment.field[f].n == 0);
		CHECK(utf8_valid(row->comment.field[f]));
	}
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		CHECK(utf8_valid(other[i]));
}

/* Read SPEC, of standard input; return how many rows there were, or -1 when the file was refused. */
static inline long
read_spec(const char *spec, struct corpus_options options)
{
	static struct corpus c; /* its memory is used again: to get it costs more than to read */
	struct err err = { .code = ERR_NONE };
	long n = -1;

	CHECK(lseek(STDIN_FILENO, 0, SEEK_SET) == 0);
	if (corpus_read(&c, spec, &options, &err) == 0) {
		n = (long)c.n;
		/* without that option only what nobody has judged, which WordPress's formats can say */
		CHECK(c.skipped == 0 || options.skip_bad || options.format == CORPUS_CSV ||
		    options.format == CORPUS_WXR);
		for (size_t i = 0; i < c.n; i++)
			check_row(&c.rows[i], &options);
	} else {
		CHECK(c.n == 0 && c.skipped == 0);
		CHECK(err.code == ERR_INPUT || err.code == ERR_LIMIT);
		for (const char *p = err.text; *p != '\0'; p++)
			CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
	}
	c.n = c.skipped = 0;
	arena_reset(c.arena);
	return n;
}

/*
 * Read DATA as FORMAT, from standard input: a name would be looked up again and again.  It is read strictly,
 * and, as its length says, in one more way, which must not give more to whoever asks for less: without labels
 * required there are as many rows or more, and filters leave rows out.
 */
static inline void
fuzz_corpus(enum corpus_format format, const uint8_t *data, size_t size)
{
	struct corpus_options strict = { .format = format, .label = LABEL_NONE },
			      lenient = { .format = format, .label = LABEL_SPAM, .skip_bad = true },
			      unlabelled = { .format = format, .unlabelled_ok = true, .label = LABEL_NONE };
	static bool is_input;
	int fd = fuzz_fd(fuzz_slice(data, size));
	long all, some;

	if (!is_input)
		CHECK(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
	is_input = true;
	all = read_spec("-", strict);
	if (size % 3 == 0) {
		CHECK(read_spec("-", unlabelled) >= all);
	} else if (size % 3 == 1) {
		read_spec("-", lenient);
	} else {
		some = read_spec("-:label=spam:lang=en", strict);
		CHECK(all == -1 || (some >= 0 && some <= all));
	}
}

#endif
