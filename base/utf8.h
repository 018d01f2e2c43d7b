#ifndef HAMLET_BASE_UTF8_H
#define HAMLET_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"

/* Return the length of the well-formed UTF-8 sequence at P (of N bytes, N > 0): 1 to 4, or 0 if there is
 * none. */
size_t utf8_sequence(const char *p, size_t n);

/* Return how many of the N bytes at P, from the first on, are ASCII. */
size_t utf8_ascii(const char *p, size_t n);

/* Return whether S is well-formed UTF-8 throughout (RFC 3629: no surrogates, nothing over U+10FFFF). */
bool utf8_valid(struct slice s);

/*
 * Return the character that BYTE stands for where it is no UTF-8: as browsers read what says it is ISO
 * 8859-1, in windows-1252 (0x80 to 0x9f are quotes, dashes and the euro; five of them stay control
 * characters).
 */
unsigned utf8_stray(unsigned char byte);

/* Append S to B, reading it as UTF-8 and each byte that can't be as windows-1252. */
void utf8_repair(struct buf *b, struct slice s);

/* Append code point C (a valid one) to B. */
void utf8_put(struct buf *b, unsigned c);

#endif
