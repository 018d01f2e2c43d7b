#ifndef HAMLET_STORE_STORE_H
#define HAMLET_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/ulid.h"
#include "classifier/classify.h"
#include "classifier/comment.h"

/*
 * The record: verdicts, labelled examples, sites and models in one SQLite database (WAL).  One thread a
 * handle.  Rows are filled from and into these structs; strings that come out live in the arena given,
 * strings that go in are borrowed until return.  Errors: ERR_BUSY (locked by another process for longer than
 * the busy limit), ERR_DAMAGED (not a database, or broken), ERR_LIMIT (disk full), ERR_NOT_FOUND,
 * ERR_READ_ONLY, ERR_REFUSED (a constraint), ERR_NOMEM, else ERR_IO; the text names the database file.
 */
struct store;

enum store_mode {
	STORE_READ, /* read-only; the file must exist and be of the current schema */
	STORE_COPY, /* the same, but of any schema that has the chain: for store_backup() and nothing else */
	STORE_WRITE /* made if absent, brought to the current schema */
};

struct store_options {
	enum store_mode mode;
	int busy_ms; /* the longest a call waits for another process's lock */
	bool synchronous_normal; /* false: FULL, an answered verdict survives a power cut */
	bool manual_checkpoint; /* never checkpoint on commit: store_checkpoint() is called instead */
};

int store_open(struct store **out, const char *path, const struct store_options *options, struct err *err);
void store_close(struct store *st); /* NULL is allowed */

/* ERR_IO too when the file was removed or renamed since: what were written to it would be lost. */
int store_begin(struct store *st, struct err *err); /* BEGIN IMMEDIATE */
int store_commit(struct store *st, struct err *err); /* on failure the transaction is rolled back */
void store_rollback(struct store *st); /* nothing when no transaction is open */

/* Return whether a transaction is open: some failures (disk full, I/O error) end it by themselves. */
bool store_in_transaction(const struct store *st);

/* A nested part of a transaction that can fail alone: it ends with one of the other two. */
int store_savepoint(struct store *st, struct err *err);
int store_release(struct store *st, struct err *err);
void store_rollback_to(struct store *st); /* nothing when no transaction is open */

/*
 * Change the database in a trivial way and commit: proves that it can be written now.  Inside a transaction
 * the change is a part of it, and its commit the proof.
 */
int store_probe(struct store *st, struct err *err);

/*
 * Move what the write-ahead log holds into the database, as far as readers allow; with TRUNCATE wait for
 * readers (and hold writers up), empty the log file, or fail with ERR_BUSY.  *LOG_BYTES (NULL: not wanted) is
 * how much the log holds, moved or not: the next writer begins it anew if all of it is moved and nobody reads
 * from it.
 */
int store_checkpoint(struct store *st, bool truncate, int64_t *log_bytes, struct err *err);

/* Set *VERSION to a number that changes whenever another connection has committed. */
int store_data_version(struct store *st, int64_t *version, struct err *err);

/*
 * Copy the whole database, as of one moment, to the new file PATH (mode 0600) while others go on writing.  On
 * failure what was made of it is left to the caller to remove.
 */
int store_backup(struct store *st, const char *path, void (*progress)(double share, void *arg), void *arg,
    struct err *err);

/* Small named values: *OUT is NULL when there is none. */
int store_meta_get(struct store *st, const char *key, struct arena *a, char **out, struct err *err);
int store_meta_set(struct store *st, const char *key, const char *value, struct err *err);

/* -- Sites -- */

#define SITE_KEY_CHARS 12 /* a key is 12 lower-case hexadecimal digits: all that WordPress accepts */
#define SITE_DEFAULT 1 /* id of the site "default", made with the database, without a key at first */

struct site_row {
	int64_t id;
	const char *name; /* unique: [a-z0-9._-], 1 to 64 characters */
	const char *url; /* the blog's address, "" if not known */
	unsigned char key_digest[32];
	bool has_key;
	double spam_threshold; /* 0: the model's own */
	int64_t rate_per_minute; /* 0: no limit */
	double spam_share; /* share of spam among its comments, as its owner says; 0: estimated */
	double estimated_share; /* the same, from its verdicts and corrections; 0: not known yet */
	bool shares; /* its corrections count for all sites, not for itself alone */
	int64_t created_ms, removed_ms; /* removed_ms 0: in use */
};

