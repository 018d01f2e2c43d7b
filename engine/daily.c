#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/evidence.h"
#include "engine/daily.h"

#define CURSOR_VERDICT "daily_verdict" /* meta: the last seq that was counted */
#define CURSOR_EXAMPLE "daily_example"
#define GROUPS_MAX 1024 /* sites and days of a round; past it the round ends */
#define ARENA_BYTES ((size_t)16 << 20)
#define FIELD_DIGITS 9
#define BREATH 16 /* rows, some tenth of a millisecond */

/* What a round adds to one site's day. */
struct group {
	struct daily_row add;
	struct daily_fields fields;
	char model[MODEL_ID_BYTES];
};

struct round {
	struct group *groups;
	size_t n;
	int64_t verdict, example; /* the cursors */
	int64_t read; /* of the kind at hand */
	bool full;
};

/* -- Fields -- */

/* Add WEIGHT to the sum of the field called NAME. */
static void
add_weight(struct daily_fields *f, struct slice name, double weight)
{
	size_t i = 0;

	while (i < f->n && !slice_is(name, f->at[i].name))
		i++;
	if (i == DAILY_FIELDS || name.n == 0 || name.n >= sizeof(f->at[i].name) || !isfinite(weight))
		return;
	if (i == f->n) {
		memcpy(f->at[i].name, name.p, name.n);
		f->at[i].name[name.n] = '\0';
		f->at[f->n++].sum = 0;
	}
	f->at[i].sum += weight;
}

static int
take_member(const char *key, struct json *value, void *arg)
{
	add_weight(arg, slice_of(key), json_number(value, 0));
	return 0;
}

void
daily_fields_read(struct daily_fields *f, const char *text)
{
	struct json *j;
	struct err err;

	f->n = 0;
	if (json_parse(&j, text, strlen(text), &err) == -1)
		return;
	json_each(j, take_member, f);
	json_free(j);
}

static void
write_fields(const struct daily_fields *f, struct buf *b)
{
	json_open(b, '{');
	for (size_t i = 0; i < f->n; i++) {
		json_key(b, f->at[i].name);
		json_put_double(b, f->at[i].sum, FIELD_DIGITS);
	}
	json_close(b, '}');
}

/* Add the weights of a verdict's recorded EVIDENCE. */
static void
add_evidence(struct daily_fields *f, struct slice evidence)
{
	struct evidence_piece e;

	while (evidence_take(&evidence, &e) == 1)
		add_weight(f, slice_of(e.field), e.weight);
}

/* -- One round -- */

/* Return the group of SITE and the day of TIME_MS, or NULL: no more fit into this round. */
static struct group *
group_of(struct round *r, int64_t site, int64_t time_ms)
{
	int64_t day = time_ms / DAY_MS;

	for (size_t i = r->n; i-- > 0;) {
		if (r->groups[i].add.site == site && r->groups[i].add.day == day)
			return &r->groups[i];
	}
	r->full = r->n == GROUPS_MAX;
	if (r->full)
		return NULL;
	r->groups[r->n] = (struct group){ .add = { .site = site, .day = day } };
	return &r->groups[r->n++];
}

/* One more row was read.  Now and then let those go first who are waiting: it is the daemon's keeper that
 * reads thousands of them, each second after a large import. */
static void
count_row(struct round *r)
{
	if (++r->read % BREATH == 0)
		sched_yield();
}

static int
take_verdict(const struct verdict_outline *v, void *arg)
{
	struct round *r = arg;
	struct group *g = NULL;

	if (v->counts && (g = group_of(r, v->site, v->time_ms)) == NULL)
		return 1;
	r->verdict = v->seq;
	count_row(r);
	if (!v->counts)
		return 0;
	g->add.verdicts++;
	g->add.unsure += v->verdict == VERDICT_UNSURE;
	g->add.spam += v->verdict == VERDICT_SPAM;
	snprintf(g->model, sizeof(g->model), "%s", v->model);
	if (!isnan(v->known)) {
		g->add.measured++;
		g->add.unknown += 1 - v->known;
	}
	if (v->evidence.n > 0) {
		g->add.sampled++;
		add_evidence(&g->fields, v->evidence);
	}
	return 0;
}

static int
take_event(const struct example_row *row, void *arg)
{
	struct round *r = arg;
	bool counts = row->site != 0 && row->label != LABEL_NONE && row->verdict_id[0] != '\0';
	struct group *g = NULL;

	if (r->read == DAILY_ROUND || (counts && (g = group_of(r, row->site, row->time_ms)) == NULL))
		return 1;
	r->example = row->seq;
	count_row(r);
	if (counts)
		g->add.corrections++;
	return 0;
}

