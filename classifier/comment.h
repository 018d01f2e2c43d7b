#ifndef HAMLET_CLASSIFIER_COMMENT_H
#define HAMLET_CLASSIFIER_COMMENT_H

#include <stddef.h>

#include "base/slice.h"

/*
 * A comment as its blog handed it over: borrowed slices, any bytes.  An absent field has p == NULL, which is
 * not the same as an empty one (p != NULL, n == 0).  The order is part of the database schema and of digests:
 * append only.
 */
enum comment_field {
	COMMENT_AUTHOR,
	COMMENT_EMAIL,
	COMMENT_URL,
	COMMENT_CONTENT,
	COMMENT_IP,
	COMMENT_USER_AGENT,
	COMMENT_REFERRER,
	COMMENT_PERMALINK,
	COMMENT_TYPE,
	COMMENT_DATE,
	COMMENT_LANG,
	COMMENT_TITLE,
	COMMENT_HONEYPOT,
	COMMENT_USER_ROLE,
	COMMENT_CONTEXT, /* the items of context[], each followed by '\n' */
	COMMENT_FIELDS
};

struct comment {
	struct slice field[COMMENT_FIELDS];
};

/* Return the name of FIELD in JSON and in the database, such as "user_agent". */
const char *comment_field_name(enum comment_field field);

/* Set *FIELD to the field called NAME (N bytes) and return 0, or -1 if there is none. */
int comment_field_find(enum comment_field *field, const char *name, size_t n);

enum label { LABEL_HAM, LABEL_SPAM, LABEL_NONE };

/* Return "ham", "spam" or "none". */
const char *label_name(enum label label);

/* Set *LABEL from "ham" or "spam" (N bytes) and return 0, or -1. */
int label_parse(enum label *label, const char *name, size_t n);

#endif
