#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "corpus/comment_json.h"
#include "corpus/reader.h"

/* Enough for the text of a number, a truth value or a member's name. */
#define SHORT_TEXT 64

static bool
number_is(double x, struct slice text)
{
	char s[SHORT_TEXT];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof(s), "%.*g", digits, x);
		if (slice_is(text, s))
			return true;
	}
	return false;
}

static bool
object_has(const void *object, struct slice key, struct slice value)
{
	const struct json *member;
	char name[SHORT_TEXT];

	if (key.n >= sizeof(name))
		return false;
	memcpy(name, key.p, key.n);
	name[key.n] = '\0';
	member = json_member(object, name);
	switch (json_type_of(member)) {
	case JSON_TEXT:
		return slice_equal(json_text(member), value);
	case JSON_NUMBER:
		return number_is(json_number(member, 0), value);
	case JSON_BOOL:
		return slice_is(value, json_bool(member, false) ? "true" : "false");
	case JSON_NULL_VALUE:
		return slice_is(value, "null");
	case JSON_ABSENT:
	case JSON_LIST:
	case JSON_OBJ:
		return false;
	}
	return false;
}

/* A bad row, by a text that begins with "'NAME' ". */
static int
bad_member(struct reader *r, struct slice line, const char *why, struct err *err)
{
	return reader_bad(r, r->in.line, comment_json_column(line, why), err, "%s", why);
}

/* The line isn't JSON: FOUND says "line 1 column C: why". */
static int
not_json(struct reader *r, const struct err *found, struct err *err)
{
	size_t column = 1;
	int used = 0;

	if (found->code != ERR_INPUT)
		return reader_nomem(r, err);
	if (sscanf(found->text, "line %*d column %zu: %n", &column, &used) != 1 || column == 0)
		column = 1;
	return reader_bad(r, r->in.line, column, err, "%s", found->text + used);
}

/* Set *LABEL; return NULL, or what is wrong. */
static const char *
take_label(const struct reader *r, enum label *label, const struct json *object)
{
	const struct json *member = json_member(object, "label");
	struct slice name = json_text(member);

	switch (json_type_of(member)) {
	case JSON_ABSENT:
	case JSON_NULL_VALUE:
		return reader_default_label(r, label) == 0 ? NULL : "'label' is missing";
	case JSON_TEXT:
		if (label_parse(label, name.p, name.n) == 0)
			return NULL;
		return "'label' is neither \"spam\" nor \"ham\"";
	case JSON_BOOL:
	case JSON_NUMBER:
	case JSON_LIST:
	case JSON_OBJ:
		return "'label' is not a string";
	}
	return "'label' is not a string";
}

/* Set *OUT to the optional string KEY; return whether that is possible. */
static bool
take_text(struct slice *out, const struct json *object, const char *key)
{
	const struct json *member = json_member(object, key);
	enum json_type type = json_type_of(member);

	*out = json_text(member);
	return type == JSON_TEXT || type == JSON_ABSENT || type == JSON_NULL_VALUE;
}

/* An id may be a number in the file; *OUT is then its text, in SPACE. */
static bool
take_id(struct slice *out, const struct json *object, char space[SHORT_TEXT])
{
	const struct json *member = json_member(object, "id");

	if (json_type_of(member) != JSON_NUMBER)
		return take_text(out, object, "id");
	snprintf(space, SHORT_TEXT, "%.17g", json_number(member, 0));
	*out = slice_of(space);
	return true;
}

/* Whose word the row is: read wrongly, one site's word would count for all. */
static int
take_speaker(struct example *row, const struct json *object, struct err *found)
{
	if (comment_json_text(&row->site, object, "site", found) == -1 ||
	    comment_json_text(&row->scope, object, "scope", found) == -1)
		return -1;
	if (row->scope.p == NULL || slice_is(row->scope, "own") || slice_is(row->scope, "all") ||
	    slice_is(row->scope, "both"))
		return 0;
	return err_set(found, ERR_INPUT, "'scope' is none of own, all, both");
}

static int
take_row(struct reader *r, struct slice line, const struct json *object, struct err *err)
{
	struct example row = { 0 };
	char id[SHORT_TEXT];
	const char *why;
	struct err found;

	why = take_label(r, &row.label, object);
	if (why == NULL && !take_text(&row.source, object, "source"))
		why = "'source' is not a string";
	if (why == NULL && !take_text(&row.split, object, "split"))
		why = "'split' is not a string";
	if (why == NULL && !take_id(&row.id, object, id))
		why = "'id' is not a string";
	if (why != NULL)
		return bad_member(r, line, why, err);
	if (take_speaker(&row, object, &found) == -1 ||
	    comment_from_json(&row.comment, object, r->corpus->arena, &found) == -1)
		return found.code == ERR_INPUT ? bad_member(r, line, found.text, err) : reader_nomem(r, err);
	return reader_add(r, &row, r->in.line, err);
}

static int
take_line(struct reader *r, struct slice line, struct err *err)
{
	struct json *object;
	struct err found;
	int rc = 0;

	if (r->in.overlong)
		return reader_bad(
		    r, r->in.line, CORPUS_MAX_LINE, err, "the line is longer than %u bytes", CORPUS_MAX_LINE);
	if (slice_blank(line))
		return 0;
	if (json_parse(&object, line.p, line.n, &found) == -1)
		return not_json(r, &found, err);
	if (json_type_of(object) != JSON_OBJ)
		rc = reader_bad(r, r->in.line, 1, err, "the line is not an object");
	else if (reader_wants(r, object_has, object))
		rc = take_row(r, line, object, err);
	json_free(object);
	return rc;
}

int
jsonl_read(struct reader *r, struct err *err)
{
	struct slice line;
	int more;

	while ((more = input_line(&r->in, &line, err)) == 1) {
		if (take_line(r, line, err) == -1)
			return -1;
	}
	return more;
}
