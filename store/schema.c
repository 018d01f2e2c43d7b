#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "store/link.h"
#include "store/sql.h"

#define APPLICATION_ID 0x48414d4c /* "HAML": what the file is, for file(1) and for us */
#define WAL_PAUSE_MS 5

/*
 * Schema N is made from schema N - 1 by the Nth entry.  What was once released is never changed: databases
 * out there were made with it.
 *
 * verdict: appended to at full speed, so no index may take insertions all over a big tree.  Ids ascend.
 * Fingerprints don't, so verdict_match sorts them by runs of 512 verdicts, at most 4 pages, and a look-up
 * goes from run to run; each page more is one that every transaction logs and syncs.  verdict_run stands in
 * for an index on time: it says from which seq on the verdicts are of which hour and model.
 *
 * example: a log, never updated.  An event can be replaced once, so that the events always add up to the
 * counts.
 */
static const char *const migrations[] = {
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"

	"CREATE TABLE site ("
	"  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, url TEXT NOT NULL, key_digest BLOB UNIQUE,"
	"  spam_threshold REAL NOT NULL DEFAULT 0, rate_per_minute INTEGER NOT NULL DEFAULT 0,"
	"  created_ms INTEGER NOT NULL, removed_ms INTEGER NOT NULL DEFAULT 0,"
	"  CHECK (key_digest IS NULL OR length(key_digest) = 32));"
	"INSERT INTO site (id, name, url, created_ms)"
	"  VALUES (1, 'default', '', CAST(strftime('%s', 'now') AS INTEGER) * 1000);"

	"CREATE TABLE model_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
	"CREATE TABLE verdict ("
	"  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, time_ms INTEGER NOT NULL,"
	"  site INTEGER NOT NULL REFERENCES site (id), model INTEGER NOT NULL REFERENCES model_name (id),"
	"  verdict INTEGER NOT NULL CHECK (verdict BETWEEN 0 AND 2), discard INTEGER NOT NULL, test INTEGER "
	"NOT NULL,"
	"  fingerprint INTEGER NOT NULL, probability REAL NOT NULL, prior REAL NOT NULL,"
	"  client TEXT NOT NULL, forced TEXT NOT NULL,"
	"  author TEXT, email TEXT, url TEXT, content TEXT, ip TEXT, user_agent TEXT, referrer TEXT, "
	"permalink TEXT,"
	"  type TEXT, date TEXT, lang TEXT, title TEXT, honeypot TEXT, user_role TEXT, context TEXT,"
	"  evidence BLOB NOT NULL);"
	"CREATE INDEX verdict_match ON verdict (seq >> 12, fingerprint);"
	"CREATE TABLE verdict_run (seq INTEGER PRIMARY KEY, hour INTEGER NOT NULL);"

	"CREATE TABLE example ("
	"  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, time_ms INTEGER NOT NULL,"
	"  label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 2), replaces INTEGER REFERENCES example (seq),"
	"  site INTEGER REFERENCES site (id), fingerprint INTEGER NOT NULL,"
	"  origin TEXT NOT NULL, who TEXT NOT NULL, verdict_id TEXT, source TEXT NOT NULL,"
	"  author TEXT, email TEXT, url TEXT, content TEXT, ip TEXT, user_agent TEXT, referrer TEXT, "
	"permalink TEXT,"
	"  type TEXT, date TEXT, lang TEXT, title TEXT, honeypot TEXT, user_role TEXT, context TEXT,"
	"  CHECK (replaces < seq));"
	"CREATE UNIQUE INDEX example_replaces ON example (replaces) WHERE replaces IS NOT NULL;"
	"CREATE INDEX example_match ON example (fingerprint);"
	"CREATE INDEX example_label ON example (label);"
	"CREATE INDEX example_verdict ON example (verdict_id, label) WHERE verdict_id IS NOT NULL;"

	"CREATE TABLE model ("
	"  id TEXT NOT NULL UNIQUE, parent TEXT NOT NULL, kind TEXT NOT NULL, created_ms INTEGER NOT NULL,"
	"  who TEXT NOT NULL, spam INTEGER NOT NULL, ham INTEGER NOT NULL, tokens INTEGER NOT NULL,"
	"  bytes INTEGER NOT NULL, position INTEGER NOT NULL, spam_threshold REAL NOT NULL,"
	"  unsure_threshold REAL NOT NULL, blocked_ham_budget REAL NOT NULL, figures TEXT NOT NULL,"
	"  pruned_ms INTEGER NOT NULL);",

	/* What a site says of its comments is counted for that site; what was said before, for everybody. */
	"ALTER TABLE example ADD COLUMN scope INTEGER NOT NULL DEFAULT 0 CHECK (scope BETWEEN 0 AND 2);"
	"ALTER TABLE site ADD COLUMN spam_share REAL NOT NULL DEFAULT 0;"
	"ALTER TABLE site ADD COLUMN estimated_share REAL NOT NULL DEFAULT 0;"
	"ALTER TABLE site ADD COLUMN shares INTEGER NOT NULL DEFAULT 0;",

	/* What each day was like, so that one out of the ordinary stands out. */
	"ALTER TABLE verdict ADD COLUMN known REAL;"
	"CREATE TABLE daily ("
	"  site INTEGER NOT NULL REFERENCES site (id), day INTEGER NOT NULL, verdicts INTEGER NOT NULL,"
	"  unsure INTEGER NOT NULL, spam INTEGER NOT NULL, corrections INTEGER NOT NULL,"
	"  measured INTEGER NOT NULL, unknown REAL NOT NULL, sampled INTEGER NOT NULL,"
	"  fields TEXT NOT NULL, model TEXT NOT NULL, PRIMARY KEY (site, day)) WITHOUT ROWID;",
	/*
	 * The chain: chain.h.  model becomes a log too, numbered, with what was pruned beside it.
	 * chain_found() follows in the same transaction.
	 */
	"CREATE TABLE chain ("
	"  seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, ref INTEGER NOT NULL, columns INTEGER NOT NULL,"
	"  digest BLOB NOT NULL);"
	"CREATE TABLE chain_head ("
	"  one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, digest BLOB NOT NULL,"
	"  seal BLOB NOT NULL);"
	"CREATE TABLE event ("
	"  seq INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL,"
	"  detail TEXT NOT NULL);"

	"ALTER TABLE verdict ADD COLUMN content_seal BLOB;"
	"ALTER TABLE verdict ADD COLUMN person_seal BLOB;"
	"ALTER TABLE verdict ADD COLUMN address_seal BLOB;"
	"ALTER TABLE verdict ADD COLUMN fingerprint_seal BLOB;"
	"ALTER TABLE verdict ADD COLUMN evidence_seal BLOB;"
	"UPDATE verdict SET content_seal = randomblob(16), person_seal = randomblob(16),"
	"  address_seal = randomblob(16), fingerprint_seal = randomblob(16), evidence_seal = randomblob(16);"
	"ALTER TABLE example ADD COLUMN content_seal BLOB;"
	"ALTER TABLE example ADD COLUMN person_seal BLOB;"
	"ALTER TABLE example ADD COLUMN address_seal BLOB;"
	"ALTER TABLE example ADD COLUMN fingerprint_seal BLOB;"
	"UPDATE example SET content_seal = randomblob(16), person_seal = randomblob(16),"
	"  address_seal = randomblob(16), fingerprint_seal = randomblob(16);"

	"ALTER TABLE model RENAME TO model_before;"
	"CREATE TABLE model ("
	"  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, parent TEXT NOT NULL, kind TEXT NOT NULL,"
	"  created_ms INTEGER NOT NULL, who TEXT NOT NULL, spam INTEGER NOT NULL, ham INTEGER NOT NULL,"
	"  tokens INTEGER NOT NULL, bytes INTEGER NOT NULL, position INTEGER NOT NULL,"
	"  spam_threshold REAL NOT NULL, unsure_threshold REAL NOT NULL, blocked_ham_budget REAL NOT NULL,"
	"  figures TEXT NOT NULL);"
	"CREATE INDEX model_id ON model (id);"
	"CREATE TABLE pruning ("
	"  seq INTEGER PRIMARY KEY, model INTEGER NOT NULL UNIQUE REFERENCES model (seq),"
	"  time_ms INTEGER NOT NULL);"
	"INSERT INTO model SELECT rowid, id, parent, kind, created_ms, who, spam, ham, tokens, bytes, "
	"position,"
	"  spam_threshold, unsure_threshold, blocked_ham_budget, figures FROM model_before ORDER BY rowid;"
	"INSERT INTO pruning (model, time_ms) SELECT rowid, pruned_ms FROM model_before WHERE pruned_ms <> 0;"
	"DROP TABLE model_before;",
	/* Why a comment was checked once more, or beforehand: such checks aren't counted as comments. */
	"ALTER TABLE verdict ADD COLUMN occasion TEXT NOT NULL DEFAULT '';",

	/* A run is of one model too (NULL: of any), so that the verdicts of a model are found without an
	   index. */
	"ALTER TABLE verdict_run ADD COLUMN model INTEGER;",

	/* What a model was made of, and why it was built but not made current. */
	"ALTER TABLE model ADD COLUMN corpus TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE model ADD COLUMN withheld TEXT NOT NULL DEFAULT '';",
	/* What retention looks for: few examples have addresses for long. */
	"CREATE INDEX example_addresses ON example (coalesce(site, 0), time_ms)"
	"  WHERE length(address_seal) = 16 AND (ip IS NOT NULL OR user_agent IS NOT NULL OR referrer IS NOT "
	"NULL);",
	/* By which program a model was made: another one might not make the same of the same examples. */
	"ALTER TABLE model ADD COLUMN maker TEXT NOT NULL DEFAULT '';"
	"CREATE INDEX verdict_run_model ON verdict_run (model);",
	/* Runs of 4,096 were some 20 pages, most of them changed by every transaction. */
	"DROP INDEX verdict_match;"
	"CREATE INDEX verdict_match ON verdict (seq >> 9, fingerprint);",
};

