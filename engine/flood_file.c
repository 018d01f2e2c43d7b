#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "engine/flood_impl.h"

#define MAGIC "HamFlood"
#define FORMAT 1
#define ORDER 0x01020304u /* a file from a machine of the other byte order isn't taken */
#define FILE_BYTES_MAX ((size_t)2 << 30)

/* The file: this, COUNT slots, and the BLAKE2b digest of both. */
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
	int rc;

	buf_init(&b, FILE_BYTES_MAX);
	buf_add(&b, &head, sizeof(head));
	for (size_t i = 0; i < f->buckets; i++)
		head.count += put_bucket(f, i, now, &b);
	if (buf_ok(&b)) {
		memcpy(b.p, &head, sizeof(head));
		digest_bytes(&digest, b.p, b.n, NULL, 0);
		buf_add(&b, &digest, sizeof(digest));
	}
	rc = buf_ok(&b) ? file_write_whole(path, b.p, b.n, err)
			: err_set(err, ERR_NOMEM, "%s: out of memory", path);
	buf_fini(&b);
	return rc;
}

static int
check(const struct flood *f, const char *p, size_t n, struct err *err)
{
	struct digest digest;
	struct head head;

	if (n < sizeof(head) + sizeof(digest))
		return err_set(err, ERR_DAMAGED, "cut off");
	memcpy(&head, p, sizeof(head));
	n -= sizeof(digest);
	digest_bytes(&digest, p, n, NULL, 0);
	if (memcmp(&digest, p + n, sizeof(digest)) != 0)
		return err_set(err, ERR_DAMAGED, "its checksum is wrong");
	if (memcmp(head.magic, MAGIC, sizeof(head.magic)) != 0 || head.version != FORMAT ||
	    head.order != ORDER)
		return err_set(err, ERR_REFUSED, "made by another Hamlet");
	if (head.count != (n - sizeof(head)) / sizeof(struct flood_slot) ||
	    (n - sizeof(head)) % sizeof(struct flood_slot) != 0)
		return err_set(err, ERR_DAMAGED, "its length is wrong");
	if (head.window_ms != f->window_ms)
		return err_set(err, ERR_REFUSED, "made with another flood_window");
	return 0;
}

static void
take(struct flood *f, const char *p, size_t n, uint32_t now)
{
	struct flood_slot slot;
	pthread_mutex_t *lock;

	for (size_t i = 0; i + sizeof(slot) <= n; i += sizeof(slot)) {
		struct flood_slot *bucket;

		memcpy(&slot, p + i, sizeof(slot));
		if (slot.key == 0 || slot.window + 1 < now || slot.window > now)
			continue;
		bucket = flood_bucket(f, slot.key, &lock);
		pthread_mutex_lock(lock);
		*flood_take(bucket, slot.key, now) = slot;
		pthread_mutex_unlock(lock);
	}
}

int
flood_load(struct flood *f, const char *path, int64_t now_ms, struct err *err)
{
	char *p;
	size_t n;
	int rc;

	if (access(path, F_OK) == -1 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "%s: not there", path);
	if (file_read(&p, &n, path, FILE_BYTES_MAX, err) == -1)
		return -1;
	rc = check(f, p, n, err);
	if (rc == 0)
		take(f, p + sizeof(struct head), n - sizeof(struct head) - sizeof(struct digest),
		    flood_window(f, now_ms));
	else
		err_prefix(err, "%s", path);
	free(p);
	return rc;
}
