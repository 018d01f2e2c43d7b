#ifndef HAMLET_ENGINE_REGISTRY_H
#define HAMLET_ENGINE_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/engine.h"

/*
 * The models of a state directory: files, their rows, and which is current.  What publishing, using and
 * opening them means stands in engine/engine.h; this is what the engine's own files need besides.
 * A model that the daemon learns gets its file later (engine/unfiled.h); for all others:
 *
 * The order of writing is what makes a crash harmless: a file is whole before its row names it, and the row
 * is there before the link points to it; on the way out a row is marked as pruned before its file goes.  So a
 * crash leaves at most a file without a use, and the next publication clears it away.
 */

/* Return whether NAME is 64 lower-case hexadecimal digits. */
bool model_id_valid(const char *name, size_t n);

/* Return the path of the model ID, which the caller frees; NULL when memory ran out. */
char *model_path(const struct engine_paths *paths, const char *id);

/*
 * Open the file of the model ID, all 64 digits, and see that it is what its name says.  ERR_NOT_FOUND when
 * there is none: engine_model() looks whether the model can be made again then.
 */
int registry_open(struct engine *e, const char *id, bool judges_only, struct model **out, struct err *err);

/* The same to learn from: model_open_to_learn(). */
int registry_open_to_learn(struct engine *e, const char *id, struct model **out, struct err *err);

/* Say in ERR, of why the current model can't be had, what helps, for the link had promised it; return -1. */
int registry_promised(struct err *err);

/* Make the link to the current model point to the model ID, LASTING as in base/file.h. */
int registry_make_current(const struct engine_paths *paths, const char *id, bool lasting, struct err *err);

/* Write to MAKER what makes models here, as their rows name it. */
#define MAKER_BYTES 128
void registry_maker(char maker[MAKER_BYTES]);

/* Remove the file of the model ID, in the background; that it is gone already is as good. */
int registry_remove(const struct engine *e, const char *id, struct err *err);

/* Write M to PATH unless it is there, whole, already: models are named by their content.  *MADE tells. */
int registry_write(
    const struct engine *e, const struct model *m, const char *path, bool *made, struct err *err);

/*
 * Remove the files that no publication has finished, those of models marked as pruned, and of the models of
 * kind "learn" or withheld all but the KEEP newest: those that no verdict needs (engine.h) are marked as
 * pruned, the others only lose their files, if they can be made again (engine/shelf.h) from one that is at
 * most E's rebuild_events away.  Never the current model.  The publish lock must be held.
 */
int registry_prune(struct engine *e, size_t keep, struct err *err);

/* What registry_clear() does, or would do. */
struct cleared {
	const char **ids; /* of the models that go, newest first */
	size_t n, kept; /* kept: how many stay */
	size_t folded; /* of these, how many lose their files, to be made again when needed */
	int64_t bytes; /* of the files that go */
};

/*
 * Let the models go that nothing needs: neither current, nor among the KEEP newest, nor named by a verdict on
 * record, which only its model can explain in full; nor one that such a model is made from.  And remove the
 * files of older ones as registry_prune() does.  With DRY_RUN only tell.  *OUT lives in A.  Takes the publish
 * lock.
 */
int registry_clear(
    struct engine *e, size_t keep, bool dry_run, struct arena *a, struct cleared *out, struct err *err);

#endif
