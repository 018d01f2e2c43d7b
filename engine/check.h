#ifndef HAMLET_ENGINE_CHECK_H
#define HAMLET_ENGINE_CHECK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "classifier/classify.h"
#include "engine/flood.h"
#include "engine/rules.h"
#include "engine/sites.h"
#include "store/store.h"

/*
 * A check: a comment becomes the row that is recorded and the answer that is sent.  Pure but for the id;
 * recording it is the caller's next step, before the answer leaves.
 */
#define CHECK_BY(action) (1u << (action))

struct check_request {
	const struct comment *comment;
	const struct site *site;
	const char *client; /* "akismet", "blogspam", "native" */
	const char *forced; /* why the answer is given ("administrator"); NULL: ask the classifier */
	enum verdict forced_verdict; /* what it then is: ham or spam */
	unsigned overruled; /* set of CHECK_BY(enum rule_action): the owner's rules that stand over FORCED */
	const char *occasion; /* as in struct verdict_row; NULL: a new comment */
	bool test;
	const struct rules *rules; /* the owner's; NULL: none */
	struct flood *flood; /* what came in bursts; NULL: it isn't asked, and takes no note */
	double discard_threshold; /* spam at least this probable is marked to be discarded; over 1: never */
};

/*
 * An owner's rules, the flood guard and a filled honeypot add evidence of the fields CHECK_FIELD_RULE,
 * CHECK_FIELD_FLOOD and CHECK_FIELD_HONEYPOT, which is always recorded, however little it weighs, and at its
 * full weight.  An allow, block or hold rule
 * settles the verdict and weighs nothing: the probability stays the classifier's own, and the row's "forced"
 * is CHECK_FORCED_RULE and the rule's name.
 */
#define CHECK_FIELD_RULE "rule"
#define CHECK_FIELD_FLOOD "flood"
#define CHECK_FIELD_HONEYPOT "honeypot"
#define CHECK_FORCED_RULE FORCED_RULE

/* Return whether the classifier wasn't asked for a verdict that was forced because of FORCED ("": it wasn't
 * forced). */
bool check_unasked(const char *forced);

/* Return the name of the rule that settled a verdict with FORCED, or NULL. */
const char *check_rule(const char *forced);

/* How much evidence a row keeps, and ?evidence=top shows. */
#define CHECK_EVIDENCE_TOP 20

/*
 * Judge REQUEST by MODEL at NOW_MS.  *ROW and its strings live in A and borrow the comment's slices; its id
 * is for the caller to give.  Forced verdicts (but by a rule) carry no evidence and a probability of 0 or 1
 * less 2e-9.
 */
int check_judge(struct classifier *c, const struct model *model, const struct check_request *request,
    int64_t now_ms, struct arena *a, struct verdict_row *row, struct judgement *judgement, struct err *err);

/*
 * What check_judge() would have MODEL say of COMMENT on SITE, by that site's own counts, mix and threshold as
 * they are now, and by what OUTLOOK (engine/outlook.h; NULL: nothing) adds to that: no row, no id.  *J is
 * valid until the next use of C.
 */
struct outlook;
int check_opinion(struct classifier *c, const struct model *model, const struct site *site,
    const struct comment *comment, const struct outlook *outlook, struct judgement *j, struct err *err);

enum evidence_shown { EVIDENCE_TOP, EVIDENCE_ALL, EVIDENCE_NONE };

/*
 * Append ROW as the contract's verdict object.  EVIDENCE is a JSON list to show; absent: no "evidence"
 * member.  With WHOLE also what is only on record: time, site, client, comment, forced, occasion, test, and
 * which parts of it were erased since.
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
