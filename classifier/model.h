#ifndef HAMLET_CLASSIFIER_MODEL_H
#define HAMLET_CLASSIFIER_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * A model: an immutable snapshot of token counts, field weights, calibration and thresholds, used straight
 * from its bytes (a mapped file or memory).  Any number of threads may read one model at once.  The file
 * format is in classifier/snapshot.h; models are made by classifier/train.h.
 */
struct model;

#define MODEL_ID_BYTES 65 /* 64 hexadecimal digits and a NUL */

struct model_info {
	char id[MODEL_ID_BYTES]; /* digest of the snapshot's content */
	char parent[MODEL_ID_BYTES]; /* the model it was learnt from; "" when trained from examples */
	uint64_t spam, ham; /* comments counted for everybody, of each class */
	uint64_t own_spam, own_ham; /* and for single sites */
	uint64_t tokens; /* distinct tokens */
	uint64_t bytes; /* size of the snapshot */
	uint64_t position; /* the last example event of the store that the counts include; 0: none */
	double spam_share; /* the share of spam among comments that its probabilities are for */
	double prior; /* the log-odds of a comment before any evidence, at that share */
	double spam_threshold; /* "spam" is probability >= this */
	double unsure_threshold; /* "unsure" is from here to spam_threshold */
	double blocked_ham_budget; /* what spam_threshold was chosen for: most share of ham called spam */
};

/*
 * Map the snapshot at PATH and check its digest.  On success the caller holds one reference to *OUT.
 * ERR_DAMAGED names the file and what is wrong with it; ERR_IO when it can't be read.
 */
int model_open(struct model **out, const char *path, struct err *err);

/*
 * The same with the bytes read into memory: a mapped file is only as unchanging as the file, and whoever
 * serves requests must not die because someone cut it off.  With JUDGES_ONLY nothing but what judging
 * takes is read or checked: such a model can't be listed or learnt from.
 */
int model_open_copy(struct model **out, const char *path, bool judges_only, struct err *err);

/*
 * The same to learn from, and nothing else but model_info(): the file is checked, but all of it stays there
 * and is read anew, a little at a time, each time that something is learnt.
 */
int model_open_to_learn(struct model **out, const char *path, struct err *err);

/* The same from N bytes of memory at P, which *OUT owns from now on (it was malloc'd; freed on failure too).
 */
int model_open_memory(struct model **out, void *p, size_t n, struct err *err);

/*
 * Give back the memory of what judging does without in M, the tokens' names and the rest of their hashes; the
 * caller holds the one reference.  From now on it only judges, as if opened so.  Does nothing to one that
 * isn't a copy.
 */
void model_judge_only(struct model *m);

/* Take one more reference; returns M.  Safe from any thread that holds one. */
struct model *model_ref(struct model *m);

/* Give a reference back; the last one unmaps.  NULL is allowed. */
void model_unref(struct model *m);

/* Return what is known of M, valid as long as M. */
const struct model_info *model_info(const struct model *m);

/* Return the snapshot's bytes, valid as long as M, which isn't opened to judge only. */
struct slice model_bytes(const struct model *m);

#endif
