#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/background.h"
#include "base/file.h"

/* How much is handed to the disk at a time, and how long is waited then. */
struct pace {
	size_t bytes;
	useconds_t pause_us;
};

#define PIECE ((size_t)4096)

static const struct pace at_once = { (size_t)512 << 10, 0 };
static const struct pace giving_way = { (size_t)512 << 10, 3000 };
static const struct pace slow = { (size_t)256 << 10, 32000 }; /* some 8 MB a second */

char *
path_join(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) == -1 ? NULL : path;
}

static int
fail(struct err *err, const char *path)
{
	enum err_code code = errno == ENOMEM ? ERR_NOMEM : errno == EROFS ? ERR_READ_ONLY : ERR_IO;

	return err_set(err, code, "%s: %s", path, strerror(errno));
}

static int
read_all(int fd, char *p, size_t size, size_t *n)
{
	ssize_t got;

	for (*n = 0; *n < size; *n += (size_t)got) {
		got = read(fd, p + *n, size - *n);
		if (got == -1 && errno == EINTR)
			got = 0;
		else if (got == -1)
			return -1;
		else if (got == 0)
			break;
	}
	return 0;
}

/*
 * Read FD to its end, at most MAX bytes, into memory that the caller frees: SIZE bytes if that is right, but
 * a pipe doesn't know.  -1 with errno set, EFBIG for more than MAX.
 */
static int
read_to_end(int fd, size_t size, char **out, size_t *n, size_t max)
{
	size_t room = size < max ? size : max, got;
	char *p = NULL, *more;

	for (*n = 0;; room = room < max / 2 ? 2 * room + PIECE : max) {
		more = realloc(p, room + 2); /* one more byte tells the end, one is for a NUL */
		if (more == NULL)
			break;
		p = more;
		if (read_all(fd, p + *n, room + 1 - *n, &got) == -1)
			break;
		*n += got;
		if (*n <= room) {
			p[*n] = '\0';
			*out = p;
			return 0;
		}
		errno = EFBIG;
		if (room == max)
			break;
	}
	free(p);
	return -1;
}

/* Read all of the file FD, which is PATH, and close it. */
static int
read_whole(int fd, char **out, size_t *n, const char *path, size_t max, struct err *err)
{
	struct stat st;
	int rc = fstat(fd, &st);

	if (rc == 0 && (uintmax_t)st.st_size > max) {
		rc = -1;
		errno = EFBIG;
	}
	if (rc == 0)
		rc = read_to_end(fd, (size_t)st.st_size, out, n, max);
	if (rc == -1 && errno == EFBIG)
		err_set(err, ERR_LIMIT, "%s: larger than %zu bytes", path, max);
	else if (rc == -1)
		fail(err, path);
	close(fd);
	return rc;
}

int
file_read(char **out, size_t *n, const char *path, size_t max, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd == -1 ? fail(err, path) : read_whole(fd, out, n, path, max, err);
}

int
file_read_own(char **out, size_t *n, int folder, const char *path, size_t max, struct err *err)
{
	int fd;

	if (file_open_own(folder, path, 0, &fd, err) == -1)
		return -1;
	return read_whole(fd, out, n, path, max, err);
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t put;

	for (; n > 0; p += put, n -= (size_t)put) {
		put = write(fd, p, n);
		if (put == -1 && errno == EINTR)
			put = 0;
		else if (put == -1)
			return -1;
	}
	return 0;
}

/* Hand to the disk what was written to the N bytes at AT of FD. */
static int
hand_over(int fd, size_t n, size_t at)
{
	const unsigned flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
	    SYNC_FILE_RANGE_WAIT_AFTER;

	if (sync_file_range(fd, (off_t)at, (off_t)n, flags) == -1 &&
	    (errno == EIO || errno == ENOSPC || errno == EDQUOT))
		return -1; /* told once: the sync at the end wouldn't say so again */
	return 0;
}