#define CHAIN_VERSION 4 /* the schema that has the chain's tables first */
#define SCHEMA_VERSION ((int64_t)(sizeof(migrations) / sizeof(migrations[0])))

struct state {
	int64_t version, application, tables;
};

static int
get_number(struct store *st, const char *text, int64_t *out, struct err *err)
{
	struct sql q;

	sql_start(&q, st, text);
	*out = 0;
	switch (sql_next(&q, err)) {
	case -1:
		return -1;
	case 1:
		*out = sql_get_int(&q);
	}
	sql_end(&q);
	return 0;
}

static int
read_state(struct store *st, struct state *s, struct err *err)
{
	static const char version[] = "PRAGMA user_version";
	static const char application[] = "PRAGMA application_id";
	static const char tables[] = "SELECT count(*) FROM sqlite_schema";

	if (get_number(st, version, &s->version, err) == -1 ||
	    get_number(st, application, &s->application, err) == -1)
		return -1;
	return get_number(st, tables, &s->tables, err);
}

/* Fill *S as of one moment: another process may be migrating. */
static int
get_state(struct store *st, struct state *s, struct err *err)
{
	if (store_savepoint(st, err) == -1)
		return -1;
	if (read_state(st, s, err) == -1) {
		store_rollback_to(st);
		return -1;
	}
	return store_release(st, err);
}