int store_site_add(struct store *st, const struct site_row *row, int64_t *id, struct err *err);
/* All but created_ms, by id; ERR_NOT_FOUND. */
int store_site_update(struct store *st, const struct site_row *row, struct err *err);
/* Record the share of spam that was estimated for the site ID; ERR_NOT_FOUND. */
int store_site_estimate(struct store *st, int64_t id, double share, struct err *err);
/* Fill *ROW (in A) with the site ID, in use or removed; ERR_NOT_FOUND. */
int store_site_get(struct store *st, int64_t id, struct arena *a, struct site_row *row, struct err *err);
/* Fill *ROWS (in A) with the sites in use, by id; with ALL the removed ones too. */
int store_sites(
    struct store *st, bool all, struct arena *a, struct site_row **rows, size_t *n, struct err *err);

/* -- Verdicts -- */

#define FORCED_RULE "rule:" /* in verdict_row.forced, before the name of an owner's rule */

struct verdict_row {
	int64_t seq; /* order of recording; set by the store */
	char id[ULID_CHARS + 1];
	int64_t time_ms;
	int64_t site; /* site_row.id */
	const char *site_name; /* filled on reading */
	const char *client; /* "akismet", "native", ... */
	const char *model; /* model id */
	double probability, prior;
	double known; /* share of its tokens that the model has seen; NaN when the classifier wasn't asked */
	enum verdict verdict;
	bool discard;
	bool test; /* the client said so: not counted, not learnt from */
	const char *forced; /* why the classifier was not asked ("administrator", ...); "" if it was.
			       FORCED_RULE and a name: it was, and an owner's rule settled the verdict */
	const char
	    *occasion; /* why the comment was checked again, or beforehand ("recheck_queue", "pre_check");
			  "" for a new comment.  Only those, and "retry", are counted */
	uint64_t fingerprint; /* of the comment, see engine/fingerprint.h */
	struct comment comment;
	struct slice evidence; /* the strongest pieces, as in classifier/evidence.h; none once erased */
	unsigned gone; /* filled on reading: the parts (store/chain.h) that were erased since */
};

/* Write to ID the greatest of the verdicts' and example events' ids; "" when there is none. */
int store_newest_id(struct store *st, char id[ULID_CHARS + 1], struct err *err);
/* Have IDS, a zeroed source, go on after them, whatever the clock says. */
int store_ids_start(struct store *st, struct ulid_source *ids, struct err *err);

int store_verdict_add(struct store *st, const struct verdict_row *row, struct err *err);
int store_verdict_get(
    struct store *st, const char *id, struct arena *a, struct verdict_row *row, struct err *err);

/*
 * Set *ROW to the newest verdict of SITE (0: any site) on a comment with FINGERPRINT since SINCE_MS (0:
 * ever), among the newest STORE_MATCH_MAX; a test only where all of them are; ERR_NOT_FOUND.  A miss takes
 * some 10 microseconds for each 4,096 verdicts that it goes back, and so does finding nothing but tests.
 */
#define STORE_MATCH_MAX (1 << 24)
int store_verdict_match(struct store *st, int64_t site, uint64_t fingerprint, int64_t since_ms,
    struct arena *a, struct verdict_row *row, struct err *err);

struct verdict_filter {
	int64_t after_seq; /* only seq > this */
	int64_t since_ms, until_ms; /* since_ms <= time_ms < until_ms; 0: open */
	int64_t site; /* 0: all */
	int verdict; /* enum verdict, or -1: all */
	const char *search; /* words that must all occur in content, author, email or url, in either case if
			       ASCII; NULL: any */
	int64_t limit; /* 0: no limit */
	bool newest_first;
};

/*
 * Call EACH for the verdicts that pass FILTER; a non-zero return ends the walk, which is no error.  The row
 * is valid during the call, and none of its pointers is NULL but those of absent comment fields.  This holds
 * for the other walks too.  EACH may read other things from ST, but not walk the same way on it, nor write.
 */
