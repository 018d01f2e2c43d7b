#ifndef HAMLET_ENGINE_BLOGSPAM_OPTIONS_H
#define HAMLET_ENGINE_BLOGSPAM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/* The options of a call to blogspam.net's API: "min-words=3,exclude=size,whitelist=192.0.2.0/24". */

/* Take the first option of REST into *NAME and *VALUE (absent without '='), both trimmed; false when there is
 * none left. */
bool blogspam_option(struct slice *rest, struct slice *name, struct slice *value);

/* ERR_LIMIT when OPTIONS are past the limits in blogspam.h. */
int blogspam_options_check(struct slice options, struct err *err);

/* Set *OUT to the number that the last option NAME of OPTIONS gives ("20", "2k"); false if there is none. */
bool blogspam_option_number(struct slice options, const char *name, int64_t *out);

/* Return whether OPTIONS exclude the test NAME: by a regular expression or, where it is none, by a part of
 * the name. */
bool blogspam_excludes(struct slice options, const char *name);

/* Return what is meant by the address IP: without blanks, port, or an IPv6 prefix before an IPv4 address. */
struct slice blogspam_ip_tidy(struct slice ip);

/* Return whether IP is an address of version 4 or 6. */
bool blogspam_ip_valid(struct slice ip);

/* Return whether the address IP lies in RANGE, an address or ADDRESS/BITS; bits past the length don't count.
 */
bool blogspam_ip_within(struct slice ip, struct slice range);

#endif
