#ifndef HAMLET_ENGINE_DRIFT_H
#define HAMLET_ENGINE_DRIFT_H

#include "base/buf.h"
#include "engine/daily.h"

/*
 * Drift: a site's day that is unlike its days before.  A figure is out of its range when it is further than
 * DRIFT_SPREADS spreads from the median of the DRIFT_DAYS days before.  The spread is 1.4826 times the median
 * absolute deviation, which estimates the standard deviation and which single odd days don't move (Rousseeuw
 * and Croux, "Alternatives to the median absolute deviation", JASA 88, 1993), but not less than what chance
 * alone does to a count (its square root) or to a share of so many verdicts (binomial), nor than DRIFT_LEAST
 * of a share.
 */
#define DRIFT_DAYS 28
#define DRIFT_DAYS_LEAST 7 /* days with verdicts, below which nothing is usual yet */
#define DRIFT_VERDICTS_LEAST 20 /* of a day, below which it has no shares */
#define DRIFT_SPREADS 4.0
#define DRIFT_LEAST 0.01

enum drift_figure {
	DRIFT_VOLUME, /* verdicts a day */
	DRIFT_SPAM, /* shares of them */
	DRIFT_UNSURE,
	DRIFT_UNKNOWN, /* mean share of tokens that the model didn't know */
	DRIFT_CORRECTIONS, /* a day */
	DRIFT_FIGURES
};

/* Return the figure's name: "volume", "spam_share", "unsure_share", "unknown_share", "corrections". */
const char *drift_figure_name(enum drift_figure figure);

/* One figure out of its usual range. */
struct drift {
	const char *site;
	int64_t day; /* since 1970, UTC */
	enum drift_figure figure;
	double value, low, high; /* and its usual range */
	char field[16]; /* for shares: the field of evidence whose weight has moved most; "" if none is known
			 */
	double moved; /* by how much, in log-odds a comment */
	bool model_changed; /* another model judged than the day before */
};

/*
 * Set *OUT (in A) to the figures of the last whole day before NOW_MS, and of the day under way, that are out
 * of range; of the day under way counts can only be too high yet.  The rows are those that daily_update() has
 * put down.
 */
int drift_find(
    struct engine *e, int64_t now_ms, struct arena *a, struct drift **out, size_t *n, struct err *err);

/* Append D as a sentence, such as "myblog: 41 % spam on 2026-11-28, usually 3 to 9 %; ...".  Site names are
 * plain. */
void drift_text(const struct drift *d, struct buf *b);

/* Append D as a JSON object. */
void drift_json(const struct drift *d, struct buf *b);

#endif