int store_verdict_walk(struct store *st, const struct verdict_filter *filter,
    int (*each)(const struct verdict_row *row, void *arg), void *arg, struct err *err);

struct verdict_counts {
	int64_t ham, unsure, spam; /* verdicts on new comments: without tests, without repeated checks */
	/* Corrected by a label later: spam that had passed, ham that was called spam. */
	int64_t missed_spam, blocked_ham;
};

/* How sure the filter was of one comment, and what came out. */
struct verdict_score {
	int64_t site;
	double probability, prior;
	enum label label; /* the last correction's; LABEL_NONE: there is none */
};

/* Call EACH for the newest LIMIT verdicts that the classifier gave on new comments, newest first. */
int store_verdict_scores(struct store *st, int64_t limit,
    int (*each)(const struct verdict_score *score, void *arg), void *arg, struct err *err);

/* What daily figures are made of: a verdict without what the comment says. */
struct verdict_outline {
	int64_t seq, time_ms;
	int64_t site;
	const char *model;
	enum verdict verdict;
	double known; /* as in struct verdict_row */
	bool counts; /* it is no test, and nobody forced it */
	struct slice evidence; /* of those that are sampled; else absent */
};

/* Call EACH for the first LIMIT verdicts after AFTER_SEQ, oldest first; every EVERYth of them is sampled. */
int store_verdict_outlines(struct store *st, int64_t after_seq, int64_t limit, int64_t every,
    int (*each)(const struct verdict_outline *v, void *arg), void *arg, struct err *err);

/* Count the verdicts of SITE (0: all) since SINCE_MS (0: ever); a correction counts by the time of its
 * verdict. */
int store_verdict_counts(
    struct store *st, int64_t site, int64_t since_ms, struct verdict_counts *out, struct err *err);

/*
 * The same by days, in one pass: call EACH with the counts of a day (since 1970, UTC) that is not before
 * SINCE_MS's, possibly several times for one day, in no order: add them up.
 */
int store_verdict_days(struct store *st, int64_t site, int64_t since_ms,
    void (*each)(int64_t day, const struct verdict_counts *counts, void *arg), void *arg, struct err *err);

/* -- Examples -- */

/*
 * The examples are a log of events, never changed: each says that one comment is now ham, spam or
 * (LABEL_NONE) no longer an example, and which earlier event it replaces.  The examples in force are the
 * events that no later one replaces and whose label isn't LABEL_NONE; the counts of a model are the sum of
 * those up to its position.
 */
enum scope {
	SCOPE_ALL, /* it counts for every site */
	SCOPE_OWN, /* for its own site alone */
	SCOPE_BOTH /* for every site, and once more for its own */
};

struct example_row {
	int64_t seq; /* set by the store */
	char id[ULID_CHARS + 1];
	int64_t time_ms;
	enum label label;
	int64_t replaces; /* seq of the earlier event it takes the place of; 0: none.  Twice is ERR_REFUSED */
	enum label replaced_label; /* filled on reading: the label of that event; LABEL_NONE without one */
	int64_t site; /* 0: nobody's, such as the shipped corpus */
	enum scope scope; /* without a site: SCOPE_ALL */
	const char *origin; /* "corpus", "import", "mark", "akismet", "blogspam", "native" */
	const char *who; /* who said so: user name or site name; "" if not known */
	const char *verdict_id; /* the verdict it corrects; "" if none */
	const char *source; /* data set or file; "" if none */
	uint64_t fingerprint;
	struct comment comment;
	unsigned gone; /* filled on reading: the parts (store/chain.h) that were erased since */
};

int store_example_add(struct store *st, const struct example_row *row, int64_t *seq, struct err *err);

/* Set *ROW to the newest event of SITE (0: nobody's) about a comment with FINGERPRINT, or ERR_NOT_FOUND, also
 * for 0, which is what is left of all those that were erased. */
int store_example_match(struct store *st, int64_t site, uint64_t fingerprint, struct arena *a,
    struct example_row *row, struct err *err);

