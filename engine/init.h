#ifndef HAMLET_ENGINE_INIT_H
#define HAMLET_ENGINE_INIT_H

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

/* The same with the shipped corpus, and a line in LOG before and after: for a daemon's first start. */
int engine_init_default(const char *dir, const struct log *log, struct err *err);

#endif
