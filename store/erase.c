#include "config.h"

#include <string.h>

#include "store/chain.h"
#include "store/link.h"

#define ERASE(table, set, seal) "UPDATE " table " SET " set ", " seal " = ?2 WHERE seq = ?1"
#define CONTENT(table)                                                                                       \
	ERASE(table,                                                                                         \
	    "content = NULL, permalink = NULL, type = NULL, date = NULL, lang = NULL, title = NULL, "        \
	    "honeypot = NULL, user_role = NULL, context = NULL",                                             \
	    "content_seal")
#define PERSON(table) ERASE(table, "author = NULL, email = NULL, url = NULL", "person_seal")
#define ADDRESS(table) ERASE(table, "ip = NULL, user_agent = NULL, referrer = NULL", "address_seal")
#define FINGERPRINT(table) ERASE(table, "fingerprint = 0", "fingerprint_seal")

static const char *
erasing(enum record_kind kind, enum part part)
{
	static const char verdict_content[] = CONTENT("verdict");
	static const char verdict_person[] = PERSON("verdict");
	static const char verdict_address[] = ADDRESS("verdict");
	static const char verdict_fingerprint[] = FINGERPRINT("verdict");
	static const char verdict_evidence[] = ERASE("verdict", "evidence = ''", "evidence_seal");
	static const char example_content[] = CONTENT("example");
	static const char example_person[] = PERSON("example");
	static const char example_address[] = ADDRESS("example");
	static const char example_fingerprint[] = FINGERPRINT("example");
	static const char *const texts[][PARTS] = {
		{ verdict_content, verdict_person, verdict_address, verdict_fingerprint, verdict_evidence },
		{ example_content, example_person, example_address, example_fingerprint, NULL },
	};

	return texts[kind == RECORD_EXAMPLE][part];
}

/* Read the record REF of KIND into R. */
static int
read_record(struct store *st, enum record_kind kind, int64_t ref, struct record *r, struct err *err)
{
	struct sql q;
	int rc;

	sql_start(&q, st, record_table(kind)->walk);
	sql_int(&q, ref);
	rc = sql_next(&q, err);
	if (rc == 1 && sql_get_int(&q) != ref)
		rc = 0;
	if (rc == 1) {
		record_begin(r, kind);
		sql_get_record(&q, COLUMNS_MAX, r);
	}
	sql_end(&q);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "%s: no such %s", st->path, record_table(kind)->name);
	return rc == -1 ? -1 : 0;
}

static int
erase_part(struct store *st, const struct record *r, int64_t ref, enum part part, struct err *err)
{
	unsigned char seal[ERASED_BYTES];
	struct digest d;
	struct sql q;

	if (r->seal_bytes[part] != SALT_BYTES)
		return err_set(err, ERR_DAMAGED, "%s: %s %lld has no salt for a part that isn't erased",
		    st->path, r->table->name, (long long)ref);
	if (!buf_ok(&r->part[part]))
		return err_set(err, ERR_NOMEM, "%s: out of memory", st->path);
	record_part_digest(r, part, &d);
	memcpy(seal, d.bytes, DIGEST_BYTES);
	record_proof(seal + DIGEST_BYTES, keys_chain(&st->chain->keys, INT64_MAX), r, ref, part, &d);
	sql_start(&q, st, erasing(r->kind, part));
	sql_int(&q, ref);
	sql_blob(&q, seal, sizeof(seal));
	return sql_run(&q, err);
}

static int
erase(struct store *st, enum record_kind kind, int64_t ref, unsigned parts, struct err *err)
{
	struct record *r = &st->chain->record;

	if ((parts & (PART_SET(PART_CONTENT) | PART_SET(PART_PERSON))) != 0)
		parts |= PART_SET(PART_FINGERPRINT);
	if (keys_refresh(&st->chain->keys, err) == -1 || read_record(st, kind, ref, r, err) == -1)
		return -1;
	for (int part = 0; part < r->table->parts; part++) {
		if ((parts & PART_SET(part)) == 0 || record_erased(r, (enum part)part))
			continue;
		if (erase_part(st, r, ref, (enum part)part, err) == -1)
			return -1;
	}
	return 0;
}

static int
erase_whole(struct store *st, enum record_kind kind, int64_t ref, unsigned parts, struct err *err)
{
	bool own;

	if (chain_begin_own(st, &own, err) == -1)
		return -1;
	return chain_end_own(st, own, erase(st, kind, ref, parts, err), err);
}

int
store_verdict_erase(struct store *st, int64_t seq, unsigned parts, struct err *err)
{
	return erase_whole(st, RECORD_VERDICT, seq, parts, err);
}

int
store_example_erase(struct store *st, int64_t seq, unsigned parts, struct err *err)
{
	return erase_whole(st, RECORD_EXAMPLE, seq, parts, err);
}

int
store_verdict_erased(struct store *st, const char *id, unsigned *parts, struct err *err)
{
	static const char text[] =
	    "SELECT content_seal, person_seal, address_seal, fingerprint_seal, evidence_seal FROM verdict "
	    "WHERE id = ?1";
	struct sql q;
	int rc;

	*parts = 0;
	sql_start(&q, st, text);
	sql_str(&q, id);
	rc = sql_next(&q, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "verdict %.40s: there is none with this id", id);
	for (int i = 0; rc == 1 && i < PARTS; i++) {
		if (sql_get_slice(&q).n == ERASED_BYTES)
			*parts |= PART_SET(i);
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}
