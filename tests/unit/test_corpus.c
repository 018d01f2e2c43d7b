#include "config.h"

#include <sys/stat.h>
#include <fcntl.h>

#include "corpus_fixture.h"

#define GOOD "{\"label\":\"ham\",\"content\":\"one\"}\n"

static void
reads_rows(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    read_text(f,
		"{\"label\":\"ham\",\"content\":\"one\",\"source\":\"s\",\"split\":\"train\",\"id\":\"7\"}\n"
		"\n  \t\n"
		"{\"label\":\"spam\",\"content\":\"two\",\"author\":\"\xc3\xa9\",\"context\":[\"a\",\"b\"],"
		"\"id\":12}"),
	    0);
	assert_int_equal(f->corpus.n, 2);
	assert_int_equal(f->corpus.rows[0].label, LABEL_HAM);
	assert_slice(f->corpus.rows[0].source, "s");
	assert_slice(f->corpus.rows[0].split, "train");
	assert_slice(f->corpus.rows[0].id, "7");
	assert_int_equal(f->corpus.rows[0].line, 1);
	assert_string_equal(f->corpus.rows[0].file, f->path);
	assert_int_equal(f->corpus.rows[1].label, LABEL_SPAM);
	assert_int_equal(f->corpus.rows[1].line, 4);
	assert_slice(f->corpus.rows[1].id, "12");
	assert_null(f->corpus.rows[1].source.p);
	assert_field(f, 1, COMMENT_AUTHOR, "\xc3\xa9");
	assert_field(f, 1, COMMENT_CONTEXT, "a\nb\n");
}

static void
appends(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f, GOOD), 0);
	assert_int_equal(read_text(f, GOOD GOOD), 0);
	assert_int_equal(f->corpus.n, 3);
	assert_field(f, 0, COMMENT_CONTENT, "one");
	assert_field(f, 2, COMMENT_CONTENT, "one");
}

static void
accepts_mark_and_crlf(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f, "\xef\xbb\xbf{\"label\":\"ham\",\"content\":\"one\"}\r\n\r\n" GOOD), 0);
	assert_int_equal(f->corpus.n, 2);
	assert_int_equal(f->corpus.rows[1].line, 3);
	assert_int_equal(read_text(f, "\xef\xbb\xbf"), 0);
	assert_int_equal(read_text(f, ""), 0);
	assert_int_equal(f->corpus.n, 2);
}

