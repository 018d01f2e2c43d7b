#ifndef HAMLET_ENGINE_FEEDBACK_H
#define HAMLET_ENGINE_FEEDBACK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/ulid.h"
#include "store/store.h"

/*
 * A correction: someone says what a comment was.  Recorded as an example event, learnt by engine/learn.h.
 * Saying the same twice changes nothing, and the last word on a comment wins.
 */
struct feedback {
	enum label label;
	const char *verdict_id; /* the verdict it is about, or NULL: found by the comment's fingerprint, if it
				   was ever judged */
	const struct comment
	    *comment; /* needed when verdict_id is NULL, or the verdict's own is no longer kept */
	int64_t
	    site; /* whose word it is; a verdict of another site is "not found"; 0: the admin, all sites */
	const char *origin; /* "mark", "akismet", "blogspam", "native" */
	const char *who;
};

struct feedback_result {
	bool changed; /* false: the same had been said before */
	char verdict_id[ULID_CHARS + 1]; /* "" when no verdict belongs to it */
	bool erased; /* of an ERR_REFUSED: the comment is no longer kept; else it was a test */
};

/*
 * Record FB on ST inside the caller's transaction.  ERR_NOT_FOUND for an unknown verdict_id.  A verdict whose
 * comment was only a test is ERR_REFUSED, and so is one whose comment is no longer kept, unless it comes
 * along in FB or stands in an earlier correction.
 */
int feedback_record(struct store *st, const struct feedback *fb, int64_t now_ms, struct ulid_source *ids,
    struct arena *a, struct feedback_result *out, struct err *err);

#endif
