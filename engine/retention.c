#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "engine/forget.h"
#include "engine/retention.h"
#include "store/retain.h"

#define ARENA_BYTES ((size_t)256 << 20) /* for the list of sites */
#define COUNTS "purging" /* named value: what an unfinished pass has erased */
#define PLACES "purged" /* named value: up to which verdict of each site each part is gone */
#define UNTIDY "untidy" /* named value: not "" when something was erased since the database was rewritten */
#define DUE_AT_ONCE 1024 /* examples that are looked for: that takes 0.1 s where 100,000 have addresses */
#define VALUE_ARENA ((size_t)16 << 20)

/* What a pass does for each site, one after the other. */
enum step { STEP_ADDRESSES_OF_EXAMPLES = RETAINED_PARTS, STEP_PAST_EXAMPLES, STEPS };

static const enum part part_of[RETAINED_PARTS] = {
	[RETAINED_CONTENT] = PART_CONTENT,
	[RETAINED_PERSON] = PART_PERSON,
	[RETAINED_ADDRESS] = PART_ADDRESS,
	[RETAINED_EVIDENCE] = PART_EVIDENCE,
};

_Static_assert(STEPS == RETENTION_KINDS, "a name each");
static const char *const names[STEPS] = { "content", "person", "addresses", "evidence", "example_addresses",
	"examples" };

const char *
retention_kind_name(int kind)
{
	return names[kind];
}

struct site_state {
	int64_t id; /* of the site; 0: nobody's examples */
	const char *name;
	int64_t done[RETAINED_PARTS]; /* the parts of all its verdicts up to there are gone */
};

struct retention {
	struct engine *e;
	const struct config *config;
	int64_t now_ms;
	struct arena *arena;
	struct site_state *places;
	size_t n, at; /* sites, and the one it has come to */
	int step;
	size_t batches;
	int lock; /* the publish lock, while a batch needs it; else -1 */
	int64_t due[DUE_AT_ONCE]; /* examples of this site with addresses that are due, */
	size_t ndue, given; /* how many, and how many of them were in batches */
};

/* -- What is remembered from one pass to the next -- */

/* Read the named value KEY as JSON; *OUT is NULL when there is none. */
static int
read_value(struct store *st, const char *key, struct json **out, struct err *err)
{
	struct arena *a = arena_new(VALUE_ARENA);
	char *text = NULL;
	int rc;

	*out = NULL;
	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_meta_get(st, key, a, &text, err);
	if (rc == 0 && text != NULL && *text != '\0')
		rc = json_parse(out, text, strlen(text), err);
	arena_free(a);
	return rc;
}

static int
write_value(struct store *st, const char *key, const struct buf *b, struct err *err)
{
	return buf_ok(b) ? store_meta_set(st, key, buf_str(b), err)
			 : err_set(err, ERR_NOMEM, "out of memory");
}

static void
take_places(struct retention *r, const struct json *saved)
{
	char id[24];

	for (size_t i = 0; i < r->n; i++) {
		const struct json *list;

		snprintf(id, sizeof(id), "%" PRId64, r->places[i].id);
		list = json_member(saved, id);
		for (size_t k = 0; k < RETAINED_PARTS && json_length(list) == RETAINED_PARTS; k++)
			r->places[i].done[k] = (int64_t)json_number(json_item(list, k), 0);
	}
}

static int
save_places(struct store *st, const struct retention *r, struct err *err)
{
	struct buf b;
	char id[24];
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	for (size_t i = 0; i < r->n; i++) {
		snprintf(id, sizeof(id), "%" PRId64, r->places[i].id);
		json_key(&b, id);
		json_open(&b, '[');
		for (size_t k = 0; k < RETAINED_PARTS; k++)
			json_put_int(&b, r->places[i].done[k]);
		json_close(&b, ']');
	}
	json_close(&b, '}');
	rc = write_value(st, PLACES, &b, err);
	buf_fini(&b);
	return rc;
}

/* -- A pass -- */

