#ifndef HAMLET_ENGINE_REPLAY_H
#define HAMLET_ENGINE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "classifier/model.h"
#include "engine/engine.h"
#include "engine/rules.h"

/*
 * Replay: what a model would say of the comments on record, each on its own site, by that site's own counts,
 * mix and threshold as they are now, and by the rules given.  What the flood guard said is taken from the
 * record.  Nothing is written.
 */
struct replay_options {
	const struct model *model;
	const struct rules *rules; /* NULL: none, and verdicts that one decided are skipped as forced */
	double spam_threshold; /* for all sites, in place of the model's and their own; 0: as in a check */
	int64_t since_ms, until_ms; /* since_ms <= time < until_ms; 0: open */
	int64_t site; /* 0: all */
	uint64_t at_most; /* judge about so many, the same ones each time; 0: all */
	size_t evidence; /* pieces of evidence that a flip comes with */
	void (*progress)(double share, void *arg); /* NULL is allowed */
	void *progress_arg;
};

/* A comment whose verdict would be another one. */
struct replay_flip {
	const struct verdict_row *row; /* as it was recorded */
	enum verdict verdict;
	double probability;
	const char *evidence; /* JSON list, the strongest first */
};

/* The verdicts of one site, by what they were and what they would be. */
struct replay_site {
	int64_t id;
	const char *name;
	uint64_t moved[3][3];
};

struct replay {
	uint64_t judged, flips;
	uint64_t
	    incomplete; /* of them: the address or the evidence, where the guard's word stands, is erased */
	uint64_t tests, forced, erased; /* skipped: only a test; a verdict that was given; the text, or who
					   wrote it, is erased */
	struct replay_site *sites; /* those with a comment that was judged, by id */
	size_t nsites;
	struct arena *arena; /* holds the sites */
};

/*
 * Judge the comments that O asks for and count into *R, calling EACH (NULL is allowed) for the flips in order
 * of recording; a non-zero return ends it, which is no error.  EACH may read from E's store, but not walk
 * verdicts.  Two threads judge.  The caller gives R back in both cases.
 */
int replay_run(struct replay *r, struct engine *e, const struct replay_options *o,
    int (*each)(const struct replay_flip *flip, void *arg), void *arg, struct err *err);
void replay_fini(struct replay *r);

#endif
