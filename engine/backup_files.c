#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/backup_impl.h"
#include "engine/folders.h"
#include "engine/rules.h"

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

/* -- Rules -- */

/* Copy the file NAME of the folder FOLDER to the folder TO, unless it is no file, or there already. */
static int
copy_named(int folder, const char *to, const char *name, struct err *err)
{
	char *target = path_join(to, name), *bytes;
	struct stat sb;
	size_t n;
	int rc = 0;

	if (target == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (fstatat(folder, name, &sb, 0) == 0 && S_ISREG(sb.st_mode) && access(target, F_OK) == -1) {
		rc = file_read_own(&bytes, &n, folder, name, RULE_LIST_BYTES_MAX, err);
		if (rc == 0) {
			rc = file_write_whole(target, bytes, n, err);
			free(bytes);
		}
	}
	free(target);
	return rc;
}

/* Copy the files of the open folder FROM to the new folder TO. */
static int
copy_all(DIR *from, const char *to, struct err *err)
{
	const struct dirent *entry;
	int rc = 0;

	if (mkdir(to, 0700) == -1)
		return err_set(err, ERR_IO, "%s: %s", to, strerror(errno));
	if (file_give_folder(to, err) == -1)
		return -1;
	while (rc == 0 && (entry = readdir(from)) != NULL)
		rc = copy_named(dirfd(from), to, entry->d_name, err);
	return rc;
}

/* Copy the files of the folder FROM, if it is there, to the new folder TO. */
static int
copy_folder(const char *from, const char *to, struct err *err)
{
	DIR *folder;
	int fd, rc;

	if (access(from, F_OK) == -1 && errno == ENOENT)
		return 0;
	if (file_open_own(AT_FDCWD, from, O_DIRECTORY, &fd, err) == -1)
		return -1;
	folder = fdopendir(fd);
	if (folder == NULL) {
		err_set(err, ERR_IO, "%s: %s", from, strerror(errno));
		close(fd);
		return -1;
	}
	rc = copy_all(folder, to, err);
	closedir(folder);
	return rc == 0 ? 0 : err_prefix(err, "%s", from);
}

struct lists {
	const char *from, *to;
	struct err *err;
};

/* Copy a file of rules, or a list, that stands in the state directory itself. */
static int
copy_list(const char *path, void *arg)
{
	const struct lists *l = arg;
	size_t n = strlen(l->from);
	int fd, rc;

	if (strncmp(path, l->from, n) != 0 || path[n] != '/' || strchr(path + n + 1, '/') != NULL)
		return 0;
	fd = open(l->from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return err_set(l->err, ERR_IO, "%s: %s", l->from, strerror(errno));
	rc = copy_named(fd, l->to, path + n + 1, l->err);
	close(fd);
	return rc == 0 ? 0 : err_prefix(l->err, "%s", l->from);
}

int
backup_copy_rules(const struct engine_paths *from, const struct engine_paths *to, struct backup_result *out,
    struct err *err)
{
	struct lists lists = { from->dir, to->dir, err };
	struct rules *rules;
	struct err why;
	int rc;

	if (backup_copy_file(from->rules, to->rules, RULE_FILE_BYTES_MAX, true, err) == -1 ||
	    copy_folder(from->rules_folder, to->rules_folder, err) == -1)
		return -1;
	if (rules_load(&rules, from->dir, &why) == -1) {
		snprintf(out->rules_fault, sizeof(out->rules_fault), "%s", why.text);
		return 0;
	}
	rc = rules_each_file(rules, copy_list, &lists);
	rules_unref(rules);
	return rc;
}

/* -- All of it -- */

void
backup_clear(const struct engine_paths *paths)
{
	folders_clear(paths->models);
	folders_clear(paths->rules_folder);
	folders_clear(paths->dir);
}

static int
give_folder(const char *path, uid_t uid, gid_t gid, struct err *err)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	int rc = 0;

	if (folder == NULL)
		return errno == ENOENT ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	while (rc == 0 && (entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    fchownat(dirfd(folder), entry->d_name, uid, gid, AT_SYMLINK_NOFOLLOW) == -1)
			rc = err_set(err, ERR_IO, "%s/%s: %s", path, entry->d_name, strerror(errno));
	}
	/* last, for its new owner may put anything there */
	if (rc == 0 && fchown(dirfd(folder), uid, gid) == -1)
		rc = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	closedir(folder);
	return rc;
}

int
backup_give(const struct engine_paths *paths, uid_t uid, gid_t gid, struct err *err)
{
	if (give_folder(paths->models, uid, gid, err) == -1 ||
	    give_folder(paths->rules_folder, uid, gid, err) == -1)
		return -1;
	return give_folder(paths->dir, uid, gid, err);
}
