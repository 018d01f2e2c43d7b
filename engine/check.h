#ifndef HAMLET_ENGINE_CHECK_H
#define HAMLET_ENGINE_CHECK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/ulid.h"
#include "classifier/classify.h"
#include "engine/sites.h"
#include "store/store.h"

/*
 * A check: a comment becomes the row that is recorded and the answer that is sent.  Pure but for the id;
 * recording it is the caller's next step, before the answer leaves.
 */
struct check_request {
	const struct comment *comment;
	const struct site *site;
	const char *client; /* "akismet", "native" */
	const char *forced; /* why the answer is given: "administrator" (ham) or "guaranteed-spam"; NULL: ask
			       the classifier */
	bool test;
	double discard_threshold; /* spam at least this probable is marked to be discarded; over 1: never */
};

/* How much evidence a row keeps, and ?evidence=top shows. */
#define CHECK_EVIDENCE_TOP 20

/*
 * Judge REQUEST by MODEL at NOW_MS.  *ROW and its strings live in A and borrow the comment's slices.  Forced
 * verdicts carry no evidence and a probability of 0 or 1 less 2e-9.
 */
int check_judge(struct classifier *c, const struct model *model, const struct check_request *request,
    int64_t now_ms, struct ulid_source *ids, struct arena *a, struct verdict_row *row,
    struct judgement *judgement, struct err *err);

/*
 * What check_judge() would have MODEL say of COMMENT on SITE, by that site's own counts, mix and threshold as
 * they are now, and nothing else: no row, no id.  *J is valid until the next use of C.
 */
int check_opinion(struct classifier *c, const struct model *model, const struct site *site,
    const struct comment *comment, struct judgement *j, struct err *err);

/* Append the evidence of the judgement just made, at most MAX entries, as a JSON list of
 * {"field","token","weight"}. */
void check_evidence_json(const struct classifier *c, struct judgement *j, size_t max, struct buf *b);

enum evidence_shown { EVIDENCE_TOP, EVIDENCE_ALL, EVIDENCE_NONE };

/*
 * Append ROW as the contract's verdict object.  EVIDENCE is a JSON list to show; absent: no "evidence"
 * member.  With WHOLE also what is only on record: time, site, client, comment, forced, test.
 */
void verdict_json(const struct verdict_row *row, struct slice evidence, bool whole, struct buf *b);

/*
 * Compute again, with its own model, the complete evidence of a recorded verdict: append it as a JSON list to
 * B and set *PROBABILITY.  ERR_NOT_FOUND when the model's file is no longer kept.
 */
struct engine;
int check_recompute(
    struct engine *e, const struct verdict_row *row, struct buf *b, double *probability, struct err *err);

#endif
