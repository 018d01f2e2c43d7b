#ifndef HAMLET_CLI_SOURCE_H
#define HAMLET_CLI_SOURCE_H

#include "base/err.h"
#include "classifier/classify.h"
#include "classifier/train.h"
#include "cli/cli.h"
#include "corpus/corpus.h"

/* Where `score` and `eval` take their models and rows from. */

/* Open the model that SPEC names: a snapshot's file, or the id of one in the state directory; NULL: the
 * current one there. */
int source_model(const struct cli *cli, const char *spec, struct model **out, struct err *err);

/* Append the rows of SPEC to C as corpus_read() does; row filters that no row meets are a mistake: ERR_INPUT.
 */
int source_read(struct corpus *c, const char *spec, const struct corpus_options *options, struct err *err);

/* Append the labelled rows of the N files at SPECS (with row filters) to C. */
int source_corpus(struct corpus *c, const char *const *specs, size_t n, struct err *err);

/* Train *OUT on the N files at SPECS, with a progress bar. */
int source_train(const char *const *specs, size_t n, const struct train_options *options, struct model **out,
    struct err *err);

/* Set *FIELDS from TEXT ("content", "all"; NULL: all) and return 0, or -1. */
int source_fields(enum fields *fields, const char *text);

#define SOURCE_BUDGET 0.005 /* share of ham that may be blocked, where nothing says otherwise */

#endif
