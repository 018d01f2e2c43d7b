#ifndef HAMLET_CLASSIFIER_FOLD_H
#define HAMLET_CLASSIFIER_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"

/* Single characters: what they fold to, and what they are; and names of domains.  The only file that sees
 * utf8proc is fold.c. */

#define FOLD_MAX 18 /* the longest compatibility decomposition in Unicode */

enum fold_kind {
	FOLD_PLAIN, /* itself, its lower case or its base letter */
	FOLD_DISGUISED, /* a mathematical, full-width, enclosed, small-capital... form of another letter */
	FOLD_MARK, /* a combining mark that is dropped */
	FOLD_INVISIBLE /* not seen, and dropped */
};

/*
 * Fold code point C (valid) to OUT: write the code points, set *N to how many (0 when dropped).
 */
enum fold_kind fold_char(unsigned c, unsigned out[FOLD_MAX], int *n);

/* Return the version of utf8proc whose tables it goes by. */
const char *fold_tables(void);

enum script {
	SCRIPT_NONE, /* not a letter */
	SCRIPT_LATIN,
	SCRIPT_CYRILLIC,
	SCRIPT_GREEK,
	SCRIPT_HAN,
	SCRIPT_KANA,
	SCRIPT_HANGUL,
	SCRIPT_ARABIC,
	SCRIPT_HEBREW,
	SCRIPT_THAI, /* and Lao, Khmer, Burmese: written without spaces */
	SCRIPT_INDIC,
	SCRIPT_OTHER
};

/* Return the script of C if it is a letter or a mark that belongs to one. */
enum script fold_script(unsigned c);

/* Return whether words of SCRIPT are written without spaces between them. */
bool script_unspaced(enum script script);

/*
 * Return the Latin letter that the folded Cyrillic, Greek or Armenian letter C looks like, or 0; CAPITAL
 * tells whether it was written as one.  *EXACT tells whether it does in every form, or only as a capital or
 * to a lenient eye.
 */
unsigned fold_lookalike(unsigned c, bool capital, bool *exact);

/* Return C as a small letter, if it is a letter that has one; nothing else is folded. */
unsigned fold_lower(unsigned c);

/* Return whether C is an upper-case letter. */
bool fold_is_upper(unsigned c);

/* Return how many bytes of S, from the first on, can be a domain as far as characters beyond ASCII go:
 * letters, marks, digits, and what is read as one, as a dot or not at all. */
size_t fold_domain_length(struct slice s);

/* Append S, a domain in UTF-8, to OUT as resolvers take it (but for its "xn--" form): in small letters,
 * compatibility forms undone, accents kept and composed, what is invisible left out. */
void fold_domain(struct buf *out, struct slice s);

#endif
