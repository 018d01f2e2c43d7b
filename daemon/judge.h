#ifndef HAMLET_DAEMON_JUDGE_H
#define HAMLET_DAEMON_JUDGE_H

#include "daemon/call.h"
#include "engine/check.h"
#include "engine/feedback.h"

/* What the API families have in common: judging a comment and recording that, and recording a correction.
 */

/*
 * Judge REQUEST, whose discard_threshold is filled in here, by the call's world into *ROW, in the request's
 * arena, and *JUDGEMENT.
 */
int judge_comment(struct call *call, struct check_request *request, struct verdict_row *row,
    struct judgement *judgement, struct err *err);

/* Record the N ROWS; when they are on disk they are counted and FINISH is called, else CALL ends with 503. */
void judge_record(
    struct call *call, const struct verdict_row *rows, size_t n, void (*finish)(struct call *call));

/* In the FINISH of judge_record(): return the first row. */
const struct verdict_row *judge_row(const struct call *call);

struct correction {
	struct feedback feedback;
	struct feedback_result result; /* when FINISH is called */
	struct comment comment;
	char verdict_id[ULID_CHARS + 1];
	void (*finish)(struct call *call);
};

/*
 * Record C, which lives in the request's arena; FINISH finds in call->recorded whether it was refused
 * (call_record()). With a verdict_id that is not known and a comment, the comment counts.  The keeper is
 * woken to learn it.
 */
void judge_correct(struct call *call, struct correction *c, void (*finish)(struct call *call));

#endif
