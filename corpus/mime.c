#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "corpus/mime.h"

#define MAX_DEPTH 8
#define MAX_PARTS 256
#define MAX_HEADER 8192
#define MAX_BOUNDARY 256

/* Cut the first line, without its '\n', off *REST. */
static struct slice
next_line(struct slice *rest)
{
	const char *end = memchr(rest->p, '\n', rest->n);
	struct slice line = { rest->p, end == NULL ? rest->n : (size_t)(end - rest->p) };
	size_t used = line.n + (end != NULL);

	*rest = (struct slice){ rest->p + used, rest->n - used };
	return line;
}

void
mime_split(struct slice message, struct slice *head, struct slice *body)
{
	struct slice rest = message;

	while (rest.n > 0) {
		const char *at = rest.p;

		if (next_line(&rest).n > 0)
			continue;
		*head = (struct slice){ message.p, (size_t)(at - message.p) };
		*body = rest;
		return;
	}
	*head = message;
	*body = (struct slice){ "", 0 };
}

/* Add a line of a header, its folding taken out, as far as a header may be long. */
static void
add_limited(struct buf *out, struct slice s)
{
	while (s.n > 0 && (*s.p == ' ' || *s.p == '\t')) {
		s.p++;
		s.n--;
	}
	if (out->n + s.n + 1 >= MAX_HEADER)
		return;
	if (out->n > 0)
		buf_add_char(out, ' ');
	buf_add_slice(out, s);
}

bool
mime_header(struct buf *out, struct slice head, const char *name)
{
	size_t n = strlen(name);
	bool found = false;

	buf_clear(out);
	while (head.n > 0) {
		struct slice line = next_line(&head);

		if (found && (line.n == 0 || (*line.p != ' ' && *line.p != '\t')))
			break;
		if (found) {
			add_limited(out, line);
		} else if (slice_begins(line, name) && line.n > n && line.p[n] == ':') {
			found = true;
			add_limited(out, (struct slice){ line.p + n + 1, line.n - n - 1 });
		}
	}
	return found;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Append IN without its quoted-printable encoding; what isn't well formed stays as it is. */
static void
decode_quoted(struct buf *out, struct slice in, bool in_header)
{
	for (size_t i = 0; i < in.n; i++) {
		int high = in.n - i > 2 ? hex_digit(in.p[i + 1]) : -1,
		    low = in.n - i > 2 ? hex_digit(in.p[i + 2]) : -1;

		if (in_header && in.p[i] == '_') {
			buf_add_char(out, ' ');
		} else if (in.p[i] != '=') {
			buf_add_char(out, in.p[i]);
		} else if (high >= 0 && low >= 0) {
			buf_add_char(out, (char)(high << 4 | low));
			i += 2;
		} else if (in.n - i > 1 && in.p[i + 1] == '\n') {
			i++; /* a soft line end */
		} else {
			buf_add_char(out, '=');
		}
	}
}

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* Append IN without its base64 encoding; foreign characters are passed over, and a cut end gives what it can.
 */
static void
decode_base64(struct buf *out, struct slice in)
{
	unsigned bits = 0;
	int held = 0;

	for (size_t i = 0; i < in.n && in.p[i] != '='; i++) {
		int digit = base64_digit(in.p[i]);

		if (digit == -1)
			continue;
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			buf_add_char(out, (char)(bits >> held & 0xff));
		}
	}
}

/* Return whether CHARSET is read as windows-1252: not ISO 8859-15, whose name begins like ISO 8859-1. */
static bool
is_windows(struct slice charset)
{
	static const char *const names[] = { "iso-8859-1", "latin1", "windows-1252" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (slice_begins(charset, names[i]) &&
		    (charset.n == n || charset.p[n] < '0' || charset.p[n] > '9'))
			return true;
	}
	return false;
}

static void
add_in_charset(struct buf *out, struct slice in, struct slice charset)
{
	if (!is_windows(charset)) {
		utf8_repair(out, in);
		return;
	}
	for (size_t i = 0; i < in.n; i++)
		utf8_put(out, utf8_stray((unsigned char)in.p[i]));
}

/*
 * Decode the encoded word that IN begins with, appending it; return its length, 0 if there is none.
 */
static size_t
take_word(struct buf *out, struct slice in)
{
	const char *charset = in.p + 2, *end = in.p + in.n, *encoding, *text, *close;
	struct buf raw;

	if (!slice_begins(in, "=?"))
		return 0;
	encoding = memchr(charset, '?', (size_t)(end - charset));
	if (encoding == NULL || end - encoding < 3 || encoding[2] != '?')
		return 0;
	text = encoding + 3;
	close = memmem(text, (size_t)(end - text), "?=", 2);
	if (close == NULL || memchr(in.p, ' ', (size_t)(close - in.p)) != NULL)
		return 0;
	buf_init(&raw, MAX_HEADER);
	if ((encoding[1] | 32) == 'q')
		decode_quoted(&raw, (struct slice){ text, (size_t)(close - text) }, true);
	else
		decode_base64(&raw, (struct slice){ text, (size_t)(close - text) });
	add_in_charset(out, buf_slice(&raw), (struct slice){ charset, (size_t)(encoding - charset) });
	out->failed |= raw.failed;
	buf_fini(&raw);
	return (size_t)(close - in.p) + 2;
}

