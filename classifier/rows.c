#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "classifier/own.h"
#include "classifier/rows.h"

#define FIELD_KEPT_MAX 65536

void
rows_fini(struct rows *r)
{
	free(r->rows.p);
	free(r->own.p);
	free(r->number.p);
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

/* Keep what token I of T, which has NUMBER, is read as, unless that is known. */
static int
name_token(struct vocabulary *v, uint32_t number, const struct tokens *t, size_t i, struct buf *name)
{
	if (!vocabulary_wants_name(v, number))
		return 0;
	buf_clear(name);
	token_text(t, i, name);
	return buf_ok(name) ? vocabulary_name(v, number, t->v[i].field, buf_str(name), name->n) : -1;
}

/* Write the numbers and the fields of T's tokens, which one more example has, to NUMBER and FIELD. */
static int
number_tokens(struct vocabulary *v, const struct tokens *t, uint32_t *number, uint8_t *field)
{
	struct vocabulary_place *p;
	struct buf name;
	int rc = 0;

	buf_init(&name, BUF_NO_LIMIT);
	for (size_t i = 0; i < t->n && rc == 0; i++) {
		if (i + HASHED_AHEAD < t->n)
			hashed_prefetch(&v->table, t->v[i + HASHED_AHEAD].hash);
		p = vocabulary_add(v, t->v[i].hash);
		if (p == NULL) {
			rc = -1;
			break;
		}
		p->seen++;
		number[i] = p->number;
		field[i] = t->v[i].field;
		rc = name_token(v, p->number, t, i, &name);
	}
	buf_fini(&name);
	return rc;
}

int
rows_add(struct rows *r, struct vocabulary *v, const struct comment *comment, const struct tokens *t,
    bool spam, uint64_t source, uint32_t example)
{
	struct row *row = reserve(&r->rows, 1, sizeof(*row));
	uint32_t *number = reserve(&r->number, t->n, sizeof(*number));
	uint8_t *field = reserve(&r->field, t->n, sizeof(*field));
	struct unit *units = reserve(&r->units, t->nunits, sizeof(*units));
	uint32_t *members = reserve(&r->members, t->nmembers, sizeof(*members));

	if (row == NULL || number == NULL || field == NULL || units == NULL || members == NULL)
		return -1;
	*row = (struct row){ .key = spam,
		.source = source,
		.tokens = r->number.n,
		.units = r->units.n,
		.members = r->members.n,
		.ntokens = (uint32_t)t->n,
		.nunits = (uint32_t)t->nunits,
		.example = example,
		.spam = spam };
	if (keep_comment(r, &row->comment, comment) == -1 || number_tokens(v, t, number, field) == -1)
		return -1;
	for (size_t i = 0; i < t->n; i++)
		row->key = hash_mix(row->key, t->v[i].hash);
	copy(units, t->units, t->nunits * sizeof(*units));
	copy(members, t->members, t->nmembers * sizeof(*members));
	r->rows.n++;
	r->number.n += t->n;
	r->field.n += t->n;
	r->units.n += t->nunits;
	r->members.n += t->nmembers;
	return 0;
}

/* Write the number of the token with HASH to *NUMBER. */
static int
number_own(struct vocabulary *v, uint64_t hash, uint32_t *number)
{
	const struct vocabulary_place *p = vocabulary_add(v, hash);

	if (p == NULL)
		return -1;
	*number = p->number;
	return 0;
}

int
rows_add_own(
    struct rows *r, struct vocabulary *v, const struct tokens *t, uint64_t site, bool spam, uint32_t example)
{
	struct own_row *row = reserve(&r->own, 1, sizeof(*row));
	uint32_t *number = reserve(&r->number, t->n + 1, sizeof(*number));
	uint8_t *field = reserve(&r->field, t->n + 1, sizeof(*field));

	if (row == NULL || number == NULL || field == NULL)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		if (number_own(v, own_hash(t->v[i].hash, site), &number[i]) == -1)
			return -1;
	}
	if (number_own(v, own_total(site), &number[t->n]) == -1)
		return -1;
	memset(field, 0, t->n + 1); /* nobody asks for those */
	*row = (struct own_row){ r->number.n, (uint32_t)t->n + 1, example, spam };
	r->own.n++;
	r->number.n += t->n + 1;
	r->field.n += t->n + 1;
	return 0;
}

static int
compare_bytes(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n == 0 ? 0 : memcmp(a.p, b.p, a.n);
}

/* Compare what rows of the same tokens and class can differ in: how much they count, by their source, and
 * what other rows are padded with, the text as written. */
static int
compare_alike(const struct row *x, const struct row *y)
{
	int order = 0;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	for (int f = 0; order == 0 && f < COMMENT_FIELDS; f++)
		order = compare_bytes(x->comment.field[f], y->comment.field[f]);
	return order;
}

static int
by_key(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return compare_alike(x, y);
}

void
rows_sort(struct rows *r)
{
	if (r->rows.n > 0)
		qsort(r->rows.p, r->rows.n, sizeof(struct row), by_key);
}

/* Give the tokens of ROW that have no number NOW the next ones. */
static void
renumber_row(struct rows *r, struct row *row, uint32_t *now, uint32_t *next_common, uint32_t *next_alone)
{
	uint32_t *number = (uint32_t *)r->number.p + row->tokens;

	row->alone = *next_alone;
	for (size_t i = 0; i < row->ntokens; i++) {
		if (now[number[i]] == VOCABULARY_ALONE)
			now[number[i]] = (*next_alone)++;
		else if (now[number[i]] == VOCABULARY_NONE)
			now[number[i]] = (*next_common)++;
		number[i] = now[number[i]];
	}
	row->nalone = *next_alone - row->alone;
}

static void
renumber_own(struct rows *r, const struct own_row *row, uint32_t *now, uint32_t *next)
{
	uint32_t *number = (uint32_t *)r->number.p + row->tokens;

	for (size_t i = 0; i < row->ntokens; i++) {
		if (now[number[i]] >= VOCABULARY_ALONE)
			now[number[i]] = (*next)++;
		number[i] = now[number[i]];
	}
}

int
rows_settle(struct rows *r, struct vocabulary *v)
{
	uint32_t *now = vocabulary_unsettle(v), common = 0, alone = v->common;
	int rc;

	if (now == NULL)
		return -1;
	rows_sort(r);
	for (size_t i = 0; i < rows_count(r); i++)
		renumber_row(r, (struct row *)r->rows.p + i, now, &common, &alone);
	for (size_t i = 0; i < r->own.n; i++)
		renumber_own(r, rows_own(r, i), now, &alone);
	rc = vocabulary_settle(v, now);
	free(now);
	return rc;
}

const struct row *
rows_at(const struct rows *r, size_t i)
{
	return (const struct row *)r->rows.p + i;
}

const uint32_t *
row_numbers(const struct rows *r, const struct row *row)
{
	return (const uint32_t *)r->number.p + row->tokens;
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

const struct own_row *
rows_own(const struct rows *r, size_t i)
{
	return (const struct own_row *)r->own.p + i;
}

const uint32_t *
own_numbers(const struct rows *r, const struct own_row *row)
{
	return (const uint32_t *)r->number.p + row->tokens;
}
