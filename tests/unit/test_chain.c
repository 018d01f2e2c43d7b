#include "config.h"

#include <sys/stat.h>

#include "store/chain.h"
#include "store/link.h"
#include "tests/unit/store_fixture.h"

/* Damage done in SQL, by somebody without the key, must be found and the record named. */

static const char *const chained[] = { "verdict", "example", "model", "model_name", "pruning", "event" };
#define CHAINED (sizeof(chained) / sizeof(chained[0]))

static void
add_model(struct fixture *f, const char *id)
{
	const struct model_row row = {
		.id = id,
		.parent = "parent",
		.kind = "learn",
		.created_ms = NOW,
		.who = "root",
		.spam = 3,
		.ham = 4,
		.tokens = 100,
		.bytes = 1000,
		.position = 7,
		.spam_threshold = 0.75,
		.unsure_threshold = 0.5,
		.blocked_ham_budget = 0.005,
		.figures = "{}",
	};
	struct err err = { 0 };

	if (store_model_add(f->st, &row, &err) == -1)
		fail_msg("%s", err.text);
}

/* Five records of each kind, mixed. */
static void
fill(struct fixture *f)
{
	struct err err = { 0 };
	char name[32];

	for (int i = 0; i < 5; i++) {
		struct verdict_row verdict = verdict_of(f, NOW + i, VERDICT_SPAM);
		struct example_row example = example_of(f, NOW + i, LABEL_SPAM, 0);

		snprintf(name, sizeof(name), "model%d", i);
		verdict.model = name;
		odd_comment(&verdict.comment);
		odd_comment(&example.comment);
		verdict.comment.field[COMMENT_CONTENT] = slice_of(name);
		example.verdict_id = "01J";
		add_verdict(f, &verdict);
		add_example(f, &example);
		add_model(f, name);
		assert_int_equal(store_model_pruned(f->st, name, NOW, &err), 0);
		assert_int_equal(store_event_add(f->st, "test", "root", "{\"n\":1}", &err), 0);
	}
}

static void
setup_filled(void **state, struct fixture **f)
{
	*f = *state;
	fill(*f);
}

static struct chain_report
verify(struct fixture *f)
{
	const struct chain_verify how = { 0 };
	struct chain_report report;
	struct err err;

	if (store_chain_verify(f->st, &how, &report, &err) == -1)
		fail_msg("%s", err.text);
	return report;
}

static void
assert_whole(struct fixture *f)
{
	struct chain_report r = verify(f);

	if (r.fault != CHAIN_WHOLE)
		fail_msg("%s", r.text);
}

/* Return whether TABLE isn't as its copy. */
static bool
differs(sqlite3 *db, const char *table)
{
	sqlite3_stmt *s;
	char sql[200];
	bool any;

	snprintf(sql, sizeof(sql), "SELECT * FROM main.%s EXCEPT SELECT * FROM old_%s", table, table);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	any = sqlite3_step(s) == SQLITE_ROW;
	sqlite3_finalize(s);
	return any;
}

/* Do SQL, verify, and undo it; *CHANGED (or NULL) is whether TABLE was changed by it. */
static struct chain_report
damaged_in(struct fixture *f, const char *sql, const char *table, bool *changed)
{
	static const char *const saved[] = { "verdict", "example", "model", "model_name", "pruning", "event",
		"chain", "chain_head" };
	struct chain_report r;
	sqlite3 *db = raw_open(f);
	char text[256];

	raw(db, "PRAGMA foreign_keys = OFF");
	raw(db, "PRAGMA synchronous = OFF");
	raw(db, "PRAGMA ignore_check_constraints = ON");
	for (size_t i = 0; i < sizeof(saved) / sizeof(saved[0]); i++) {
		snprintf(text, sizeof(text), "CREATE TEMP TABLE old_%s AS SELECT * FROM main.%s", saved[i],
		    saved[i]);
		raw(db, text);
	}
	raw(db, sql);
	r = verify(f);
	if (changed != NULL)
		*changed = differs(db, table);
	for (size_t i = 0; i < sizeof(saved) / sizeof(saved[0]); i++) {
		snprintf(text, sizeof(text), "DELETE FROM main.%s; INSERT INTO main.%s SELECT * FROM old_%s",
		    saved[i], saved[i], saved[i]);
		raw(db, text);
	}
	sqlite3_close(db);
	return r;
}