/*
 * Write the N bytes at P to the new file FD, a part at a time to the disk: were it all handed over at once,
 * by the sync at the end, everybody else's small syncs would wait behind it.  HURRY: see file_write_slowly();
 * NULL stands for true.
 */
static int
write_paced(int fd, const char *p, size_t n, const atomic_bool *hurry)
{
	const struct pace *whole = background_here() ? &giving_way : &at_once, *pace;
	size_t at = 0;

	for (;;) {
		pace = hurry == NULL || atomic_load(hurry) ? whole : &slow;
		if (n - at <= pace->bytes)
			return write_all(fd, p + at, n - at);
		if (write_all(fd, p + at, pace->bytes) == -1 || hand_over(fd, pace->bytes, at) == -1)
			return -1;
		at += pace->bytes;
		if (pace->pause_us > 0)
			usleep(pace->pause_us);
	}
}

/* Make a rename in PATH's folder durable. */
static int
sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd, rc;

	if (copy == NULL)
		return -1;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd == -1)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

/* As root, give the new file FD in PATH's folder to the folder's owner: the daemon isn't root and must read
 * it. */
static int
give_to_folder(int fd, const char *path)
{
	struct stat st;
	char *copy;
	int rc;

	if (geteuid() != 0)
		return 0;
	copy = strdup(path);
	if (copy == NULL)
		return -1;
	rc = stat(dirname(copy), &st);
	free(copy);
	return rc == -1 ? -1 : fchown(fd, st.st_uid, st.st_gid);
}

int
file_give(int fd, const char *path, struct err *err)
{
	return give_to_folder(fd, path) == 0 ? 0 : fail(err, path);
}

int
file_give_folder(const char *path, struct err *err)
{
	int fd, rc;

	if (geteuid() != 0)
		return 0;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return fail(err, path);
	rc = file_give(fd, path, err);
	close(fd);
	return rc;
}

/* Fill the new file FD, which is to be in PATH's folder; -1 with errno set. */
static int
fill(int fd, const char *path, const void *p, size_t n, const atomic_bool *hurry)
{
	if (write_paced(fd, p, n, hurry) == -1 || fchmod(fd, 0600) == -1 || give_to_folder(fd, path) == -1)
		return -1;
	return fsync(fd);
}

int
file_write_whole(const char *path, const void *p, size_t n, struct err *err)
{
	char *temporary;
	int fd, rc;

	if (asprintf(&temporary, "%s.XXXXXX", path) == -1)
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd == -1) {
		fail(err, path);
		free(temporary);
		return -1;
	}
	rc = fill(fd, path, p, n, NULL);
	if (rc == -1)
		fail(err, path);
	close(fd);
	if (rc == 0 && (rename(temporary, path) == -1 || sync_folder(path) == -1))
		rc = fail(err, path);
	if (rc == -1)
		unlink(temporary);
	free(temporary);
	return rc;
}

/* Return whether NAME is BASE, of N bytes, and what mkostemp() puts in place of ".XXXXXX". */
static bool
is_leftover(const char *name, const char *base, size_t n)
{
	return strncmp(name, base, n) == 0 && name[n] == '.' && strlen(name + n + 1) == 6;
}

int
file_remove_leftovers(const char *path, struct err *err)
{
	const char *base = strrchr(path, '/');
	size_t before = base != NULL ? (size_t)(++base - path) : 0;
	char *dir = before > 0 ? strndup(path, before) : strdup(".");
	DIR *folder = dir != NULL ? opendir(dir) : NULL;
	const struct dirent *entry;
	int rc = 0;

	if (folder == NULL)
		rc = errno == ENOENT ? 0 : fail(err, path);
	free(dir);
	if (folder == NULL)
		return rc;
	while (rc == 0 && (entry = readdir(folder)) != NULL) {
		if (is_leftover(entry->d_name, path + before, strlen(path + before)) &&
		    unlinkat(dirfd(folder), entry->d_name, 0) == -1 && errno != ENOENT)
			rc = fail(err, entry->d_name);
	}
	closedir(folder);
	return rc;
}

