#ifndef HAMLET_CLI_VERBS_H
#define HAMLET_CLI_VERBS_H

#include "cli/cli.h"

/* The verbs: verb_NAME.c defines each, verb_mark.c also unlearn. */
extern const struct verb verb_check, verb_corpus, verb_eval, verb_explain, verb_export, verb_import,
    verb_init, verb_mark, verb_models, verb_replay, verb_retrain, verb_review, verb_score, verb_sites,
    verb_status, verb_unlearn, verb_verdicts;

/* Return all verbs in the order of the help, ended by NULL. */
const struct verb *const *verbs_all(void);

/* Return the verb called NAME, or NULL. */
const struct verb *verbs_find(const char *name);

#endif
