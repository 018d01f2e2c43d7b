#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "engine/change.h"
#include "engine/example.h"

/* An event that a new one replaces: what was learnt from it is to be taken back. */
struct replaced {
	int64_t seq;
	enum label label;
};

struct gathering {
	struct change *change;
	int64_t upto;
	struct replaced *replaced;
	size_t n, cap;
	struct err err; /* why a step of a walk failed */
};

static int
remember(struct gathering *g, int64_t seq, enum label label)
{
	if (g->n == g->cap) {
		size_t cap = g->cap == 0 ? 64 : 2 * g->cap;
		struct replaced *list = realloc(g->replaced, cap * sizeof(*list));

		if (list == NULL)
			return err_set(&g->err, ERR_NOMEM, "out of memory");
		g->replaced = list;
		g->cap = cap;
	}
	g->replaced[g->n++] = (struct replaced){ seq, label };
	return 0;
}

/* Count the example ROW in, or with TAKE_BACK out. */
static int
count(struct gathering *g, const struct example_row *row, bool take_back)
{
	const struct origin origin = example_origin(row);
	struct change *c = g->change;

	if (delta_add(c->delta, &row->comment, row->label, &origin, take_back, &g->err) == -1)
		return -1;
	return set_digest_add(&c->set, &row->comment, row->label, &origin, take_back, &g->err);
}

static int
add_event(const struct example_row *row, void *arg)
{
	struct gathering *g = arg;

	if (row->seq > g->upto)
		return 1;
	g->change->last = row->seq;
	g->change->events++;
	if (row->replaces != 0 && row->replaced_label != LABEL_NONE &&
	    remember(g, row->replaces, row->replaced_label) == -1)
		return -1;
	if (row->label == LABEL_NONE)
		return 0;
	return count(g, row, false);
}

/* Take back the one event that a walk was started for. */
static int
take_back(const struct example_row *row, void *arg)
{
	struct gathering *g = arg;
	const struct replaced *r = &g->replaced[g->n - 1];

	if (row->seq != r->seq || row->label != r->label)
		err_set(&g->err, ERR_DAMAGED, "example event %" PRId64 " is replaced, but missing", r->seq);
	else
		count(g, row, true);
	return 1;
}

static int
walked(const struct gathering *g, int rc, struct err *err)
{
	return g->err.code == ERR_NONE ? rc : err_set(err, g->err.code, "%s", g->err.text);
}

int
change_find(struct change *c, struct engine *e, int64_t after, int64_t upto, struct err *err)
{
	struct gathering g = { .change = c, .upto = upto };
	int rc;

	*c = (struct change){ .delta = NULL };
	if (delta_new(&c->delta, FIELDS_ALL, err) == -1)
		return -1;
	rc = walked(&g, store_event_walk(e->store, after, add_event, &g, err), err);
	/* The replaced comment's own text was counted, which need not be that of the new event. */
	for (; rc == 0 && g.n > 0; g.n--)
		rc = walked(
		    &g, store_event_walk(e->store, g.replaced[g.n - 1].seq - 1, take_back, &g, err), err);
	free(g.replaced);
	return rc;
}

void
change_fini(struct change *c)
{
	delta_free(c->delta);
	c->delta = NULL;
}
