#include "config.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/background.h"
#include "base/blake_four.h"
#include "base/list.h"
#include "base/together.h"
#include "base/tree.h"

#define GROUP ((size_t)4) /* leaves done together: they stay in a core's caches once they are read */
#define GROUP_BYTES (GROUP * TREE_LEAF_BYTES)
#define LEAVES_MORE (256 * GROUP)

struct tree {
	char *p;
	size_t n, leaves;
	struct digest *leaf;
	int fd; /* where the bytes are to be read from; -1: they are there */
	uint64_t at;
	blake_four_way *four; /* digests four leaves at once; NULL: this processor can't */
	atomic_size_t next; /* group of leaves to be done */
	atomic_int failed; /* errno; -1: too few bytes */
};

/* Read N bytes at AT of FD to P; 0, errno, or -1 where there are fewer. */
static int
read_all(int fd, uint64_t at, char *p, size_t n)
{
	ssize_t got;

	for (size_t done = 0; done < n; done += (size_t)got) {
		got = pread(fd, p + done, n - done, (off_t)(at + done));
		if (got == -1 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			return got == 0 ? -1 : errno;
	}
	return 0;
}

/* Digest the N bytes of leaves at P, a group of them at most; by FOUR where there are four whole ones. */
static void
digest_group(blake_four_way *four, const char *p, size_t n, struct digest *leaf)
{
	const unsigned char *in[GROUP];
	size_t part;

	if (four != NULL && n == GROUP_BYTES) {
		for (size_t i = 0; i < GROUP; i++)
			in[i] = (const unsigned char *)p + i * TREE_LEAF_BYTES;
		four(leaf, in, TREE_LEAF_BYTES);
		background_breath();
		return;
	}
	for (; n > 0; n -= part, p += part) {
		part = n < TREE_LEAF_BYTES ? n : TREE_LEAF_BYTES;
		digest_bytes(leaf++, p, part, NULL, 0);
	}
}

/* Read the N bytes of leaves at AT of FD to P, and digest them. */
static int
read_group(blake_four_way *four, int fd, uint64_t at, char *p, size_t n, struct digest *leaf)
{
	int why = read_all(fd, at, p, n);

	if (why == 0)
		digest_group(four, p, n, leaf);
	return why;
}

/* Do group after group, as long as there are some. */
static void *
work(void *arg)
{
	struct tree *t = arg;
	struct digest *leaf;
	size_t from, n;
	int why = 0;

	while (why == 0 && (from = atomic_fetch_add(&t->next, 1) * GROUP_BYTES) < t->n) {
		n = t->n - from < GROUP_BYTES ? t->n - from : GROUP_BYTES;
		leaf = &t->leaf[from / TREE_LEAF_BYTES];
		if (t->fd != -1)
			why = read_group(t->four, t->fd, t->at + from, t->p + from, n, leaf);
		else
			digest_group(t->four, t->p + from, n, leaf);
	}
	if (why != 0)
		atomic_store(&t->failed, why);
	return NULL;
}

/* Say WHY reading failed. */
static int
unread(int why, struct err *err)
{
	return err_set(err, ERR_IO, "%s", why == -1 ? "cut off while it was read" : strerror(why));
}

static int
run(struct tree *t, struct digest *out, struct err *err)
{
	int why;

	t->four = blake_four(0);
	t->leaves = t->n / TREE_LEAF_BYTES + (t->n % TREE_LEAF_BYTES != 0);
	t->leaf = calloc(t->leaves + 1, sizeof(*t->leaf));
	if (t->leaf == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	together((t->leaves + GROUP - 1) / GROUP, work, t);
	digest_bytes(out, t->leaf, t->leaves * sizeof(*t->leaf), NULL, 0);
	free(t->leaf);
	why = atomic_load(&t->failed);
	return why == 0 ? 0 : unread(why, err);
}

int
tree_digest(struct digest *out, const void *p, size_t n, struct err *err)
{
	struct tree t = { .p = (char *)(uintptr_t)p, .n = n, .fd = -1 }; /* is only read */

	return run(&t, out, err);
}

int
tree_digest_read(struct digest *out, int fd, uint64_t at, void *p, size_t n, struct err *err)
{
	struct tree t = { .p = p, .n = n, .fd = fd, .at = at };

	return run(&t, out, err);
}

/* -- Bytes that come one after the other -- */

struct tree_stream {
	char *group; /* what has come of the group under way */
	size_t n; /* bytes of it */
	struct digest *leaf;
	size_t leaves, cap;
	blake_four_way *four;
	bool failed;
};

int
tree_stream_new(struct tree_stream **out, struct err *err)
{
	struct tree_stream *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->group = malloc(GROUP_BYTES);
	if (s == NULL || s->group == NULL) {
		free(s);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	s->four = blake_four(0);
	*out = s;
	return 0;
}

/* Return where the digests of the next N bytes of leaves go; NULL when memory ran out. */
static struct digest *
next_leaves(struct tree_stream *s, size_t n)
{
	struct digest *leaf;

	if (s->leaves + GROUP > s->cap) {
		if (list_resize(&s->leaf, s->cap + LEAVES_MORE, sizeof(*s->leaf)) == -1) {
			s->failed = true;
			return NULL;
		}
		s->cap += LEAVES_MORE;
	}
	leaf = s->leaf + s->leaves;
	s->leaves += n / TREE_LEAF_BYTES + (n % TREE_LEAF_BYTES != 0);
	return leaf;
}

static void
end_group(struct tree_stream *s)
{
	struct digest *leaf = next_leaves(s, s->n);

	if (leaf != NULL)
		digest_group(s->four, s->group, s->n, leaf);
	s->n = 0;
}

void
tree_stream_add(struct tree_stream *s, const void *p, size_t n)
{
	const char *from = p;
	size_t part;

	for (; n > 0; n -= part, from += part) {
		part = n < GROUP_BYTES - s->n ? n : GROUP_BYTES - s->n;
		memcpy(s->group + s->n, from, part);
		s->n += part;
		if (s->n == GROUP_BYTES)
			end_group(s);
	}
}

int
tree_stream_end(struct tree_stream *s, struct digest *out, struct err *err)
{
	if (s->n > 0)
		end_group(s);
	if (s->failed)
		return err_set(err, ERR_NOMEM, "out of memory");
	digest_bytes(out, s->leaf, s->leaves * sizeof(*s->leaf), NULL, 0);
	return 0;
}

void
tree_stream_free(struct tree_stream *s)
{
	if (s == NULL)
		return;
	free(s->group);
	free(s->leaf);
	free(s);
}

int
tree_digest_file(struct digest *out, int fd, uint64_t at, uint64_t n, struct err *err)
{
	struct tree_stream *s;
	struct digest *leaf;
	size_t part;
	int rc, why = 0;

	if (tree_stream_new(&s, err) == -1)
		return -1;
	for (; why == 0 && n > 0; n -= part, at += part) {
		part = n < GROUP_BYTES ? (size_t)n : GROUP_BYTES;
		leaf = next_leaves(s, part);
		if (leaf == NULL)
			break;
		why = read_group(s->four, fd, at, s->group, part, leaf);
	}
	rc = why == 0 ? tree_stream_end(s, out, err) : unread(why, err);
	tree_stream_free(s);
	return rc;
}
