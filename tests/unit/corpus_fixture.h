#ifndef HAMLET_TESTS_UNIT_CORPUS_FIXTURE_H
#define HAMLET_TESTS_UNIT_CORPUS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "corpus/corpus.h"

/* A corpus and a file of bytes to read into it, for the tests of corpus/. */
struct fixture {
	char dir[64];
	char path[96]; /* of the file, in dir */
	struct corpus corpus;
	struct corpus_options options;
	struct err err;
};

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/hamlet-corpus-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/file", f->dir);
	corpus_init(&f->corpus);
	f->options = (struct corpus_options){ .format = CORPUS_JSONL, .label = LABEL_NONE };
	*state = f;
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	corpus_fini(&f->corpus);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static inline void
write_file(struct fixture *f, const char *p, size_t n)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(p, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

/* Read the N bytes at P as a file that is followed by FILTERS. */
static inline int
read_bytes(struct fixture *f, const char *p, size_t n, const char *filters)
{
	char spec[256];

	write_file(f, p, n);
	snprintf(spec, sizeof(spec), "%s%s", f->path, filters);
	return corpus_read(&f->corpus, spec, &f->options, &f->err);
}

static inline int
read_text(struct fixture *f, const char *text)
{
	return read_bytes(f, text, strlen(text), "");
}

/* The file must be refused with the error CODE and WHY after the file's name, and leave nothing. */
static inline void
assert_refused(struct fixture *f, const char *text, enum err_code code, const char *why)
{
	size_t rows = f->corpus.n, skipped = f->corpus.skipped;
	char expected[ERR_TEXT_MAX];

	assert_int_equal(read_text(f, text), -1);
	assert_int_equal(f->err.code, code);
	snprintf(expected, sizeof(expected), "%s: %s", f->path, why);
	assert_string_equal(f->err.text, expected);
	assert_int_equal(f->corpus.n, rows);
	assert_int_equal(f->corpus.skipped, skipped);
}

static inline void
assert_slice(struct slice s, const char *text)
{
	assert_non_null(s.p);
	assert_int_equal(s.n, strlen(text));
	assert_memory_equal(s.p, text, s.n);
}

static inline void
assert_field(const struct fixture *f, size_t row, enum comment_field field, const char *text)
{
	assert_true(row < f->corpus.n);
	assert_slice(f->corpus.rows[row].comment.field[field], text);
}

#endif
