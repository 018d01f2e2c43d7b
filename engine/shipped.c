#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "engine/shipped.h"

#define SUFFIX ".jsonl"

static int
is_corpus_file(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return entry->d_name[0] != '.' && n > sizeof(SUFFIX) - 1 &&
	    strcmp(entry->d_name + n - (sizeof(SUFFIX) - 1), SUFFIX) == 0;
}

/* By the names' bytes, in whatever language the user works. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_one(struct corpus *c, const char *dir, const char *name, struct err *err)
{
	const struct corpus_options options = { .format = CORPUS_JSONL, .label = LABEL_NONE };
	char *path = path_join(dir, name);
	int rc;

	if (path == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", dir);
	rc = corpus_read(c, path, &options, err);
	free(path);
	return rc;
}

int
shipped_corpus_read(struct corpus *c, struct err *err)
{
	const char *dir = getenv("HAMLET_CORPUS");
	struct dirent **files;
	int n, rc = 0;

	if (dir == NULL || *dir == '\0')
		dir = HAMLET_CORPUS_DIR;
	n = scandir(dir, &files, is_corpus_file, by_name);
	if (n == -1)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (rc == 0)
			rc = read_one(c, dir, files[i]->d_name, err);
		free(files[i]);
	}
	free(files);
	return n > 0 ? rc : err_set(err, ERR_NOT_FOUND, "%s: there is no corpus (*" SUFFIX ") in it", dir);
}
