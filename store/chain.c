#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/link.h"

/* -- The head -- */

void
chain_head_seal(struct digest *out, const struct digest *key, int64_t seq, const struct digest *d)
{
	unsigned char text[4 + 8 + DIGEST_BYTES] = "head";

	for (int i = 0; i < 8; i++)
		text[4 + i] = (unsigned char)((uint64_t)seq >> (8 * i));
	memcpy(text + 12, d->bytes, DIGEST_BYTES);
	digest_bytes(out, text, sizeof(text), key->bytes, sizeof(key->bytes));
}

static void
get_digest(struct sql *q, struct digest *d)
{
	struct slice s = sql_get_slice(q);

	*d = (struct digest){ { 0 } };
	if (s.n == sizeof(d->bytes))
		memcpy(d->bytes, s.p, s.n);
}

int
chain_read_head(struct store *st, struct head *h, struct err *err)
{
	static const char text[] =
	    "SELECT h.seq, h.digest, h.seal, coalesce(c.seq, 0), c.digest "
	    "FROM chain_head h LEFT JOIN chain c ON c.seq = (SELECT max(seq) FROM chain)";
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	rc = sql_next(&q, err);
	if (rc == 0)
		return err_set(err, ERR_DAMAGED, "%s: the head of the record's chain is gone", st->path);
	if (rc == -1)
		return -1;
	h->seq = sql_get_int(&q);
	get_digest(&q, &h->digest);
	get_digest(&q, &h->seal);
	h->last = sql_get_int(&q);
	get_digest(&q, &h->last_digest);
	rc = sql_row_ok(&q, err);
	sql_end(&q);
	return rc;
}

static int
write_head(struct store *st, struct err *err)
{
	static const char text[] =
	    "INSERT INTO chain_head (one, seq, digest, seal) VALUES (1, ?1, ?2, ?3) "
	    "ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, digest = excluded.digest, "
	    "seal = excluded.seal";
	struct chain *c = st->chain;
	struct digest seal;
	struct sql q;

	chain_head_seal(&seal, keys_chain(&c->keys, c->seq), c->seq, &c->digest);
	sql_start(&q, st, text);
	sql_int(&q, c->seq);
	sql_blob(&q, c->digest.bytes, sizeof(c->digest.bytes));
	sql_blob(&q, seal.bytes, sizeof(seal.bytes));
	return sql_run(&q, err);
}

/* The head is what was on record before this transaction, or what this one has added to it. */
int
chain_find_head(struct store *st, struct err *err)
{
	struct chain *c = st->chain;
	struct head h;

	if (chain_read_head(st, &h, err) == -1)
		return -1;
	if (!c->entered) {
		if (keys_refresh(&c->keys, err) == -1)
			return -1;
		c->entered = true;
	}
	c->seq = h.last > h.seq ? h.last : h.seq;
	c->digest = h.last > h.seq ? h.last_digest : h.digest;
	c->known = true;
	return 0;
}

/* -- Adding -- */

struct record *
chain_record(struct store *st, enum record_kind kind)
{
	record_begin(&st->chain->record, kind);
	record_salt(&st->chain->record);
	return &st->chain->record;
}

void
chain_bind_seals(struct sql *q, const struct record *r)
{
	for (int i = 0; i < r->table->parts; i++)
		sql_blob(q, r->seal[i], r->seal_bytes[i]);
}

static int
add_link(struct store *st, const struct link *l, struct err *err)
{
	static const char text[] =
	    "INSERT INTO chain (seq, kind, ref, columns, digest) VALUES (?1, ?2, ?3, ?4, ?5)";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, l->seq);
	sql_int(&q, l->kind);
	sql_int(&q, l->ref);
	sql_int(&q, l->columns);
	sql_blob(&q, l->digest.bytes, sizeof(l->digest.bytes));
	return sql_run(&q, err);
}

