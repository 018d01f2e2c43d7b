#include "config.h"

#include "fuzz.h"

#include "base/buf.h"
#include "base/log.h"

/*
 * The input is an event and up to two values, with a NUL byte between them.  Whatever they are, the log gets
 * one line of plain ASCII, from which they can be read back.
 */
#define LINE_BYTES 8192
#define WHOLE_BYTES 3900 /* a shorter line has not been cut */

/* Read what FD, a file in memory, holds, as a string; the caller frees it. */
static char *
read_back(int fd)
{
	char *line = malloc(LINE_BYTES + 1);
	ssize_t n;

	CHECK(line != NULL);
	n = pread(fd, line, LINE_BYTES, 0);
	CHECK(n > 0 && n < LINE_BYTES);
	line[n] = '\0';
	CHECK(strlen(line) == (size_t)n);
	return line;
}

static void
check_line(const char *line)
{
	size_t n = strlen(line);

	CHECK(line[n - 1] == '\n' && strncmp(line, "time=", 5) == 0);
	for (size_t i = 0; i + 1 < n; i++)
		CHECK(line[i] >= 0x20 && line[i] < 0x7f);
}

/* Append the byte that the text at P stands for to OUT; return how long that text is. */
static size_t
take_byte(struct buf *out, const char *p)
{
	unsigned code;

	if (*p != '\\') {
		buf_add_char(out, *p);
		return 1;
	}
	if (p[1] == 'x') {
		CHECK(sscanf(p + 2, "%2x", &code) == 1);
		buf_add_char(out, (char)code);
		return 4;
	}
	CHECK(p[1] == '"' || p[1] == '\\');
	buf_add_char(out, p[1]);
	return 2;
}

/* Read the value that stands at P and must be TEXT; return what follows it. */
static const char *
check_value(const char *p, const char *text)
{
	bool quoted = *p == '"';
	struct buf out;

	buf_init(&out, BUF_NO_LIMIT);
	for (p += quoted; *p != '\n' && *p != (quoted ? '"' : ' ');)
		p += take_byte(&out, p);
	CHECK(*p == (quoted ? '"' : *p));
	CHECK(strcmp(buf_str(&out), text) == 0);
	buf_fini(&out);
	return p + quoted;
}

static void
check_values(const char *line, const char *event, const char *first, const char *second)
{
	const char *p = strstr(line, " level=info event=");

	CHECK(p != NULL);
	p = check_value(p + strlen(" level=info event="), event);
	CHECK(strncmp(p, " first=", 7) == 0);
	p = check_value(p + 7, first);
	CHECK(strncmp(p, " n=-7 second=", 13) == 0);
	p = check_value(p + 13, second);
	CHECK(strcmp(p, "\n") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = fuzz_slice(data, size);
	char *event = fuzz_string(fuzz_cut(&rest, '\0')), *first = fuzz_string(fuzz_cut(&rest, '\0')),
	     *second = fuzz_string(fuzz_cut(&rest, '\0')), *line;
	struct log lg = { memfd_create("fuzz", MFD_CLOEXEC), LOG_INFO };

	CHECK(lg.fd != -1);
	log_event(&lg, LOG_DEBUG, event, LOG_STR("first", first));
	log_event(&lg, LOG_INFO, event, LOG_STR("first", first), LOG_INT("n", -7), LOG_STR("second", second));
	line = read_back(lg.fd);
	check_line(line);
	if (strlen(line) < WHOLE_BYTES)
		check_values(line, event, first, second);
	close(lg.fd);
	free(line);
	free(event);
	free(first);
	free(second);
	return 0;
}
