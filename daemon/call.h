#ifndef HAMLET_DAEMON_CALL_H
#define HAMLET_DAEMON_CALL_H

#include <stdbool.h>

#include "base/json.h"
#include "daemon/form.h"
#include "daemon/hamletd.h"
#include "daemon/route.h"

/*
 * A call: one request on its way through a handler, from daemon/route.h to its reply.  It lives in the
 * request's arena, holds the world it began with, and ends with call_reply() or call_error(), after which it
 * is gone.
 */
struct call {
	struct http_request *rq;
	struct hamletd *d;
	struct worker *worker;
	struct world *world;
	const struct route *route;
	struct slice rest; /* what stood for '*' in the route's pattern */
	struct form query;
	const struct site
	    *site; /* whose key it has, or the default site; NULL: not known yet, or not needed */
	bool all_sites; /* on the admin socket and without a key: sees everything */
	struct json *json; /* the parsed body, freed with the call */
	void *data; /* the handler's own, in the arena */

	/* with the recorder: see call_record() */
	struct record_task task;
	enum err_code recorded;
	int (*write)(struct store *st, struct call *call, struct err *err);
	void (*finish)(struct call *call);

	/* with the reader: see call_read() */
	struct read_job job;
	struct err read_err;
	int (*read)(struct engine *e, struct call *call, struct err *err);
};

#define TYPE_JSON "application/json"
#define TYPE_TEXT "text/plain; charset=utf-8"

/* Send rq->reply with STATUS as CONTENT_TYPE, count it, and end CALL. */
void call_reply(struct call *call, int status, const char *content_type);

/* Reply with STATUS and the error CODE ("no_such_verdict") and MESSAGE, in the way of the route's family, and
 * end CALL. */
void call_error(struct call *call, int status, const char *code, const char *message);

/* The same for what *ERR says: memory trouble 503, ERR_INPUT 400, ERR_LIMIT 413, ERR_NOT_FOUND 404, ... */
void call_fail(struct call *call, const struct err *err);

/* Write an error body to rq->reply for a request without a call. */
void reply_error(
    struct http_request *rq, enum route_family family, int status, const char *code, const char *message);

/* Append the member NAME with N as text, as the services of old give their counts. */
void reply_count(struct buf *b, const char *name, int64_t n);

#define CALL_OVERLOADED "too many requests wait to be recorded; try again"

/*
 * Have WRITE called in the recorder's next transaction, on its thread, and when that is on disk FINISH on the
 * worker's thread.  If it can't be recorded, CALL ends with 503, unless WRITE failed with ERR_NOT_FOUND,
 * ERR_INPUT or ERR_REFUSED: then FINISH is called and finds that in call->recorded.
 */
void call_record(struct call *call, int (*write)(struct store *st, struct call *call, struct err *err),
    void (*finish)(struct call *call));

/* Have READ called on the reader's thread and then FINISH on the worker's; if READ fails CALL ends with what
 * it says. */
void call_read(struct call *call, int (*read)(struct engine *e, struct call *call, struct err *err),
    void (*finish)(struct call *call));

/* Take N from the allowance of the call's site; false when it was used up: CALL has then ended with 429. */
bool call_allowed(struct call *call, int64_t n);

/* Decode the request's query; false when it can't be: CALL has then ended with an error. */
bool call_decode_query(struct call *call);

/* Return the value of NAME in the decoded query, absent if it isn't there. */
struct slice call_query(struct call *call, const char *name);

#endif
