#ifndef HAMLET_ENGINE_FINDINGS_H
#define HAMLET_ENGINE_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "classifier/classify.h"
#include "classifier/model.h"
#include "engine/evaluate.h"

/*
 * What lies behind the figures of an evaluation, for whoever wants to draw it or to read the mistakes.  Fixed
 * in size, however many rows were tested (about 80 kB: allocate it), and without pointers: copy it, drop it.
 */

/* One piece of a mistake's evidence; names as classify() has them. */
struct mistake_evidence {
	char field[16], token[64]; /* cut at a character's end, then with "…" */
	double weight;
};

/* What one field said in all. */
struct mistake_field {
	char name[16];
	double weight;
};

#define MISTAKE_EVIDENCE 8
#define MISTAKE_FIELDS 16

struct mistake {
	size_t row; /* in the corpus tested on */
	double probability, log_odds, prior;
	double confidence; /* the log-odds of the class it was wrongly given */
	bool unsure;
	size_t pieces; /* of evidence in all; the strongest are in evidence[] */
	size_t nevidence;
	struct mistake_evidence evidence[MISTAKE_EVIDENCE];
	struct mistake_field fields[MISTAKE_FIELDS]; /* the weightiest first */
	size_t nfields;
};

#define MISTAKES_MAX 20

/* The mistakes of one kind, the most confident first; of equal ones the earlier row. */
struct mistakes {
	size_t n;
	struct mistake list[MISTAKES_MAX];
};

/* Ham that was called spam, and spam that wasn't. */
struct worst {
	struct mistakes blocked, missed;
};

/* What would be called spam with the threshold just under PROBABILITY. */
struct operating_point {
	double probability;
	size_t spam, ham;
};

/* The best that one threshold, chosen knowing these rows, could do within a budget. */
struct budget {
	double share; /* of ham that may be blocked */
	size_t allowed; /* the same in rows, rounded down */
	size_t caught; /* spam */
	double caught_share;
};

#define FINDINGS_POINTS 904
#define FINDINGS_COLUMNS 40
#define FINDINGS_LOG_ODDS 10.0
#define FINDINGS_BUDGETS 7

struct findings {
	size_t models; /* that judged: 1, or one a fold */
	struct model_info model; /* the one, when there was one */
	double spam_threshold[2], unsure_threshold[2]; /* least and greatest of the models' */
	struct calibration_bin bins[CALIBRATION_BINS];
	/* Rows by log-odds from -FINDINGS_LOG_ODDS to FINDINGS_LOG_ODDS; what lies beyond is in the
	 * outermost. */
	size_t spam[FINDINGS_COLUMNS], ham[FINDINGS_COLUMNS];
	/* By falling probability; where rows are many, those a curve of some hundred pixels can show. */
	struct operating_point points[FINDINGS_POINTS];
	size_t npoints;
	struct budget budgets[FINDINGS_BUDGETS];
	struct worst worst;
};

/* Fill the parts of *F that follow from the N rows at V: bins, columns, points and budgets.  ERR_NOMEM. */
int findings_measure(struct findings *f, const struct judged *v, size_t n, struct err *err);

/* Note in *F that MODEL judged. */
void findings_model(struct findings *f, const struct model_info *model);

/* Keep in *W the judgement J that C just made of row ROW, a mistake, if it is one of the worst.  ERR_NOMEM.
 */
int worst_add(
    struct worst *w, size_t row, bool spam, const struct classifier *c, struct judgement *j, struct err *err);

/* Take the mistakes of FROM into *W. */
void worst_merge(struct worst *w, const struct worst *from);

/* Set LOW and HIGH to the 95 % interval (Wilson's) of a share seen as PART of WHOLE; 0 and 1 when WHOLE is 0.
 */
void share_interval(size_t part, size_t whole, double *low, double *high);

#endif
