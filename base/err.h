#ifndef HAMLET_BASE_ERR_H
#define HAMLET_BASE_ERR_H

/*
 * Errors as values.  A function that can fail returns 0 or -1 and takes a struct err as its last
 * argument: fixed in size, owned by the caller, never allocating.  Whoever knows more on the way up
 * puts it in front with err_prefix(); whoever handles the error reports it, once.
 */
enum err_code {
	ERR_NONE,
	ERR_NOMEM, /* memory ran out */
	ERR_IO, /* the system refused: file, disk, database, socket */
	ERR_INPUT, /* what we were given is malformed */
	ERR_LIMIT, /* well formed, but over a limit */
	ERR_DAMAGED, /* our own state is broken: model file, database */
	ERR_BUSY, /* held by someone else; trying again may help */
	ERR_NOT_FOUND, /* no such thing */
	ERR_READ_ONLY, /* it may not be written */
	ERR_REFUSED /* understood, and not allowed */
};

#define ERR_TEXT_MAX 512

struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX]; /* for people; cut at the end when too long */
};

/* Set *ERR (NULL is allowed) to CODE and the formatted text; return -1, so that a failure is one line. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Put the formatted text and ": " before the text of *ERR (NULL is allowed), keeping its code; return -1. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
