#include "config.h"

#include "unit.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/background.h"
#include "base/file.h"

/* Files, pipes and locks of base/. */

/* Links in a lock's place are not followed: what they lead to is neither emptied nor given to anybody. */
static void
locks_are_files_of_their_own(void **state)
{
	char dir[] = "/tmp/hamlet-lock-XXXXXX", *file, *lock, *text;
	struct err err;
	int fd;
	size_t n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	file = path_join(dir, "file");
	lock = path_join(dir, "lock");
	assert_ok(file_write_whole(file, "precious", 8, &err), err);
	assert_int_equal(symlink(file, lock), 0);
	assert_int_equal(file_lock(&fd, lock, 0, &err), -1);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(link(file, lock), 0);
	assert_int_equal(file_lock(&fd, lock, 0, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_int_equal(unlink(lock), 0);
	assert_ok(file_lock(&fd, lock, 0, &err), err);
	close(fd);
	assert_ok(file_read(&text, &n, file, 100, &err), err);
	assert_string_equal(text, "precious");
	free(text);
	unlink(lock);
	unlink(file);
	assert_int_equal(rmdir(dir), 0);
	free(lock);
	free(file);
}

/* A pipe with the N bytes at P, as <(COMMAND) of a shell names one. */
static int
pipe_with(const char *p, size_t n, char name[32])
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], p, n), (ssize_t)n);
	close(ends[1]);
	snprintf(name, 32, "/dev/fd/%d", ends[0]);
	return ends[0];
}

static void
pipes_are_read_to_their_end(void **state)
{
	static const size_t limits[] = { 20000, 20001, 100000, 19999, 5000, 0 };
	char text[20000], name[32], *data;
	struct err err;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		int end = pipe_with(text, sizeof(text), name);

		if (limits[i] < sizeof(text)) {
			assert_int_equal(file_read(&data, &n, name, limits[i], &err), -1);
			assert_int_equal(err.code, ERR_LIMIT);
		} else {
			assert_ok(file_read(&data, &n, name, limits[i], &err), err);
			assert_int_equal(n, sizeof(text));
			assert_memory_equal(data, text, n);
			assert_int_equal(data[n], '\0');
			free(data);
		}
		close(end);
	}
}

static void
files_are_written_whole_or_not_at_all(void **state)
{
	char dir[] = "/tmp/hamlet-unit-XXXXXX", *path, *data;
	struct file_map map;
	struct err err;
	size_t n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = path_join(dir, "file");
	assert_ok(file_write_whole(path, "one", 3, &err), err);
	assert_ok(file_write_whole(path, "two!", 4, &err), err);
	assert_ok(file_read(&data, &n, path, 100, &err), err);
	assert_string_equal(data, "two!");
	free(data);
	assert_int_equal(file_read(&data, &n, path, 3, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_ok(file_map_open(&map, path, &err), err);
	assert_memory_equal(map.p, "two!", 4);
	file_map_close(&map);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_map_open(&map, path, &err), -1);
	assert_non_null(strstr(err.text, path));
	free(path);
	assert_int_equal(rmdir(dir), 0); /* no temporary file is left */
	assert_int_equal(file_write_whole("/nonexistent/file", "x", 1, &err), -1);
}

static void
large_files_arrive_as_they_were_written(void **state)
{
	const size_t n = ((size_t)9 << 20) + 77;
	char dir[] = "/tmp/hamlet-unit-XXXXXX", *path, *data, *p = malloc(n);
	struct err err;
	size_t got;

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 2654435761u >> 13);
	assert_non_null(mkdtemp(dir));
	path = path_join(dir, "file");
	assert_ok(file_write_whole(path, p, n, &err), err);
	assert_ok(file_read(&data, &got, path, n, &err), err);
	assert_int_equal(got, n);
	assert_memory_equal(data, p, n);
	free(data);
	free(p);
	unlink(path);
	rmdir(dir);
	free(path);
}

#define LARGE ((size_t)9 << 20)

