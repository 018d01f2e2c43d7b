#ifndef HAMLET_ENGINE_OUTLOOK_H
#define HAMLET_ENGINE_OUTLOOK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/check.h"
#include "engine/flood.h"
#include "engine/rules.h"
#include "store/store.h"

/*
 * What stands outside the model of a comment: the owner's rules that fire on it, what the flood guard says,
 * and whether the honeypot, a form field that people don't see, is filled in.  Together it comes to
 * OUTSIDE_MAX at most, past which all of it is scaled down.
 */

/*
 * Chosen, not fitted, for no data we have has honeypots: in natural-log odds, a filled one makes spam twelve
 * times as likely.  Programs fill in all that a form has; but so do some browsers for people, and with names
 * and e-mail addresses at that, and screen readers can lead there.  So it never decides by itself: a comment
 * that would more likely be good without it is unsure at most.
 */
#define OUTLOOK_HONEYPOT_WEIGHT 2.5

struct outlook {
	struct outside *outside; /* evidence, all that there is */
	size_t n;
	double sum; /* of its weights */
	double trapped; /* the honeypot's weight; 0: it isn't filled in */
	bool told; /* an owner's rule has given evidence */
	struct rule_hits hits;
	struct flood_keys keys;
	struct flood_found found;
};

/* Look at REQUEST's comment, of which TEXT is the content in normal form, with its rules and guard.  *O is in
 * A, for its names must live as long as the evidence. */
int outlook_now(struct outlook **o, const struct check_request *request, struct slice text, int64_t now_ms,
    struct arena *a, struct err *err);

/*
 * Look again at the comment of ROW: with RULES (NULL: none) as they are now, and with what is on record of
 * the guard, which can't be asked again.  *O is in A.
 */
int outlook_again(struct outlook **o, const struct verdict_row *row, const struct rules *rules,
    struct arena *a, struct err *err);

/* Take all of it from what is on record of ROW, as it was said then; nothing where that was erased.  *O is in
 * A. */
int outlook_recorded(struct outlook **o, const struct verdict_row *row, struct arena *a, struct err *err);

/* Let a rule decide about what J says, and the honeypot not by itself. */
void outlook_settle(const struct outlook *o, struct judgement *j);

/* Count the hits and have REQUEST's guard take note of the comment, which was judged as J says. */
void outlook_note(
    const struct outlook *o, const struct check_request *request, const struct judgement *j, int64_t now_ms);

#endif