static int
get_cursor(struct store *st, const char *key, struct arena *a, int64_t *out, struct err *err)
{
	char *text;

	if (store_meta_get(st, key, a, &text, err) == -1)
		return -1;
	*out = text == NULL ? 0 : strtoll(text, NULL, 10);
	return 0;
}

static int
set_cursor(struct store *st, const char *key, int64_t seq, struct err *err)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, seq);
	return store_meta_set(st, key, text, err);
}

/* Read what has come in since the cursors in R into its groups. */
static int
gather(struct engine *e, struct round *r, struct err *err)
{
	if (store_verdict_outlines(
		e->store, r->verdict, DAILY_ROUND, DAILY_ROUND / DAILY_SAMPLE, take_verdict, r, err) == -1)
		return -1;
	r->full = r->full || r->read == DAILY_ROUND;
	r->read = 0;
	if (store_event_walk(e->store, r->example, take_event, r, err) == -1)
		return -1;
	r->full = r->full || r->read == DAILY_ROUND;
	return 0;
}

/* Add the group G to what is recorded of its site and day. */
static int
add_group(struct store *st, const struct group *g, struct arena *a, struct err *err)
{
	struct daily_row old = { .fields = "", .model = "" }, sum = g->add;
	struct daily_fields fields;
	struct buf text;
	int rc = store_daily_get(st, sum.site, sum.day, a, &old, err);
	bool begins = rc == -1;

	if (begins && err->code != ERR_NOT_FOUND)
		return -1;
	sum.verdicts += old.verdicts;
	sum.unsure += old.unsure;
	sum.spam += old.spam;
	sum.corrections += old.corrections;
	sum.measured += old.measured;
	sum.unknown += old.unknown;
	sum.sampled += old.sampled;
	sum.model = g->model[0] != '\0' ? g->model : old.model;
	daily_fields_read(&fields, old.fields);
	for (size_t i = 0; i < g->fields.n; i++)
		add_weight(&fields, slice_of(g->fields.at[i].name), g->fields.at[i].sum);
	buf_init(&text, BUF_NO_LIMIT);
	write_fields(&fields, &text);
	sum.fields = buf_str(&text);
	rc = buf_ok(&text) ? store_daily_put(st, &sum, err) : err_set(err, ERR_NOMEM, "out of memory");
	buf_fini(&text);
	if (rc == 0 && begins) /* only then can there be one too many */
		rc = store_daily_prune(st, sum.site, DAILY_KEPT, err);
	return rc;
}

/* Inside a transaction: put down what R has, unless another process has counted the same meanwhile. */
static int
put_down(struct store *st, const struct round *r, const struct round *began, struct arena *a, struct err *err)
{
	int64_t verdict, example;

	if (get_cursor(st, CURSOR_VERDICT, a, &verdict, err) == -1 ||
	    get_cursor(st, CURSOR_EXAMPLE, a, &example, err) == -1)
		return -1;
	if (verdict != began->verdict || example != began->example)
		return 0;
	for (size_t i = 0; i < r->n; i++)
		if (add_group(st, &r->groups[i], a, err) == -1)
			return -1;
	if (set_cursor(st, CURSOR_VERDICT, r->verdict, err) == -1)
		return -1;
	return set_cursor(st, CURSOR_EXAMPLE, r->example, err);
}

static int
run_round(struct engine *e, struct round *r, struct arena *a, struct err *err)
{
	struct round began;

	if (get_cursor(e->store, CURSOR_VERDICT, a, &r->verdict, err) == -1 ||
	    get_cursor(e->store, CURSOR_EXAMPLE, a, &r->example, err) == -1)
		return -1;
	began = *r;
	if (gather(e, r, err) == -1)
		return -1;
	if (r->verdict == began.verdict && r->example == began.example)
		return 0;
	if (store_begin(e->store, err) == -1)
		return -1;
	if (put_down(e->store, r, &began, a, err) == -1) {
		store_rollback(e->store);
		return -1;
	}
	return store_commit(e->store, err);
}

int
daily_update(struct engine *e, bool *more, struct err *err)
{
	struct round r = { .groups = calloc(GROUPS_MAX, sizeof(*r.groups)) };
	struct arena *a = arena_new(ARENA_BYTES);
	int rc;

	*more = false;
	if (r.groups == NULL || a == NULL)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	else
		rc = run_round(e, &r, a, err);
	*more = rc == 0 && r.full;
	free(r.groups);
	arena_free(a);
	return rc;
}