static void
filters_rows(void **state)
{
	static const char rows[] =
	    "{\"label\":\"ham\",\"content\":\"a\",\"split\":\"train\",\"stars\":5,\"seen\":true,\"x\":null,"
	    "\"at\":\"a:b\"}\n"
	    "{\"label\":\"spam\",\"content\":\"b\",\"split\":\"train\",\"stars\":0.1,\"seen\":false}\n"
	    "{\"label\":\"wrong\",\"content\":\"c\",\"split\":\"test\",\"stars\":\"5\"}\n"
	    "{\"label\":\"ham\",\"content\":\"d\",\"split\":\"train2\",\"stars\":[5]}\n";
	static const struct {
		const char *filters;
		size_t rows;
	} cases[] = {
		{ ":split=train", 2 },
		{ ":split=train:label=spam", 1 },
		{ ":label=spam:split=train", 1 },
		{ ":split=trai", 0 },
		{ ":stars=5:split=train", 1 },
		{ ":stars=0.1", 1 },
		{ ":seen=true", 1 },
		{ ":seen=false", 1 },
		{ ":x=null", 1 },
		{ ":at=a:b", 1 },
		{ ":at=a", 0 },
		{ ":nothing=", 0 },
		{ ":content=d", 1 },
		{ ":label=ham", 2 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t before = f->corpus.n;

		assert_int_equal(read_bytes(f, rows, sizeof(rows) - 1, cases[i].filters), 0);
		assert_int_equal(f->corpus.n - before, cases[i].rows);
	}
	assert_int_equal(
	    read_bytes(f, rows, sizeof(rows) - 1, ":split=test"), -1); /* its label is looked at now */
	assert_int_equal(read_bytes(f, GOOD, strlen(GOOD),
			     ":a=1:a=1:a=1:a=1:a=1:a=1:a=1:a=1:a=1:a=1:a=1:a=1:a=1:a=1:a=1:a=1:a=1"),
	    -1);
	assert_int_equal(f->err.code, ERR_LIMIT);
}

static void
names_with_colons(void **state)
{
	struct fixture *f = *state;

	snprintf(f->path, sizeof(f->path), "%s/a:split=x:b", f->dir);
	assert_int_equal(read_text(f, GOOD), 0);
	assert_int_equal(f->corpus.n, 1);
	assert_int_equal(read_bytes(f, GOOD GOOD, 2 * strlen(GOOD), ":label=ham"), 0);
	assert_int_equal(f->corpus.n, 3);
	assert_int_equal(read_bytes(f, GOOD, strlen(GOOD), ":label=spam"), 0);
	assert_int_equal(f->corpus.n, 3);
}

static void
refuses_bad_lines_by_name(void **state)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
		{ "{\"content\":\"x\"}", "line 3 column 1: 'label' is missing" },
		{ "{\"content\":\"\xc3\xa9\", \"label\":\"maybe\"}",
		    "line 3 column 17: 'label' is neither \"spam\" nor \"ham\"" },
		{ "{\"label\":1,\"content\":\"x\"}", "line 3 column 2: 'label' is not a string" },
		{ "{\"label\":\"ham\"}", "line 3 column 1: 'content' is missing" },
		{ "{\"label\":\"ham\",\"content\":7}",
		    "line 3 column 16: 'content' is a number, not a string" },
		{ "{\"label\":\"ham\",\"content\":\"x\",\"source\":1}",
		    "line 3 column 30: 'source' is not a string" },
		{ "{\"label\":\"ham\",\"content\":\"x\",\"site\":5}",
		    "line 3 column 30: 'site' is a number, not a string" },
		{ "{\"label\":\"ham\",\"content\":\"x\",\"site\":\"a\",\"scope\":[]}",
		    "line 3 column 41: 'scope' is a list, not a string" },
		{ "{\"label\":\"ham\",\"content\":\"x\",\"site\":\"a\",\"scope\":\"bogus\"}",
		    "line 3 column 41: 'scope' is none of own, all, both" },
		{ "[1]", "line 3 column 1: the line is not an object" },
		{ "{\"label\":\"ham\",}", "line 3 column 16: string or '}' expected near '}'" },
		{ "{\"label\":\"ham\",\"label\":\"ham\",\"content\":\"x\"}",
		    "line 3 column 22: duplicate object key near '\"label\"'" },
		{ "{\"label\":\"ham\",\"content\":\"\xff\"}",
		    "line 3 column 26: unable to decode byte 0xff near '\"'" },
	};
	struct fixture *f = *state;
	char text[512];

	assert_int_equal(read_text(f, GOOD), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), GOOD "\n%s\n" GOOD, bad[i].line);
		assert_refused(f, text, ERR_INPUT, bad[i].why);
	}
	assert_field(f, 0, COMMENT_CONTENT, "one");
}

static void
messages_carry_no_control_characters(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f, "{\"a\":\"x\" \x1b[31m}\n"), -1);
	assert_null(strchr(f->err.text, 0x1b));
}

static void
skips_bad_lines_when_told(void **state)
{
	struct fixture *f = *state;

	f->options.skip_bad = true;
	assert_int_equal(read_text(f, GOOD "{\n{\"label\":\"x\"}\n[]\n" GOOD "nonsense"), 0);
	assert_int_equal(f->corpus.n, 2);
	assert_int_equal(f->corpus.skipped, 4);
}

static void
unlabelled_rows(void **state)
{
	static const char rows[] = "{\"content\":\"x\"}\n{\"label\":null,\"content\":\"y\"}\n" GOOD;
	struct fixture *f = *state;

	assert_refused(f, rows, ERR_INPUT, "line 1 column 1: 'label' is missing");
	f->options.unlabelled_ok = true;
	assert_int_equal(read_text(f, rows), 0);
	assert_int_equal(f->corpus.rows[0].label, LABEL_NONE);
	assert_int_equal(f->corpus.rows[1].label, LABEL_NONE);
	assert_int_equal(f->corpus.rows[2].label, LABEL_HAM);
	f->options.label = LABEL_SPAM;
	assert_int_equal(read_text(f, rows), 0);
	assert_int_equal(f->corpus.rows[3].label, LABEL_SPAM);
	assert_int_equal(f->corpus.rows[5].label, LABEL_HAM);
}

