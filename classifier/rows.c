#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "classifier/rows.h"

#define FIELD_KEPT_MAX 65536

void
rows_fini(struct rows *r)
{
	free(r->rows.p);
	free(r->hash.p);
	free(r->field.p);
	free(r->units.p);
	free(r->members.p);
	arena_free(r->text);
	*r = (struct rows){ 0 };
}

/* Make room for N more items of SIZE bytes; return where they go, or NULL. */
static void *
reserve(struct list *l, size_t n, size_t size)
{
	size_t cap = l->cap == 0 ? 1024 : l->cap;
	void *p;

	while (cap < l->n + n)
		cap *= 2;
	if (cap != l->cap) {
		p = realloc(l->p, cap * size);
		if (p == NULL)
			return NULL;
		l->p = p;
		l->cap = cap;
	}
	return (char *)l->p + l->n * size;
}

static void
copy(void *to, const void *from, size_t bytes)
{
	if (bytes > 0)
		memcpy(to, from, bytes);
}

/* Copy the fields of COMMENT that tokens are made of. */
static int
keep_comment(struct rows *r, struct comment *to, const struct comment *comment)
{
	if (r->text == NULL)
		r->text = arena_new(SIZE_MAX / 2);
	if (r->text == NULL)
		return -1;
	*to = *comment;
	for (int f = 0; f < COMMENT_FIELDS; f++) {
		if (to->field[f].n > FIELD_KEPT_MAX) /* no more of it is looked at than normalising does */
			to->field[f].n = FIELD_KEPT_MAX;
		if (arena_keep(r->text, &to->field[f]) == -1)
			return -1;
	}
	return 0;
}

int
rows_add(struct rows *r, const struct comment *comment, const struct tokens *t, bool spam, uint64_t source)
{
	struct row *row = reserve(&r->rows, 1, sizeof(*row));
	uint64_t *hash = reserve(&r->hash, t->n, sizeof(*hash));
	uint8_t *field = reserve(&r->field, t->n, sizeof(*field));
	struct unit *units = reserve(&r->units, t->nunits, sizeof(*units));
	uint32_t *members = reserve(&r->members, t->nmembers, sizeof(*members));

	if (row == NULL || hash == NULL || field == NULL || units == NULL || members == NULL)
		return -1;
	*row = (struct row){ .key = spam,
		.source = source,
		.tokens = r->hash.n,
		.units = r->units.n,
		.members = r->members.n,
		.ntokens = (uint32_t)t->n,
		.nunits = (uint32_t)t->nunits,
		.spam = spam };
	if (keep_comment(r, &row->comment, comment) == -1)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		hash[i] = t->v[i].hash;
		field[i] = t->v[i].field;
		row->key = hash_mix(row->key, hash[i]);
	}
	copy(units, t->units, t->nunits * sizeof(*units));
	copy(members, t->members, t->nmembers * sizeof(*members));
	r->rows.n++;
	r->hash.n += t->n;
	r->field.n += t->n;
	r->units.n += t->nunits;
	r->members.n += t->nmembers;
	r->spam += spam;
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	uint64_t x = ((const struct row *)a)->key, y = ((const struct row *)b)->key;

	return x < y ? -1 : x > y;
}

void
rows_sort(struct rows *r)
{
	if (r->rows.n > 0)
		qsort(r->rows.p, r->rows.n, sizeof(struct row), by_key);
}

const struct row *
rows_at(const struct rows *r, size_t i)
{
	return (const struct row *)r->rows.p + i;
}

const uint64_t *
row_hashes(const struct rows *r, const struct row *row)
{
	return (const uint64_t *)r->hash.p + row->tokens;
}

const uint8_t *
row_fields(const struct rows *r, const struct row *row)
{
	return (const uint8_t *)r->field.p + row->tokens;
}

const struct unit *
row_units(const struct rows *r, const struct row *row)
{
	return (const struct unit *)r->units.p + row->units;
}

const uint32_t *
row_members(const struct rows *r, const struct row *row)
{
	return (const uint32_t *)r->members.p + row->members;
}
