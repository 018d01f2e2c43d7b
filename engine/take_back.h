#ifndef HAMLET_ENGINE_TAKE_BACK_H
#define HAMLET_ENGINE_TAKE_BACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"

/* Taking back in bulk what was said of a site's comments. */
struct take_back {
	int64_t site;
	int64_t since_ms; /* said at or after then; 0: ever */
	const char *speaker; /* only what this user or site said; NULL: anybody */
	const char *who; /* takes it back, for the record */
	bool dry_run; /* count only */
};

/*
 * Take back the words in force that WHAT names, each by an event of its own, all of them or none; *N is how
 * many.  What is left is exactly what there would be without them, once it is learnt (engine/learn.h).
 */
int take_back(struct engine *e, const struct take_back *what, int64_t *n, struct err *err);

#endif
