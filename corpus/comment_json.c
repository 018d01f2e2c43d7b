#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "corpus/comment_json.h"

#define NAME_MAX_BYTES 64 /* of a member's name, quoted */

static const char *
type_name(enum json_type type)
{
	switch (type) {
	case JSON_ABSENT:
		return "missing";
	case JSON_NULL_VALUE:
		return "null";
	case JSON_BOOL:
		return "true or false";
	case JSON_NUMBER:
		return "a number";
	case JSON_TEXT:
		return "a string";
	case JSON_LIST:
		return "a list";
	case JSON_OBJ:
		return "an object";
	}
	return "unknown";
}

/* Set *BYTES to what the joined items of LIST need. */
static int
measure_context(size_t *bytes, const struct json *list, struct err *err)
{
	*bytes = 0;
	for (size_t i = 0; i < json_length(list); i++) {
		const struct json *item = json_item(list, i);

		if (json_type_of(item) != JSON_TEXT)
			return err_set(err, ERR_INPUT,
			    "'context' is a list whose item %zu is %s, not a string", i + 1,
			    type_name(json_type_of(item)));
		*bytes += json_text(item).n + 1;
	}
	return 0;
}

static int
join_context(struct slice *out, const struct json *list, struct arena *a, struct err *err)
{
	size_t bytes;
	char *p;

	if (json_type_of(list) != JSON_LIST)
		return err_set(err, ERR_INPUT, "'context' is %s, not a list", type_name(json_type_of(list)));
	if (measure_context(&bytes, list, err) == -1)
		return -1;
	p = arena_alloc(a, bytes + 1);
	if (p == NULL)
		return err_set(err, ERR_NOMEM, "no memory left for 'context'");
	*out = (struct slice){ p, bytes };
	for (size_t i = 0; i < json_length(list); i++) {
		struct slice item = json_text(json_item(list, i));

		for (size_t k = 0; k < item.n; k++)
			*p++ = item.p[k] == '\n' ? ' ' : item.p[k];
		*p++ = '\n';
	}
	return 0;
}

int
comment_json_text(struct slice *out, const struct json *j, const char *key, struct err *err)
{
	const struct json *value = json_member(j, key);
	enum json_type type = json_type_of(value);

	*out = json_text(value);
	if (type == JSON_TEXT || type == JSON_ABSENT || type == JSON_NULL_VALUE)
		return 0;
	return err_set(err, ERR_INPUT, "'%s' is %s, not a string", key, type_name(type));
}

int
comment_from_json(struct comment *out, const struct json *j, struct arena *a, struct err *err)
{
	struct comment c = { 0 };

	if (json_type_of(j) != JSON_OBJ)
		return err_set(err, ERR_INPUT, "a comment must be an object, and this is %s",
		    type_name(json_type_of(j)));
	for (int f = 0; f < COMMENT_FIELDS; f++) {
		const char *name = comment_field_name((enum comment_field)f);
		const struct json *value = json_member(j, name);
		enum json_type type = json_type_of(value);

		if (type == JSON_TEXT && f != COMMENT_CONTEXT)
			c.field[f] = json_text(value);
		else if ((type == JSON_ABSENT || type == JSON_NULL_VALUE) && f == COMMENT_CONTENT)
			return err_set(err, ERR_INPUT, "'%s' is missing", name);
		else if (type == JSON_ABSENT || type == JSON_NULL_VALUE)
			continue;
		else if (f != COMMENT_CONTEXT)
			return err_set(err, ERR_INPUT, "'%s' is %s, not a string", name, type_name(type));
		else if (join_context(&c.field[f], value, a, err) == -1)
			return -1;
	}
	*out = c;
	return 0;
}

/* Return whether what begins at P is a colon, perhaps after spaces: what stands before is a member's name. */
static bool
colon_next(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p < end && *p == ':';
}

size_t
comment_json_column(struct slice line, const char *why)
{
	size_t n = *why == '\'' ? strcspn(why + 1, "'") : 0, column = 1;
	const char *end = line.p + line.n, *at = line.p;
	char quoted[NAME_MAX_BYTES];
	int length = snprintf(quoted, sizeof(quoted), "\"%.*s\"", (int)n, why + (n > 0));

	if (n == 0 || length >= (int)sizeof(quoted))
		return 1;
	do {
		at = memmem(at, (size_t)(end - at), quoted, (size_t)length);
		if (at == NULL)
			return 1;
		at += length;
	} while (!colon_next(at, end));
	for (const char *p = line.p; p < at - length; p++)
		column += ((unsigned char)*p & 0xc0) != 0x80;
	return column;
}

static void
put_context(struct buf *b, struct slice items)
{
	json_open(b, '[');
	while (items.n > 0) {
		const char *end = memchr(items.p, '\n', items.n);
		size_t n = end == NULL ? items.n : (size_t)(end - items.p);

		json_put_slice(b, (struct slice){ items.p, n });
		n += end != NULL;
		items = (struct slice){ items.p + n, items.n - n };
	}
	json_close(b, ']');
}

void
comment_to_json(const struct comment *comment, struct buf *b)
{
	for (int f = 0; f < COMMENT_FIELDS; f++) {
		struct slice value = comment->field[f];

		if (value.p == NULL)
			continue;
		json_key(b, comment_field_name((enum comment_field)f));
		if (f == COMMENT_CONTEXT)
			put_context(b, value);
		else
			json_put_slice(b, value);
	}
}
