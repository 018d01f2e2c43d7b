#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/decimal.h"
#include "base/json.h"
#include "base/utf8.h"

static void
separate(struct buf *b)
{
	char last = b->n == 0 ? '\0' : b->p[b->n - 1];

	if (last != '\0' && last != '{' && last != '[' && last != ':' && last != '\n')
		buf_add_char(b, ',');
}

void
json_open(struct buf *b, char bracket)
{
	separate(b);
	buf_add_char(b, bracket);
}

void
json_close(struct buf *b, char bracket)
{
	buf_add_char(b, bracket);
}

void
json_key(struct buf *b, const char *key)
{
	json_put_str(b, key);
	buf_add_char(b, ':');
}

/* How many bytes at P can be copied as they are. */
static size_t
plain_run(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f)
			break;
	}
	return i;
}

static void
put_escaped(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"':
		buf_add(b, "\\\"", 2);
		break;
	case '\\':
		buf_add(b, "\\\\", 2);
		break;
	case '\n':
		buf_add(b, "\\n", 2);
		break;
	case '\t':
		buf_add(b, "\\t", 2);
		break;
	case '\r':
		buf_add(b, "\\r", 2);
		break;
	default:
		buf_addf(b, "\\u%04x", c);
	}
}

void
json_put_slice(struct buf *b, struct slice s)
{
	size_t run;

	separate(b);
	buf_add_char(b, '"');
	while (s.n > 0) {
		run = plain_run(s.p, s.n);
		buf_add(b, s.p, run);
		s.p += run;
		s.n -= run;
		if (s.n == 0)
			break;
		run = (unsigned char)*s.p < 0x80 ? 1 : utf8_sequence(s.p, s.n);
		if (run == 0) {
			buf_add(b, "\xef\xbf\xbd", 3);
			run = 1;
		} else if (run == 1) {
			put_escaped(b, (unsigned char)*s.p);
		} else {
			buf_add(b, s.p, run);
		}
		s.p += run;
		s.n -= run;
	}
	buf_add_char(b, '"');
}

void
json_put_str(struct buf *b, const char *s)
{
	if (s != NULL) {
		json_put_slice(b, slice_of(s));
		return;
	}
	separate(b);
	buf_add_str(b, "null");
}

void
json_put_int(struct buf *b, int64_t n)
{
	separate(b);
	buf_addf(b, "%" PRId64, n);
}

void
json_put_double(struct buf *b, double x, int digits)
{
	char space[DECIMAL_BYTES];
	struct slice text = decimal_text(space, x, digits);

	separate(b);
	if (text.p != NULL)
		buf_add_slice(b, text);
	else if (isfinite(x))
		buf_addf(b, "%.*g", digits, x);
	else
		buf_add_str(b, "null");
}

void
json_put_bool(struct buf *b, bool v)
{
	separate(b);
	buf_add_str(b, v ? "true" : "false");
}

void
json_add_str(struct buf *b, const char *key, const char *value)
{
	json_key(b, key);
	json_put_str(b, value);
}

void
json_add_int(struct buf *b, const char *key, int64_t n)
{
	json_key(b, key);
	json_put_int(b, n);
}

void
json_put_raw(struct buf *b, struct slice json)
{
	separate(b);
	buf_add_slice(b, json);
}
