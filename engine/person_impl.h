#ifndef HAMLET_ENGINE_PERSON_IMPL_H
#define HAMLET_ENGINE_PERSON_IMPL_H

#include "engine/person.h"

/* Private to the files of engine/person.h. */

/* Return the ranges of all examples found, in the arena of FOUND; NULL when memory ran out. */
struct forget_range *person_ranges(const struct person_found *found);

#endif
