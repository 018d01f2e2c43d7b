#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/scrub.h"
#include "store/person.h"

#define BUSY_MS 10000
#define TRIES 60 /* to empty the log, while readers come and go */
#define PAUSE_NS 250000000
#define CHUNK ((size_t)1 << 20)
#define STRING_MAX ((size_t)1 << 16)
#define DEPTH_MAX 4 /* of folders */
#define HITS_MAX 1024

struct search {
	const struct slice *strings;
	size_t n;
	size_t root; /* length of the state directory's path, and its slash */
	struct arena *arena;
	struct scrub_report *report;
	char *chunk; /* CHUNK bytes, and before them the end of the chunk before */
	bool adding_up; /* only the sizes of the files */
	int64_t all; /* bytes */
	void (*progress)(double share, void *arg);
	void *arg;
};

/* -- In memory -- */

static unsigned char
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 'a' - 'A') : c;
}

static bool
is_at(const char *p, struct slice s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (lower((unsigned char)p[i]) != lower((unsigned char)s.p[i]))
			return false;
	}
	return true;
}

/* Return the next of the N bytes at P that is C, in either case; NULL: none. */
static const char *
next_start(const char *p, size_t n, unsigned char c)
{
	unsigned char upper = c >= 'a' && c <= 'z' ? (unsigned char)(c - 'a' + 'A') : c;
	const char *a = memchr(p, c, n),
		   *b = upper == c ? NULL : memchr(p, upper, a == NULL ? n : (size_t)(a - p));

	return b != NULL ? b : a;
}

/* Count where S stands in the N bytes at P and ends after the first BEFORE. */
static size_t
count(const char *p, size_t n, size_t before, struct slice s)
{
	const char *end = p + n, *at = p;
	size_t found = 0;

	while ((size_t)(end - at) >= s.n) {
		at = next_start(at, (size_t)(end - at) - s.n + 1, lower((unsigned char)*s.p));
		if (at == NULL)
			break;
		found += is_at(at, s) && (size_t)(at - p) + s.n > before;
		at++;
	}
	return found;
}

/* -- In files -- */

static int
note(struct search *s, const char *path, size_t times, struct err *err)
{
	struct scrub_report *r = s->report;
	const char *name = arena_copy(s->arena, path + s->root, strlen(path + s->root));

	if (r->hits == NULL)
		r->hits = arena_alloc(s->arena, HITS_MAX * sizeof(*r->hits));
	if (r->hits == NULL || name == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (r->nhits < HITS_MAX)
		r->hits[r->nhits++] = (struct scrub_hit){ name, times };
	return 0;
}

/* Count the strings in what FD gives; the end of each chunk is looked at again with the next. */
static int
search_fd(struct search *s, int fd, size_t *times)
{
	size_t kept = 0, n;
	ssize_t got;

	*times = 0;
	while ((got = read(fd, s->chunk + kept, CHUNK)) != 0) {
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		n = kept + (size_t)got;
		for (size_t i = 0; i < s->n; i++) {
			if (s->strings[i].n >= SCRUB_LEAST && s->strings[i].n <= STRING_MAX)
				*times += count(s->chunk, n, kept, s->strings[i]);
		}
		kept = n < STRING_MAX ? n : STRING_MAX;
		memmove(s->chunk, s->chunk + n - kept, kept);
		s->report->bytes += got;
		if (s->progress != NULL && s->all > 0)
			s->progress(s->report->bytes < s->all ? (double)s->report->bytes / (double)s->all : 1,
			    s->arg);
	}
	return 0;
}

static int
search_file(struct search *s, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), rc;
	size_t times;

	if (fd == -1)
		return errno == ENOENT ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	rc = search_fd(s, fd, &times);
	if (rc == -1)
		err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	close(fd);
	s->report->files++;
	return rc == 0 && times > 0 ? note(s, path, times, err) : rc;
}

static int search_folder(struct search *s, const char *path, int depth, struct err *err);

static int
search_entry(struct search *s, const char *path, int depth, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
		return search_folder(s, path, depth + 1, err);
	if (!S_ISREG(st.st_mode))
		return 0;
	s->all += s->adding_up ? st.st_size : 0;
	return s->adding_up ? 0 : search_file(s, path, err);
}

static int
search_folder(struct search *s, const char *path, int depth, struct err *err)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	char *inner;
	int rc = 0;

	if (folder == NULL)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	while (rc == 0 && (entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		inner = path_join(path, entry->d_name);
		rc = inner == NULL ? err_set(err, ERR_NOMEM, "out of memory")
				   : search_entry(s, inner, depth, err);
		free(inner);
	}
	closedir(folder);
	return rc;
}

static int
search_all(const char *dir, struct search *s, struct err *err)
{
	s->report->files = 0;
	s->report->bytes = 0;
	s->report->nhits = 0;
	s->all = 0;
	s->adding_up = true;
	if (search_folder(s, dir, 0, err) == -1)
		return -1;
	s->adding_up = false;
	return search_folder(s, dir, 0, err);
}

/* -- The database -- */

static int
empty_log(struct store *st, struct err *err)
{
	const struct timespec pause = { 0, PAUSE_NS };

	for (int i = 0; i < TRIES; i++) {
		if (store_checkpoint(st, true, NULL, err) == 0)
			return 0;
		if (err->code != ERR_BUSY)
			return -1;
		nanosleep(&pause, NULL);
	}
	return -1;
}

/* Move the log into the database and empty it; with REWRITE make the database anew first. */
static int
tidy(const char *dir, bool rewrite, struct err *err)
{
	struct engine *e;
	int rc;

	if (engine_open(&e, dir, STORE_WRITE, BUSY_MS, err) == -1)
		return -1;
	rc = rewrite ? store_vacuum(e->store, err) : 0;
	if (rc == 0)
		rc = empty_log(e->store, err);
	engine_close(e);
	return rc;
}

static bool
database_hit(const struct scrub_report *r)
{
	for (size_t i = 0; i < r->nhits; i++) {
		if (strncmp(r->hits[i].file, "hamlet.db", 9) == 0)
			return true;
	}
	return false;
}

int
scrub(const char *dir, const struct slice *strings, size_t n, void (*progress)(double share, void *arg),
    void *arg, struct arena *a, struct scrub_report *report, struct err *err)
{
	struct search s = {
		.strings = strings,
		.n = n,
		.root = strlen(dir) + 1,
		.arena = a,
		.report = report,
		.chunk = malloc(STRING_MAX + CHUNK),
		.progress = progress,
		.arg = arg,
	};
	int rc;

	*report = (struct scrub_report){ .files = 0 };
	if (s.chunk == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = tidy(dir, false, err);
	if (rc == 0)
		rc = search_all(dir, &s, err);
	if (rc == 0 && database_hit(report)) {
		report->rewritten = true;
		rc = tidy(dir, true, err);
		if (rc == 0)
			rc = search_all(dir, &s, err);
	}
	free(s.chunk);
	return rc;
}
