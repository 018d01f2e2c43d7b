#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/timetext.h"
#include "store/verify.h"

/* -- Naming -- */

/* Note in the report which record is at fault: the one under the cursor of KIND. */
static void
name_record(struct walk *w, enum record_kind kind)
{
	const struct record_table *t = record_table(kind);
	struct chain_report *r = w->report;
	struct sql *q = &w->cursors[kind].q;

	r->kind = t->name;
	r->ref = w->cursors[kind].ref;
	if (t->id != 0) {
		q->at = t->id;
		snprintf(r->id, sizeof(r->id), "%s", sql_get_str(q));
	}
	if (t->time != 0) {
		q->at = t->time;
		r->time_ms = sql_get_int(q);
	}
}

/* Write the record of the report for people: "verdict 01J... of 2026-01-01T00:00:00Z (number 17)". */
static void
describe(const struct chain_report *r, char *out, size_t bytes)
{
	char time[TIME_TEXT_BYTES];

	time_format(time, r->time_ms);
	snprintf(out, bytes, "%s%s%.80s%s%s (number %" PRId64 ")", r->kind, r->id[0] != '\0' ? " " : "",
	    r->id, r->time_ms != 0 ? " of " : "", r->time_ms != 0 ? time : "", r->ref);
}

static int
say(struct walk *w, enum chain_fault fault, const char *what)
{
	struct chain_report *r = w->report;
	char record[256];

	r->fault = fault;
	if (r->kind != NULL) {
		describe(r, record, sizeof(record));
		snprintf(r->text, sizeof(r->text), "%s %s", record, what);
	} else {
		snprintf(r->text, sizeof(r->text), "row %" PRId64 " of the chain %s", r->seq, what);
	}
	return 0;
}

/* -- Faults of the chain's own rows -- */

int
fault_link(struct walk *w, const char *what)
{
	return say(w, CHAIN_LINK, what);
}

int
fault_gap(struct walk *w, int64_t expected, struct err *err)
{
	struct chain_report *r = w->report;
	char after[256], gone[96];

	(void)err;
	r->fault = CHAIN_MISSING;
	if (w->last[0] != '\0')
		snprintf(after, sizeof(after), ", after %s", w->last);
	else
		snprintf(after, sizeof(after), ", its beginning");
	if (r->seq - expected == 1)
		snprintf(gone, sizeof(gone), "row %" PRId64, expected);
	else
		snprintf(gone, sizeof(gone), "rows %" PRId64 " to %" PRId64, expected, r->seq - 1);
	snprintf(r->text, sizeof(r->text), "%s of the chain%s missing%s", gone,
	    r->seq - expected == 1 ? " is" : " are", after);
	r->seq = expected;
	return 0;
}

int
fault_end(struct walk *w, const char *what, struct err *err)
{
	struct chain_report *r = w->report;

	(void)err;
	r->fault = w->head.seq > r->seq || w->headless ? CHAIN_CUT : CHAIN_LINK;
	for (int kind = 1; kind <= RECORD_KINDS && r->kind == NULL; kind++) {
		if (w->cursors[kind].there)
			name_record(w, (enum record_kind)kind);
	}
	snprintf(r->text, sizeof(r->text),
	    "%s: it ends with row %" PRId64 ", the last one recorded is %" PRId64 "%s%s", what, r->seq,
	    w->head.seq, w->last[0] != '\0' ? "; the last whole record is " : "", w->last);
	return 0;
}

/* -- Faults of records -- */

