#ifndef HAMLET_ENGINE_FOLDERS_H
#define HAMLET_ENGINE_FOLDERS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define FOLDERS_CLOSED 0750
#define FOLDERS_PASSAGE 0711 /* others can't list it, but open what in it is open to them */

/*
 * Make the folder PATH and those above it that are missing, with MODE.  *MADE_FROM (NULL is allowed) is the
 * length of the first path that was made, 0 when all were there; it is set on failure too.
 */
int folders_make(const char *path, mode_t mode, size_t *made_from, struct err *err);

/* Return what folders_make() would say: the length of the first path that is missing, 0 when none is. */
size_t folders_missing(const char *path);

/* Remove the folder PATH and those above it down to the MADE_FROM bytes long one, as far as they are empty.
 */
void folders_unmake(const char *path, size_t made_from);

/* Remove the folder PATH with the files in it; what is no file stays, and the folder with it. */
void folders_clear(const char *path);

#endif