/* Refuse what isn't ours or can't be read by this program. */
static int
check_state(struct store *st, const struct state *s, struct err *err)
{
	bool fresh = s->version == 0 && s->application == 0 && s->tables == 0;

	if (!fresh && s->application != APPLICATION_ID)
		return err_set(err, ERR_DAMAGED, "%s: a database, but not Hamlet's", st->path);
	if (s->version > SCHEMA_VERSION)
		return err_set(err, ERR_DAMAGED,
		    "%s: made by a newer Hamlet (its schema is %" PRId64 ", this program knows up to %" PRId64
		    ")",
		    st->path, s->version, SCHEMA_VERSION);
	if (s->version < 0 || (s->version == 0) != fresh)
		return err_set(err, ERR_DAMAGED, "%s: its schema has the impossible number %" PRId64,
		    st->path, s->version);
	return 0;
}

/* Take one step inside the open transaction; another process may have taken it just before. */
static int
step(struct store *st, struct err *err)
{
	char set[128];
	struct state s;

	if (get_state(st, &s, err) == -1 || check_state(st, &s, err) == -1)
		return -1;
	if (s.version == SCHEMA_VERSION)
		return 0;
	snprintf(set, sizeof(set), "PRAGMA user_version = %" PRId64 "; PRAGMA application_id = %d",
	    s.version + 1, APPLICATION_ID);
	if (sql_exec(st, migrations[s.version], err) == -1)
		return err_prefix(err, "migration %" PRId64, s.version + 1);
	if (s.version + 1 == CHAIN_VERSION && chain_found(st, err) == -1)
		return -1;
	return sql_exec(st, set, err);
}

