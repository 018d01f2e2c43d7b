#ifndef HAMLET_CLASSIFIER_MODEL_IMPL_H
#define HAMLET_CLASSIFIER_MODEL_IMPL_H

#include "classifier/model.h"
#include "classifier/section.h"
#include "classifier/snapshot.h"

/* What is inside a model, for the files of this folder that judge by it or derive another from it. */
const struct snapshot_header *model_header(const struct model *m);
struct lookup model_lookup(const struct model *m); /* without buckets if opened to learn from */

/*
 * Begin to go through PART of M.  ERR_REFUSED when it was opened to judge only, and what has to be there to
 * learn from it isn't.
 */
int model_section(const struct model *m, enum snapshot_part part, struct section *s, struct err *err);

/*
 * Make a model of the N bytes at P, from large_alloc(), a snapshot that was just made and sealed here as ID:
 * it isn't checked again.  With JUDGES_ONLY what judging does without isn't among them.  *OUT owns them from
 * now on; they are freed on failure too.
 */
int model_take(
    struct model **out, void *p, size_t n, const struct digest *id, bool judges_only, struct err *err);

#endif
