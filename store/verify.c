#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timetext.h"
#include "store/verify.h"

#define PROGRESS_EVERY 4096 /* records */

int
verify_advance(struct walk *w, enum record_kind kind, struct err *err)
{
	struct cursor *c = &w->cursors[kind];
	int rc = sql_next(&c->q, err);

	c->there = rc == 1;
	if (rc == 1)
		c->ref = sql_get_int(&c->q);
	return rc == -1 ? -1 : 0;
}

int
verify_next_link(struct walk *w, struct err *err)
{
	struct link *l = &w->link;
	struct slice digest;
	int rc = sql_next(&w->chain, err);

	if (rc != 1)
		return rc;
	l->seq = sql_get_int(&w->chain);
	l->kind = (enum record_kind)sql_get_int(&w->chain);
	l->ref = sql_get_int(&w->chain);
	l->columns = sql_get_int(&w->chain);
	digest = sql_get_slice(&w->chain);
	if (sql_row_ok(&w->chain, err) == -1)
		return -1;
	if (digest.n != sizeof(l->digest.bytes))
		l->columns = 0;
	else
		memcpy(l->digest.bytes, digest.p, digest.n);
	return 1;
}

int
verify_compute(struct walk *w, struct link *l, const struct digest *previous, struct err *err)
{
	record_begin(&w->record, l->kind);
	sql_get_record(&w->cursors[l->kind].q, (int)l->columns, &w->record);
	if (record_link(&w->record, l, previous, keys_chain(&w->keys, l->seq)) == -1)
		return err_set(err, ERR_NOMEM, "%s: out of memory", w->st->path);
	return 0;
}

/* -- One record -- */

/* Return whether one of the keys proves that PART was erased by a holder of it. */
static bool
proven(const struct walk *w, enum part part)
{
	unsigned char proof[PROOF_BYTES];
	struct digest d;

	record_part_digest(&w->record, part, &d);
	for (size_t i = w->keys.nchain; i > 0; i--) {
		record_proof(proof, &w->keys.chain[i - 1].secret, &w->record, w->link.ref, part, &d);
		if (crypto_equal(proof, w->record.seal[part] + DIGEST_BYTES, sizeof(proof)))
			return true;
	}
	return false;
}

/* Look at the parts of the record, whose digest is right. */
static int
check_parts(struct walk *w)
{
	const struct record *r = &w->record;

	for (int i = 0; i < r->table->parts; i++) {
		if (!record_erased(r, (enum part)i))
			continue;
		if (r->filled[i])
			return fault_part(w, (enum part)i, "was filled again after it was erased");
		if (!proven(w, (enum part)i))
			return fault_part(w, (enum part)i, "was erased by somebody without the key");
		w->report->erased++;
	}
	return 0;
}

static void
remember(struct walk *w)
{
	struct cursor *c = &w->cursors[w->link.kind];
	const struct record_table *t = record_table(w->link.kind);

	c->q.at = t->id;
	snprintf(w->last, sizeof(w->last), "%s %.80s", t->name, sql_get_str(&c->q));
	c->q.at = t->time;
	w->last_ms = t->time != 0 ? sql_get_int(&c->q) : 0;
}

/* Compare the record under the cursor of its kind with the row of the chain. */
static int
check_record(struct walk *w, struct err *err)
{
	struct cursor *c = &w->cursors[w->link.kind];
	struct link computed = w->link;

	if (verify_compute(w, &computed, &w->previous, err) == -1)
		return -1;
	if (!crypto_equal(&computed.digest, &w->link.digest, sizeof(computed.digest)))
		return fault_mismatch(w, &computed.digest, err);
	if (!sql_rest_is_default(&c->q, record_table(w->link.kind)->name, (int)w->link.columns, err))
		return err->code != ERR_NONE ? -1 : fault_mismatch(w, NULL, err);
	if (check_parts(w) == -1)
		return -1;
	if (w->report->fault != CHAIN_WHOLE)
		return 0;
	remember(w);
	w->report->records++;
	return verify_advance(w, w->link.kind, err);
}