int
file_create(const char *path, int *fd, struct err *err)
{
	unlink(path);
	*fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return *fd == -1 ? fail(err, path) : 0;
}

int
file_write_slowly(
    int fd, const char *path, const void *p, size_t n, const atomic_bool *hurry, struct err *err)
{
	int rc = fill(fd, path, p, n, hurry);

	if (rc == -1)
		fail(err, path);
	close(fd);
	return rc;
}

int
file_put(const char *from, const char *path, struct err *err)
{
	if (rename(from, path) == 0 && sync_folder(path) == 0)
		return 0;
	return errno == ENOENT ? err_set(err, ERR_NOT_FOUND, "%s: %s", from, strerror(errno))
			       : fail(err, path);
}

int
file_link_swap(const char *path, const char *target, bool lasting, struct err *err)
{
	char *temporary;
	int rc = 0;

	if (asprintf(&temporary, "%s.%ld", path, (long)getpid()) == -1)
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	unlink(temporary);
	if (symlink(target, temporary) == -1 || rename(temporary, path) == -1 ||
	    (lasting && sync_folder(path) == -1)) {
		rc = fail(err, path);
		unlink(temporary);
	}
	free(temporary);
	return rc;
}

int
file_map_open(struct file_map *map, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd == -1)
		return fail(err, path);
	if (fstat(fd, &st) == -1)
		goto fail_errno;
	if (!S_ISREG(st.st_mode) || st.st_size == 0) {
		close(fd);
		return err_set(err, ERR_DAMAGED, "%s: not a file with anything in it", path);
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		goto fail_errno;
	close(fd);
	*map = (struct file_map){ p, (size_t)st.st_size };
	return 0;

fail_errno:
	fail(err, path);
	close(fd);
	return -1;
}

void
file_map_close(struct file_map *map)
{
	if (map->p != NULL)
		munmap((void *)(uintptr_t)map->p, map->n);
	*map = (struct file_map){ NULL, 0 };
}

/* Say in *ERR which process holds the lock file FD. */
static int
held(int fd, const char *path, struct err *err)
{
	char text[24] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? strcspn(text, "\n") : 0] = '\0';
	return err_set(err, ERR_BUSY, "%s: held by process %s", path, *text != '\0' ? text : "unknown");
}

/*
 * Open the lock file PATH and return its descriptor, or -1.  Root works in a folder of the daemon's user, and
 * gives it what it makes there: what that user may have put in the file's place, a link to somebody else's,
 * must not be written to or given away.
 */
static int
open_lock(const char *path, struct err *err)
{
	int f = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;

	if (f == -1)
		return fail(err, path);
	if (fstat(f, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		return f;
	close(f);
	return err_set(err, ERR_REFUSED, "%s: not a file of its own, as a lock must be", path);
}

/* Say in the lock file FD that it is this process's; where the disk is full it is held all the same, for it
 * may be what clears up. */
static void
note_holder(int fd)
{
	int rc = ftruncate(fd, 0);

	if (rc == 0)
		rc = dprintf(fd, "%ld\n", (long)getpid());
	(void)rc;
}

int
file_lock(int *fd, const char *path, int wait_ms, struct err *err)
{
	const struct timespec pause = { 0, 10 * 1000 * 1000 };
	int f = open_lock(path, err);

	if (f == -1)
		return -1;
	while (flock(f, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK) {
			fail(err, path);
			close(f);
			return -1;
		}
		if (wait_ms <= 0) {
			held(f, path, err);
			close(f);
			return -1;
		}
		nanosleep(&pause, NULL); /* flock has no time-out of its own */
		wait_ms -= 10;
	}
	if (give_to_folder(f, path) == -1) {
		fail(err, path);
		close(f);
		return -1;
	}
	note_holder(f);
	*fd = f;
	return 0;
}
