#ifndef HAMLET_ENGINE_IMPORT_H
#define HAMLET_ENGINE_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "corpus/corpus.h"
#include "engine/engine.h"

/* Labelled comments in and out of the store.  Importing records examples; a model is made of them by
 * engine/learn.h. */
struct import_result {
	size_t added; /* comments that had no label before */
	size_t already; /* those that had the same one: nothing recorded */
	size_t relabelled; /* those that had the other one, which is replaced: the last word wins, also within
			      a file */
	size_t skipped; /* bad or unlabelled rows left out */
};

struct import_options {
	const char *origin; /* "import", "corpus" */
	const char *who;
	void (*progress)(double share, void *arg); /* NULL is allowed */
	void *progress_arg;
};

/*
 * Read SPEC (as in corpus/corpus.h) and record its rows, all of them in one transaction or, on failure, none.
 * A row's source is its own or else its file's base name.  One that names a site in use here, and a scope,
 * is that site's word and replaces its last one; any other is nobody's and counts for all.
 */
int engine_import(struct engine *e, const char *spec, const struct corpus_options *reading,
    const struct import_options *options, struct import_result *result, struct err *err);

/* The same for rows read already. */
int engine_import_rows(struct engine *e, const struct corpus *rows, const struct import_options *options,
    struct import_result *result, struct err *err);

/*
 * Call EACH with one line of JSON Lines, its newline included, for every example in force of LABEL
 * (LABEL_NONE: both) recorded at or after SINCE_MS, oldest first: label, source, id, time, whose word it is
 * (site) and for whom it counts (scope: "all", "own", "both"), and the comment's members, as engine_import()
 * reads them.  A non-zero return ends it; that is then returned as ERR_IO unless EACH has filled *ERR itself.
 */
int engine_export(struct engine *e, int64_t since_ms, enum label label,
    int (*each)(struct slice line, void *arg, struct err *err), void *arg, struct err *err);

#endif
