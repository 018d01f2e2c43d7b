#include "config.h"

#include <ctype.h>
#include <stddef.h>
#include <strings.h>

#include "engine/blogspam_words.h"

static const struct {
	enum blogspam_list list;
	const char *words;
} entries[] = {
	{ BLOGSPAM_NAMES, "cheap" },
	{ BLOGSPAM_NAMES, "cialis" },
	{ BLOGSPAM_NAMES, "horny" },
	{ BLOGSPAM_NAMES, "internet marketing" },
	{ BLOGSPAM_NAMES, "levitra" },
	/* with what is sold, for Nike is a given name too */
	{ BLOGSPAM_NAMES, "nike air" },
	{ BLOGSPAM_NAMES, "nike outlet" },
	{ BLOGSPAM_NAMES, "nike sale" },
	{ BLOGSPAM_NAMES, "nike shoes" },
	{ BLOGSPAM_NAMES, "viagra" },
	{ BLOGSPAM_SUBJECTS, "jerseys from china" },
	{ BLOGSPAM_BODIES, "new york electrician" },
	{ BLOGSPAM_ANCHORS, "cialis" },
	{ BLOGSPAM_ANCHORS, "escort" },
	{ BLOGSPAM_ANCHORS, "escorts" },
	{ BLOGSPAM_ANCHORS, "levitra" },
	{ BLOGSPAM_ANCHORS, "viagra" },
	{ BLOGSPAM_DOMAINS, "xberi.net" },
};

/* Return whether C is part of a word; any byte of a letter outside ASCII is. */
static bool
in_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool
occurs(const char *words, struct slice text)
{
	size_t n = strlen(words);

	for (size_t i = 0; i + n <= text.n; i++) {
		if (strncasecmp(text.p + i, words, n) == 0 && (i == 0 || !in_word(text.p[i - 1])) &&
		    (i + n == text.n || !in_word(text.p[i + n])))
			return true;
	}
	return false;
}

bool
blogspam_listed(enum blogspam_list list, struct slice text)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		if (entries[i].list == list && occurs(entries[i].words, text))
			return true;
	}
	return false;
}
