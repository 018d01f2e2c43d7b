#include "config.h"

#include <stdlib.h>

#include "engine/example.h"
#include "engine/trainset.h"

/* Where the log's events stand in the corpus; found by halving, as events come in order of seq. */
struct known_event {
	int64_t seq;
	size_t row;
};

struct reading {
	struct corpus *corpus;
	struct known_event *places;
	size_t n, cap;
	int64_t last;
	struct err *err;
};

static int
add_event(struct reading *r, int64_t seq, size_t row)
{
	if (r->n == r->cap) {
		size_t cap = r->cap == 0 ? 1024 : 2 * r->cap;
		struct known_event *places = realloc(r->places, cap * sizeof(*places));

		if (places == NULL)
			return -1;
		r->places = places;
		r->cap = cap;
	}
	r->places[r->n++] = (struct known_event){ seq, row };
	return 0;
}

static const struct known_event *
find_event(const struct reading *r, int64_t seq)
{
	size_t from = 0, to = r->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (r->places[middle].seq == seq)
			return &r->places[middle];
		if (r->places[middle].seq < seq)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

static int
add_row(struct corpus *c, const struct example_row *row)
{
	struct example *e;

	if (c->n == c->cap) {
		size_t cap = c->cap == 0 ? 1024 : 2 * c->cap;
		struct example *rows = realloc(c->rows, cap * sizeof(*rows));

		if (rows == NULL)
			return -1;
		c->rows = rows;
		c->cap = cap;
	}
	e = &c->rows[c->n];
	*e = (struct example){ .comment = row->comment, .label = row->label, .origin = example_origin(row) };
	for (int f = 0; f < COMMENT_FIELDS; f++) {
		if (arena_keep(c->arena, &e->comment.field[f]) == -1)
			return -1;
	}
	c->n++;
	return 0;
}

static int
take_event(const struct example_row *row, void *arg)
{
	struct reading *r = arg;
	const struct known_event *old = row->replaces != 0 ? find_event(r, row->replaces) : NULL;

	r->last = row->seq;
	if (old != NULL)
		r->corpus->rows[old->row].label = LABEL_NONE;
	if (row->label == LABEL_NONE)
		return 0;
	if (r->corpus->n < CORPUS_MAX_ROWS && add_event(r, row->seq, r->corpus->n) == 0 &&
	    add_row(r->corpus, row) == 0)
		return 0;
	return err_set(r->err, ERR_NOMEM, "out of memory for the examples");
}

/* Close the gaps that replaced events left. */
static void
drop_replaced(struct corpus *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (c->rows[i].label != LABEL_NONE)
			c->rows[n++] = c->rows[i];
	}
	c->n = n;
}

int
trainset_read(struct store *st, struct corpus *c, uint64_t *position, struct err *err)
{
	struct err failed = { 0 };
	struct reading r = { .corpus = c, .err = &failed };
	int rc;

	if (c->arena == NULL)
		c->arena = arena_new(CORPUS_MAX_BYTES);
	if (c->arena == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the examples");
	rc = store_event_walk(st, 0, take_event, &r, err);
	free(r.places);
	if (failed.code != ERR_NONE)
		return err_set(err, failed.code, "%s", failed.text);
	if (rc == -1)
		return -1;
	drop_replaced(c);
	*position = (uint64_t)r.last;
	return 0;
}
