#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "classifier/merge.h"

/* The parent's tokens, one at a time in order of hash, with where their names stand. */
struct walk {
	const struct snapshot_slot *slot, *end;
	const unsigned char *names;
	size_t name_at, names_bytes;
};

static void
walk_settle(struct walk *w)
{
	while (w->slot < w->end && w->slot->hash == 0)
		w->slot++;
}

static struct count
walk_take(struct walk *w)
{
	struct count c = { w->slot->hash, (int32_t)w->slot->spam, (int32_t)w->slot->ham, 0 };

	if (w->name_at + 2 <= w->names_bytes) {
		if (w->names[w->name_at] > 0)
			c.name = (uint32_t)w->name_at + 1;
		w->name_at += 2u + w->names[w->name_at];
	}
	w->slot++;
	walk_settle(w);
	return c;
}

/* Merge the parent's tokens and the N of CHANGES, both in order of hash, into LIST; those with no count left
 * are left out. */
static size_t
merge(struct walk *w, const struct count *changes, size_t n, size_t names_shift, struct count *list)
{
	size_t m = 0, i = 0;
	struct count c;

	while (w->slot < w->end || i < n) {
		if (i == n || (w->slot < w->end && w->slot->hash < changes[i].hash)) {
			list[m++] = walk_take(w);
			continue;
		}
		c = changes[i];
		c.name = c.name == 0 ? 0 : c.name + (uint32_t)names_shift;
		if (w->slot < w->end && w->slot->hash == c.hash) {
			struct count old = walk_take(w);

			c.spam += old.spam;
			c.ham += old.ham;
			c.name = old.name != 0 ? old.name : c.name;
		}
		i++;
		if (c.spam != 0 || c.ham != 0)
			list[m++] = c;
	}
	return m;
}

static int
encode(const struct model *parent, const struct snapshot_header *header, const struct count *changes,
    size_t n, const struct buf *names, struct model **out, struct err *err)
{
	const struct snapshot_header *h = model_header(parent);
	struct walk w = { model_slots(parent), model_slots(parent) + h->slots, model_names(parent), 0,
		h->names_bytes };
	struct count *list = malloc((h->tokens + n + 1) * sizeof(*list));
	struct buf all;
	size_t m, size;
	int rc = -1;
	void *p;

	buf_init(&all, UINT32_MAX - 1);
	if (h->names_bytes > 0) {
		buf_add(&all, model_names(parent), h->names_bytes);
		buf_add(&all, names->p, names->n);
	}
	if (list == NULL || !buf_ok(&all)) {
		err_set(err, ERR_NOMEM, "out of memory");
		goto out;
	}
	walk_settle(&w);
	m = merge(&w, changes, n, h->names_bytes, list);
	if (snapshot_encode(header, list, m, buf_slice(&all), &p, &size, err) == 0)
		rc = model_open_memory(out, p, size, err);
out:
	free(list);
	buf_fini(&all);
	return rc;
}

/* Add CHANGE to the comments that H counts; false when that makes fewer than none. */
static bool
add_totals(struct snapshot_header *h, const struct totals *change)
{
	h->spam += (uint64_t)change->spam;
	h->ham += (uint64_t)change->ham;
	h->own_spam += (uint64_t)change->own_spam;
	h->own_ham += (uint64_t)change->own_ham;
	return (int64_t)h->spam >= 0 && (int64_t)h->ham >= 0 && (int64_t)h->own_spam >= 0 &&
	    (int64_t)h->own_ham >= 0;
}

int
model_merge(const struct model *parent, const struct counts *counts, const struct totals *change,
    const struct digest *named, uint64_t position, struct model **out, struct err *err)
{
	struct snapshot_header header = *model_header(parent);
	struct count *changes;
	size_t n;
	int rc;

	if (model_names(parent) == NULL)
		return err_set(err, ERR_REFUSED, "a model opened to judge only can't be learnt from");
	if (!add_totals(&header, change))
		return err_set(err, ERR_DAMAGED, "fewer than 0 comments would be counted");
	header.position = position;
	memcpy(header.parent, named->bytes, sizeof(header.parent));
	changes = counts_sorted(counts, &n);
	if (changes == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = encode(parent, &header, changes, n, &counts->names, out, err);
	free(changes);
	return rc;
}
