#ifndef HAMLET_ENGINE_INIT_H
#define HAMLET_ENGINE_INIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/log.h"

/*
 * Make the state directory DIR: its database, the rows of the N files CORPUS_SPECS (JSON Lines, as in
 * corpus/corpus.h; N 0: the shipped corpus) as examples of origin "corpus", and the first model.  ERR_REFUSED
 * when DIR has a model already.  On failure what was made is gone again; a directory whose making was
 * interrupted can simply be made again.
 */
int engine_init(const char *dir, const char *const *corpus_specs, size_t n,
    void (*progress)(double share, void *arg), void *arg, struct err *err);

/* What was there before the state directory was made. */
struct init_before {
	bool db, models, key;
	size_t made_from; /* see engine/folders.h */
};
void engine_init_look(const char *dir, struct init_before *before);

/*
 * Clear away what an engine_init() of DIR left that ended half-way: for who watched it, and looked before.
 * Nothing, if there is a model, or somebody else is making it.
 */
void engine_init_undo(const char *dir, const struct init_before *before);

/* As engine_init() with the shipped corpus, and a line in LOG before and after: for a daemon's first start.
 */
int engine_init_default(const char *dir, const struct log *log, struct err *err);

#endif