static int
load_places(struct retention *r, struct err *err)
{
	struct json *saved = NULL;
	struct site_row *rows;
	size_t n;

	if (store_sites(r->e->store, true, r->arena, &rows, &n, err) == -1)
		return -1;
	r->places = arena_alloc(r->arena, (n + 1) * sizeof(*r->places));
	if (r->places == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the sites");
	memset(r->places, 0, (n + 1) * sizeof(*r->places));
	r->places[0].name = "";
	for (size_t i = 0; i < n; i++) {
		r->places[i + 1].id = rows[i].id;
		r->places[i + 1].name = rows[i].name;
	}
	r->n = n + 1;
	if (read_value(r->e->store, PLACES, &saved, err) == -1)
		return -1;
	take_places(r, saved);
	json_free(saved);
	return 0;
}

int
retention_begin(
    struct retention **out, struct engine *e, const struct config *config, int64_t now_ms, struct err *err)
{
	struct retention *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	r->e = e;
	r->config = config;
	r->now_ms = now_ms;
	r->lock = -1;
	r->arena = arena_new(ARENA_BYTES);
	if (r->arena == NULL)
		err_set(err, ERR_NOMEM, "out of memory");
	else if (load_places(r, err) == 0) {
		*out = r;
		return 0;
	}
	retention_free(r);
	return -1;
}

void
retention_free(struct retention *r)
{
	if (r == NULL)
		return;
	retention_applied(r);
	arena_free(r->arena);
	free(r);
}

void
retention_applied(struct retention *r)
{
	if (r->lock != -1)
		close(r->lock);
	r->lock = -1;
}

size_t
retention_batches(const struct retention *r)
{
	return r->batches;
}

/* Set *BEFORE_MS to when what is kept for KEPT_MS must have come to be due now; false: never. */
static bool
due_before(const struct retention *r, int64_t kept_ms, int64_t *before_ms)
{
	*before_ms = kept_ms == RETAIN_FOREVER ? INT64_MIN : r->now_ms - kept_ms;
	return *before_ms > 0;
}

static int
find_verdicts(struct retention *r, struct site_state *p, enum retained what, int64_t before_ms,
    struct retention_batch *b, struct err *err)
{
	enum part part = part_of[what];

	if (p->id == 0)
		return 0;
	b->parts = PART_SET(part);
	if (store_verdicts_done(r->e->store, p->id, part, &p->done[what], err) == -1)
		return -1;
	return store_verdicts_due(
	    r->e->store, p->id, part, p->done[what], before_ms, b->seq, RETENTION_BATCH, &b->n, err);
}

/* Find examples that are no longer in force, and let the models go that would need their text. */
static int
find_past(struct retention *r, const struct site_state *p, int64_t before_ms, struct retention_batch *b,
    struct err *err)
{
	struct forget_range counted[RETENTION_BATCH];
	struct example_past past[RETENTION_BATCH];
	int64_t upto;
	size_t n = 0;

	b->parts = PARTS_PERSONAL;
	if (forget_known(r->e, &upto, err) == -1 ||
	    store_examples_past(r->e->store, p->id, before_ms, upto, past, RETENTION_BATCH, &b->n, err) == -1)
		return -1;
	for (size_t i = 0; i < b->n; i++) {
		b->seq[i] = past[i].seq;
		if (past[i].by > past[i].seq)
			counted[n++] = (struct forget_range){ past[i].seq, past[i].by };
	}
	if (n == 0)
		return 0;
	if (engine_publish_lock(&r->e->paths, &r->lock, err) == -1) {
		r->lock = -1;
		return -1;
	}
	if (forget_models(r->e, counted, n, NULL, err) == 0)
		return 0;
	retention_applied(r);
	return -1;
}

/* Find examples with addresses that are due. */
static int
find_addresses(struct retention *r, const struct site_state *p, int64_t before_ms, struct retention_batch *b,
    struct err *err)
{
	b->parts = PART_SET(PART_ADDRESS);
	if (r->given == r->ndue) {
		r->given = r->ndue = 0;
		if (store_examples_due(r->e->store, p->id, before_ms, r->due, DUE_AT_ONCE, &r->ndue, err) ==
		    -1)
			return -1;
	}
	while (r->given < r->ndue && b->n < RETENTION_BATCH)
		b->seq[b->n++] = r->due[r->given++];
	return 0;
}

/* Fill *B with what the present step finds. */
static int
find(struct retention *r, struct retention_batch *b, struct err *err)
{
	struct site_state *p = &r->places[r->at];
	struct config_privacy kept;
	enum retained as = r->step < RETAINED_PARTS ? (enum retained)r->step
	    : r->step == STEP_PAST_EXAMPLES	    ? RETAINED_CONTENT
						    : RETAINED_ADDRESS;
	int64_t before_ms;

	*b = (struct retention_batch){ .examples = r->step >= RETAINED_PARTS, .kind = r->step };
	config_privacy_of(r->config, p->name, &kept);
	if (!due_before(r, kept.retain_ms[as], &before_ms))
		return 0;
	if (r->step < RETAINED_PARTS)
		return find_verdicts(r, p, as, before_ms, b, err);
	if (r->step == STEP_PAST_EXAMPLES)
		return find_past(r, p, before_ms, b, err);
	return find_addresses(r, p, before_ms, b, err);
}

int
retention_next(struct retention *r, struct retention_batch *batch, struct err *err)
{
	while (r->at < r->n) {
		if (find(r, batch, err) == -1)
			return -1;
		if (batch->n > 0) {
			r->batches++;
			return 1;
		}
		if (++r->step == STEPS) {
			r->step = 0;
			r->at++;
		}
	}
	return 0;
}

/* -- Carrying it out -- */

/* Append the counts of an unfinished pass, plus N of STEP; *ANY tells whether one isn't 0. */
static int
put_counts(struct store *st, int step, size_t n, struct buf *b, bool *any, struct err *err)
{
	struct json *saved;
	int64_t count;

	*any = false;
	if (read_value(st, COUNTS, &saved, err) == -1)
		return -1;
	json_open(b, '{');
	for (int i = 0; i < STEPS; i++) {
		count = (int64_t)json_number(json_member(saved, names[i]), 0) + (i == step ? (int64_t)n : 0);
		*any = *any || count > 0;
		if (count == 0)
			continue;
		json_key(b, names[i]);
		json_put_int(b, count);
	}
	json_close(b, '}');
	json_free(saved);
	return 0;
}

int
retention_apply(struct store *st, const struct retention_batch *batch, struct err *err)
{
	struct buf b;
	bool any;
	int rc = 0;

	for (size_t i = 0; i < batch->n && rc == 0; i++)
		rc = batch->examples ? store_example_erase(st, batch->seq[i], batch->parts, err)
				     : store_verdict_erase(st, batch->seq[i], batch->parts, err);
	if (rc == -1)
		return -1;
	buf_init(&b, BUF_NO_LIMIT);
	rc = put_counts(st, batch->kind, batch->n, &b, &any, err);
	if (rc == 0)
		rc = write_value(st, COUNTS, &b, err);
	if (rc == 0)
		rc = store_meta_set(st, UNTIDY, "yes", err);
	buf_fini(&b);
	return rc;
}

int
retention_untidy(struct store *st, bool *untidy, struct err *err)
{
	struct arena *a = arena_new(VALUE_ARENA);
	char *value = NULL;
	int rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_meta_get(st, UNTIDY, a, &value, err);
	*untidy = rc == 0 && value != NULL && *value != '\0';
	arena_free(a);
	return rc;
}

int
retention_rewritten(struct store *st, struct err *err)
{
	return store_meta_set(st, UNTIDY, "", err);
}

int
retention_end(struct store *st, const struct retention *r, struct err *err)
{
	struct buf b;
	bool any;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	rc = put_counts(st, -1, 0, &b, &any, err);
	if (rc == 0 && any) {
		rc = store_event_json(st, "purge", "hamletd", &b, err);
		if (rc == 0)
			rc = store_meta_set(st, COUNTS, "", err);
		if (rc == 0)
			rc = save_places(st, r, err);
	}
	buf_fini(&b);
	return rc;
}
