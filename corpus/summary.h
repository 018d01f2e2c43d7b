#ifndef HAMLET_CORPUS_SUMMARY_H
#define HAMLET_CORPUS_SUMMARY_H

#include "corpus/corpus.h"

/* What is in a corpus: rows by class, by language, by script, by field. */
#define SUMMARY_LANGUAGES 256
#define SUMMARY_SCRIPTS 12

/* How many are ham and spam; the index is an enum label. */
struct by_class {
	size_t n[2];
};

struct summary_language {
	struct slice code; /* the row's lang, "none" where it has none; lives in the corpus */
	struct by_class rows;
};

struct summary {
	struct by_class rows;
	struct by_class fields[COMMENT_FIELDS]; /* rows that have the field */
	struct summary_language languages[SUMMARY_LANGUAGES]; /* the most frequent first; what comes after
								 the last place isn't counted */
	size_t nlanguages;
	struct by_class scripts[SUMMARY_SCRIPTS]; /* by the script of most letters of the content */
};

static inline size_t
by_class_sum(const struct by_class *c)
{
	return c->n[LABEL_HAM] + c->n[LABEL_SPAM];
}

/* Return the name of script I, 0 to SUMMARY_SCRIPTS - 1: "latin", ... "none". */
const char *summary_script(size_t i);

/* Fill *S from the labelled rows of C. */
void summary_of(struct summary *s, const struct corpus *c);

/*
 * Return whether the classes of ROWS are out of balance: 20 rows or more of which less than a tenth are ham,
 * or less than a tenth spam, so that what is told by these rows is what they are in, not what they are.
 */
bool summary_lopsided(const struct by_class *rows);

#endif
