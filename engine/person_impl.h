#ifndef HAMLET_ENGINE_PERSON_IMPL_H
#define HAMLET_ENGINE_PERSON_IMPL_H

#include "engine/person.h"

/* Private to the files of engine/person.h. */

/* Return the ranges of all examples found, in the arena of FOUND; NULL when memory ran out. */
struct forget_range *person_ranges(const struct person_found *found);

/* Return whether TEXT (lower-case) is among the e-mail addresses of FOUND. */
bool person_has_email(const struct person_found *found, const char *text);

/* Add the e-mail addresses of MORE to those of FOUND. */
int person_add_emails(struct person_found *found, const struct person_found *more, struct err *err);

/* Add the ways in which MORE writes the address to those of FOUND. */
int person_add_ips(struct person_found *found, const struct person_found *more, struct err *err);

#endif
