#include "config.h"

#include <endian.h>
#include <math.h>
#include <string.h>

#include "classifier/comment.h"
#include "store/record.h"

#define WALK(table) "SELECT * FROM " table " WHERE seq >= ?1 ORDER BY seq"

static const struct record_table tables[RECORD_KINDS + 1] = {
	[RECORD_VERDICT] = { .name = "verdict",
	    .walk = WALK("verdict"),
	    .id = 1,
	    .time = 2,
	    .fingerprint = 8,
	    .comment = 13,
	    .evidence = 28,
	    .seals = 30,
	    .parts = PARTS },
	[RECORD_EXAMPLE] = { .name = "example",
	    .walk = WALK("example"),
	    .id = 1,
	    .time = 2,
	    .fingerprint = 6,
	    .comment = 11,
	    .seals = 27,
	    .parts = PART_EVIDENCE },
	[RECORD_MODEL] = { .name = "model", .walk = WALK("model"), .id = 1, .time = 4 },
	[RECORD_MODEL_NAME] = { .name = "model_name",
	    .walk = "SELECT * FROM model_name WHERE id >= ?1 ORDER BY id",
	    .id = 1 },
	[RECORD_PRUNING] = { .name = "pruning", .walk = WALK("pruning"), .time = 2 },
	[RECORD_EVENT] = { .name = "event", .walk = WALK("event"), .id = 2, .time = 1 },
};

static const enum part part_of_field[COMMENT_FIELDS] = {
	[COMMENT_AUTHOR] = PART_PERSON,
	[COMMENT_EMAIL] = PART_PERSON,
	[COMMENT_URL] = PART_PERSON,
	[COMMENT_CONTENT] = PART_CONTENT,
	[COMMENT_IP] = PART_ADDRESS,
	[COMMENT_USER_AGENT] = PART_ADDRESS,
	[COMMENT_REFERRER] = PART_ADDRESS,
	[COMMENT_PERMALINK] = PART_CONTENT,
	[COMMENT_TYPE] = PART_CONTENT,
	[COMMENT_DATE] = PART_CONTENT,
	[COMMENT_LANG] = PART_CONTENT,
	[COMMENT_TITLE] = PART_CONTENT,
	[COMMENT_HONEYPOT] = PART_CONTENT,
	[COMMENT_USER_ROLE] = PART_CONTENT,
	[COMMENT_CONTEXT] = PART_CONTENT,
};
_Static_assert(COMMENT_FIELDS == 15, "a new comment field stands elsewhere in its table, and needs a part");

const struct record_table *
record_table(enum record_kind kind)
{
	return &tables[kind];
}

int
record_part(const struct record_table *t, int column, bool *seal)
{
	*seal = t->seals != 0 && column >= t->seals && column < t->seals + t->parts;
	if (*seal)
		return column - t->seals;
	if (t->comment != 0 && column >= t->comment && column < t->comment + COMMENT_FIELDS)
		return (int)part_of_field[column - t->comment];
	if (t->fingerprint != 0 && column == t->fingerprint)
		return PART_FINGERPRINT;
	return t->evidence != 0 && column == t->evidence ? PART_EVIDENCE : -1;
}

void
record_init(struct record *r)
{
	*r = (struct record){ 0 };
	buf_init(&r->body, BUF_NO_LIMIT);
	buf_init(&r->whole, BUF_NO_LIMIT);
	for (int i = 0; i < PARTS; i++)
		buf_init(&r->part[i], BUF_NO_LIMIT);
}

void
record_fini(struct record *r)
{
	buf_fini(&r->body);
	buf_fini(&r->whole);
	for (int i = 0; i < PARTS; i++)
		buf_fini(&r->part[i]);
}

void
record_begin(struct record *r, enum record_kind kind)
{
	r->kind = kind;
	r->table = &tables[kind];
	r->columns = 1;
	buf_clear(&r->body);
	for (int i = 0; i < r->table->parts; i++) {
		buf_clear(&r->part[i]);
		r->filled[i] = false;
		r->seal_bytes[i] = 0;
	}
}

void
record_salt(struct record *r)
{
	size_t n = (size_t)r->table->parts * SALT_BYTES;
	unsigned char *salts;

	if (r->nrandom < n) {
		crypto_random(r->random, sizeof(r->random));
		r->nrandom = sizeof(r->random);
	}
	salts = r->random + sizeof(r->random) - r->nrandom;
	for (int i = 0; i < r->table->parts; i++) {
		memcpy(r->seal[i], salts + i * SALT_BYTES, SALT_BYTES);
		r->seal_bytes[i] = SALT_BYTES;
	}
	crypto_wipe(salts, n);
	r->nrandom -= n;
}

