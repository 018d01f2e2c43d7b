#ifndef HAMLET_CLI_OUTPUT_H
#define HAMLET_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/slice.h"
#include "classifier/classify.h"

/*
 * Text for people.  Comments are written by strangers: nothing of theirs reaches a terminal but through
 * text_safe().
 */
struct out {
	FILE *file;
	bool colour; /* a terminal, and NO_COLOR is not set */
	size_t width; /* columns of the terminal; 0: not a terminal, nothing is cut */
};

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_DOUBT, STYLE_BAD };

/* Write to FILE, which stays the caller's. */
void out_init(struct out *out, FILE *file);

/* Write formatted text in STYLE; the text must be ours or safe. */
void out_printf(const struct out *out, enum style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Return the style in which verdict V is shown. */
enum style out_verdict_style(enum verdict v);

/*
 * Append S to B on one line and harmless: control characters, bytes that aren't UTF-8, and characters that
 * are invisible or turn the direction of writing are shown as \n, \x1b, \u202e.
 */
void text_safe(struct buf *b, struct slice s);

/*
 * Append JSON text to B with the same characters written as \uXXXX inside its strings: the same value,
 * harmless where a terminal shows it.  What isn't UTF-8 is copied.
 */
void text_safe_json(struct buf *b, struct slice json);

/* Return how many columns S, safe text, takes on a terminal. */
size_t text_width(struct slice s);

/* Append S, safe text, to B, cut to COLUMNS with "…" at its end when it is wider; return the columns taken.
 */
size_t text_cut(struct buf *b, struct slice s, size_t columns);

#endif