static size_t
spaces(struct slice s)
{
	size_t n = 0;

	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return n;
}

void
mime_words(struct buf *out, struct slice in)
{
	size_t step, gap;

	for (size_t i = 0; i < in.n; i += step) {
		struct slice rest = { in.p + i, in.n - i };

		step = take_word(out, rest);
		if (step == 0) {
			buf_add_char(out, in.p[i]);
			step = 1;
			continue;
		}
		rest = (struct slice){ rest.p + step, rest.n - step };
		gap = spaces(rest);
		if (slice_begins((struct slice){ rest.p + gap, rest.n - gap }, "=?"))
			step += gap; /* white space between two encoded words means nothing */
	}
}

/* Set *OUT to parameter NAME ("charset=") of a header's VALUE, borrowed; return whether it is there. */
static bool
parameter(struct slice *out, struct slice value, const char *name)
{
	size_t n = strlen(name), i, end;

	for (i = 0; i + n < value.n; i++) {
		if ((i == 0 || strchr("; \t", value.p[i - 1]) != NULL) &&
		    strncasecmp(value.p + i, name, n) == 0)
			break;
	}
	if (i + n >= value.n)
		return false;
	i += n;
	if (value.p[i] == '"') {
		i++;
		for (end = i; end < value.n && value.p[end] != '"'; end++)
			;
	} else {
		for (end = i; end < value.n && value.p[end] != ';' && value.p[end] != ' '; end++)
			;
	}
	*out = (struct slice){ value.p + i, end - i };
	return true;
}

/* The best text found so far in a tree of parts. */
struct search {
	struct slice plain_head, plain, html_head, html;
	int parts;
	struct buf header; /* scratch */
};

static void search_part(struct search *s, struct slice head, struct slice body, int depth);

/* Look through the parts of BODY, which lines of "--" and BOUNDARY delimit. */
static void
search_parts(struct search *s, struct slice boundary, struct slice body, int depth)
{
	char mark[MAX_BOUNDARY + 3];
	const char *from = NULL;
	struct slice rest = body;

	if (boundary.n == 0 || boundary.n > MAX_BOUNDARY)
		return;
	memcpy(mark, "--", 2);
	memcpy(mark + 2, boundary.p, boundary.n);
	mark[2 + boundary.n] = '\0';
	while (rest.n > 0 && s->plain.p == NULL && s->parts < MAX_PARTS) {
		const char *at = rest.p;
		struct slice line = next_line(&rest), head, part;
		bool delimiter = line.n >= boundary.n + 2 && memcmp(line.p, mark, boundary.n + 2) == 0;
		bool last = delimiter && line.n >= boundary.n + 4 &&
		    memcmp(line.p + boundary.n + 2, "--", 2) == 0;

		if (!delimiter && rest.n > 0)
			continue;
		if (from != NULL) {
			mime_split(
			    (struct slice){ from, (size_t)((delimiter ? at : rest.p) - from) }, &head, &part);
			search_part(s, head, part, depth);
		}
		if (last)
			break;
		from = rest.p;
	}
}

static void
search_part(struct search *s, struct slice head, struct slice body, int depth)
{
	char copy[MAX_BOUNDARY];
	struct slice value = { "text/plain", 10 }, boundary;

	s->parts++;
	if (mime_header(&s->header, head, "Content-Disposition") &&
	    slice_begins(buf_slice(&s->header), "attachment"))
		return;
	if (mime_header(&s->header, head, "Content-Type"))
		value = buf_slice(&s->header);
	if (slice_begins(value, "multipart/")) {
		if (depth >= MAX_DEPTH || !parameter(&boundary, value, "boundary=") ||
		    boundary.n > sizeof(copy))
			return;
		memcpy(copy, boundary.p, boundary.n); /* the header is looked up again below */
		search_parts(s, (struct slice){ copy, boundary.n }, body, depth + 1);
	} else if (slice_begins(value, "text/plain") || value.n == 0) {
		s->plain_head = head;
		s->plain = body;
	} else if (slice_begins(value, "text/html") && s->html.p == NULL) {
		s->html_head = head;
		s->html = body;
	}
}

static void
add_decoded(struct buf *out, struct slice head, struct slice body, struct buf *header)
{
	struct slice charset = { NULL, 0 };
	struct buf raw;

	buf_init(&raw, body.n);
	if (mime_header(header, head, "Content-Transfer-Encoding") &&
	    slice_begins(buf_slice(header), "base64"))
		decode_base64(&raw, body);
	else if (slice_begins(buf_slice(header), "quoted-printable"))
		decode_quoted(&raw, body, false);
	else
		buf_add_slice(&raw, body);
	if (mime_header(header, head, "Content-Type"))
		parameter(&charset, buf_slice(header), "charset=");
	add_in_charset(out, buf_slice(&raw), charset);
	out->failed |= raw.failed;
	buf_fini(&raw);
}

void
mime_text(struct buf *out, struct slice head, struct slice body)
{
	struct search s = { 0 };

	buf_init(&s.header, MAX_HEADER + 1);
	search_part(&s, head, body, 0);
	if (s.plain.p != NULL)
		add_decoded(out, s.plain_head, s.plain, &s.header);
	else if (s.html.p != NULL)
		add_decoded(out, s.html_head, s.html, &s.header);
	buf_fini(&s.header);
}
