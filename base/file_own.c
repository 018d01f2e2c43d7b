#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define LINKS_MAX 8

/* A way from a name by links to a file. */
struct way {
	int folder; /* where relative paths begin */
	char at[PATH_MAX];
	bool by_other; /* a link on it was made by somebody else: neither root nor who runs this */
	uid_t other;
};

static int
fail(struct err *err, const char *path)
{
	return err_set(err, errno == ENOMEM ? ERR_NOMEM : ERR_IO, "%s: %s", path, strerror(errno));
}

static int
refuse(const char *path, struct err *err)
{
	return err_set(err, ERR_REFUSED,
	    "%s: a symbolic link that another user has made, to what isn't that user's: not followed; put a "
	    "copy "
	    "there, or make the link yourself",
	    path);
}

/* Go on to where the link at W, which is open as FD, points; -1 with errno set. */
static int
go_on(struct way *w, int fd)
{
	char target[PATH_MAX], *folder;
	ssize_t n = readlinkat(fd, "", target, sizeof(target) - 1);
	int length;

	if (n == -1)
		return -1;
	target[n] = '\0';
	folder = target[0] == '/' ? NULL : strdup(w->at);
	if (target[0] != '/' && folder == NULL)
		return -1;
	length = target[0] == '/' ? snprintf(w->at, sizeof(w->at), "%s", target)
				  : snprintf(w->at, sizeof(w->at), "%s/%s", dirname(folder), target);
	free(folder);
	errno = ENAMETOOLONG;
	return (size_t)length < sizeof(w->at) ? 0 : -1;
}

/* Follow the link at W, called PATH; it is looked at and read by one descriptor, whatever is put in its
 * place.
 */
static int
follow(struct way *w, const char *path, struct err *err)
{
	int fd = openat(w->folder, w->at, O_PATH | O_NOFOLLOW | O_CLOEXEC), rc = 0;
	struct stat st;

	if (fd == -1)
		return fail(err, path);
	if (fstat(fd, &st) == -1) {
		rc = fail(err, path);
	} else if (!S_ISLNK(st.st_mode)) {
		errno = ENOTDIR; /* what was to be one */
		rc = fail(err, path);
	} else if (st.st_uid != 0 && st.st_uid != geteuid()) {
		if (w->by_other && w->other != st.st_uid)
			rc = refuse(path, err);
		w->by_other = true;
		w->other = st.st_uid;
	}
	if (rc == 0 && go_on(w, fd) == -1)
		rc = fail(err, path);
	close(fd);
	return rc;
}

/* See that what is open as FD may be read by whoever made a link on the way to it. */
static int
check(const struct way *w, int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fail(err, path);
	return w->by_other && st.st_uid != w->other ? refuse(path, err) : 0;
}

/* Return whether FD, opened with FLAGS, is a link itself: O_PATH opens those too. */
static bool
is_link(int fd, int flags)
{
	struct stat st;

	return (flags & O_PATH) != 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

int
file_open_own(int folder, const char *path, int flags, int *fd, struct err *err)
{
	struct way w = { .folder = folder };

	errno = ENAMETOOLONG;
	if ((size_t)snprintf(w.at, sizeof(w.at), "%s", path) >= sizeof(w.at))
		return fail(err, path);
	for (int links = 0;; links++) {
		*fd = openat(folder, w.at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags);
		if (*fd != -1 && !is_link(*fd, flags))
			break;
		if (*fd != -1) {
			close(*fd);
			errno = ELOOP;
		}
		/* a link that was to be a folder is ENOTDIR */
		if ((errno != ELOOP && errno != ENOTDIR) || links == LINKS_MAX)
			return fail(err, path);
		if (follow(&w, path, err) == -1)
			return -1;
	}
	if (check(&w, *fd, path, err) == 0)
		return 0;
	close(*fd);
	return -1;
}

int
file_check_own(const char *path, struct err *err)
{
	int fd;

	if (access(path, F_OK) == -1 && errno == ENOENT)
		return 0;
	if (file_open_own(AT_FDCWD, path, O_PATH, &fd, err) == -1)
		return -1;
	close(fd); /* one of O_PATH; another's would take SQLite's locks on the file away */
	return 0;
}