static void
reads_whose_word_it_is(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
			     "{\"label\":\"ham\",\"content\":\"x\",\"site\":\"blog\",\"scope\":\"both\"}\n"
			     "{\"label\":\"ham\",\"content\":\"x\",\"site\":null,\"scope\":null}\n"),
	    0);
	assert_slice(f->corpus.rows[0].site, "blog");
	assert_slice(f->corpus.rows[0].scope, "both");
	assert_null(f->corpus.rows[1].site.p);
	assert_null(f->corpus.rows[1].scope.p);
}

static void
keeps_nul(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f, "{\"label\":\"ham\",\"content\":\"a\\u0000b\"}"), 0);
	assert_int_equal(f->corpus.rows[0].comment.field[COMMENT_CONTENT].n, 3);
	assert_memory_equal(f->corpus.rows[0].comment.field[COMMENT_CONTENT].p, "a\0b", 3);
	assert_int_equal(read_bytes(f, "{\"label\":\"ham\",\0\"content\":\"x\"}\n", 31, ""), -1);
	assert_int_equal(f->corpus.n, 1);
}

/* A line of N bytes, well-formed. */
static char *
long_line(size_t n)
{
	static const char head[] = "{\"label\":\"ham\",\"content\":\"", tail[] = "\"}";
	char *p = malloc(n + 1);

	memset(p, 'x', n);
	memcpy(p, head, sizeof(head) - 1);
	memcpy(p + n - 2, tail, sizeof(tail));
	return p;
}

static void
bounds_lines(void **state)
{
	struct fixture *f = *state;
	char *fits = long_line(CORPUS_MAX_LINE), *over = long_line(CORPUS_MAX_LINE + 1);

	assert_int_equal(read_text(f, fits), 0);
	assert_refused(f, over, ERR_INPUT, "line 1 column 4194304: the line is longer than 4194304 bytes");
	over = realloc(over, 3 * (size_t)CORPUS_MAX_LINE + 100);
	memset(over + CORPUS_MAX_LINE, 'x', 2 * (size_t)CORPUS_MAX_LINE);
	memcpy(over + 3 * (size_t)CORPUS_MAX_LINE, "\n" GOOD, sizeof("\n" GOOD));
	f->options.skip_bad = true;
	assert_int_equal(read_text(f, over), 0);
	assert_int_equal(f->corpus.n, 2);
	assert_int_equal(f->corpus.skipped, 1);
	assert_int_equal(f->corpus.rows[1].line, 2);
	free(fits);
	free(over);
}

static void
bounds_nesting(void **state)
{
	const size_t depth = 1000 * 1000;
	struct fixture *f = *state;
	char *p = malloc(depth);

	memset(p, '[', depth);
	assert_int_equal(read_bytes(f, p, depth, ""), -1);
	assert_int_equal(f->err.code, ERR_INPUT);
	assert_non_null(strstr(f->err.text, "maximum parsing depth reached"));
	assert_int_equal(f->corpus.n, 0);
	free(p);
}

static void
refuses_what_is_no_file(void **state)
{
	static const enum corpus_format formats[] = { CORPUS_JSONL, CORPUS_CSV, CORPUS_WXR, CORPUS_MBOX,
		CORPUS_TEXT };
	struct fixture *f = *state;
	char expected[256];

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		f->options.format = formats[i];
		f->options.label = LABEL_HAM;
		assert_int_equal(corpus_read(&f->corpus, f->dir, &f->options, &f->err), -1);
		assert_int_equal(f->err.code, ERR_IO);
		snprintf(expected, sizeof(expected), "%s: Is a directory", f->dir);
		assert_string_equal(f->err.text, expected);
		assert_int_equal(corpus_read(&f->corpus, f->path, &f->options, &f->err), -1);
		snprintf(expected, sizeof(expected), "%s: No such file or directory", f->path);
		assert_string_equal(f->err.text, expected);
	}
	snprintf(expected, sizeof(expected), "%s/none:split=train", f->dir);
	assert_int_equal(corpus_read(&f->corpus, expected, &f->options, &f->err), -1);
	snprintf(expected, sizeof(expected), "%s/none: No such file or directory", f->dir);
	assert_string_equal(f->err.text, expected);
}

