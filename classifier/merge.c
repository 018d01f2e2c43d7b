#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/background.h"
#include "base/large.h"
#include "base/tree.h"
#include "classifier/merge.h"
#include "classifier/section.h"

/* One token of a model or of a change; NAME begins with the two bytes of length and field, or is NULL. */
struct token_count {
	uint64_t hash;
	int64_t spam, ham;
	const unsigned char *name;
};

/* What changes, in order of hash. */
struct changes {
	const struct counts *counts; /* with their names */
	const struct count *v;
	size_t n;
};

#define BREATH 1024 /* tokens, some tenth of a millisecond */

/* The parent's tokens and those of the changes, both in order of hash. */
struct merger {
	struct section slots, names;
	const struct snapshot_slot *slot; /* the next one in use; NULL: there is none */
	bool named; /* somebody asks for the names, and there are some */
	bool lacks_names; /* for some of the tokens */
	const struct count *change, *changes_end;
	const unsigned char *new_names;
	size_t taken;
};

static void
settle(struct merger *w)
{
	do
		w->slot = section_take(&w->slots, sizeof(*w->slot));
	while (w->slot != NULL && w->slot->hash == 0);
}

/* Begin; the names are only wanted by the last pass. */
static int
merger_start(
    struct merger *w, const struct model *parent, const struct changes *c, bool named, struct err *err)
{
	*w = (struct merger){
		.names = { .fd = -1 },
		.named = named && model_header(parent)->names_bytes > 0,
		.change = c->v,
		.changes_end = c->v + c->n,
		.new_names = (const unsigned char *)c->counts->names.p,
	};
	if (model_slots_section(parent, &w->slots, err) == -1)
		return -1;
	if (w->named && model_names_section(parent, &w->names, err) == -1) {
		section_end(&w->slots, NULL);
		return -1;
	}
	settle(w);
	return 0;
}

static int
merger_end(struct merger *w, struct err *err)
{
	struct err of_names;
	int slots = section_end(&w->slots, err), names = section_end(&w->names, &of_names);

	if (slots == -1)
		return -1;
	if (names == -1)
		return err_set(err, of_names.code, "%s", of_names.text);
	return w->lacks_names ? err_set(err, ERR_DAMAGED, "it has fewer names than tokens") : 0;
}

static const unsigned char *
take_name(struct merger *w)
{
	const unsigned char *name = section_look(&w->names, 2);

	if (name != NULL)
		name = section_take(&w->names, 2u + name[0]);
	w->lacks_names |= name == NULL;
	return name != NULL && name[0] > 0 ? name : NULL;
}

