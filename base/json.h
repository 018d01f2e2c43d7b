#ifndef HAMLET_BASE_JSON_H
#define HAMLET_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Reading: a parsed value, by jansson.  Strings are valid UTF-8 and may hold NUL.  A NULL struct json is
 * "absent" to every function here, so look-ups can be chained.
 */
struct json;

enum json_type { JSON_ABSENT, JSON_NULL_VALUE, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJ };

/*
 * Parse the N bytes at P: one value and nothing after it, no duplicate keys.  On success the caller owns *OUT
 * and gives it back through json_free().  Else -1 and ERR_INPUT with "line L column C: why", or
 * ERR_NOMEM.
 */
int json_parse(struct json **out, const char *p, size_t n, struct err *err);
void json_free(struct json *j);

/*
 * Replace what stands for no character in the N bytes of JSON at P by "\ufffd", before it is parsed: the
 * escapes of NUL and of halves of surrogate pairs, which JSON's grammar allows and some writers let through.
 */
void json_mend_escapes(char *p, size_t n);

enum json_type json_type_of(const struct json *j);

/* Return member KEY of an object, or NULL. */
struct json *json_member(const struct json *j, const char *key);

/* Return how many items a list has; 0 for anything else. */
size_t json_length(const struct json *j);
struct json *json_item(const struct json *j, size_t i);

/* Return the text, borrowed from J; the absent slice for anything but a string. */
struct slice json_text(const struct json *j);

/* Return the number, or OTHERWISE for anything but a number. */
double json_number(const struct json *j, double otherwise);

/* Return the truth value, or OTHERWISE for anything but true and false. */
bool json_bool(const struct json *j, bool otherwise);

/* Call EACH for the members of an object in their order until it returns non-zero; return that, or 0. */
int json_each(const struct json *j, int (*each)(const char *key, struct json *value, void *arg), void *arg);

/*
 * Writing: append to a buffer.  Commas are put in by looking at what stands before, so a value is simply
 * written after its key or in its list.
 */
void json_open(struct buf *b, char bracket); /* '{' or '[' */
void json_close(struct buf *b, char bracket); /* '}' or ']' */
void json_key(struct buf *b, const char *key);

/* The same for a literal with nothing in it to escape, for where there are many. */
#define json_key_plain(b, key) json_put_raw(b, (struct slice){ "\"" key "\":", sizeof(key) + 2 })
/* S must be UTF-8; bytes that aren't become U+FFFD. */
void json_put_slice(struct buf *b, struct slice s);
void json_put_str(struct buf *b, const char *s); /* NULL writes null */
void json_put_int(struct buf *b, int64_t n);
/* As many digits as DIGITS (17 gives back the same double); infinities and NaN become null. */
void json_put_double(struct buf *b, double x, int digits);
void json_put_bool(struct buf *b, bool v);
/* A key and its value. */
void json_add_str(struct buf *b, const char *key, const char *value); /* NULL: null */
void json_add_int(struct buf *b, const char *key, int64_t n);
/* Append JSON text that is already well formed. */
void json_put_raw(struct buf *b, struct slice json);

#endif