int
chain_append(struct store *st, int64_t ref, struct err *err)
{
	struct chain *c = st->chain;
	struct link l;

	if (!c->known && chain_find_head(st, err) == -1)
		return -1;
	l = (struct link){
		.seq = c->seq + 1, .kind = c->record.kind, .ref = ref, .columns = c->record.columns
	};
	if (record_link(&c->record, &l, &c->digest, keys_chain(&c->keys, l.seq)) == -1)
		return err_set(err, ERR_NOMEM, "%s: out of memory", st->path);
	if (add_link(st, &l, err) == -1)
		return -1;
	c->seq = l.seq;
	c->digest = l.digest;
	c->moved = true;
	return 0;
}

/* -- Transactions -- */

void
chain_enter(struct store *st)
{
	if (st->chain != NULL)
		st->chain->entered = st->chain->known = st->chain->moved = false;
}

void
chain_forget(struct store *st)
{
	if (st->chain != NULL)
		st->chain->known = false;
}

int
chain_leave(struct store *st, struct err *err)
{
	struct chain *c = st->chain;

	if (c == NULL || !c->moved)
		return 0;
	if (!c->known && chain_find_head(st, err) == -1)
		return -1;
	return write_head(st, err);
}

int
chain_begin_own(struct store *st, bool *own, struct err *err)
{
	if (st->chain == NULL)
		return err_set(err, ERR_READ_ONLY, "%s: it was opened for reading", st->path);
	*own = !store_in_transaction(st);
	return *own ? store_begin(st, err) : 0;
}

int
chain_end_own(struct store *st, bool own, int rc, struct err *err)
{
	if (!own)
		return rc;
	if (rc == 0)
		return store_commit(st, err);
	store_rollback(st);
	return rc;
}

/* -- Opening -- */

static int
make(struct store *st, struct err *err)
{
	struct chain *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", st->path);
	record_init(&c->record);
	if (keys_init(&c->keys, st->path, err) == -1) {
		free(c);
		return -1;
	}
	st->chain = c;
	return 0;
}

void
chain_close(struct store *st)
{
	if (st->chain == NULL)
		return;
	keys_fini(&st->chain->keys);
	record_fini(&st->chain->record);
	free(st->chain);
	st->chain = NULL;
}

static int
adopt_table(struct store *st, enum record_kind kind, struct err *err)
{
	struct record *r = &st->chain->record;
	int64_t ref;
	struct sql q;
	int rc;

	sql_start(&q, st, record_table(kind)->walk);
	sql_int(&q, INT64_MIN);
	while ((rc = sql_next(&q, err)) == 1) {
		ref = sql_get_int(&q);
		record_begin(r, kind);
		sql_get_record(&q, COLUMNS_MAX, r);
		if (chain_append(st, ref, err) == -1) {
			rc = -1;
			break;
		}
	}
	sql_end(&q);
	return rc;
}

int
chain_found(struct store *st, struct err *err)
{
	struct chain *c;

	if (st->chain == NULL && make(st, err) == -1)
		return -1;
	c = st->chain;
	if ((keys_there(&c->keys) ? keys_read(&c->keys, err) : keys_add(&c->keys, 1, err)) == -1)
		return -1;
	c->entered = c->known = true;
	c->seq = 0;
	c->digest = (struct digest){ { 0 } };
	if (write_head(st, err) == -1)
		return -1;
	for (int kind = 1; kind <= RECORD_KINDS; kind++) {
		if (adopt_table(st, (enum record_kind)kind, err) == -1)
			return -1;
	}
	return 0;
}

static bool
seals(const struct keys *k, const struct head *h)
{
	struct digest seal;

	chain_head_seal(&seal, keys_chain(k, h->seq), h->seq, &h->digest);
	return crypto_equal(&seal, &h->seal, sizeof(seal));
}

int
chain_open(struct store *st, struct err *err)
{
	struct head h;

	if (st->chain == NULL && (make(st, err) == -1 || keys_read(&st->chain->keys, err) == -1))
		return -1;
	if (chain_read_head(st, &h, err) == -1)
		return -1;
	if (seals(&st->chain->keys, &h))
		return 0;
	/* they may have been changed between looking at the one and at the other */
	if (keys_refresh(&st->chain->keys, err) == -1)
		return -1;
	if (seals(&st->chain->keys, &h))
		return 0;
	return err_set(err, ERR_DAMAGED,
	    "%s: not the keys that the record in %s is chained with, or that record's head was altered",
	    st->chain->keys.path, st->path);
}