static struct token_count
take_old(struct merger *w)
{
	struct token_count t = { w->slot->hash, w->slot->spam, w->slot->ham, NULL };

	if (w->named)
		t.name = take_name(w);
	if (++w->taken % BREATH == 0)
		background_breath();
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

	while (w->slot != NULL || w->change < w->changes_end) {
		if (w->change == w->changes_end || (w->slot != NULL && w->slot->hash < w->change->hash)) {
			*t = take_old(w);
			return true;
		}
		*t = take_change(w);
		if (w->slot != NULL && w->slot->hash == t->hash) {
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

/* Say in H how many tokens there are going to be. */
static int
count_tokens_left(
    struct snapshot_header *h, const struct model *parent, const struct changes *c, struct err *err)
{
	struct token_count t;
	struct merger w;

	if (merger_start(&w, parent, c, false, err) == -1)
		return -1;
	h->tokens = 0;
	while (merger_next(&w, &t)) {
		h->tokens++;
		if (t.spam < 0 || t.ham < 0) {
			merger_end(&w, NULL);
			return err_set(err, ERR_DAMAGED, "a token would be counted fewer than 0 times");
		}
		if ((uint64_t)t.spam > h->spam + h->own_spam || (uint64_t)t.ham > h->ham + h->own_ham) {
			merger_end(&w, NULL);
			return err_set(err, ERR_DAMAGED, "a token would be counted more often than comments");
		}
	}
	return merger_end(&w, err);
}

/* Return how many bytes the names can have when C has come to those of PARENT. */
static uint64_t
names_most(const struct model *parent, const struct changes *c)
{
	uint64_t before = model_header(parent)->names_bytes;

	return before == 0 ? 0 : before + c->counts->names.n + 2 * c->n;
}

/* Lay H out for what is going to be there, with room for all names. */
static int
lay_out(struct snapshot_header *h, const struct model *parent, const struct changes *c, struct err *err)
{
	uint64_t next = 0, home;
	struct token_count t;
	struct merger w;

	snapshot_set_homes(h);
	if (merger_start(&w, parent, c, false, err) == -1)
		return -1;
	while (merger_next(&w, &t)) {
		home = model_home(h, t.hash);
		next = (next > home ? next : home) + 1;
	}
	snapshot_lay_out(h, next, names_most(parent, c));
	return merger_end(&w, err);
}

/* The names being written: to memory, or where that is NULL only to be digested. */
struct written {
	unsigned char *to;
	struct tree_stream *digest;
	uint64_t n;
};

static void
put_name(struct written *o, const struct token_count *t)
{
	static const unsigned char none[2];
	const unsigned char *name = t->name != NULL ? t->name : none;
	size_t n = t->name == NULL ? 2 : 2u + t->name[0];

	if (o->to != NULL)
		memcpy(o->to + o->n, name, n);
	else
		tree_stream_add(o->digest, name, n);
	o->n += n;
}

/* Write to the zeroed slots at P, laid out as their header says, what there is, and the names to O. */
static int
fill(
    unsigned char *p, const struct model *parent, const struct changes *c, struct written *o, struct err *err)
{
	const struct snapshot_header *h = (const struct snapshot_header *)(const void *)p;
	struct snapshot_slot *slots = (struct snapshot_slot *)(void *)(p + h->slots_at);
	struct token_count t;
	struct merger w;
	uint64_t next = 0, tokens = 0, home;

	if (merger_start(&w, parent, c, true, err) == -1)
		return -1;
	for (; merger_next(&w, &t); tokens++) {
		home = model_home(h, t.hash);
		next = next > home ? next : home;
		if (next >= h->slots - SNAPSHOT_EMPTY_LAST || tokens >= h->tokens)
			continue; /* not the file that was read before */
		slots[next++] = (struct snapshot_slot){ t.hash, (uint32_t)t.spam, (uint32_t)t.ham };
		if (w.named)
			put_name(o, &t);
	}
	if (merger_end(&w, err) == -1)
		return -1;
	return tokens == h->tokens ? 0 : err_set(err, ERR_DAMAGED, "it was changed while it was read");
}

/* Put into the header at P how many names O has, and the digests; *ID is the one of all. */
static int
seal(unsigned char *p, struct written *o, struct digest *id, struct err *err)
{
	static const unsigned char zeros[SNAPSHOT_ALIGN];
	struct snapshot_header *h = (struct snapshot_header *)(void *)p;
	struct digest names;

	snapshot_set_names_bytes(h, o->n);
	if (o->to != NULL) {
		if (snapshot_seal(p, err) == -1)
			return -1;
		memcpy(id, p + h->digest_at, sizeof(*id));
		return 0;
	}
	tree_stream_add(o->digest, zeros, h->digest_at - h->names_at - o->n);
	if (tree_stream_end(o->digest, &names, err) == -1)
		return -1;
	return snapshot_seal_without_names(p, &names, id, err);
}

/* Make of PARENT and C the snapshot of HEADER, laid out. */
static int
encode(const struct model *parent, const struct snapshot_header *h, const struct changes *c, bool judges_only,
    struct model **out, struct err *err)
{
	size_t size = judges_only ? h->names_at : h->digest_at + DIGEST_BYTES;
	struct written o = { .to = NULL };
	unsigned char *p;
	struct digest id;

	if (judges_only && tree_stream_new(&o.digest, err) == -1)
		return -1;
	p = large_alloc_gently(size);
	if (p == NULL) {
		tree_stream_free(o.digest);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	memcpy(p, h, sizeof(*h));
	o.to = judges_only ? NULL : p + h->names_at;
	if (fill(p, parent, c, &o, err) == -1 || seal(p, &o, &id, err) == -1 ||
	    snapshot_check_header(p, &id, err) == -1) {
		tree_stream_free(o.digest);
		large_free(p, size);
		return -1;
	}
	tree_stream_free(o.digest);
	large_wish(p, size);
	return model_take(out, p, size, &id, judges_only, err);
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
    const struct digest *named, uint64_t position, bool judges_only, struct model **out, struct err *err)
{
	struct snapshot_header h = *model_header(parent);
	struct changes c = { .counts = counts };
	struct count *list;
	int rc;

	if (!add_totals(&h, change))
		return err_set(err, ERR_DAMAGED, "fewer than 0 comments would be counted");
	h.position = position;
	memcpy(h.parent, named->bytes, sizeof(h.parent));
	c.v = list = counts_sorted(counts, &c.n);
	if (list == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = count_tokens_left(&h, parent, &c, err);
	if (rc == 0)
		rc = lay_out(&h, parent, &c, err);
	if (rc == 0)
		rc = encode(parent, &h, &c, judges_only, out, err);
	free(list);
	return rc;
}
