#ifndef HAMLET_DAEMON_FORM_H
#define HAMLET_DAEMON_FORM_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Form fields, as a browser, PHP or a hand-written client sends them: application/x-www-form-urlencoded (also
 * the query of a URL) and multipart/form-data.  Names and values are decoded, and may hold any byte.
 */
struct form_field {
	struct slice name, value; /* never absent; a field without '=' has an empty value */
};

struct form {
	struct form_field *v;
	size_t n;
};

/*
 * Decode TEXT into *OUT, in A.  More than MAX fields is ERR_LIMIT; a malformed percent escape is ERR_INPUT.
 * Empty pieces ("a=1&&b=2&") are skipped.
 */
int form_parse(struct form *out, struct slice text, size_t max, struct arena *a, struct err *err);

/* The same for a multipart/form-data BODY with this BOUNDARY.  Values stay where they are in BODY.  File
 * names are ignored. */
int form_parse_multipart(
    struct form *out, struct slice body, struct slice boundary, size_t max, struct arena *a, struct err *err);

enum form_kind { FORM_URLENCODED, FORM_MULTIPART, FORM_JSON, FORM_OTHER };

/*
 * Tell what CONTENT_TYPE announces; absent or empty is FORM_URLENCODED.  For FORM_MULTIPART *BOUNDARY is set,
 * absent if it is not given.
 */
enum form_kind form_kind(struct slice content_type, struct slice *boundary);

/* Return the value of the last field called NAME; absent if there is none. */
struct slice form_get(const struct form *f, const char *name);

#endif
