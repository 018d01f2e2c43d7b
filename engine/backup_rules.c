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
#include "engine/rules.h"

/* -- Files and folders -- */

/* Make the folder TO unless it is there. */
static int
make_folder(const char *to, struct err *err)
{
	struct stat sb;
	int why;

	if (mkdir(to, 0700) == 0)
		return file_give_folder(to, err);
	why = errno;
	if (why == EEXIST && lstat(to, &sb) == 0 && S_ISDIR(sb.st_mode))
		return 0;
	return err_set(err, ERR_IO, "%s: %s", to, strerror(why));
}

/* Copy the file NAME of the folder FOLDER to the file TARGET, unless it is no file, or there already. */
static int
copy_named(int folder, const char *name, const char *target, struct err *err)
{
	struct stat sb;
	char *bytes;
	size_t n;
	int rc;

	if (fstatat(folder, name, &sb, 0) == -1 || !S_ISREG(sb.st_mode) || access(target, F_OK) == 0)
		return 0;
	if (file_read_own(&bytes, &n, folder, name, RULE_LIST_BYTES_MAX, err) == -1)
		return -1;
	rc = file_write_whole(target, bytes, n, err);
	free(bytes);
	return rc;
}

static int copy_folder(
    int folder, const char *from, const char *to, int deep, struct backup_result *out, struct err *err);

/* Note in OUT that NAME isn't copied as it can't be read, if that is so. */
static bool
is_closed(int folder, const char *name, bool is_folder, struct backup_result *out)
{
	if (faccessat(folder, name, is_folder ? R_OK | X_OK : R_OK, AT_EACCESS) == 0 || errno != EACCES)
		return false;
	if (out->rules_fault[0] == '\0')
		snprintf(out->rules_fault, sizeof(out->rules_fault), "%.200s isn't copied: %s", name,
		    strerror(EACCES));
	return true;
}

/* Copy what NAME is in the folder FOLDER to TARGET: a file, or unless DEEP is 0 a folder. */
static int
copy_entry(
    int folder, const char *name, const char *target, int deep, struct backup_result *out, struct err *err)
{
	struct stat sb;

	if (deep == 0)
		return copy_named(folder, name, target, err);
	if (fstatat(folder, name, &sb, AT_SYMLINK_NOFOLLOW) == -1 ||
	    is_closed(folder, name, S_ISDIR(sb.st_mode), out))
		return 0;
	if (S_ISDIR(sb.st_mode))
		return copy_folder(folder, name, target, deep - 1, out, err);
	return S_ISREG(sb.st_mode) && sb.st_size <= RULE_LIST_BYTES_MAX
	    ? copy_named(folder, name, target, err)
	    : 0;
}

/* Copy the files in the open folder FROM to the folder TO, and with DEEP not 0 so many folders in one
 * another, no links then; of a whole state directory the owner's alone. */
static int
copy_all(DIR *from, const char *to, int deep, struct backup_result *out, struct err *err)
{
	const struct dirent *entry;
	const char *name;
	char *target;
	int rc;

	rc = make_folder(to, err);
	while (rc == 0 && (entry = readdir(from)) != NULL) {
		name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    (deep == BACKUP_DEEP && engine_makes(name)))
			continue;
		target = path_join(to, name);
		rc = target != NULL ? copy_entry(dirfd(from), name, target, deep, out, err)
				    : err_set(err, ERR_NOMEM, "out of memory");
		free(target);
	}
	return rc;
}

/* Copy the folder FROM of the folder FOLDER to TO, as copy_all() does; unless it has a record of its own: the
 * copy that is being made may be one. */
static int
copy_folder(
    int folder, const char *from, const char *to, int deep, struct backup_result *out, struct err *err)
{
	DIR *opened;
	int fd, rc = 0;

	if (file_open_own(folder, from, O_DIRECTORY, &fd, err) == -1)
		return -1;
	opened = fdopendir(fd);
	if (opened == NULL) {
		err_set(err, ERR_IO, "%s: %s", from, strerror(errno));
		close(fd);
		return -1;
	}
	if (deep == BACKUP_DEEP || faccessat(fd, "hamlet.db", F_OK, 0) == -1)
		rc = copy_all(opened, to, deep, out, err);
	closedir(opened);
	return rc == 0 ? 0 : err_prefix(err, "%s", from);
}

int
backup_copy_owned(const struct engine_paths *from, const struct engine_paths *to, struct backup_result *out,
    struct err *err)
{
	return copy_folder(AT_FDCWD, from->dir, to->dir, BACKUP_DEEP, out, err);
}

/* -- Lists -- */

struct lists {
	const char *from, *to;
	char *real; /* FROM without links */
	size_t left; /* how many were left out, as they don't lie in FROM */
	struct backup_result *out;
	struct err *err;
};

/* Take what means nothing out of the absolute PATH, by its letters: more slashes than one, "." and "..". */
static void
straighten(char *path)
{
	char *to = path;
	size_t n;

	for (const char *at = path; *at != '\0'; at += n) {
		at += strspn(at, "/");
		n = strcspn(at, "/");
		if (n == 2 && strncmp(at, "..", 2) == 0) {
			while (to > path && *--to != '/')
				;
		} else if (n > 1 || (n == 1 && *at != '.')) {
			*to++ = '/';
			memmove(to, at, n);
			to += n;
		}
	}
	*to = '\0';
}

/* Return how many folders PATH names above what it ends in. */
static int
depth(const char *path)
{
	int n = 0;

	for (; (path = strchr(path, '/')) != NULL; path++)
		n++;
	return n;
}

