#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/large.h"
#include "classifier/merge.h"

/* One token of a model or of a change; NAME begins with the two bytes of length and field, or is NULL. */
struct token_count {
	uint64_t hash;
	int64_t spam, ham;
	const unsigned char *name;
};

/* The parent's tokens and those of the changes, both in order of hash. */
struct merger {
	const struct snapshot_slot *slot, *slots_end;
	const unsigned char *name, *names_end; /* of the next slot in use; equal: none are kept */
	const struct count *change, *changes_end;
	const unsigned char *new_names;
};

static void
settle(struct merger *w)
{
	while (w->slot < w->slots_end && w->slot->hash == 0)
		w->slot++;
}

static void
merger_start(struct merger *w, const struct model *parent, const struct counts *counts,
    const struct count *changes, size_t n)
{
	const struct snapshot_header *h = model_header(parent);

	*w = (struct merger){
		.slot = model_slots(parent),
		.slots_end = model_slots(parent) + h->slots,
		.name = model_names(parent),
		.names_end = model_names(parent) + h->names_bytes,
		.change = changes,
		.changes_end = changes + n,
		.new_names = (const unsigned char *)counts->names.p,
	};
	settle(w);
}

static struct token_count
take_old(struct merger *w)
{
	struct token_count t = { w->slot->hash, w->slot->spam, w->slot->ham, NULL };

	if (w->name < w->names_end) {
		t.name = w->name[0] > 0 ? w->name : NULL;
		w->name += 2u + w->name[0];
	}
	w->slot++;
	settle(w);
	return t;
}

static struct token_count
take_change(struct merger *w)
{
	const struct count *c = w->change++;

	return (
	    struct token_count){ c->hash, c->spam, c->ham, c->name != 0 ? w->new_names + c->name - 1 : NULL };
}

/* Set *T to the next token of which a count is left; false when there is none. */
static bool
merger_next(struct merger *w, struct token_count *t)
{
	struct token_count old;

	while (w->slot < w->slots_end || w->change < w->changes_end) {
		if (w->change == w->changes_end ||
		    (w->slot < w->slots_end && w->slot->hash < w->change->hash)) {
			*t = take_old(w);
			return true;
		}
		*t = take_change(w);
		if (w->slot < w->slots_end && w->slot->hash == t->hash) {
			old = take_old(w);
			t->spam += old.spam;
			t->ham += old.ham;
			t->name = old.name != NULL ? old.name : t->name;
		}
		if (t->spam != 0 || t->ham != 0)
			return true;
	}
	return false;
}

/* Return how many tokens PARENT has after the N of CHANGES. */
static uint64_t
tokens_after(const struct model *parent, const struct count *changes, size_t n)
{
	const struct snapshot_header *h = model_header(parent);
	uint64_t tokens = h->tokens;

	for (size_t i = 0; i < n; i++) {
		const struct count *c = &changes[i];
		const struct snapshot_slot *s = model_find(
		    model_slots(parent), model_home(h, c->hash), c->hash);

		if (s == NULL)
			tokens++;
		else if ((int64_t)s->spam + c->spam == 0 && (int64_t)s->ham + c->ham == 0)
			tokens--;
	}
	return tokens;
}

static size_t
name_bytes(const struct token_count *t)
{
	return t->name == NULL ? 2 : 2u + t->name[0];
}

/* Lay H out for what W, at its start, is going to give. */
static int
lay_out(struct snapshot_header *h, struct merger w, bool named, struct err *err)
{
	uint64_t next = 0, names = 0, home;
	struct token_count t;

	snapshot_set_homes(h);
	while (merger_next(&w, &t)) {
		if (t.spam < 0 || t.ham < 0)
			return err_set(err, ERR_DAMAGED, "a token would be counted fewer than 0 times");
		if ((uint64_t)t.spam > h->spam + h->own_spam || (uint64_t)t.ham > h->ham + h->own_ham)
			return err_set(err, ERR_DAMAGED, "a token would be counted more often than comments");
		home = model_home(h, t.hash);
		next = (next > home ? next : home) + 1;
		names += named ? name_bytes(&t) : 0;
	}
	snapshot_lay_out(h, next, names);
	return 0;
}

/* Write to the zeroed bytes at P, laid out as their header says, what W gives. */
static void
fill(unsigned char *p, struct merger w, bool named)
{
	const struct snapshot_header *h = (const struct snapshot_header *)(const void *)p;
	struct snapshot_slot *slots = (struct snapshot_slot *)(void *)(p + h->slots_at);
	unsigned char *name = p + h->names_at;
	struct token_count t;
	uint64_t next = 0, home;

	while (merger_next(&w, &t)) {
		home = model_home(h, t.hash);
		next = next > home ? next : home;
		slots[next++] = (struct snapshot_slot){ t.hash, (uint32_t)t.spam, (uint32_t)t.ham };
		if (!named)
			continue;
		if (t.name != NULL)
			memcpy(name, t.name, name_bytes(&t));
		name += name_bytes(&t);
	}
}

/* Make of PARENT and the N of CHANGES, which stand in COUNTS too, the snapshot of HEADER. */
static int
encode(const struct model *parent, const struct snapshot_header *header, const struct counts *counts,
    const struct count *changes, size_t n, struct model **out, struct err *err)
{
	bool named = model_header(parent)->names_bytes > 0;
	struct snapshot_header h = *header;
	struct merger w;
	unsigned char *p;

	merger_start(&w, parent, counts, changes, n);
	h.tokens = tokens_after(parent, changes, n);
	if (lay_out(&h, w, named, err) == -1)
		return -1;
	p = large_alloc(h.digest_at + DIGEST_BYTES);
	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	memcpy(p, &h, sizeof(h));
	fill(p, w, named);
	if (snapshot_seal(p, err) == -1 ||
	    snapshot_check_header(p, (const struct digest *)(p + h.digest_at), err) == -1) {
		large_free(p, h.digest_at + DIGEST_BYTES);
		return -1;
	}
	return model_take(out, p, h.digest_at + DIGEST_BYTES, err);
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
	rc = encode(parent, &header, counts, changes, n, out, err);
	free(changes);
	return rc;
}
