#ifndef HAMLET_CLI_HTML_H
#define HAMLET_CLI_HTML_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/*
 * Text on a page.  As on a terminal (cli/output.h), what strangers wrote is shown harmless: escaped for HTML,
 * with control characters, bytes that aren't UTF-8 and characters that are invisible or turn the direction
 * of writing made visible.
 */

/* Append S, good between tags and inside of quoted attributes; NULL is empty. */
void html_str(struct buf *b, const char *s);

/*
 * The same on one line: white space is one space, none at the ends; after CHARACTERS it is cut, with "…".
 * Returns whether it was.
 */
bool html_excerpt(struct buf *b, struct slice s, size_t characters);

/* Append N with its thousands apart: 26,000. */
void html_count(struct buf *b, uint64_t n);

/* Append SHARE as a percentage with DECIMALS: "0.20 %", with a space that doesn't break. */
void html_percent(struct buf *b, double share, int decimals);

#endif