static struct chain_report
damaged(struct fixture *f, const char *sql)
{
	return damaged_in(f, sql, NULL, NULL);
}

static void
assert_fault(
    const struct chain_report *r, enum chain_fault fault, const char *kind, int64_t ref, const char *what)
{
	if (r->fault != fault || (kind != NULL && (r->kind == NULL || strcmp(r->kind, kind) != 0)) ||
	    (kind != NULL && r->ref != ref))
		fail_msg("%s: fault %d, %s %lld: %s", what, (int)r->fault, r->kind != NULL ? r->kind : "-",
		    (long long)r->ref, r->text);
}

static void
verifies_what_was_recorded(void **state)
{
	struct chain_report r;
	struct fixture *f;

	assert_whole(*state);
	setup_filled(state, &f);
	r = verify(f);
	assert_int_equal(r.fault, CHAIN_WHOLE);
	assert_int_equal(r.records, 30);
	assert_int_equal(r.seq, 30);
	store_close(f->st);
	f->st = NULL;
	assert_int_equal(open_store(&f->st, f->path, STORE_READ, &(struct err){ 0 }), 0);
	assert_whole(f);
}

/* Return the name of the column I of TABLE, to be freed; NULL past the last. */
static char *
column_name(struct fixture *f, const char *table, int i)
{
	char sql[160];

	snprintf(sql, sizeof(sql), "SELECT name FROM pragma_table_info('%s') WHERE cid = %d", table, i);
	return raw_text(f, sql);
}

/* What a column is set to; NULL: its own value and a bit more. */
static const char *const edits[] = { NULL, "NULL", "''", "0", "'x'", "x'00'",
	"x'00112233445566778899aabbccddeeff'" };

/* Try all edits on the column NAME of TABLE; return how many of them changed something. */
static int
edit_column(struct fixture *f, const char *table, const char *name)
{
	const char *key = strcmp(table, "model_name") == 0 ? "id" : "seq";
	char value[200], sql[400];
	struct chain_report r;
	bool changed;
	int n = 0;

	for (size_t e = 0; e < sizeof(edits) / sizeof(edits[0]); e++) {
		snprintf(value, sizeof(value),
		    "CASE WHEN typeof(%s) IN ('integer', 'real') THEN %s + 1 ELSE %s || 'x' END", name, name,
		    name);
		snprintf(sql, sizeof(sql), "UPDATE OR IGNORE %s SET %s = %s WHERE %s = 3", table, name,
		    edits[e] != NULL ? edits[e] : value, key);
		r = damaged_in(f, sql, table, &changed);
		assert_fault(&r, changed ? CHAIN_ALTERED : CHAIN_WHOLE, changed ? table : NULL, 3, sql);
		n += changed;
	}
	return n;
}

/* Whatever the column, and whatever the value. */
static void
finds_every_edit_of_every_column(void **state)
{
	struct fixture *f;
	char *name;

	setup_filled(state, &f);
	for (size_t t = 0; t < CHAINED; t++) {
		for (int c = 1; (name = column_name(f, chained[t], c)) != NULL; c++) {
			if (edit_column(f, chained[t], name) == 0)
				fail_msg("%s.%s: nothing changed it", chained[t], name);
			free(name);
		}
	}
	assert_whole(f);
}

