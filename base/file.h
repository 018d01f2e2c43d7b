#ifndef HAMLET_BASE_FILE_H
#define HAMLET_BASE_FILE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/* Append "/" and NAME to DIR: the caller frees the result; NULL when memory ran out. */
char *path_join(const char *dir, const char *name);

/* Read all of PATH, which may be a pipe, at most MAX bytes, into memory that the caller frees (a NUL stands
 * after it). */
int file_read(char **out, size_t *n, const char *path, size_t max, struct err *err);

/*
 * Open PATH, where it is relative in the folder FOLDER (or AT_FDCWD), to be read (with FLAGS: O_DIRECTORY)
 * and handed on.  Root may do so in a folder of the daemon's user, who could put a link there to what only
 * root can read: a symbolic link is followed only if root or the caller has made it, or if the file it leads
 * to is of who did; else ERR_REFUSED.
 */
int file_open_own(int folder, const char *path, int flags, int *fd, struct err *err);

/* See that PATH, where it is there, could be opened so; it is for others to open. */
int file_check_own(const char *path, struct err *err);

/* As file_open_own(), and read all of it as file_read() does. */
int file_read_own(char **out, size_t *n, int folder, const char *path, size_t max, struct err *err);

/*
 * As root, give FD, the new file PATH, to the owner of the folder that it is in: the daemon isn't root, and
 * must read and write it.  file_give_folder() does so with the new folder PATH.
 */
int file_give(int fd, const char *path, struct err *err);
int file_give_folder(const char *path, struct err *err);

/*
 * Write the N bytes at P to PATH so that a crash leaves either the whole new file or none: to a temporary
 * name beside it, synced, renamed, the folder synced.  Mode 0600; as root, it is given to the folder's owner.
 * On failure the temporary file is gone again.
 */
int file_write_whole(const char *path, const void *p, size_t n, struct err *err);

/*
 * Remove what file_write_whole() of PATH left if the program was killed or the power went before the name was
 * right: all files PATH.XXXXXX, that which another program may be writing at this moment too.
 */
int file_remove_leftovers(const char *path, struct err *err);

/* Open the new file PATH (mode 0600) to be written; one that is there goes first.  The caller closes *FD. */
int file_create(const char *path, int *fd, struct err *err);

/*
 * Write the N bytes at P to the new file FD, which is PATH (as root, it is given away as above), sync and
 * close it: at some 8 MB a second, so that the small syncs of others have little to carry along, for what
 * nobody waits for.  Once *HURRY is true it goes on as fast as file_write_whole().
 */
int file_write_slowly(
    int fd, const char *path, const void *p, size_t n, const atomic_bool *hurry, struct err *err);

/* Rename the file FROM, which is whole and synced, to PATH in the same folder, and sync that; ERR_NOT_FOUND
 * when FROM is gone. */
int file_put(const char *from, const char *path, struct err *err);

/*
 * Remove PATH; that it is gone already is as good.  On a thread that gives way the blocks of a large file go
 * back a few at a time, for the syncs of others wait while a journal takes them all up: unless somebody else
 * has the file open, or it has another name, when all that goes is this name.
 */
int file_remove(const char *path, struct err *err);

/* Make the symbolic link PATH point to TARGET, replacing it atomically.  Unless it is to be LASTING it may
 * point to the old target again after the power failed, and nobody waits for the disk. */
int file_link_swap(const char *path, const char *target, bool lasting, struct err *err);

/* A file mapped read-only. */
struct file_map {
	const unsigned char *p;
	size_t n;
};
int file_map_open(struct file_map *map, const char *path, struct err *err);
void file_map_close(struct file_map *map);

/*
 * Take the advisory lock PATH (made if absent) for this process: exclusive, or ERR_BUSY with "held by process
 * N" when another has it, ERR_READ_ONLY on a file system that is; WAIT_MS is how long to wait for it.  *FD
 * keeps it until closed.
 */
int file_lock(int *fd, const char *path, int wait_ms, struct err *err);

#endif
