#include "config.h"

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