static void
write_large(const char *path)
{
	char *p = calloc(1, LARGE);
	struct err err;

	assert_non_null(p);
	assert_ok(file_write_whole(path, p, LARGE, &err), err);
	free(p);
}

static void
remove_it(void *arg)
{
	struct err err;

	assert_ok(file_remove(arg, &err), err);
}

static off_t
bytes_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_size;
}

/* Only the name goes while somebody reads the file, maps it, or knows it by another name. */
static void
files_go_without_cutting_anybody_off(void **state)
{
	char dir[] = "/tmp/hamlet-unit-XXXXXX", *path, *other;
	struct file_map map;
	struct err err;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = path_join(dir, "file");
	other = path_join(dir, "other");
	write_large(path);
	background_run(remove_it, path);
	assert_int_equal(access(path, F_OK), -1);
	background_run(remove_it, path); /* gone already */

	write_large(path);
	fd = open(path, O_RDONLY);
	background_run(remove_it, path);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(bytes_of(fd), LARGE);
	close(fd);

	write_large(path);
	assert_ok(file_map_open(&map, path, &err), err);
	background_run(remove_it, path);
	assert_int_equal(map.p[LARGE - 1], 0);
	file_map_close(&map);

	write_large(path);
	assert_int_equal(link(path, other), 0);
	background_run(remove_it, path);
	fd = open(other, O_RDONLY);
	assert_int_equal(bytes_of(fd), LARGE);
	close(fd);
	remove_it(other);
	assert_int_equal(file_remove(dir, &err), -1);
	assert_non_null(strstr(err.text, dir));
	assert_int_equal(rmdir(dir), 0);
	free(path);
	free(other);
}

static void
what_is_written_slowly_arrives(void **state)
{
	char dir[] = "/tmp/hamlet-unit-XXXXXX", *path, *final, *data;
	const size_t n = 300000;
	char *p = malloc(n);
	atomic_bool hurry = false;
	struct err err;
	size_t got;
	int fd;

	(void)state;
	assert_non_null(p);
	memset(p, 'x', n);
	assert_non_null(mkdtemp(dir));
	path = path_join(dir, "unfinished");
	final = path_join(dir, "file");
	assert_ok(file_write_whole(path, "left by a crash", 15, &err), err);
	for (int i = 0; i < 2; i++, hurry = true) {
		assert_ok(file_create(path, &fd, &err), err);
		assert_ok(file_write_slowly(fd, path, p, n, &hurry, &err), err);
		assert_ok(file_put(path, final, &err), err);
		assert_ok(file_read(&data, &got, final, n, &err), err);
		assert_int_equal(got, n);
		assert_memory_equal(data, p, n);
		free(data);
	}
	assert_int_equal(file_put(path, final, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(unlink(final), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(file_create(path, &fd, &err), -1);
	free(path);
	free(final);
	free(p);
}

static void
the_second_lock_names_the_first(void **state)
{
	char dir[] = "/tmp/hamlet-unit-XXXXXX", *path, holder[40];
	struct err err;
	int fd, status;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = path_join(dir, "lock");
	assert_ok(file_lock(&fd, path, 0, &err), err);
	snprintf(holder, sizeof(holder), "held by process %ld", (long)getpid());
	child = fork();
	if (child == 0)
		_exit(file_lock(&fd, path, 0, &err) == -1 && err.code == ERR_BUSY &&
			    strstr(err.text, holder) != NULL
			? 0
			: 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(fd);
	unlink(path);
	free(path);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locks_are_files_of_their_own),
		cmocka_unit_test(pipes_are_read_to_their_end),
		cmocka_unit_test(files_are_written_whole_or_not_at_all),
		cmocka_unit_test(large_files_arrive_as_they_were_written),
		cmocka_unit_test(files_go_without_cutting_anybody_off),
		cmocka_unit_test(what_is_written_slowly_arrives),
		cmocka_unit_test(the_second_lock_names_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
