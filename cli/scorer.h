#ifndef HAMLET_CLI_SCORER_H
#define HAMLET_CLI_SCORER_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "classifier/classify.h"
#include "corpus/input.h"

/* Judging for `score`: what one thread needs, and what it has written. */
struct score_how {
	const struct model *model;
	enum fields fields;
	struct place place;
};

struct scorer {
	const struct score_how *how;
	struct classifier *classifier;
	struct arena *arena; /* of one line */
	struct buf line, evidence;
	struct buf out; /* verdicts as JSON, one a line, made harmless for a terminal */
};

int scorer_init(struct scorer *s, const struct score_how *how, struct err *err);
void scorer_fini(struct scorer *s); /* one that is all zero is allowed */

/* Judge COMMENT; its verdict is appended to S->out. */
int scorer_judge(struct scorer *s, const struct comment *comment, struct err *err);

/*
 * Judge line after line of IN, by all cores, and write the verdicts to FILE in that order.  Up to the first
 * line that can't be read, which input that hasn't come yet doesn't hold up.  Each thread holds some lines
 * at most, and before more are waited for, the verdicts on those that are there have been flushed.
 */
int score_lines(const struct score_how *how, struct input *in, FILE *file, struct err *err);

#endif
