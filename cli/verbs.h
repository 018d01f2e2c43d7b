#ifndef HAMLET_CLI_VERBS_H
#define HAMLET_CLI_VERBS_H

#include "cli/cli.h"

/* The verbs: verb_NAME.c defines each, verb_mark.c also unlearn, verb_backup.c also restore. */
extern const struct verb verb_audit;
extern const struct verb verb_backup;
extern const struct verb verb_check;
extern const struct verb verb_corpus;
extern const struct verb verb_eval;
extern const struct verb verb_explain;
extern const struct verb verb_export;
extern const struct verb verb_import;
extern const struct verb verb_init;
extern const struct verb verb_mark;
extern const struct verb verb_models;
extern const struct verb verb_person;
extern const struct verb verb_replay;
extern const struct verb verb_restore;
extern const struct verb verb_retrain;
extern const struct verb verb_review;
extern const struct verb verb_rules;
extern const struct verb verb_score;
extern const struct verb verb_sites;
extern const struct verb verb_status;
extern const struct verb verb_unlearn;
extern const struct verb verb_verdicts;

/* Return all verbs in the order of the help, ended by NULL. */
const struct verb *const *verbs_all(void);

/* Return the verb called NAME, or NULL. */
const struct verb *verbs_find(const char *name);

#endif
