#ifndef HAMLET_BASE_IP_H
#define HAMLET_BASE_IP_H

#include "base/slice.h"

/* The text of an internet address. */
#define IP_BYTES 16
#define IP_TEXT_BYTES 46 /* the longest, and a NUL */

/* Set OUT to the address that TEXT is, IPv4 as IPv4-mapped IPv6 (::ffff:192.0.2.1), and return 0; -1 if it
 * isn't one. */
int ip_parse(unsigned char out[static IP_BYTES], struct slice text);

/* Return the one form in which records have the address TEXT: IPv6 at its shortest in small letters, an
 * IPv4-mapped one as IPv4.  In ROOM, or TEXT itself: if that is how it is written, or it is no address. */
struct slice ip_canonical(struct slice text, char room[static IP_TEXT_BYTES]);

#endif