static void
finds_rows_deleted_inserted_and_swapped(void **state)
{
	struct chain_report r;
	struct fixture *f;
	char sql[800];

	setup_filled(state, &f);
	for (size_t t = 0; t < CHAINED; t++) {
		const char *name = chained[t], *key = strcmp(name, "model_name") == 0 ? "id" : "seq";

		snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s = 3", name, key);
		r = damaged(f, sql);
		assert_fault(&r, CHAIN_MISSING, name, 3, sql);
		snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s = 5", name, key);
		r = damaged(f, sql);
		assert_fault(&r, CHAIN_MISSING, name, 5, sql);
		snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s > 1", name, key);
		r = damaged(f, sql);
		assert_fault(&r, CHAIN_MISSING, name, 2, sql);
		snprintf(sql, sizeof(sql),
		    "UPDATE %s SET %s = -1 WHERE %s = 3; UPDATE %s SET %s = 3 WHERE %s = 4; "
		    "UPDATE %s SET %s = 4 WHERE %s = -1",
		    name, key, key, name, key, key, name, key, key);
		r = damaged(f, sql);
		assert_fault(&r, CHAIN_REORDERED, name, 3, sql);
		snprintf(sql, sizeof(sql), "UPDATE %s SET %s = 17 WHERE %s = 3", name, key, key);
		r = damaged(f, sql);
		assert_fault(&r, CHAIN_MISSING, name, 3, sql);
	}
}

static void
finds_rows_inserted(void **state)
{
	static const char *const inserts[] = {
		"INSERT INTO verdict (id, time_ms, site, model, verdict, discard, test, fingerprint, "
		"probability, prior, "
		"client, forced, evidence) VALUES ('x', 1, 1, 1, 0, 0, 0, 1, 0, 0, '', '', '')",
		"INSERT INTO example (id, time_ms, label, fingerprint, origin, who, source) VALUES ('x', 1, "
		"0, 1, '', '', "
		"'')",
		"INSERT INTO model VALUES (NULL, 'x', '', '', 1, '', 1, 1, 1, 1, 1, 0, 0, 0, '', '', '', '')",
		"INSERT INTO model_name (name) VALUES ('x')",
		"INSERT INTO pruning (model, time_ms) VALUES (77, 1)",
		"INSERT INTO event (time_ms, kind, who, detail) VALUES (1, 'x', 'x', '{}')",
	};
	struct chain_report r;
	struct fixture *f;
	char sql[400];

	setup_filled(state, &f);
	for (size_t t = 0; t < CHAINED; t++) {
		const char *name = chained[t], *key = strcmp(name, "model_name") == 0 ? "id" : "seq";

		r = damaged(f, inserts[t]);
		assert_fault(&r, CHAIN_INSERTED, name, 6, inserts[t]);
		/* Under a number that makes it the first, and one that a row of the chain claims to be of. */
		snprintf(
		    sql, sizeof(sql), "%s; UPDATE %s SET %s = -5 WHERE %s = 6", inserts[t], name, key, key);
		r = damaged(f, sql);
		assert_fault(&r, CHAIN_INSERTED, name, -5, sql);
		snprintf(sql, sizeof(sql),
		    "%s; INSERT INTO chain SELECT 31, %d, 6, columns, digest FROM chain WHERE seq = 30",
		    inserts[t], (int)t + 1);
		r = damaged(f, sql);
		assert_fault(&r, CHAIN_ALTERED, name, 6, sql);
	}
}