static void
reads_standard_input(void **state)
{
	struct fixture *f = *state;
	int saved = dup(STDIN_FILENO), fd;

	write_file(f, GOOD "{\n", strlen(GOOD) + 2);
	fd = open(f->path, O_RDONLY);
	assert_true(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
	assert_int_equal(corpus_read(&f->corpus, "-:label=ham", &f->options, &f->err), -1);
	assert_non_null(strstr(f->err.text, "standard input: line 2 column "));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	f->options.skip_bad = true;
	assert_int_equal(corpus_read(&f->corpus, "-", &f->options, &f->err), 0);
	assert_int_equal(f->corpus.n, 1);
	assert_true(dup2(saved, STDIN_FILENO) == STDIN_FILENO);
	close(saved);
	close(fd);
}

static void
parses_format_names(void **state)
{
	enum corpus_format format = CORPUS_TEXT;

	(void)state;
	assert_int_equal(corpus_format_parse(&format, "jsonl"), 0);
	assert_int_equal(format, CORPUS_JSONL);
	assert_int_equal(corpus_format_parse(&format, "mbox"), 0);
	assert_int_equal(format, CORPUS_MBOX);
	assert_int_equal(corpus_format_parse(&format, "JSONL"), -1);
	assert_int_equal(format, CORPUS_MBOX);
}

/* Check the data set that line ROW of the README's table describes, if it does; return whether it did. */
static bool
check_data_set(struct fixture *f, const char *dir, const char *row)
{
	size_t rows, spam, ham, got[3] = { 0 }, before = f->corpus.n;
	char name[100], path[512];

	if (sscanf(row, "| %99[^ |]", name) != 1 || strstr(name, ".jsonl") == NULL ||
	    sscanf(row, "| %*[^|] | %*[^|] | %zu | %zu | %zu |", &rows, &spam, &ham) != 3)
		return false;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(corpus_read(&f->corpus, path, &f->options, &f->err), 0);
	for (size_t i = before; i < f->corpus.n; i++)
		got[f->corpus.rows[i].label]++;
	assert_int_equal(f->corpus.n - before, rows);
	assert_int_equal(got[LABEL_SPAM], spam);
	assert_int_equal(got[LABEL_HAM], ham);
	return true;
}

static void
reads_the_shared_data(void **state)
{
	const char *shared = getenv("HAMLET_SHARED"), *srcdir = getenv("srcdir");
	struct fixture *f = *state;
	char dir[400], path[440], line[4096];
	size_t sets = 0;
	FILE *readme;

	if (shared != NULL)
		snprintf(dir, sizeof(dir), "%s/data", shared);
	else
		snprintf(dir, sizeof(dir), "%s/../shared/data", srcdir == NULL ? "." : srcdir);
	snprintf(path, sizeof(path), "%s/README.md", dir);
	readme = fopen(path, "r");
	if (readme == NULL) {
		print_message("# skipped: there is no %s\n", path);
		return; /* cmocka's skip() is "not ok" in TAP */
	}
	while (fgets(line, sizeof(line), readme) != NULL)
		sets += check_data_set(f, dir, line);
	fclose(readme);
	assert_true(sets >= 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(appends, setup, teardown),
		cmocka_unit_test_setup_teardown(accepts_mark_and_crlf, setup, teardown),
		cmocka_unit_test_setup_teardown(filters_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(names_with_colons, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_bad_lines_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(messages_carry_no_control_characters, setup, teardown),
		cmocka_unit_test_setup_teardown(skips_bad_lines_when_told, setup, teardown),
		cmocka_unit_test_setup_teardown(unlabelled_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_whose_word_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_nul, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds_nesting, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_standard_input, setup, teardown),
		cmocka_unit_test_setup_teardown(parses_format_names, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_the_shared_data, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
