#ifndef HAMLET_ENGINE_SCRUB_H
#define HAMLET_ENGINE_SCRUB_H

#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"
#include "engine/engine.h"

/*
 * Seeing that what was erased is gone from the disk too.  A database that forgets a row may keep its bytes:
 * in the write-ahead log until that is emptied, and in corners of pages whose rows were moved.  So the log is
 * emptied, all files of the state directory are searched byte for byte, and if the database's still hold what
 * is looked for, it is rewritten as a whole and looked at again.  What is found then stands in records that
 * weren't erased.
 */
struct scrub_hit {
	const char *file; /* within the state directory */
	size_t times;
};

struct scrub_report {
	bool rewritten; /* the database had to be */
	size_t files;
	int64_t bytes; /* that were searched */
	struct scrub_hit *hits; /* files that still hold it */
	size_t nhits;
};

/* Strings shorter than this stand everywhere by chance. */
#define SCRUB_LEAST 5

/*
 * Look in the state directory DIR for the N STRINGS (ASCII letters in either case; those too short are
 * skipped) and fill *REPORT, in A.  This process must not have the database open: closing a file that was
 * searched would drop SQLite's locks on it.  PROGRESS (NULL is allowed) is called with the share of bytes
 * searched, 0 to 1.  ERR_BUSY when readers keep the log from being emptied.
 */
int scrub(const char *dir, const struct slice *strings, size_t n, void (*progress)(double share, void *arg),
    void *arg, struct arena *a, struct scrub_report *report, struct err *err);

#endif
