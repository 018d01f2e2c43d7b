#ifndef HAMLET_DAEMON_PRIVACY_WORDS_H
#define HAMLET_DAEMON_PRIVACY_WORDS_H

#include <stddef.h>

#include "engine/settings.h"

/*
 * The words of the page /privacy, one struct a language.  All are UTF-8 and fit to stand in HTML as they are;
 * "{}" stands for a value.
 */
struct privacy_item {
	const char *what, *why;
};

struct privacy_words {
	const char *language; /* as in lang="..." */
	const char *own_name; /* of the language */
	const char *title, *this_site;
	const char *intro; /* {}: the site */

	const char *stored_title, *stored_intro;
	struct privacy_item part[RETAINED_PARTS];
	const char *kept; /* {}: how long */
	struct privacy_item record, example;
	const char *record_kept, *example_kept;
	const char *hour, *hours, *day, *days; /* {}: how many, but for one */
	const char *forever;

	const char *decision_title, *decision, *unsure_is_ham, *unsure_is_spam;
	const char *discard; /* {}: per cent */
	const char *flood; /* {}: how long */
	const char *rules;

	const char *who_title, *who;
	const char *stays_title, *stays;

	const char *ask_title, *ask;
	const char *ask_whom; /* {}: the contact */
	const char *ask_owner; /* where no contact is told */
	const char *erased;
	const char *backups;

	const char *made_from; /* the settings in force */
	const char *languages; /* label of the list of languages */
	const char *as_json;
};

/* Return all languages, *N of them, English first. */
const struct privacy_words *privacy_words(size_t *n);

#endif
