#ifndef HAMLET_CLASSIFIER_NORMAL_H
#define HAMLET_CLASSIFIER_NORMAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/*
 * Normalising: what a reader would see, in one plain form.  Entities are decoded, HTML and BBCode taken off
 * (the addresses in links are kept, as text), letters folded to compatibility form and lower case (NFKD with
 * case folding, by utf8proc; accents on Latin, Greek and Cyrillic letters dropped; Hangul kept whole),
 * invisible and direction marks removed, what an override shows backwards turned around, and look-alike
 * letters of another script written as the Latin ones they imitate where a word mixes scripts. That something
 * had to be folded is counted: ordinary readers don't hide letters.
 */
struct normal_counts {
	size_t letters, capitals, digits, bytes, not_ascii; /* of the text as read, markup among the bytes */
	size_t lines;
	size_t tags, anchors, bbcode;
	size_t entities;
	size_t mixed_case; /* words with capitals here and there, as random letters have */
	size_t invisible; /* zero-width and direction marks, soft hyphens inside words */
	size_t lookalikes; /* letters of another script, standing in for Latin ones */
	size_t disguised; /* mathematical, full-width, enclosed and such letters */
	size_t marks; /* combining marks dropped */
	size_t reversed; /* characters written backwards behind an override, and turned around */
	size_t latin, cyrillic, greek, han, kana, hangul, arabic, hebrew, thai, indic,
	    other; /* letters by script */
};

/* How a word was written, for those that aren't all small letters. */
enum letter_case { CASE_SMALL, CASE_INITIAL, CASE_CAPITALS };

struct cased_word {
	uint32_t at; /* where it begins in the output */
	uint32_t letter_case;
};

/* Most bytes of one field that are looked at: the first three quarters of it from the start, the rest from
 * the end. */
#define NORMAL_INPUT_MAX 65536

/* Of *IN, a field that is longer, leave only what is looked at of its start, and set *END to the rest of it;
 * false, and nothing done, for any other. */
bool normal_parts(struct slice *in, struct slice *end);

/*
 * Append the normal form of IN (any bytes; what isn't UTF-8 is read as windows-1252) to OUT as well-formed
 * UTF-8 without control characters, and add to *COUNTS what was found.  Append to CASES (NULL is allowed) a
 * struct cased_word for each word with capitals.  SCRATCH is working memory.  Memory trouble shows in
 * buf_ok() of OUT and of CASES.
 */
void normalise(
    struct buf *out, struct slice in, struct normal_counts *counts, struct buf *cases, struct buf *scratch);

#endif
