#ifndef HAMLET_DAEMON_RULES_RECORD_H
#define HAMLET_DAEMON_RULES_RECORD_H

#include "daemon/hamletd.h"

/*
 * Have it recorded, as an event of kind "rules" in the log that holds everything, that RULES are in force
 * now: their digest and how many they are.  It isn't recorded again when the last such event says the same.
 * Where it can't be recorded d->rules_unrecorded is set again, for another try.
 */
void rules_record(struct hamletd *d, const struct rules *rules);

#endif
