#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/store_fixture.h"

/* -- Opening -- */

static void
opens_fresh_and_again(void **state)
{
	struct fixture *f = *state;
	struct store *other;
	struct stat sb;
	struct err err;
	char *value;

	assert_int_equal(stat(f->path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	assert_int_equal(store_meta_set(f->st, "k", "v", &err), 0);
	assert_int_equal(open_store(&other, f->path, STORE_READ, &err), 0);
	assert_int_equal(store_meta_get(other, "k", f->a, &value, &err), 0);
	assert_string_equal(value, "v");
	assert_int_equal(store_meta_set(other, "k", "w", &err), -1);
	assert_int_equal(err.code, ERR_READ_ONLY);
	store_close(other);
	store_close(f->st);
	assert_int_equal(open_store(&f->st, f->path, STORE_WRITE, &err), 0);
	assert_int_equal(store_meta_get(f->st, "k", f->a, &value, &err), 0);
	assert_string_equal(value, "v");
	assert_raw(f, "PRAGMA user_version", "10");
	assert_raw(f, "PRAGMA journal_mode", "wal");
	assert_raw(f, "PRAGMA page_size", "4096");
	assert_raw(f, "PRAGMA integrity_check", "ok");
}

static void
opens_an_empty_file(void **state)
{
	struct fixture *f = *state;
	struct err err;

	close(open(f->path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(open_store(&f->st, f->path, STORE_READ, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_int_equal(open_store(&f->st, f->path, STORE_WRITE, &err), 0);
}

static void
reading_needs_the_file(void **state)
{
	struct fixture *f = *state;
	struct err err;

	assert_int_equal(open_store(&f->st, f->path, STORE_READ, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, f->path));
	assert_int_equal(access(f->path, F_OK), -1);
}

static void
refuses_a_newer_schema(void **state)
{
	struct fixture *f = *state;
	struct err err;

	store_close(f->st);
	raw_once(f, "PRAGMA user_version = 999");
	for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
		assert_int_equal(open_store(&f->st, f->path, (enum store_mode)mode, &err), -1);
		assert_int_equal(err.code, ERR_DAMAGED);
		assert_non_null(strstr(err.text, "newer"));
		assert_non_null(strstr(err.text, f->path));
	}
	assert_raw(f, "PRAGMA user_version", "999");
}

static void
refuses_what_is_not_ours(void **state)
{
	struct fixture *f = *state;
	char junk[8192];
	struct err err;
	FILE *file;

	raw_once(f, "CREATE TABLE theirs (a)");
	assert_int_equal(open_store(&f->st, f->path, STORE_WRITE, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_raw(f, "SELECT group_concat(name) FROM sqlite_master", "theirs");
	assert_raw(f, "PRAGMA journal_mode", "delete");

	memset(junk, 'x', sizeof(junk));
	file = fopen(f->path, "w");
	assert_int_equal(fwrite(junk, 1, sizeof(junk), file), sizeof(junk));
	fclose(file);
	for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
		assert_int_equal(open_store(&f->st, f->path, (enum store_mode)mode, &err), -1);
		assert_int_equal(err.code, ERR_DAMAGED);
		assert_non_null(strstr(err.text, f->path));
	}
}

static void
opens_names_that_look_special(void **state)
{
	struct fixture *f = *state;
	struct store *st;
	struct err err;
	char *old = getcwd(NULL, 0);

	assert_non_null(old);
	assert_int_equal(chdir(f->dir), 0);
	assert_int_equal(open_store(&st, ":memory:", STORE_WRITE, &err), 0);
	assert_int_equal(access("./:memory:", F_OK), 0);
	store_close(st);
	assert_int_equal(unlink("./:memory:"), 0);
	assert_int_equal(chdir(old), 0);
	free(old);
}

static void *
open_in_thread(void *arg)
{
	const struct store_options o = { .mode = STORE_WRITE, .busy_ms = 10000 };
	struct store *st = NULL;
	struct err err = { 0 };
	void *failed = NULL;

	if (store_open(&st, arg, &o, &err) == -1) {
		print_message("# %s\n", err.text);
		failed = arg;
	}
	store_close(st);
	return failed;
}

static void
opens_at_the_same_time(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[8];
	void *failed;

	close(open(f->path, O_CREAT | O_WRONLY, 0600));
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_in_thread, f->path), 0);
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_raw(f, "SELECT count(*) FROM site", "1");
}

/* Root may write anywhere: become nobody in a child. */
static void
says_read_only(void **state)
{
	struct fixture *f = *state;
	struct err err;
	int status;
	pid_t pid;

	store_close(f->st);
	f->st = NULL;
	assert_int_equal(chmod(f->path, 0444), 0);
	assert_int_equal(chmod(f->dir, 0755), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (geteuid() == 0 && setuid(65534) == -1)
			_exit(77);
		if (open_store(&f->st, f->path, STORE_WRITE, &err) == 0)
			_exit(1);
		_exit(err.code == ERR_READ_ONLY && strstr(err.text, f->path) != NULL ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		print_message("# skipped: can't become another user\n");
	else
		assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(chmod(f->path, 0640), 0);
	assert_int_equal(open_store(&f->st, f->path, STORE_WRITE, &err), 0);
	assert_int_equal(store_probe(f->st, &err), 0);
}

/* -- Transactions and failures -- */

static void
transactions(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char *value;

	assert_false(store_in_transaction(f->st));
	assert_int_equal(store_begin(f->st, &err), 0);
	assert_true(store_in_transaction(f->st));
	assert_int_equal(store_meta_set(f->st, "a", "1", &err), 0);
	assert_int_equal(store_savepoint(f->st, &err), 0);
	assert_int_equal(store_meta_set(f->st, "b", "2", &err), 0);
	store_rollback_to(f->st);
	assert_int_equal(store_savepoint(f->st, &err), 0);
	assert_int_equal(store_meta_set(f->st, "c", "3", &err), 0);
	assert_int_equal(store_release(f->st, &err), 0);
	assert_int_equal(store_probe(f->st, &err), 0);
	assert_true(store_in_transaction(f->st));
	assert_int_equal(store_commit(f->st, &err), 0);
	assert_false(store_in_transaction(f->st));
	store_rollback(f->st);
	assert_raw(f, "SELECT group_concat(key || value) FROM meta", "a1,c3,probe1");
	assert_int_equal(store_begin(f->st, &err), 0);
	assert_int_equal(store_meta_set(f->st, "a", "x", &err), 0);
	store_rollback(f->st);
	assert_int_equal(store_meta_get(f->st, "a", f->a, &value, &err), 0);
	assert_string_equal(value, "1");
	assert_int_equal(store_meta_get(f->st, "nothing", f->a, &value, &err), 0);
	assert_null(value);
}

static void
locked_by_another(void **state)
{
	struct fixture *f = *state;
	struct verdict_row row = verdict_of(f, NOW, VERDICT_HAM);
	sqlite3 *db = raw_open(f);
	struct err err = { 0 };

	raw(db, "BEGIN IMMEDIATE");
	assert_int_equal(store_begin(f->st, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_non_null(strstr(err.text, f->path));
	assert_false(store_in_transaction(f->st));
	assert_int_equal(store_verdict_add(f->st, &row, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_int_equal(store_probe(f->st, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	raw(db, "COMMIT");
	add_verdict(f, &row);
	raw(db, "BEGIN; SELECT count(*) FROM verdict");
	assert_int_equal(store_probe(f->st, &err), 0);
	assert_int_equal(store_checkpoint(f->st, false, NULL, &err), 0);
	assert_int_equal(store_checkpoint(f->st, true, NULL, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	raw(db, "COMMIT");
	assert_int_equal(store_checkpoint(f->st, true, NULL, &err), 0);
	sqlite3_close(db);
}

static void
checkpoint_empties_the_log(void **state)
{
	struct fixture *f = *state;
	struct verdict_row row = verdict_of(f, NOW, VERDICT_HAM);
	struct err err = { 0 };
	struct stat sb;
	char log[128];

	add_verdict(f, &row);
	snprintf(log, sizeof(log), "%s-wal", f->path);
	assert_int_equal(stat(log, &sb), 0);
	assert_true(sb.st_size > 0);
	assert_int_equal(store_checkpoint(f->st, true, NULL, &err), 0);
	assert_int_equal(stat(log, &sb), 0);
	assert_int_equal(sb.st_size, 0);
}

static void
data_version_tells_of_others(void **state)
{
	struct fixture *f = *state;
	int64_t a, b, c;
	struct err err;

	assert_int_equal(store_data_version(f->st, &a, &err), 0);
	assert_int_equal(store_probe(f->st, &err), 0);
	assert_int_equal(store_data_version(f->st, &b, &err), 0);
	assert_true(a == b);
	raw_once(f, "INSERT INTO meta VALUES ('x', 'y')");
	assert_int_equal(store_data_version(f->st, &c, &err), 0);
	assert_true(b != c);
}

static void
disk_full(void **state)
{
	struct fixture *f = *state;
	struct verdict_row row = verdict_of(f, NOW, VERDICT_HAM);
	struct err err = { 0 };
	int rc, added = 0, rounds;

	row.comment.field[COMMENT_USER_AGENT] = row.comment.field[COMMENT_CONTENT];
	assert_int_equal(store_checkpoint(f->st, true, NULL, &err), 0);
	limit_files(200000);
	for (rc = 0, rounds = 0; rc == 0 && rounds < 1000; rounds++) {
		snprintf(row.id, sizeof(row.id), "01J%023d", ++f->ids);
		rc = store_verdict_add(f->st, &row, &err);
		added += rc == 0;
	}
	for (int i = 0; i < 100 && store_probe(f->st, NULL) == 0; i++)
		; /* there was room for a few pages yet */
	for (int i = 0; i < 3 && rc == -1; i++)
		rc = store_probe(f->st, NULL) == 0 ? 0 : -1;
	limit_files(RLIM_INFINITY);
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_non_null(strstr(err.text, f->path));
	assert_true(added > 0);
	assert_false(store_in_transaction(f->st));
	add_verdict(f, &row);
	assert_int_equal(store_probe(f->st, &err), 0);
	assert_raw(f, "PRAGMA integrity_check", "ok");
	rc = added + 1;
	snprintf(err.text, sizeof(err.text), "%d", rc);
	assert_raw(f, "SELECT count(*) FROM verdict", err.text);
}

static void
disk_full_inside_a_transaction(void **state)
{
	struct fixture *f = *state;
	char *big = calloc(1, 1 << 20);
	struct verdict_row row;
	struct err err = { 0 };
	int rc = 0;

	memset(big, 'x', 1 << 20);
	assert_int_equal(store_checkpoint(f->st, true, NULL, &err), 0);
	limit_files(1 << 20);
	assert_int_equal(store_begin(f->st, &err), 0);
	for (int i = 0; rc == 0 && i < 16; i++) { /* more than the cache holds */
		row = verdict_of(f, NOW, VERDICT_HAM);
		row.comment.field[COMMENT_CONTENT] = bytes(big, 1 << 20);
		rc = store_verdict_add(f->st, &row, &err);
	}
	if (rc == 0)
		rc = store_commit(f->st, &err);
	store_rollback(f->st);
	limit_files(RLIM_INFINITY);
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_raw(f, "SELECT count(*) FROM verdict", "0");
	add_verdict(f, &row);
	assert_raw(f, "SELECT count(*) FROM verdict", "1");
	assert_raw(f, "PRAGMA integrity_check", "ok");
	free(big);
}

static void
damage_is_told(void **state)
{
	struct fixture *f = *state;
	char junk[4096];
	struct verdict_row row;
	struct err err = { 0 };
	int fd, rc = 0;

	for (int i = 0; i < 200; i++) {
		row = verdict_of(f, NOW, VERDICT_HAM);
		add_verdict(f, &row);
	}
	store_close(f->st);
	f->st = NULL;
	memset(junk, 0xa5, sizeof(junk));
	fd = open(f->path, O_RDWR);
	for (off_t at = 4096; at < lseek(fd, 0, SEEK_END); at += 4096)
		assert_int_equal(pwrite(fd, junk, sizeof(junk), at), sizeof(junk));
	close(fd);
	if (open_store(&f->st, f->path, STORE_WRITE, &err) == 0)
		rc = store_verdict_get(f->st, row.id, f->a, &row, &err);
	assert_true(f->st == NULL || rc == -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, f->path));
}

static void
a_removed_file_is_noticed(void **state)
{
	struct fixture *f = *state;
	struct verdict_row row = verdict_of(f, NOW, VERDICT_HAM);
	struct err err = { 0 };
	char moved[128];

	snprintf(moved, sizeof(moved), "%s/moved.db", f->dir);
	assert_int_equal(rename(f->path, moved), 0);
	assert_int_equal(store_verdict_add(f->st, &row, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	assert_non_null(strstr(err.text, f->path));
	assert_int_equal(rename(moved, f->path), 0);
	add_verdict(f, &row);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(opens_fresh_and_again),
		EMPTY(opens_an_empty_file),
		EMPTY(reading_needs_the_file),
		FRESH(refuses_a_newer_schema),
		EMPTY(refuses_what_is_not_ours),
		EMPTY(opens_names_that_look_special),
		EMPTY(opens_at_the_same_time),
		FRESH(says_read_only),
		FRESH(transactions),
		FRESH(locked_by_another),
		FRESH(checkpoint_empties_the_log),
		FRESH(data_version_tells_of_others),
		FRESH(disk_full),
		FRESH(disk_full_inside_a_transaction),
		FRESH(damage_is_told),
		FRESH(a_removed_file_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
