#ifndef HAMLET_ENGINE_DAILY_H
#define HAMLET_ENGINE_DAILY_H

#include "base/json.h"
#include "engine/engine.h"
#include "store/daily.h"

/*
 * Daily figures: what came to each site each day, added up from the record as it grows.  They are no part of
 * a check: the daemon's keeper reads on from where it stopped.
 */
#define DAILY_ROUND 5000 /* most verdicts, and most corrections, a round */
#define DAILY_SAMPLE 500 /* most verdicts of a round whose evidence is taken apart */
#define DAILY_KEPT 400 /* days of a site with figures; by their number, since a clock may have been wrong */

/* How much a field weighed, in log-odds. */
struct daily_field {
	char name[16];
	double sum;
};

#define DAILY_FIELDS 24 /* what lies beyond is left out */

struct daily_fields {
	size_t n;
	struct daily_field at[DAILY_FIELDS];
};

/* Fill *F from the text of daily_row.fields, which may be "" or broken: what can't be read is left out. */
void daily_fields_read(struct daily_fields *f, const char *text);

/*
 * Add up what has been recorded since the last call, at most a round of it, and set *MORE to whether there
 * may be more.  Several processes may call it: each record counts once.
 */
int daily_update(struct engine *e, bool *more, struct err *err);

#endif
