#ifndef HAMLET_ENGINE_SHELF_H
#define HAMLET_ENGINE_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "engine/engine.h"

/*
 * The models on record, which of them are there as files, and from which file the others can be made again.
 *
 * A model that was learnt is its ancestor plus the events between the two, whatever steps that took: it is
 * the same to the last byte when made from any of its ancestors in one step.  So it can do without its file
 * as long as an older one of its line has one and the events' texts are there.  What erases a text
 * (engine/forget.h) sees to it that no line needs it any more.
 */
struct shelf_place {
	bool file; /* it is on record as kept, and its file is there */
	size_t parent; /* the row that it was learnt from; SHELF_NONE: none of the same maker */
	size_t from; /* its nearest ancestor with a file; SHELF_NONE: it can't be made again */
};

#define SHELF_NONE SIZE_MAX

struct shelf {
	struct arena *arena;
	struct model_row *rows; /* newest first */
	struct shelf_place *places; /* of each row */
	size_t *order; /* the rows from the least position to the greatest: ancestors come first */
	size_t n;
	char current[MODEL_ID_BYTES]; /* "" until it was asked for, and when there is none */
};

/* Fill *S; shelf_fini() gives it back, in either case. */
int shelf_read(struct shelf *s, struct engine *e, struct err *err);
void shelf_fini(struct shelf *s);

/* Look which model is in use; an error when that can't be told. */
int shelf_find_current(struct shelf *s, struct engine *e, struct err *err);

/* Find the nearest ancestor with a file of the row I anew, after those of its ancestors, where files came or
 * went. */
void shelf_trace(struct shelf *s, size_t i);

/* Return the row of the model ID, all 64 digits, or SHELF_NONE. */
size_t shelf_find(const struct shelf *s, const char *id);

/* Return whether the row I has no file but is kept, to be made again from another when it is needed. */
bool shelf_rebuilds(const struct shelf *s, size_t i);

/* Return how many events lie between the row I and the one that it can be made from, which there is. */
int64_t shelf_distance(const struct shelf *s, size_t i);

/*
 * Make the model of row I again from the file that its place names, and see that it is what its id says.
 * ERR_NOT_FOUND when it can't be, or that file went meanwhile; ERR_DAMAGED when another model came out.
 */
int shelf_rebuild(const struct shelf *s, struct engine *e, size_t i, struct model **out, struct err *err);

/* The same for the model ID (64 digits), as of one moment of the record. */
int shelf_rebuild_id(struct engine *e, const char *id, struct model **out, struct err *err);

/* What takes up the disk, and what doesn't. */
struct shelf_sizes {
	size_t files, rebuilt; /* models with a file, and those that are made again when needed */
	int64_t bytes; /* of the files */
};
void shelf_measure(const struct shelf *s, struct shelf_sizes *sizes);

#endif
