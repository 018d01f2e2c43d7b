#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/background.h"
#include "base/large.h"
#include "base/tree.h"
#include "classifier/merge.h"
#include "classifier/walk.h"

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
	struct walk old;
	const struct count *change, *changes_end;
	const unsigned char *new_names;
	size_t taken;
};

/* Begin; the names are only wanted by the last pass. */
static int
merger_start(
    struct merger *w, const struct model *parent, const struct changes *c, bool named, struct err *err)
{
	*w = (struct merger){
		.change = c->v,
		.changes_end = c->v + c->n,
		.new_names = (const unsigned char *)c->counts->names.p,
	};
	return walk_start(&w->old, parent, named, err);
}

static struct token_count
take_old(struct merger *w)
{
	struct walked t = walk_take(&w->old);

	if (++w->taken % BREATH == 0)
		background_breath();
	return (struct token_count){ t.hash, t.counts.spam, t.counts.ham, t.name };
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

	while (w->old.more || w->change < w->changes_end) {
		if (w->change == w->changes_end || (w->old.more && w->old.hash < w->change->hash)) {
			*t = take_old(w);
			return true;
		}
		*t = take_change(w);
		if (w->old.more && w->old.hash == t->hash) {
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

/* Put T into F; false where it has no room. */
static bool
put(struct lookup_filling *f, const struct token_count *t)
{
	return lookup_put(f, t->hash, (struct lookup_counts){ (uint32_t)t->spam, (uint32_t)t->ham });
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
			walk_stop(&w.old);
			return err_set(err, ERR_DAMAGED, "a token would be counted fewer than 0 times");
		}
		if ((uint64_t)t.spam > h->spam + h->own_spam || (uint64_t)t.ham > h->ham + h->own_ham) {
			walk_stop(&w.old);
			return err_set(err, ERR_DAMAGED, "a token would be counted more often than comments");
		}
	}
	return walk_end(&w.old, err);
}

/* Return how many bytes the names can have when C has come to those of PARENT. */
static uint64_t
names_most(const struct model *parent, const struct changes *c)
{
	uint64_t before = model_header(parent)->section[SNAPSHOT_NAMES].bytes;

	return before == 0 ? 0 : before + c->counts->names.n + 2 * c->n;
}

/* Lay H out for what is going to be there, with room for all names. */
static int
lay_out(struct snapshot_header *h, const struct model *parent, const struct changes *c, struct err *err)
{
	struct lookup_filling f = { .homes = lookup_homes(h->tokens) };
	struct token_count t;
	struct merger w;

	if (merger_start(&w, parent, c, false, err) == -1)
		return -1;
	while (merger_next(&w, &t))
		put(&f, &t);
	snapshot_lay_out(h, &f, names_most(parent, c));
	return walk_end(&w.old, err);
}

/* A section being written: to memory, or where that is NULL only to be digested. */
struct written {
	unsigned char *to;
	struct tree_stream *digest;
	uint64_t n;
};

static void
write_on(struct written *o, const void *p, size_t n)
{
	if (o->to != NULL)
		memcpy(o->to + o->n, p, n);
	else
		tree_stream_add(o->digest, p, n);
	o->n += n;
}

/* What is written beside table and large counts. */
struct output {
	struct written halves, names;
	bool named;
};

static void
write_token(struct output *o, const struct token_count *t)
{
	static const unsigned char none[2];
	const uint32_t half = (uint32_t)(t->hash >> 32);
	const unsigned char *name = t->name != NULL ? t->name : none;

	write_on(&o->halves, &half, sizeof(half));
	if (o->named)
		write_on(&o->names, name, t->name == NULL ? 2 : 2u + name[0]);
}

/* Write to the zeroed snapshot at P, laid out as its header says, what there is, and the rest to O. */
static int
fill(unsigned char *p, const struct model *parent, const struct changes *c, struct output *o, struct err *err)
{
	const struct snapshot_header *h = (const struct snapshot_header *)(const void *)p;
	struct lookup_filling f = snapshot_filling(p);
	uint64_t tokens = 0;
	struct token_count t;
	struct merger w;
	bool fits = true;

	if (merger_start(&w, parent, c, true, err) == -1)
		return -1;
	o->named = model_header(parent)->section[SNAPSHOT_NAMES].bytes > 0;
	while (merger_next(&w, &t)) {
		fits = fits && tokens++ < h->tokens && put(&f, &t);
		if (fits && !w.old.broken) /* else this isn't the file that was read before */
			write_token(o, &t);
	}
	if (walk_end(&w.old, err) == -1)
		return -1;
	return fits && tokens == h->tokens && f.nlarge == f.larges
	    ? 0
	    : err_set(err, ERR_DAMAGED, "it was changed while it was read");
}

/* Set the digest of PART in H to that of O, which went by. */
static int
end_stream(struct written *o, struct snapshot_header *h, enum snapshot_part part, struct err *err)
{
	static const unsigned char zeros[SNAPSHOT_ALIGN];

	tree_stream_add(o->digest, zeros, snapshot_part_end(h, part) - h->section[part].at - o->n);
	return tree_stream_end(o->digest, &h->section[part].digest, err);
}

/* Put into the header at P how many names O has, and the digests; *ID is the one of all. */
static int
seal(unsigned char *p, struct output *o, struct digest *id, struct err *err)
{
	struct snapshot_header *h = (struct snapshot_header *)(void *)p;

	snapshot_set_names_bytes(h, o->names.n);
	if (o->names.to != NULL) {
		if (snapshot_seal(p, err) == -1)
			return -1;
		memcpy(id, p + h->digest_at, sizeof(*id));
		return 0;
	}
	if (end_stream(&o->halves, h, SNAPSHOT_HALVES, err) == -1 ||
	    end_stream(&o->names, h, SNAPSHOT_NAMES, err) == -1)
		return -1;
	return snapshot_seal_to_judge(p, id, err);
}

/* Have O write to the snapshot of H at P; or with JUDGES_ONLY to nowhere. */
static int
output_start(
    struct output *o, unsigned char *p, const struct snapshot_header *h, bool judges_only, struct err *err)
{
	*o = (struct output){ .named = false };
	if (judges_only)
		return tree_stream_new(&o->halves.digest, err) == -1 ? -1
								     : tree_stream_new(&o->names.digest, err);
	o->halves.to = p + h->section[SNAPSHOT_HALVES].at;
	o->names.to = p + h->section[SNAPSHOT_NAMES].at;
	return 0;
}

static void
output_end(struct output *o)
{
	tree_stream_free(o->halves.digest);
	tree_stream_free(o->names.digest);
}

/* Make of PARENT and C the snapshot of H in the zeroed memory at P. */
static int
make(unsigned char *p, const struct snapshot_header *h, const struct model *parent, const struct changes *c,
    bool judges_only, struct digest *id, struct err *err)
{
	struct output o;
	int rc;

	memcpy(p, h, sizeof(*h));
	rc = output_start(&o, p, h, judges_only, err);
	if (rc == 0)
		rc = fill(p, parent, c, &o, err);
	if (rc == 0)
		rc = seal(p, &o, id, err);
	if (rc == 0)
		rc = snapshot_check_header(p, id, err);
	output_end(&o);
	return rc;
}

/* Make of PARENT and C the model of H, laid out. */
static int
encode(const struct model *parent, const struct snapshot_header *h, const struct changes *c, bool judges_only,
    struct model **out, struct err *err)
{
	size_t size = judges_only ? h->section[SNAPSHOT_HALVES].at : h->digest_at + DIGEST_BYTES;
	unsigned char *p = large_alloc_gently(size);
	struct digest id;

	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (make(p, h, parent, c, judges_only, &id, err) == -1) {
		large_free(p, size);
		return -1;
	}
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