static int
migrate(struct store *st, struct state *s, struct err *err)
{
	while (s->version < SCHEMA_VERSION) {
		if (store_begin(st, err) == -1)
			return -1;
		if (step(st, err) == -1) {
			store_rollback(st);
			return -1;
		}
		if (store_commit(st, err) == -1 || get_state(st, s, err) == -1)
			return -1;
	}
	return 0;
}

/* WAL is a property of the file: set once, it stays. */
static int
try_wal(struct store *st, struct err *err)
{
	static const char text[] = "PRAGMA journal_mode = WAL";
	struct sql q;
	int rc;
	bool wal;

	sql_start(&q, st, text);
	rc = sql_next(&q, err);
	if (rc == -1)
		return -1;
	wal = rc == 1 && slice_is(slice_of(sql_get_str(&q)), "wal");
	sql_end(&q);
	if (!wal)
		return err_set(err, ERR_IO, "%s: this file system can't hold a write-ahead log", st->path);
	return 0;
}

/*
 * Of two that set it at the same moment SQLite refuses one without calling its busy handler, as each would
 * wait for the other's read lock.
 */
static int
use_wal(struct store *st, int busy_ms, struct err *err)
{
	const struct timespec pause = { 0, WAL_PAUSE_MS * 1000 * 1000 };
	struct err why = { 0 };

	while (try_wal(st, &why) == -1) {
		if (why.code != ERR_BUSY || busy_ms <= 0)
			return err_set(err, why.code, "%s", why.text);
		nanosleep(&pause, NULL);
		busy_ms -= WAL_PAUSE_MS;
	}
	return 0;
}

int
schema_prepare(struct store *st, enum store_mode mode, int busy_ms, struct err *err)
{
	const int64_t least = mode == STORE_COPY ? CHAIN_VERSION : SCHEMA_VERSION;
	struct state s;

	if (get_state(st, &s, err) == -1 || check_state(st, &s, err) == -1)
		return -1;
	if (mode != STORE_WRITE && s.version < least)
		return err_set(err, ERR_REFUSED,
		    "%s: its schema is %" PRId64 ", %" PRId64
		    " is needed: it must be opened for writing once",
		    st->path, s.version, least);
	if (mode != STORE_WRITE)
		return 0;
	if (s.version == 0 && sql_exec(st, "PRAGMA page_size = 4096", err) == -1)
		return -1;
	if (use_wal(st, busy_ms, err) == -1)
		return -1;
	return migrate(st, &s, err);
}
