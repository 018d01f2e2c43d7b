#include "config.h"

#include <string.h>
#include <strings.h>

#include "daemon/form.h"
#include "daemon/percent.h"

static int
too_many(size_t max, struct err *err)
{
	return err_set(err, ERR_LIMIT, "more than %zu form fields", max);
}

static void
add(struct form *f, struct slice name, struct slice value)
{
	f->v[f->n++] = (struct form_field){ name, value };
}

/* Decode the piece "name=value" of N bytes at P in place and add it. */
static int
add_piece(struct form *f, char *p, size_t n, struct err *err)
{
	char *equals = memchr(p, '=', n);
	struct slice name = { p, equals == NULL ? n : (size_t)(equals - p) };
	struct slice value = { p + n, 0 };

	if (equals != NULL)
		value = (struct slice){ equals + 1, n - name.n - 1 };
	if (percent_decode(p, &name.n, true) == -1 ||
	    (equals != NULL && percent_decode(equals + 1, &value.n, true) == -1))
		return err_set(err, ERR_INPUT, "a malformed percent escape in a form field");
	add(f, name, value);
	return 0;
}

/* Return how many pieces that aren't empty are between the '&' of TEXT. */
static size_t
count_pieces(struct slice text)
{
	const char *p = text.p, *end = text.p + text.n, *next;
	size_t count = 0;

	for (; p < end; p = next + 1) {
		next = memchr(p, '&', (size_t)(end - p));
		if (next == NULL)
			next = end;
		count += next > p;
	}
	return count;
}

int
form_parse(struct form *out, struct slice text, size_t max, struct arena *a, struct err *err)
{
	size_t count = text.n == 0 ? 0 : count_pieces(text);
	char *p, *end, *next;

	*out = (struct form){ NULL, 0 };
	if (count > max)
		return too_many(max, err);
	if (count == 0)
		return 0;
	p = arena_copy(a, text.p, text.n);
	out->v = arena_alloc(a, count * sizeof(out->v[0]));
	if (p == NULL || out->v == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (end = p + text.n; p < end; p = next + 1) {
		next = memchr(p, '&', (size_t)(end - p));
		if (next == NULL)
			next = end;
		if (next > p && add_piece(out, p, (size_t)(next - p), err) == -1)
			return -1;
	}
	return 0;
}

/* Return where the line after the one at P begins; END if there is none. */
static const char *
next_line(const char *p, const char *end)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));

	return lf == NULL ? end : lf + 1;
}

/* Return where in BODY, at or after FROM, "--" BOUNDARY stands at the start of a line; body.n if nowhere. */
static size_t
find_boundary(struct slice body, size_t from, struct slice boundary)
{
	const char *end = body.p + body.n, *line = body.p + from;

	if (from > 0)
		line = next_line(line, end);
	for (; (size_t)(end - line) >= 2 + boundary.n; line = next_line(line, end)) {
		if (memcmp(line, "--", 2) == 0 && memcmp(line + 2, boundary.p, boundary.n) == 0)
			return (size_t)(line - body.p);
	}
	return body.n;
}

/*
 * Return the parameter NAME of the header value S, such as name in: form-data; name="x".  Absent if there is
 * none.
 */
static struct slice
parameter(struct slice s, const char *name)
{
	const char *p = memchr(s.p, ';', s.n), *end = s.p + s.n, *stop;
	size_t len = strlen(name);

	while (p != NULL) {
		for (p++; p < end && (*p == ' ' || *p == '\t'); p++)
			;
		if ((size_t)(end - p) > len && strncasecmp(p, name, len) == 0 && p[len] == '=') {
			p += len + 1;
			stop = p < end && *p == '"' ? memchr(p + 1, '"', (size_t)(end - p - 1)) : NULL;
			if (stop != NULL)
				return (struct slice){ p + 1, (size_t)(stop - p - 1) };
			for (stop = p; stop < end && *stop != ';' && *stop != ' ' && *stop != '\r'; stop++)
				;
			return (struct slice){ p, (size_t)(stop - p) };
		}
		p = p < end ? memchr(p, ';', (size_t)(end - p)) : NULL;
	}
	return (struct slice){ NULL, 0 };
}

