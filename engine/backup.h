#ifndef HAMLET_ENGINE_BACKUP_H
#define HAMLET_ENGINE_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"

/*
 * A backup is a folder (mode 0700) that holds what a state directory does: the database as of one moment, the
 * models, the chain's keys, and where they are there hamlet.conf and the owner's rules with their lists.  Not
 * what the flood guard remembers, which is of hours.
 */
struct backup_result {
	int64_t records; /* of the chain; filled by a restoration, which has verified them */
	size_t models; /* that were copied */
	char rules_fault[ERR_TEXT_MAX]; /* why files may be missing that the rules are made of; "": none is */
	size_t missing; /* that ought to be there, but are gone or damaged; never the current one */
};

/*
 * Copy the state of E, opened for reading, to the new or empty folder DIR, while a daemon may be running.
 * ERR_DAMAGED when the current model isn't whole; older ones that aren't are left out.  Nothing stays behind
 * on failure.
 */
int backup_make(struct engine *e, const char *dir, void (*progress)(double share, void *arg), void *arg,
    struct backup_result *out, struct err *err);

/* Return whether DIR may be filled by backup_make(): nothing is in it, or it isn't there. */
bool backup_may_fill(const char *dir);

/* Remove the folder DIR with what a backup has put there: for who watched one that ended half-way. */
void backup_remove(const char *dir);

/* Make an empty folder beside the state directory STATE; the caller frees its name.  NULL with *ERR. */
char *backup_place(const char *state, struct err *err);

/*
 * Make the state directory STATE from the backup DIR: a copy is made in BESIDE, from backup_place(), its
 * chain and its models are verified, that it was restored is recorded as WHO's doing, and only then it is
 * moved into place. ERR_REFUSED when STATE holds anything, unless FORCE: then that is kept under the name
 * that is written to *OLD, which the caller frees (NULL: there was nothing).  ERR_BUSY while a daemon runs in
 * it.  BESIDE is gone afterwards, in either case.
 */
int backup_restore(const char *dir, const char *state, const char *beside, bool force, const char *who,
    void (*progress)(double share, void *arg), void *arg, struct backup_result *out, char **old,
    struct err *err);

/*
 * Clear away what a restoration left that ended half-way: for who watched it.  If it had put what was THERE
 * aside, that is put back.
 */
void backup_undo_restore(const char *state, const char *beside, bool there);

#endif
