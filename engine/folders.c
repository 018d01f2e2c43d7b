#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/folders.h"

/* Make the one folder PATH with MODE; return whether it was missing, or -1. */
static int
make_one(const char *path, mode_t mode, struct err *err)
{
	struct stat st;
	int why;

	if (mkdir(path, mode) == 0) {
		if (file_give_folder(path, err) == 0)
			return 1;
		rmdir(path);
		return -1;
	}
	why = errno;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return err_set(err, ERR_IO, "%s: %s", path, strerror(why));
}

int
folders_make(const char *path, mode_t mode, size_t *made_from, struct err *err)
{
	char *copy = strdup(path);
	size_t first = 0, n = 0;
	int made = 0;

	if (copy == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	while (made != -1 && path[n] != '\0') {
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
		copy[n] = '\0';
		made = make_one(copy, mode, err);
		copy[n] = path[n];
		if (made == 1 && first == 0)
			first = n;
	}
	free(copy);
	if (made_from != NULL)
		*made_from = first;
	return made == -1 ? -1 : 0;
}

size_t
folders_missing(const char *path)
{
	char *copy = strdup(path);
	size_t n = 0;
	bool there = true;

	if (copy == NULL)
		return 0;
	while (there && path[n] != '\0') {
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
		copy[n] = '\0';
		there = access(copy, F_OK) == 0;
		copy[n] = path[n];
	}
	free(copy);
	return there ? 0 : n;
}

void
folders_unmake(const char *path, size_t made_from)
{
	char *copy = strdup(path);

	if (copy == NULL || made_from == 0) {
		free(copy);
		return;
	}
	for (size_t n = strlen(copy);;) {
		while (n > 0 && copy[n - 1] == '/')
			n--;
		if (n < made_from)
			break;
		copy[n] = '\0';
		if (rmdir(copy) == -1)
			break;
		while (n > 0 && copy[n - 1] != '/')
			n--;
	}
	free(copy);
}

void
folders_clear(const char *path)
{
	/* of a link, put there by another who may write there, nothing is removed but itself */
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (folder == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(folder), entry->d_name, 0);
	}
	closedir(folder);
	rmdir(path);
}
