#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/sql.h"

/*
 * Return whether the database PATH can only be read as it stands: SQLite wants to make a log and its index
 * beside it even for who reads, and where nothing can be written, and no log is left to be read, it need not.
 */
static bool
is_frozen(const char *path)
{
	struct statvfs fs;
	char *log;
	bool frozen;

	if (statvfs(path, &fs) == -1 || (fs.f_flag & ST_RDONLY) == 0 || asprintf(&log, "%s-wal", path) == -1)
		return false;
	frozen = access(log, F_OK) == -1 && errno == ENOENT;
	free(log);
	return frozen;
}

/* A leading "./" keeps SQLite from reading "file:..." or ":memory:" as anything but a name. */
static char *
plain_name(const char *path)
{
	char *name;

	return asprintf(&name, "%s%s", *path == '/' ? "" : "./", path) == -1 ? NULL : name;
}

/* Return PATH as a URI that says that nobody changes the file. */
static char *
frozen_name(const char *path)
{
	struct buf b;
	char *name;

	buf_init(&b, BUF_NO_LIMIT);
	buf_addf(&b, "file:%s", *path == '/' ? "" : "./");
	for (; *path != '\0'; path++) {
		if (strchr("%?#", *path) != NULL)
			buf_addf(&b, "%%%02X", (unsigned char)*path);
		else
			buf_add_char(&b, *path);
	}
	buf_addf(&b, "?immutable=1");
	name = buf_ok(&b) ? strdup(buf_str(&b)) : NULL;
	buf_fini(&b);
	return name;
}

char *
sql_name(const char *path, bool write, bool *uri)
{
	*uri = !write && is_frozen(path);
	return *uri ? frozen_name(path) : plain_name(path);
}
