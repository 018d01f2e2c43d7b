#include "config.h"

#include <string.h>

#include "cli/verbs.h"

static const struct verb *const verbs[] = {
	&verb_init,
	&verb_import,
	&verb_export,
	&verb_retrain,
	&verb_eval,
	&verb_score,
	&verb_corpus,
	&verb_check,
	&verb_verdicts,
	&verb_explain,
	&verb_mark,
	&verb_unlearn,
	&verb_review,
	&verb_replay,
	&verb_models,
	&verb_sites,
	&verb_rules,
	&verb_audit,
	&verb_backup,
	&verb_restore,
	&verb_person,
	&verb_status,
	NULL,
};

const struct verb *const *
verbs_all(void)
{
	return verbs;
}

const struct verb *
verbs_find(const char *name)
{
	size_t i;

	for (i = 0; verbs[i] != NULL; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}
