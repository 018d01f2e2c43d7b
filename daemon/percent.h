#ifndef HAMLET_DAEMON_PERCENT_H
#define HAMLET_DAEMON_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/* Percent-encoding, as URLs and forms have it. */

/* Return the value of the hexadecimal digit C, or -1. */
int percent_hex(char c);

/*
 * Decode the *N bytes at P in place and set *N to what they become; with PLUS a '+' is a blank.  Return -1,
 * *N bytes then being of no use, when a '%' isn't followed by two hexadecimal digits.
 */
int percent_decode(char *p, size_t *n, bool plus);

#endif
