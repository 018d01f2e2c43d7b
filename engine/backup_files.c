#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/backup_impl.h"

int
backup_copy_file(const char *from, const char *to, size_t max, bool optional, struct err *err)
{
	char *bytes;
	size_t n;
	int rc;

	if (optional && access(from, F_OK) == -1 && errno == ENOENT)
		return 0;
	if (file_read_own(&bytes, &n, AT_FDCWD, from, max, err) == -1)
		return -1;
	rc = file_write_whole(to, bytes, n, err);
	free(bytes);
	return rc;
}

/* -- A whole copy -- */

/* Called for a file or folder NAME of the folder FOLDER; returns 0, or -1 to go no further. */
typedef int visit(int folder, const char *name, bool is_folder, void *arg);

/* Call EACH for what NAME is in the folder FOLDER, after all that lies in it, at most DEEP folders down;
 * links aren't followed, as another may have put them there. */
static int
walk(int folder, const char *name, int deep, visit *each, void *arg)
{
	int fd = deep > 0 ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1,
	    rc = 0;
	DIR *opened = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (opened == NULL) {
		if (fd != -1)
			close(fd);
		return each(folder, name, false, arg);
	}
	while (rc == 0 && (entry = readdir(opened)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = walk(dirfd(opened), entry->d_name, deep - 1, each, arg);
	}
	closedir(opened);
	return rc == 0 ? each(folder, name, true, arg) : rc;
}

/* Walk over the folder of PATHS and the folders in it. */
static int
walk_all(const struct engine_paths *paths, visit *each, void *arg)
{
	return walk(AT_FDCWD, paths->dir, BACKUP_DEEP + 1, each, arg);
}

static int
clear(int folder, const char *name, bool is_folder, void *arg)
{
	(void)arg;
	if (folder != AT_FDCWD || is_folder) /* else a link, which isn't ours */
		unlinkat(folder, name, is_folder ? AT_REMOVEDIR : 0);
	return 0;
}

void
backup_clear(const struct engine_paths *paths)
{
	walk_all(paths, clear, NULL);
}

struct change {
	uid_t uid;
	gid_t gid;
	struct err *err;
};

static int
give(int folder, const char *name, bool is_folder, void *arg)
{
	const struct change *c = arg;

	/* a folder after what is in it, for its new owner may put anything there */
	(void)is_folder;
	if (fchownat(folder, name, c->uid, c->gid, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return err_set(c->err, ERR_IO, "%s: %s", name, strerror(errno));
}

int
backup_give(const struct engine_paths *paths, uid_t uid, gid_t gid, struct err *err)
{
	struct change c = { uid, gid, err };

	return walk_all(paths, give, &c);
}

static int
let_in(int folder, const char *name, bool is_folder, void *arg)
{
	if (!is_folder || fchmodat(folder, name, 0750, 0) == 0)
		return 0;
	return err_set(arg, ERR_IO, "%s: %s", name, strerror(errno));
}

int
backup_let_in(const struct engine_paths *paths, struct err *err)
{
	return walk_all(paths, let_in, err);
}