/* -- Values -- */

static void
put_number(struct buf *b, uint64_t v)
{
	v = htole64(v);
	buf_add(b, &v, sizeof(v));
}

/* Note the next column, which is FILLED or not, and return where its value goes; NULL: it is a seal. */
static struct buf *
next_column(struct record *r, bool filled)
{
	bool seal;
	int part = record_part(r->table, r->columns++, &seal);

	if (seal)
		return NULL;
	if (part == -1)
		return &r->body;
	r->filled[part] = r->filled[part] || filled;
	return &r->part[part];
}

void
record_null(struct record *r)
{
	struct buf *b = next_column(r, false);

	if (b != NULL)
		buf_add_char(b, 'n');
	else
		r->seal_bytes[r->columns - 1 - r->table->seals] = 0;
}

void
record_int(struct record *r, int64_t v)
{
	struct buf *b = next_column(r, r->columns != r->table->fingerprint || v != 0);

	if (b == NULL) {
		r->seal_bytes[r->columns - 1 - r->table->seals] = 0;
		return;
	}
	buf_add_char(b, 'i');
	put_number(b, (uint64_t)v);
}

void
record_real(struct record *r, double v)
{
	struct buf *b;
	uint64_t bits;

	if (isnan(v)) { /* which SQLite doesn't store */
		record_null(r);
		return;
	}
	b = next_column(r, true);
	if (b == NULL) {
		r->seal_bytes[r->columns - 1 - r->table->seals] = 0;
		return;
	}
	if (v == 0)
		v = 0; /* nor does it store the sign of zero */
	memcpy(&bits, &v, sizeof(bits));
	buf_add_char(b, 'd');
	put_number(b, bits);
}

static void
take_seal(struct record *r, int part, const void *p, size_t n)
{
	if (n != SALT_BYTES && n != ERASED_BYTES)
		n = 0;
	if (n > 0)
		memcpy(r->seal[part], p, n);
	r->seal_bytes[part] = n;
}

void
record_bytes(struct record *r, bool text, const void *p, size_t n)
{
	struct buf *b = next_column(r, r->columns != r->table->evidence || n > 0);

	if (b == NULL) {
		take_seal(r, r->columns - 1 - r->table->seals, p, text ? 0 : n);
		return;
	}
	buf_add_char(b, text ? 't' : 'b');
	put_number(b, n);
	buf_add(b, p, n);
}

/* -- Digests -- */

bool
record_erased(const struct record *r, enum part part)
{
	return r->seal_bytes[part] == ERASED_BYTES;
}

void
record_part_digest(const struct record *r, enum part part, struct digest *out)
{
	const struct buf *b = &r->part[part];

	if (record_erased(r, part))
		memcpy(out->bytes, r->seal[part], DIGEST_BYTES);
	else
		digest_bytes(out, b->p, b->n, r->seal[part], SALT_BYTES);
}

void
record_proof(unsigned char out[PROOF_BYTES], const struct digest *key, const struct record *r, int64_t ref,
    enum part part, const struct digest *d)
{
	struct digest whole;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	buf_add_str(&b, "erased");
	put_number(&b, (uint64_t)r->kind);
	put_number(&b, (uint64_t)ref);
	put_number(&b, (uint64_t)part);
	buf_add(&b, d->bytes, sizeof(d->bytes));
	digest_bytes(&whole, b.p, b.n, key->bytes, sizeof(key->bytes));
	memcpy(out, whole.bytes, PROOF_BYTES);
	buf_fini(&b);
}

int
record_link(struct record *r, struct link *l, const struct digest *previous, const struct digest *key)
{
	struct buf *b = &r->whole;
	struct digest d;

	buf_clear(b);
	buf_add(b, previous->bytes, sizeof(previous->bytes));
	put_number(b, (uint64_t)l->seq);
	put_number(b, (uint64_t)l->kind);
	put_number(b, (uint64_t)l->ref);
	put_number(b, (uint64_t)l->columns);
	for (int i = 0; i < r->table->parts; i++) {
		if (!buf_ok(&r->part[i]))
			return -1;
		record_part_digest(r, (enum part)i, &d);
		buf_add(b, d.bytes, sizeof(d.bytes));
	}
	buf_add_slice(b, buf_slice(&r->body));
	if (!buf_ok(b) || !buf_ok(&r->body))
		return -1;
	digest_bytes(&l->digest, b->p, b->n, key->bytes, sizeof(key->bytes));
	return 0;
}