static void
finds_damage_to_the_chain_itself(void **state)
{
	static const struct {
		const char *sql;
		enum chain_fault fault;
		int64_t seq;
	} all[] = {
		{ "UPDATE chain SET digest = x'00' WHERE seq = 9", CHAIN_LINK, 9 },
		{ "UPDATE chain SET digest = randomblob(32) WHERE seq = 9", CHAIN_LINK, 9 },
		{ "UPDATE chain SET digest = randomblob(32) WHERE seq = 30", CHAIN_LINK, 30 },
		{ "UPDATE chain SET kind = 0 WHERE seq = 9", CHAIN_LINK, 9 },
		{ "UPDATE chain SET kind = 99 WHERE seq = 9", CHAIN_LINK, 9 },
		{ "UPDATE chain SET columns = columns - 1 WHERE seq = 9", CHAIN_ALTERED, 9 },
		{ "UPDATE chain SET columns = 4000000000 WHERE seq = 9", CHAIN_LINK, 9 },
		{ "UPDATE chain SET ref = 77 WHERE seq = 9", CHAIN_LINK, 9 },
		{ "UPDATE chain SET ref = -1 WHERE seq = 9", CHAIN_LINK, 9 },
		{ "DELETE FROM chain WHERE seq = 9", CHAIN_MISSING, 9 },
		{ "DELETE FROM chain WHERE seq = 1", CHAIN_MISSING, 1 },
		{ "DELETE FROM chain WHERE seq = 30", CHAIN_CUT, 29 },
		{ "DELETE FROM chain WHERE seq > 10", CHAIN_CUT, 10 },
		{ "DELETE FROM chain", CHAIN_CUT, 0 },
		{ "DELETE FROM chain_head", CHAIN_CUT, 30 },
		{ "UPDATE chain_head SET seal = randomblob(32)", CHAIN_LINK, 30 },
		{ "UPDATE chain_head SET digest = randomblob(32)", CHAIN_LINK, 30 },
		{ "UPDATE chain_head SET seq = 29", CHAIN_LINK, 30 },
		{ "DELETE FROM chain WHERE seq = 30; DELETE FROM event WHERE seq = 5; UPDATE chain_head SET "
		  "seq = 29, "
		  "digest = (SELECT digest FROM chain WHERE seq = 29)",
		    CHAIN_LINK, 29 },
		{ "UPDATE chain SET seq = -1 WHERE seq = 9; UPDATE chain SET seq = 9 WHERE seq = 10; UPDATE "
		  "chain SET seq = "
		  "10 WHERE seq = -1",
		    CHAIN_ALTERED, 9 },
		{ "UPDATE chain SET seq = seq + 1 WHERE seq = 30", CHAIN_MISSING, 30 },
	};
	struct chain_report r;
	struct fixture *f;

	setup_filled(state, &f);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		r = damaged(f, all[i].sql);
		assert_fault(&r, all[i].fault, NULL, 0, all[i].sql);
		if (r.seq != all[i].seq)
			fail_msg("%s: row %lld: %s", all[i].sql, (long long)r.seq, r.text);
	}
	assert_whole(f);
}

/* What comes after a cut doesn't heal it. */
static void
a_cut_end_shows_for_ever(void **state)
{
	struct err err = { 0 };
	struct chain_report r;
	struct fixture *f;

	setup_filled(state, &f);
	raw_once(f,
	    "DELETE FROM chain WHERE seq > 28; DELETE FROM pruning WHERE seq = 5; DELETE FROM event WHERE "
	    "seq = 5");
	assert_int_equal(store_event_add(f->st, "test", "root", NULL, &err), 0);
	r = verify(f);
	assert_fault(&r, CHAIN_MISSING, NULL, 0, "cut");
	assert_int_equal(r.seq, 29);
}