/* Check the row of the chain that was read, which is to have the number EXPECTED. */
static int
check_link(struct walk *w, int64_t expected, struct err *err)
{
	const struct link *l = &w->link;

	if (l->seq != expected)
		return fault_gap(w, expected, err);
	if (l->kind < 1 || l->kind > RECORD_KINDS)
		return fault_link(w, "is of no kind that there is");
	if (l->columns < 2 || l->columns > COLUMNS_MAX)
		return fault_link(w, "has no digest or no columns");
	if (!w->cursors[l->kind].there || w->cursors[l->kind].ref > l->ref)
		return fault_absent(w, err);
	if (w->cursors[l->kind].ref < l->ref)
		return fault_unchained(w, l->kind, err);
	return check_record(w, err);
}

/* -- The whole -- */

/* All rows of the chain are right: see that it has its end, and each record its row. */
static int
check_end(struct walk *w, struct err *err)
{
	struct chain_report *r = w->report;
	struct digest seal;

	if (w->headless)
		return fault_end(w, "the head of the chain is gone", err);
	if (w->head.seq > r->seq)
		return fault_end(w, "the end of the chain was cut off", err);
	for (int kind = 1; kind <= RECORD_KINDS; kind++) {
		if (w->cursors[kind].there)
			return fault_unchained(w, (enum record_kind)kind, err);
	}
	chain_head_seal(&seal, keys_chain(&w->keys, w->head.seq), w->head.seq, &w->head.digest);
	if (w->head.seq != r->seq || !crypto_equal(&w->head.digest, &r->head, sizeof(r->head)) ||
	    !crypto_equal(&seal, &w->head.seal, sizeof(seal)))
		return fault_end(w, "the head of the chain was altered", err);
	return 0;
}

static int
walk(struct walk *w, struct err *err)
{
	struct chain_report *r = w->report;
	int rc;

	while ((rc = verify_next_link(w, err)) == 1) {
		int64_t expected = r->seq + 1;

		r->seq = w->link.seq;
		if (check_link(w, expected, err) == -1)
			return -1;
		if (r->fault != CHAIN_WHOLE)
			return 0;
		w->previous = r->head = w->link.digest;
		if (w->how->each != NULL)
			w->how->each(w->link.seq, &w->link.digest, w->last_ms, w->how->arg);
		if (w->how->progress != NULL && r->seq % PROGRESS_EVERY == 0 && w->head.seq > 0)
			w->how->progress((double)r->seq / (double)w->head.seq, w->how->arg);
	}
	return rc == -1 ? -1 : check_end(w, err);
}

static int
begin(struct walk *w, struct err *err)
{
	static const char text[] = "SELECT seq, kind, ref, columns, digest FROM chain ORDER BY seq";

	if (chain_read_head(w->st, &w->head, err) == -1) {
		if (err->code != ERR_DAMAGED)
			return -1;
		w->headless = true;
	}
	if (keys_read(&w->keys, err) ==
	    -1) /* after the head: new keys are in the file before they seal anything */
		return -1;
	for (int kind = 1; kind <= RECORD_KINDS; kind++) {
		sql_start(&w->cursors[kind].q, w->st, record_table((enum record_kind)kind)->walk);
		sql_int(&w->cursors[kind].q, INT64_MIN);
		if (verify_advance(w, (enum record_kind)kind, err) == -1)
			return -1;
	}
	sql_start(&w->chain, w->st, text);
	return 0;
}

static void
end(struct walk *w)
{
	sql_end(&w->chain);
	for (int kind = 1; kind <= RECORD_KINDS; kind++)
		sql_end(&w->cursors[kind].q);
	record_fini(&w->record);
	keys_fini(&w->keys);
}

int
store_chain_verify(
    struct store *st, const struct chain_verify *how, struct chain_report *report, struct err *err)
{
	struct walk w = { .st = st, .how = how, .report = report };
	int rc;

	*report = (struct chain_report){ 0 };
	*err = (struct err){ 0 };
	if (keys_init(&w.keys, st->path, err) == -1)
		return -1;
	record_init(&w.record);
	rc = store_savepoint(st, err); /* all as of one moment */
	if (rc == 0) {
		rc = begin(&w, err);
		if (rc == 0)
			rc = walk(&w, err);
		end(&w);
		if (rc == -1)
			store_rollback_to(st);
		else
			rc = store_release(st, err);
	}
	return rc;
}