/*
 * Set *OUT, which the caller frees, to where PATH lies below the state directory; NULL: it doesn't.  A site's
 * file names a list of the state directory as ../LIST, and any may name it in full.
 */
static int
find_below(const struct lists *l, const char *path, char **out)
{
	size_t n = strlen(l->from), real = strlen(l->real);
	bool relative = strncmp(path, l->from, n) == 0 && path[n] == '/';
	char *full;
	int rc = 0;

	*out = NULL;
	if (!relative && path[0] != '/')
		return 0;
	if (asprintf(&full, "%s/%s", relative ? l->real : "", relative ? path + n : path) == -1)
		return err_set(l->err, ERR_NOMEM, "out of memory");
	straighten(full);
	if (strncmp(full, l->real, real) == 0 && full[real] == '/' && depth(full + real + 1) < BACKUP_DEEP) {
		*out = strdup(full + real + 1);
		rc = *out != NULL ? 0 : err_set(l->err, ERR_NOMEM, "out of memory");
	}
	free(full);
	return rc;
}

/* Note that the file PATH of the rules isn't in the copy. */
static void
leave_out(struct lists *l, const char *path)
{
	struct backup_result *out = l->out;

	if (l->left++ == 0)
		snprintf(out->rules_fault, sizeof(out->rules_fault),
		    "%.400s isn't copied, as it lies outside of the state directory", path);
}

/* Return whether NAME in FOLDER is the file PATH: "x/.." needn't be where x is, if that is a link. */
static bool
is_file(int folder, const char *name, const char *path)
{
	struct stat a, b;

	return fstatat(folder, name, &a, 0) == 0 && stat(path, &b) == 0 && S_ISREG(a.st_mode) &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Copy the list PATH, which BELOW names in the folder FOLDER, to the folder TO; the one in which it lies is
 * made, and those above it. */
static int
copy_below(struct lists *l, int folder, const char *to, char *below, const char *path)
{
	char *rest = strchr(below, '/'), *target;
	int fd, rc = 0;

	if (rest != NULL)
		*rest++ = '\0';
	target = path_join(to, below);
	if (target == NULL)
		return err_set(l->err, ERR_NOMEM, "out of memory");
	if (rest != NULL) {
		/* each by itself: any of them may be a link that another has put there */
		rc = file_open_own(folder, below, O_DIRECTORY, &fd, l->err);
		if (rc == 0) {
			rc = make_folder(target, l->err);
			if (rc == 0)
				rc = copy_below(l, fd, target, rest, path);
			close(fd);
		}
	} else if (is_file(folder, below, path))
		rc = copy_named(folder, below, target, l->err);
	else
		leave_out(l, path);
	free(target);
	return rc;
}

/* Copy a file of rules, or a list, that lies in the state directory. */
static int
copy_list(const char *path, void *arg)
{
	struct lists *l = arg;
	char *below;
	int fd, rc;

	if (find_below(l, path, &below) == -1)
		return -1;
	if (below == NULL) {
		leave_out(l, path);
		return 0;
	}
	fd = open(l->from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		rc = err_set(l->err, ERR_IO, "%s: %s", l->from, strerror(errno));
	else {
		rc = copy_below(l, fd, l->to, below, path);
		close(fd);
	}
	free(below);
	return rc == 0 ? 0 : err_prefix(l->err, "%s", l->from);
}

/* -- All of it -- */

void
backup_try_rules(const char *dir, struct backup_result *out)
{
	struct rules *rules;
	struct err why;

	if (out->rules_fault[0] != '\0')
		return;
	if (rules_load(&rules, dir, &why) == 0)
		rules_unref(rules);
	else
		snprintf(out->rules_fault, sizeof(out->rules_fault), "%s", why.text);
}

/* Copy the files of RULES that lie in the state directory of FROM, and say which don't. */
static int
copy_lists(const struct rules *rules, const struct engine_paths *from, const struct engine_paths *to,
    struct backup_result *out, struct err *err)
{
	struct lists l = { .from = from->dir, .to = to->dir, .out = out, .err = err };
	size_t n;
	int rc;

	l.real = realpath(l.from, NULL);
	if (l.real == NULL)
		return err_set(err, ERR_IO, "%s: %s", l.from, strerror(errno));
	rc = rules_each_file(rules, copy_list, &l);
	free(l.real);
	n = strlen(out->rules_fault);
	if (rc == 0 && l.left > 1)
		snprintf(out->rules_fault + n, sizeof(out->rules_fault) - n, " (the first of %zu)", l.left);
	return rc;
}

int
backup_copy_rules(const struct engine_paths *from, const struct engine_paths *to, struct backup_result *out,
    struct err *err)
{
	struct rules *rules;
	struct err why;
	int rc;

	if (backup_copy_file(from->rules, to->rules, RULE_FILE_BYTES_MAX, true, err) == -1 ||
	    ((access(from->rules_folder, F_OK) == 0 || errno != ENOENT) &&
		copy_folder(AT_FDCWD, from->rules_folder, to->rules_folder, 0, out, err) == -1))
		return -1;
	if (rules_load(&rules, from->dir, &why) == -1) {
		snprintf(out->rules_fault, sizeof(out->rules_fault), "%s", why.text);
		return 0;
	}
	rc = copy_lists(rules, from, to, out, err);
	rules_unref(rules);
	if (rc == 0)
		backup_try_rules(to->dir, out);
	return rc;
}