static void
erases_parts_and_still_verifies(void **state)
{
	struct err err = { 0 };
	struct chain_report r;
	struct fixture *f;

	setup_filled(state, &f);
	assert_int_equal(store_verdict_erase(f->st, 2, PART_SET(PART_ADDRESS), &err), 0);
	assert_raw(f,
	    "SELECT count(*) FROM verdict WHERE seq = 2 AND ip IS NULL AND user_agent IS NULL AND referrer "
	    "IS "
	    "NULL AND length(address_seal) = 48 AND content = 'model1' AND fingerprint = 77",
	    "1");
	assert_whole(f);
	assert_int_equal(store_verdict_erase(f->st, 2, PARTS_PERSONAL, &err), 0);
	assert_int_equal(store_verdict_erase(f->st, 2, PARTS_PERSONAL, &err), 0);
	assert_int_equal(store_example_erase(f->st, 4, PART_SET(PART_PERSON), &err), 0);
	assert_raw(f,
	    "SELECT count(*) FROM verdict WHERE seq = 2 AND content IS NULL AND author IS NULL AND evidence "
	    "= '' "
	    "AND fingerprint = 0 AND probability = 0.25",
	    "1");
	assert_raw(f,
	    "SELECT count(*) FROM example WHERE seq = 4 AND author IS NULL AND email IS NULL AND url IS NULL "
	    "AND "
	    "fingerprint = 0 AND content IS NOT NULL",
	    "1");
	r = verify(f);
	assert_int_equal(r.fault, CHAIN_WHOLE);
	assert_int_equal(r.erased, 5 + 2);
	assert_int_equal(store_verdict_erase(f->st, 99, PARTS_PERSONAL, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

/* The salt of an erased part is gone; what stands there can't be made, copied or filled without the key. */
static void
erasing_needs_the_key(void **state)
{
	static const char *const attempts[] = {
		"UPDATE verdict SET content = 'Something else' WHERE seq = 2",
		"UPDATE verdict SET content_seal = randomblob(48) WHERE seq = 2",
		"UPDATE verdict SET content_seal = substr(content_seal, 1, 32) || randomblob(16) WHERE seq = "
		"2",
		"UPDATE verdict SET content_seal = (SELECT content_seal FROM verdict WHERE seq = 3) WHERE "
		"seq = 2",
		"UPDATE verdict SET person_seal = content_seal WHERE seq = 2",
		"UPDATE verdict SET fingerprint = 5 WHERE seq = 2",
		"UPDATE verdict SET evidence = '[]' WHERE seq = 2",
	};
	struct err err = { 0 };
	struct chain_report r;
	struct fixture *f;

	setup_filled(state, &f);
	assert_int_equal(store_verdict_erase(f->st, 2, PARTS_PERSONAL, &err), 0);
	assert_int_equal(store_verdict_erase(f->st, 3, PARTS_PERSONAL, &err), 0);
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		r = damaged(f, attempts[i]);
		assert_fault(&r, CHAIN_ALTERED, "verdict", 2, attempts[i]);
	}
	assert_whole(f);
}

static void
a_rolled_back_part_leaves_no_link(void **state)
{
	struct fixture *f = *state;
	struct verdict_row row = verdict_of(f, NOW, VERDICT_HAM);
	struct err err = { 0 };

	assert_int_equal(store_begin(f->st, &err), 0);
	add_verdict(f, &row);
	assert_int_equal(store_savepoint(f->st, &err), 0);
	row = verdict_of(f, NOW, VERDICT_HAM);
	add_verdict(f, &row);
	store_rollback_to(f->st);
	row = verdict_of(f, NOW, VERDICT_HAM);
	add_verdict(f, &row);
	assert_int_equal(store_commit(f->st, &err), 0);
	assert_int_equal(store_begin(f->st, &err), 0);
	row = verdict_of(f, NOW, VERDICT_HAM);
	add_verdict(f, &row);
	store_rollback(f->st);
	row = verdict_of(f, NOW, VERDICT_HAM);
	add_verdict(f, &row);
	assert_int_equal(verify(f).records, 4); /* and the model's name */
	assert_whole(f);
}

static void
two_handles_make_one_chain(void **state)
{
	struct fixture *f = *state;
	struct store *other;
	struct err err;

	assert_int_equal(open_store(&other, f->path, STORE_WRITE, &err), 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(store_event_add(f->st, "one", "a", NULL, &err), 0);
		assert_int_equal(store_event_add(other, "two", "b", NULL, &err), 0);
	}
	store_close(other);
	assert_whole(f);
	assert_int_equal(verify(f).records, 10);
}

static void
the_key_is_kept_and_needed(void **state)
{
	struct fixture *f = *state;
	char path[160], moved[160];
	struct store *st;
	struct stat sb;
	struct err err;

	fill(f);
	snprintf(path, sizeof(path), "%s/chain.key", f->dir);
	snprintf(moved, sizeof(moved), "%s/moved.db", f->dir);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(open_store(&st, f->path, STORE_WRITE, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, "chain.key"));
	assert_int_equal(stat(path, &sb), -1);
	assert_int_equal(store_event_add(f->st, "test", "root", NULL, &err), -1);
	assert_int_equal(rename(moved, path), 0);
	assert_int_equal(store_event_add(f->st, "test", "root", NULL, &err), 0);
	assert_whole(f);
}

static void
another_key_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *text = "chain 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
			   "sign 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
	const struct chain_verify how = { 0 };
	struct chain_report r;
	char path[160];
	struct store *st;
	struct err err;
	FILE *file;

	fill(f);
	snprintf(path, sizeof(path), "%s/chain.key", f->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(open_store(&st, f->path, STORE_WRITE, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_int_equal(store_chain_verify(f->st, &how, &r, &err), 0);
	assert_int_not_equal(r.fault, CHAIN_WHOLE);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("chain one two\n", file);
	fclose(file);
	assert_int_equal(open_store(&st, f->path, STORE_WRITE, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, "line 1"));
}

/* New keys are for new rows; what the old ones sealed or erased holds, and handles that were open go over to
 * the new. */
static void
keys_rotate(void **state)
{
	struct err err = { 0 };
	struct chain_report r;
	struct digest head;
	struct fixture *f;
	struct store *other;
	int64_t seq;

	setup_filled(state, &f);
	assert_int_equal(open_store(&other, f->path, STORE_WRITE, &err), 0);
	assert_int_equal(store_verdict_erase(f->st, 1, PARTS_PERSONAL, &err), 0);
	assert_int_equal(store_chain_rotate(other, "root", &err), 0);
	assert_int_equal(store_event_add(f->st, "test", "root", NULL, &err), 0);
	assert_int_equal(store_verdict_erase(f->st, 2, PARTS_PERSONAL, &err), 0);
	assert_int_equal(store_chain_rotate(f->st, "root", &err), 0);
	assert_int_equal(store_event_add(other, "test", "root", NULL, &err), 0);
	assert_int_equal(store_verdict_erase(other, 3, PARTS_PERSONAL, &err), 0);
	store_close(other);
	r = verify(f);
	assert_int_equal(r.fault, CHAIN_WHOLE);
	assert_int_equal(r.records, 34);
	assert_int_equal(r.erased, 15);
	assert_int_equal(store_chain_head(f->st, &seq, &head, &err), 0);
	assert_int_equal(seq, 34);
	assert_memory_equal(&head, &r.head, sizeof(head));
	assert_raw(f, "SELECT count(*) FROM event WHERE kind = 'keys-rotated' AND who = 'root'", "2");
	for (int i = 1; i <= 34; i++) {
		char sql[100];

		snprintf(sql, sizeof(sql), "UPDATE chain SET digest = randomblob(32) WHERE seq = %d", i);
		r = damaged(f, sql);
		assert_int_not_equal(r.fault, CHAIN_WHOLE);
		assert_int_equal(r.seq, i);
	}
	raw_once(f, "UPDATE chain_head SET seal = zeroblob(32)");
	assert_int_equal(store_chain_head(f->st, &seq, &head, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
}

/* Who read the keys a moment before they were changed, and the head after that, looks at the keys again. */
static void
keys_change_while_opening(void **state)
{
	struct err err = { 0 };
	struct fixture *f;
	struct store *other;

	setup_filled(state, &f);
	assert_int_equal(open_store(&other, f->path, STORE_WRITE, &err), 0); /* now it has the old keys */
	assert_int_equal(store_chain_rotate(f->st, "root", &err), 0);
	if (chain_open(other, &err) == -1)
		fail_msg("%s", err.text);
	store_close(other);
}

/* What is signed holds for those bytes and that head's key only. */
static void
signs(void **state)
{
	unsigned char key[SIGN_KEY_BYTES], later[SIGN_KEY_BYTES], signature[SIGNATURE_BYTES];
	struct fixture *f = *state;
	struct err err = { 0 };

	fill(f);
	assert_int_equal(store_chain_rotate(f->st, "root", &err), 0);
	assert_int_equal(store_chain_sign(f->st, 40, "abc", 3, later, signature, &err), 0);
	assert_int_equal(store_chain_sign(f->st, 30, "abc", 3, key, signature, &err), 0);
	assert_memory_not_equal(key, later, sizeof(key));
	assert_true(sign_holds(key, "abc", 3, signature));
	assert_false(sign_holds(key, "abd", 3, signature));
	assert_false(sign_holds(later, "abc", 3, signature));
	signature[5] ^= 1;
	assert_false(sign_holds(key, "abc", 3, signature));
}

/* A database from before there was a chain is chained as it is when it is first opened. */
static void
chains_what_was_there_before(void **state)
{
	struct fixture *f = *state;
	char path[160];
	struct err err;

	fill(f);
	store_close(f->st);
	f->st = NULL;
	raw_once(f,
	    "DROP INDEX example_addresses; DROP TABLE chain; DROP TABLE chain_head; DROP TABLE event; DROP "
	    "INDEX "
	    "model_id;"
	    "ALTER TABLE model DROP COLUMN maker; DROP INDEX verdict_run_model; "
	    "ALTER TABLE model DROP COLUMN corpus; ALTER TABLE model DROP COLUMN withheld; ALTER TABLE "
	    "verdict DROP COLUMN occasion; ALTER TABLE verdict_run DROP COLUMN model; ALTER "
	    "TABLE verdict DROP COLUMN content_seal; ALTER "
	    "TABLE verdict DROP COLUMN person_seal;"
	    "ALTER TABLE verdict DROP COLUMN address_seal; ALTER TABLE verdict DROP COLUMN fingerprint_seal;"
	    "ALTER TABLE verdict DROP COLUMN evidence_seal; ALTER TABLE example DROP COLUMN content_seal;"
	    "ALTER TABLE example DROP COLUMN person_seal; ALTER TABLE example DROP COLUMN address_seal;"
	    "ALTER TABLE example DROP COLUMN fingerprint_seal;"
	    "ALTER TABLE model ADD COLUMN pruned_ms INTEGER NOT NULL DEFAULT 0;"
	    "UPDATE model SET pruned_ms = 5 WHERE seq = 2; DROP TABLE pruning; PRAGMA user_version = 3");
	snprintf(path, sizeof(path), "%s/chain.key", f->dir);
	unlink(path);
	if (open_store(&f->st, f->path, STORE_WRITE, &err) == -1)
		fail_msg("%s", err.text);
	assert_whole(f);
	assert_int_equal(verify(f).records, 5 + 5 + 5 + 5 + 1);
	assert_raw(f, "SELECT time_ms FROM pruning WHERE model = 2", "5");
	assert_int_equal(store_event_add(f->st, "test", "root", NULL, &err), 0);
	assert_whole(f);
}

/* Columns that a later schema adds are covered from then on, and in older records must be as they would be.
 */
static void
later_columns_are_covered(void **state)
{
	struct chain_report r;
	struct fixture *f;

	setup_filled(state, &f);
	raw_once(f,
	    "ALTER TABLE verdict ADD COLUMN later INTEGER NOT NULL DEFAULT 7; ALTER TABLE event ADD COLUMN "
	    "note TEXT; "
	    "ALTER TABLE model ADD COLUMN word TEXT NOT NULL DEFAULT 'x'");
	assert_whole(f);
	raw_once(f, "UPDATE verdict SET later = 8 WHERE seq = 4");
	r = verify(f);
	assert_fault(&r, CHAIN_ALTERED, "verdict", 4, "later");
	raw_once(f, "UPDATE verdict SET later = 7; UPDATE model SET word = '' WHERE seq = 1");
	r = verify(f);
	assert_fault(&r, CHAIN_ALTERED, "model", 1, "word");
	raw_once(f, "UPDATE model SET word = 'x'; UPDATE event SET note = '' WHERE seq = 1");
	r = verify(f);
	assert_fault(&r, CHAIN_ALTERED, "event", 1, "note");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(verifies_what_was_recorded),
		FRESH(finds_every_edit_of_every_column),
		FRESH(finds_rows_deleted_inserted_and_swapped),
		FRESH(finds_rows_inserted),
		FRESH(finds_damage_to_the_chain_itself),
		FRESH(a_cut_end_shows_for_ever),
		FRESH(erases_parts_and_still_verifies),
		FRESH(erasing_needs_the_key),
		FRESH(a_rolled_back_part_leaves_no_link),
		FRESH(two_handles_make_one_chain),
		FRESH(the_key_is_kept_and_needed),
		FRESH(another_key_is_refused),
		FRESH(keys_rotate),
		FRESH(keys_change_while_opening),
		FRESH(signs),
		FRESH(chains_what_was_there_before),
		FRESH(later_columns_are_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
