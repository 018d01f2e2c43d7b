#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/json.h"

/* struct json is jansson's json_t, kept out of everybody else's sight. */
static const json_t *
inner(const struct json *j)
{
	return (const json_t *)(const void *)j;
}

static struct json *
outer(json_t *j)
{
	return (struct json *)(void *)j;
}

/* Return the code unit that the escape "\uXXXX" at P (of N bytes) stands for, or -1 if there is none. */
static int
escape(const char *p, size_t n)
{
	int unit = 0;

	if (n < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		unsigned char c = (unsigned char)p[i];

		if (!isxdigit(c))
			return -1;
		unit = unit * 16 + (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
	}
	return unit;
}

void
json_mend_escapes(char *p, size_t n)
{
	int unit, next;

	for (size_t i = 0; i < n; i++) {
		if (p[i] != '\\')
			continue;
		unit = escape(p + i, n - i);
		next = n - i < 6 ? -1 : escape(p + i + 6, n - i - 6);
		if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000)
			i += 11;
		else if (unit == 0 || (unit >= 0xd800 && unit < 0xe000))
			memcpy(p + i, "\\ufffd", 6);
		else
			i++; /* whatever is escaped, such as another backslash */
	}
}

int
json_parse(struct json **out, const char *p, size_t n, struct err *err)
{
	json_error_t why;
	json_t *j;

	errno = 0;
	j = json_loadb(
	    p == NULL ? "" : p, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	/* where an allocation fails, jansson mostly calls that a mistake in the text */
	if (j == NULL && errno == ENOMEM)
		return err_set(err, ERR_NOMEM, "out of memory for JSON");
	if (j == NULL)
		return err_set(err, ERR_INPUT, "line %d column %d: %s", why.line, why.column, why.text);
	*out = outer(j);
	return 0;
}

void
json_free(struct json *j)
{
	json_decref((json_t *)(void *)j);
}

enum json_type
json_type_of(const struct json *j)
{
	if (j == NULL)
		return JSON_ABSENT;
	switch (json_typeof(inner(j))) {
	case JSON_OBJECT:
		return JSON_OBJ;
	case JSON_ARRAY:
		return JSON_LIST;
	case JSON_STRING:
		return JSON_TEXT;
	case JSON_INTEGER:
	case JSON_REAL:
		return JSON_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_BOOL;
	case JSON_NULL:
		return JSON_NULL_VALUE;
	}
	return JSON_ABSENT;
}

struct json *
json_member(const struct json *j, const char *key)
{
	return outer(json_object_get(inner(j), key));
}

size_t
json_length(const struct json *j)
{
	return json_array_size(inner(j));
}

struct json *
json_item(const struct json *j, size_t i)
{
	return outer(json_array_get(inner(j), i));
}

struct slice
json_text(const struct json *j)
{
	if (!json_is_string(inner(j)))
		return (struct slice){ NULL, 0 };
	return (struct slice){ json_string_value(inner(j)), json_string_length(inner(j)) };
}

double
json_number(const struct json *j, double otherwise)
{
	return json_is_number(inner(j)) ? json_number_value(inner(j)) : otherwise;
}

bool
json_bool(const struct json *j, bool otherwise)
{
	return json_is_boolean(inner(j)) ? json_is_true(inner(j)) : otherwise;
}

int
json_each(const struct json *j, int (*each)(const char *key, struct json *value, void *arg), void *arg)
{
	json_t *object = (json_t *)(void *)(uintptr_t)j;
	const char *key;
	json_t *value;
	int rc;

	json_object_foreach(object, key, value)
	{
		rc = each(key, outer(value), arg);
		if (rc != 0)
			return rc;
	}
	return 0;
}
