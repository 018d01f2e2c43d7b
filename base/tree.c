#include "config.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/blake_four.h"
#include "base/together.h"
#include "base/tree.h"

#define GROUP ((size_t)4) /* leaves that are done together */

struct tree {
	char *p;
	size_t n, leaves;
	struct digest *leaf;
	int fd; /* where the bytes are to be read from; -1: they are there */
	uint64_t at;
	bool fours; /* four leaves can be digested at once */
	atomic_size_t next; /* group of leaves to be done */
	atomic_int failed; /* errno; -1: too few bytes */
};

static int
read_group(const struct tree *t, size_t from, size_t n)
{
	ssize_t got;

	for (size_t done = 0; done < n; done += (size_t)got) {
		got = pread(t->fd, t->p + from + done, n - done, (off_t)(t->at + from + done));
		if (got == -1 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			return got == 0 ? -1 : errno;
	}
	return 0;
}

/* Digest the N bytes of leaves from FROM on. */
static void
digest_group(struct tree *t, size_t from, size_t n)
{
	struct digest *leaf = &t->leaf[from / TREE_LEAF_BYTES];
	const unsigned char *in[GROUP];
	size_t part;

	if (t->fours && n == GROUP * TREE_LEAF_BYTES) {
		for (size_t i = 0; i < GROUP; i++)
			in[i] = (const unsigned char *)t->p + from + i * TREE_LEAF_BYTES;
		blake_four(leaf, in, TREE_LEAF_BYTES);
		return;
	}
	for (; n > 0; n -= part, from += part) {
		part = n < TREE_LEAF_BYTES ? n : TREE_LEAF_BYTES;
		digest_bytes(leaf++, t->p + from, part, NULL, 0);
	}
}

/* Do group after group, as long as there are some. */
static void *
work(void *arg)
{
	const size_t all = GROUP * TREE_LEAF_BYTES;
	struct tree *t = arg;
	size_t from, n;
	int why = 0;

	while (why == 0 && (from = atomic_fetch_add(&t->next, 1) * all) < t->n) {
		n = t->n - from < all ? t->n - from : all;
		if (t->fd != -1)
			why = read_group(t, from, n);
		if (why == 0)
			digest_group(t, from, n);
	}
	if (why != 0)
		atomic_store(&t->failed, why);
	return NULL;
}

static int
run(struct tree *t, struct digest *out, struct err *err)
{
	int why;

	t->fours = blake_four_works();
	t->leaves = t->n / TREE_LEAF_BYTES + (t->n % TREE_LEAF_BYTES != 0);
	t->leaf = calloc(t->leaves + 1, sizeof(*t->leaf));
	if (t->leaf == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	together((t->leaves + GROUP - 1) / GROUP, work, t);
	digest_bytes(out, t->leaf, t->leaves * sizeof(*t->leaf), NULL, 0);
	free(t->leaf);
	why = atomic_load(&t->failed);
	if (why == 0)
		return 0;
	return err_set(err, ERR_IO, "%s", why == -1 ? "cut off while it was read" : strerror(why));
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