/*
 * Set *FOUND to whether an example in force of SITE with LABEL was written from the address IP, however
 * either is written.  Goes through all examples: not for every check.
 */
int store_example_from(
    struct store *st, int64_t site, const char *ip, enum label label, bool *found, struct err *err);

/* Set *ROW to the newest event about the verdict ID, or ERR_NOT_FOUND. */
int store_example_of_verdict(
    struct store *st, const char *id, struct arena *a, struct example_row *row, struct err *err);

/* Call EACH for the examples in force, by seq, of LABEL (LABEL_NONE: both) and not before SINCE_MS. */
int store_example_walk(struct store *st, enum label label, int64_t since_ms,
    int (*each)(const struct example_row *row, void *arg), void *arg, struct err *err);

/* Call EACH for every event with seq > AFTER, by seq, with replaced_label filled. */
int store_event_walk(struct store *st, int64_t after, int (*each)(const struct example_row *row, void *arg),
    void *arg, struct err *err);

/* Call EACH for every event about a comment with FINGERPRINT that is SITE's or nobody's, by seq, with
 * replaced_label filled. */
int store_history_walk(struct store *st, int64_t site, uint64_t fingerprint,
    int (*each)(const struct example_row *row, void *arg), void *arg, struct err *err);

/* Call EACH for the examples in force of SITE since SINCE_MS that WHO (NULL: anybody) spoke, by seq. */
int store_words_walk(struct store *st, int64_t site, int64_t since_ms, const char *who,
    int (*each)(const struct example_row *row, void *arg), void *arg, struct err *err);

/* A word of a site's clients that is not what the verdict was, or on a comment without one. */
struct contradiction {
	int64_t site, time_ms;
	enum label label;
	int verdict; /* enum verdict; -1: the comment was never judged */
	double probability; /* the verdict's */
};

/* Call EACH for those in force since SINCE_MS, among the newest STORE_CONTRADICTIONS_MAX events. */
#define STORE_CONTRADICTIONS_MAX 200000
int store_contradictions(struct store *st, int64_t since_ms,
    int (*each)(const struct contradiction *c, void *arg), void *arg, struct err *err);

/* Set *LAST to the seq of the last event (0: none), and *HAM and *SPAM (NULL is allowed) to the examples in
 * force. */
int store_example_counts(struct store *st, int64_t *last, int64_t *ham, int64_t *spam, struct err *err);

/* -- Models -- */

struct model_row {
	const char *id;
	const char *parent; /* "" if none */
	const char *kind; /* "train", "learn" */
	int64_t created_ms;
	const char *who;
	int64_t spam, ham, tokens, bytes, position;
	double spam_threshold, unsure_threshold, blocked_ham_budget;
	const char *figures; /* JSON: cross-validated figures, "" if none */
	const char
	    *corpus; /* digest of the examples it was made of, see engine/set_digest.h; "" if not known */
	const char *withheld; /* why it was built but not made current; "" if it was */
	const char *maker; /* program and tables that made it, see engine/registry.h; "" if not known */
	int64_t pruned_ms; /* its file was removed then; 0: it is there */
};

/*
 * Record that a model was made.  The rows are a log: a model made again, byte for byte, has another row, and
 * reading gives the newest of each id.  pruned_ms is not looked at.
 */
int store_model_add(struct store *st, const struct model_row *row, struct err *err);
/* Record when the model's file was removed, once for each time that it was made; ERR_NOT_FOUND. */
int store_model_pruned(struct store *st, const char *id, int64_t when_ms, struct err *err);
/* Fill *ROW (in A); ERR_NOT_FOUND. */
int store_model_get(
    struct store *st, const char *id, struct arena *a, struct model_row *row, struct err *err);
/* Set *NEEDED to whether some verdict of the model can still be computed again: the model was asked for it
 * and its text is not erased. */
int store_model_needed(struct store *st, const char *id, bool *needed, struct err *err);
/* Fill *ROWS (in A), newest first. */
int store_models(struct store *st, struct arena *a, struct model_row **rows, size_t *n, struct err *err);

#endif