/* Return the field's name from the header lines HEAD of a part. */
static struct slice
part_name(struct slice head)
{
	static const char disposition[] = "content-disposition:";
	const char *p = head.p, *end = head.p + head.n, *next;

	for (; p < end; p = next + 1) {
		next = memchr(p, '\n', (size_t)(end - p));
		if (next == NULL)
			next = end;
		if ((size_t)(next - p) > sizeof(disposition) - 1 &&
		    strncasecmp(p, disposition, sizeof(disposition) - 1) == 0)
			return parameter((struct slice){ p, (size_t)(next - p) }, "name");
	}
	return (struct slice){ NULL, 0 };
}

/* Return where the empty line that ends the head of PART is over, and set *HEAD to the head's length; 0 if
 * there is none. */
static size_t
part_body(struct slice part, size_t *head)
{
	for (size_t i = 0; i < part.n; i++) {
		if (part.p[i] != '\n')
			continue;
		*head = i;
		if (i + 1 < part.n && part.p[i + 1] == '\n')
			return i + 2;
		if (i + 2 < part.n && part.p[i + 1] == '\r' && part.p[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

/* Add the field that PART, what stands between two boundary lines, holds. */
static int
add_part(struct form *f, struct slice part, struct err *err)
{
	struct slice name, value;
	size_t head = 0, at;

	at = part_body(part, &head);
	if (at == 0)
		return err_set(err, ERR_INPUT, "a multipart part without the end of its head");
	name = part_name((struct slice){ part.p, head });
	if (name.p == NULL)
		return err_set(err, ERR_INPUT, "a multipart part without a name");
	value = (struct slice){ part.p + at, part.n - at };
	value.n -= value.n > 0 && value.p[value.n - 1] == '\n';
	value.n -= value.n > 0 && value.p[value.n - 1] == '\r';
	add(f, name, value);
	return 0;
}

static size_t
count_boundaries(struct slice body, struct slice boundary, size_t max)
{
	size_t count = 0;

	for (size_t at = find_boundary(body, 0, boundary); at < body.n && count <= max + 1; count++)
		at = find_boundary(body, at + 2 + boundary.n, boundary);
	return count;
}

int
form_parse_multipart(
    struct form *out, struct slice body, struct slice boundary, size_t max, struct arena *a, struct err *err)
{
	size_t count, at, next;

	*out = (struct form){ NULL, 0 };
	if (boundary.n == 0 || boundary.n > 200)
		return err_set(err, ERR_INPUT, "multipart without a usable boundary");
	count = body.n == 0 ? 0 : count_boundaries(body, boundary, max);
	if (count > max + 1)
		return too_many(max, err);
	if (count == 0)
		return err_set(err, ERR_INPUT, "multipart body without its boundary");
	out->v = arena_alloc(a, count * sizeof(out->v[0]));
	if (out->v == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (at = find_boundary(body, 0, boundary); at < body.n; at = next) {
		size_t start = at + 2 + boundary.n;

		if (body.n - start >= 2 && memcmp(body.p + start, "--", 2) == 0)
			return 0;
		next = find_boundary(body, start, boundary);
		if (next == body.n)
			break;
		if (add_part(out, (struct slice){ body.p + start, next - start }, err) == -1)
			return -1;
	}
	return err_set(err, ERR_INPUT, "multipart body without its end");
}

/* Return whether the media type of CONTENT_TYPE, up to a ';' or blank, is NAME. */
static bool
is_type(struct slice content_type, const char *name)
{
	size_t n = 0;

	while (n < content_type.n && content_type.p[n] != ';' && content_type.p[n] != ' ' &&
	    content_type.p[n] != '\t')
		n++;
	return n == strlen(name) && strncasecmp(content_type.p, name, n) == 0;
}

enum form_kind
form_kind(struct slice content_type, struct slice *boundary)
{
	*boundary = (struct slice){ NULL, 0 };
	if (content_type.n == 0 || is_type(content_type, "application/x-www-form-urlencoded"))
		return FORM_URLENCODED;
	if (is_type(content_type, "multipart/form-data")) {
		*boundary = parameter(content_type, "boundary");
		return FORM_MULTIPART;
	}
	if (is_type(content_type, "application/json") || is_type(content_type, "text/json"))
		return FORM_JSON;
	return FORM_OTHER;
}

struct slice
form_get(const struct form *f, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = f->n; i-- > 0;) {
		if (f->v[i].name.n == n && memcmp(f->v[i].name.p, name, n) == 0)
			return f->v[i].value;
	}
	return (struct slice){ NULL, 0 };
}
