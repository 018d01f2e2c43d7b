#ifndef HAMLET_BASE_DECIMAL_H
#define HAMLET_BASE_DECIMAL_H

#include "base/slice.h"

#define DECIMAL_BYTES 32

/*
 * X as printf() writes it by "%.*g" with DIGITS, in a fifth of the time, for the numbers that are mostly
 * written: those which have no exponent there, of at least 0.0001 and below 1e15, with 1 to 17 digits.  The
 * text is in SPACE, and not terminated.  Anything else is the absent slice.
 */
struct slice decimal_text(char space[DECIMAL_BYTES], double x, int digits);

#endif
