#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/tree.h"
#include "classifier/section.h"
#include "engine/flood_impl.h"

#define MAGIC "HamFlood"
#define FORMAT 2
#define ORDER 0x01020304u /* a file from a machine of the other byte order isn't taken */
#define FLOOD_FULL 8 /* one slot in so many to be filled touches nearly every page */
#define FILE_BYTES_MAX ((size_t)2 << 30)

/* The file: this, COUNT slots, and the digest of both (base/tree.h), which all cores make at once. */
struct head {
	char magic[8];
	uint32_t version, order;
	int64_t window_ms;
	uint64_t count;
};

/* Append to B the slots of bucket I that still mean something at NOW; return how many. */
static uint64_t
put_bucket(struct flood *f, size_t i, uint32_t now, struct buf *b)
{
	struct flood_slot *slots = &f->slots[i * FLOOD_WAYS];
	uint64_t n = 0;

	pthread_mutex_lock(&f->lock[i % FLOOD_LOCKS]);
	for (size_t k = 0; k < FLOOD_WAYS; k++) {
		if (slots[k].key == 0 || slots[k].window + 1 < now)
			continue;
		buf_add(b, &slots[k], sizeof(slots[k]));
		n++;
	}
	pthread_mutex_unlock(&f->lock[i % FLOOD_LOCKS]);
	return n;
}

int
flood_save(struct flood *f, const char *path, int64_t now_ms, struct err *err)
{
	struct head head = { .magic = MAGIC, .version = FORMAT, .order = ORDER, .window_ms = f->window_ms };
	uint32_t now = flood_window(f, now_ms);
	struct digest digest;
	struct buf b;
	int rc = 0;

	buf_init(&b, FILE_BYTES_MAX);
	buf_add(&b, &head, sizeof(head));
	for (size_t i = 0; i < f->buckets; i++)
		head.count += put_bucket(f, i, now, &b);
	if (buf_ok(&b)) {
		memcpy(b.p, &head, sizeof(head));
		rc = tree_digest(&digest, b.p, b.n, err);
		buf_add(&b, &digest, sizeof(digest));
	}
	if (!buf_ok(&b))
		rc = err_set(err, ERR_NOMEM, "%s: out of memory", path);
	if (rc == 0)
		rc = file_write_whole(path, b.p, b.n, err);
	buf_fini(&b);
	return rc;
}

/* A file of N bytes being read. */
struct source {
	int fd;
	uint64_t n;
	struct head head;
};

static int
read_at(const struct source *s, void *p, size_t n, uint64_t at, struct err *err)
{
	ssize_t got = pread(s->fd, p, n, (off_t)at);

	if (got == -1)
		return err_set(err, ERR_IO, "%s", strerror(errno));
	return (size_t)got == n ? 0 : err_set(err, ERR_DAMAGED, "cut off");
}

static int
check_digest(const struct source *s, struct err *err)
{
	struct digest wanted, found;

	if (read_at(s, &wanted, sizeof(wanted), s->n - sizeof(wanted), err) == -1 ||
	    tree_digest_file(&found, s->fd, 0, s->n - sizeof(wanted), err) == -1)
		return -1;
	return memcmp(&found, &wanted, sizeof(found)) == 0
	    ? 0
	    : err_set(err, ERR_DAMAGED, "its checksum is wrong");
}

/* Find out how long S is, read its head, and see that F can take what it holds. */
static int
check(struct source *s, const struct flood *f, struct err *err)
{
	const uint64_t around = sizeof(s->head) + sizeof(struct digest);
	struct stat st;

	if (fstat(s->fd, &st) == -1)
		return err_set(err, ERR_IO, "%s", strerror(errno));
	s->n = (uint64_t)st.st_size;
	if (!S_ISREG(st.st_mode) || s->n < around || s->n > FILE_BYTES_MAX)
		return err_set(err, ERR_DAMAGED, "cut off");
	if (check_digest(s, err) == -1 || read_at(s, &s->head, sizeof(s->head), 0, err) == -1)
		return -1;
	if (memcmp(s->head.magic, MAGIC, sizeof(s->head.magic)) != 0 || s->head.version != FORMAT ||
	    s->head.order != ORDER)
		return err_set(err, ERR_REFUSED, "made by another Hamlet");
	if (s->head.count != (s->n - around) / sizeof(struct flood_slot) ||
	    (s->n - around) % sizeof(struct flood_slot) != 0)
		return err_set(err, ERR_DAMAGED, "its length is wrong");
	if (s->head.window_ms != f->window_ms)
		return err_set(err, ERR_REFUSED, "made with another flood_window");
	return 0;
}

/* All locks at once: to take one for each of 100,000 slots would take longer than all else. */
static void
lock_all(struct flood *f, int (*lock)(pthread_mutex_t *))
{
	for (size_t i = 0; i < FLOOD_LOCKS; i++)
		lock(&f->lock[i]);
}

/* Have the kernel find the memory of the table in one go: asked for page by page, as slots come to be
 * written, it takes as long as all else here.  Where it can't, they do. */
static void
find_memory(struct flood *f)
{
#ifdef MADV_POPULATE_WRITE
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (uintptr_t)f->slots % page;

	madvise((char *)f->slots - before, before + f->buckets * FLOOD_WAYS * sizeof(*f->slots),
	    MADV_POPULATE_WRITE);
#else
	(void)f;
#endif
}

static int
take(struct flood *f, const struct source *s, uint32_t now, struct err *err)
{
	const struct flood_slot *slot;
	struct section slots;
	pthread_mutex_t *lock;

	if (section_in_file(&slots, s->fd, sizeof(s->head), s->head.count * sizeof(*slot), err) == -1)
		return -1;
	if (s->head.count * FLOOD_FULL > f->buckets * FLOOD_WAYS)
		find_memory(f);
	lock_all(f, pthread_mutex_lock);
	while ((slot = section_take(&slots, sizeof(*slot))) != NULL) {
		if (slot->key != 0 && slot->window + 1 >= now && slot->window <= now)
			*flood_take(flood_bucket(f, slot->key, &lock), slot->key, now) = *slot;
	}
	lock_all(f, pthread_mutex_unlock);
	return section_end(&slots, err);
}

int
flood_load(struct flood *f, const char *path, int64_t now_ms, struct err *err)
{
	struct source s;
	int rc;

	file_remove_leftovers(path, NULL); /* person_erase() tries again, and tells */
	s = (struct source){ .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (s.fd == -1)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
		    errno == ENOENT ? "not there" : strerror(errno));
	rc = check(&s, f, err);
	if (rc == 0)
		rc = take(f, &s, flood_window(f, now_ms), err);
	close(s.fd);
	return rc == 0 ? 0 : err_prefix(err, "%s", path);
}
