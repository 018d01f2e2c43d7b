#ifndef HAMLET_BASE_GUID_H
#define HAMLET_BASE_GUID_H

#include "base/slice.h"
#include "base/ulid.h"

/* A verdict's id as Akismet's clients know it: the 16 bytes of the ULID as 32 lower-case hexadecimal digits.
 */
#define GUID_CHARS 32

/* Write the GUID of the valid ULID at ID, and a NUL, to OUT. */
void guid_from_ulid(char out[GUID_CHARS + 1], const char id[ULID_CHARS]);

/* Write to OUT the ULID that TEXT names, itself a ULID or a GUID, in any case; -1 when it is neither. */
int guid_to_ulid(char out[ULID_CHARS + 1], struct slice text);

#endif
