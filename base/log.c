#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"

#define LINE_MAX_BYTES 4000

static const char *const level_names[] = { "error", "warn", "info", "debug" };

static void
add_value(struct buf *b, const char *s)
{
	bool quote = *s == '\0' || strpbrk(s, " =\"\\") != NULL;

	if (quote)
		buf_add_char(b, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f)
			buf_addf(b, "\\x%02x", (unsigned char)*s);
		else
			buf_add_char(b, *s);
	}
	if (quote)
		buf_add_char(b, '"');
}

static void
add_time(struct buf *b)
{
	struct timespec ts;
	struct tm tm;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	buf_addf(b, "time=%s.%03ldZ", text, ts.tv_nsec / 1000000);
}

void
log_write(const struct log *lg, enum log_level level, const char *event, const struct log_field *fields)
{
	struct buf b;
	ssize_t n;

	if (level > lg->level)
		return;
	buf_init(&b, LINE_MAX_BYTES);
	add_time(&b);
	buf_addf(&b, " level=%s event=", level_names[level]);
	add_value(&b, event);
	for (; fields->key != NULL; fields++) {
		buf_addf(&b, " %s=", fields->key);
		if (fields->text != NULL)
			add_value(&b, fields->text);
		else
			buf_addf(&b, "%" PRId64, fields->number);
	}
	b.max = LINE_MAX_BYTES + 1;
	b.failed = false;
	buf_add_char(&b, '\n');
	n = write(lg->fd, buf_str(&b), b.n);
	(void)n; /* there is nowhere left to say that the log failed */
	buf_fini(&b);
}