/* Set *SEQ to the row of the chain that is of the record REF of KIND; 0: there is none. */
static int
find_link(struct walk *w, enum record_kind kind, int64_t ref, int64_t *seq, struct err *err)
{
	static const char text[] = "SELECT coalesce(max(seq), 0) FROM chain WHERE kind = ?1 AND ref = ?2";
	struct sql q;
	int rc;

	*seq = 0;
	sql_start(&q, w->st, text);
	sql_int(&q, kind);
	sql_int(&q, ref);
	rc = sql_next(&q, err);
	if (rc == 1)
		*seq = sql_get_int(&q);
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

/* Return whether the row of the chain is of the record under the cursor of its kind, but for the number. */
static bool
misnumbered(struct walk *w)
{
	struct link l = w->link;

	if (!w->cursors[l.kind].there)
		return false;
	l.ref = w->cursors[l.kind].ref;
	return verify_compute(w, &l, &w->previous, NULL) == 0 &&
	    crypto_equal(&l.digest, &w->link.digest, sizeof(l.digest));
}

int
fault_absent(struct walk *w, struct err *err)
{
	enum record_kind kind = w->link.kind;
	struct cursor *c = &w->cursors[kind];
	bool there = false;

	if (misnumbered(w))
		return say(w, CHAIN_LINK, "was altered: it is of another record than it says");

	sql_end(&c->q);
	sql_start(&c->q, w->st, record_table(kind)->walk);
	sql_int(&c->q, w->link.ref);
	if (verify_advance(w, kind, err) == -1)
		return -1;
	there = c->there && c->ref == w->link.ref;
	if (there) {
		name_record(w, kind);
		return say(w, CHAIN_REORDERED, "stands twice, or at another place, in the chain");
	}
	w->report->kind = record_table(kind)->name;
	w->report->ref = w->link.ref;
	return say(w, CHAIN_MISSING, "is missing");
}

int
fault_unchained(struct walk *w, enum record_kind kind, struct err *err)
{
	int64_t seq;
	char what[96];

	if (kind == w->link.kind && misnumbered(w))
		return say(w, CHAIN_LINK, "was altered: it is of another record than it says");
	name_record(w, kind);
	if (find_link(w, kind, w->cursors[kind].ref, &seq, err) == -1)
		return -1;
	if (seq == 0)
		return say(w, CHAIN_INSERTED, "was never recorded: it has no row in the chain");
	snprintf(what, sizeof(what), "is out of order: its row in the chain is number %" PRId64, seq);
	return say(w, CHAIN_REORDERED, what);
}

int
fault_part(struct walk *w, enum part part, const char *what)
{
	static const char *const names[PARTS] = { "content", "person", "address", "fingerprint", "evidence" };
	char text[128];

	name_record(w, w->link.kind);
	snprintf(text, sizeof(text), "was altered: its %s %s", names[part], what);
	return say(w, CHAIN_ALTERED, text);
}

/* Look for a record of the table whose contents are those that the row of the chain is of. */
static int
find_moved(struct walk *w, int64_t *from, struct err *err)
{
	enum record_kind kind = w->link.kind;
	struct cursor *c = &w->cursors[kind];
	struct link l = w->link;
	int rc;

	*from = 0;
	sql_end(&c->q);
	sql_start(&c->q, w->st, record_table(kind)->walk);
	sql_int(&c->q, INT64_MIN);
	while ((rc = verify_advance(w, kind, err)) == 0 && c->there) {
		if (verify_compute(w, &l, &w->previous, err) == -1)
			return -1;
		if (crypto_equal(&l.digest, &w->link.digest, sizeof(l.digest))) {
			*from = c->ref;
			return 0;
		}
	}
	return rc;
}

/*
 * Set *ITSELF to whether the row after this one goes with COMPUTED: then the record is as it was, and the
 * digest in this row isn't.
 */
static int
follows(struct walk *w, const struct digest *computed, bool *itself, struct err *err)
{
	struct link next;
	int rc;

	*itself = crypto_equal(computed, &w->head.digest, sizeof(*computed));
	if (*itself || verify_advance(w, w->link.kind, err) == -1)
		return *itself ? 0 : -1;
	rc = verify_next_link(w, err);
	next = w->link;
	if (rc != 1 || next.kind < 1 || next.kind > RECORD_KINDS || !w->cursors[next.kind].there ||
	    w->cursors[next.kind].ref != next.ref || next.columns < 2 || next.columns > COLUMNS_MAX)
		return rc == -1 ? -1 : 0;
	if (verify_compute(w, &next, computed, err) == -1)
		return -1;
	*itself = crypto_equal(&next.digest, &w->link.digest, sizeof(next.digest));
	return 0;
}

int
fault_mismatch(struct walk *w, const struct digest *computed, struct err *err)
{
	struct link here = w->link;
	bool itself = false;
	int64_t from;
	char what[128];

	name_record(w, here.kind);
	if (computed == NULL)
		return say(
		    w, CHAIN_ALTERED, "was altered: it has values in columns that are younger than it");
	if (follows(w, computed, &itself, err) == -1)
		return -1;
	w->link = here;
	if (itself)
		return say(w, CHAIN_LINK, "is as it was recorded, but its row in the chain was altered");
	if (find_moved(w, &from, err) == -1)
		return -1;
	if (from != 0) {
		snprintf(what, sizeof(what),
		    "stands in the place of another one, which is now number %" PRId64, from);
		return say(w, CHAIN_REORDERED, what);
	}
	return say(w, CHAIN_ALTERED,
	    here.seq == 1 && w->report->records == 0 ? "was altered, or the keys are not this chain's"
						     : "was altered");
}
