#include "config.h"

#include "store/link.h"
#include "store/retain.h"

#define HOUR_MS 3600000
#define KEPT(seal) "length(" seal ") = 16" /* a salt; what is erased has a longer seal */
_Static_assert(SALT_BYTES == 16 && ERASED_BYTES != 16, "as KEPT() has it");

/* The columns of the seals, in the order of enum part. */
#define EACH_PART(macro)                                                                                     \
	{                                                                                                    \
		macro("content_seal"), macro("person_seal"), macro("address_seal"),                          \
		    macro("fingerprint_seal"), macro("evidence_seal")                                        \
	}
_Static_assert(PART_CONTENT == 0 && PART_EVIDENCE == 4 && PARTS == 5, "as EACH_PART() has it");

/* Read the first column of all rows of Q, at most MAX. */
static int
read_seqs(struct sql *q, int64_t *seqs, size_t max, size_t *n, struct err *err)
{
	int rc = 0;

	*n = 0;
	while (*n < max && (rc = sql_next(q, err)) == 1)
		seqs[(*n)++] = sql_get_int(q);
	sql_end(q);
	return rc == -1 ? -1 : 0;
}

static int
read_one(struct sql *q, int64_t *out, struct err *err)
{
	size_t n;
	int rc = read_seqs(q, out, 1, &n, err);

	if (rc == 0 && n == 0)
		*out = 0;
	return rc;
}

/* Set *LAST to a seq after which all verdicts are of later hours than BEFORE_MS; 0: all are. */
static int
find_last(struct store *st, int64_t before_ms, int64_t *last, struct err *err)
{
	static const char text[] =
	    "WITH hit AS (SELECT max(seq) AS last FROM verdict_run WHERE hour <= ?1) "
	    "SELECT CASE WHEN last IS NULL THEN 0 ELSE coalesce((SELECT min(seq) - 1 FROM verdict_run WHERE "
	    "seq > last), (SELECT max(seq) FROM verdict), 0) END FROM hit";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, before_ms / HOUR_MS);
	return read_one(&q, last, err);
}

int
store_verdicts_due(struct store *st, int64_t site, enum part part, int64_t after, int64_t before_ms,
    int64_t *seqs, size_t max, size_t *n, struct err *err)
{
#define DUE(seal)                                                                                            \
	"SELECT seq FROM verdict WHERE seq > ?1 AND seq <= ?2 AND site = ?3 AND time_ms < ?4 AND " KEPT(     \
	    seal) " ORDER BY seq LIMIT ?5"
	static const char texts[][sizeof(DUE("fingerprint_seal"))] = EACH_PART(DUE);
	int64_t last;
	struct sql q;

	if (find_last(st, before_ms, &last, err) == -1)
		return -1;
	sql_start(&q, st, texts[part]);
	sql_int(&q, after);
	sql_int(&q, last);
	sql_int(&q, site);
	sql_int(&q, before_ms);
	sql_int(&q, (int64_t)max);
	return read_seqs(&q, seqs, max, n, err);
}

int
store_verdicts_done(struct store *st, int64_t site, enum part part, int64_t *after, struct err *err)
{
#define NEXT(seal)                                                                                           \
	"SELECT coalesce((SELECT seq - 1 FROM verdict WHERE seq > ?1 AND site = ?2 AND " KEPT(               \
	    seal) " ORDER BY seq LIMIT 1), (SELECT max(seq) FROM verdict), 0)"
	static const char texts[][sizeof(NEXT("fingerprint_seal"))] = EACH_PART(NEXT);
	struct sql q;

	sql_start(&q, st, texts[part]);
	sql_int(&q, *after);
	sql_int(&q, site);
	return read_one(&q, after, err);
}

#define ADDRESSES_KEPT                                                                                       \
	"coalesce(site, 0) = ?2 AND " KEPT(                                                                  \
	    "address_seal") " AND (ip IS NOT NULL OR user_agent IS NOT NULL OR referrer IS NOT NULL) "

int
store_examples_due(
    struct store *st, int64_t site, int64_t before_ms, int64_t *seqs, size_t max, size_t *n, struct err *err)
{
	/* Nobody's examples, of which an import makes many at once, correct no verdicts. */
	static const char text[] =
	    "SELECT seq FROM example WHERE time_ms < ?1 AND " ADDRESSES_KEPT
	    "UNION ALL SELECT seq FROM example WHERE time_ms >= ?1 AND ?2 <> 0 AND " ADDRESSES_KEPT
	    "AND (SELECT v.time_ms FROM verdict v WHERE v.id = verdict_id) < ?1 ORDER BY seq LIMIT ?3";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, before_ms);
	sql_int(&q, site);
	sql_int(&q, (int64_t)max);
	return read_seqs(&q, seqs, max, n, err);
}

#define TEXT_KEPT "(length(e.content_seal) = 16 OR length(e.person_seal) = 16) "

int
store_examples_past(struct store *st, int64_t site, int64_t before_ms, int64_t upto,
    struct example_past *past, size_t max, size_t *n, struct err *err)
{
	static const char text[] =
	    "SELECT e.seq AS seq, n.seq FROM example n INDEXED BY example_replaces CROSS JOIN example e ON "
	    "e.seq = n.replaces "
	    "WHERE n.replaces IS NOT NULL AND n.time_ms < ?1 AND n.seq <= ?2 AND coalesce(e.site, 0) = ?3 "
	    "AND " TEXT_KEPT "UNION ALL SELECT e.seq, e.seq FROM example e WHERE e.label = 2 AND e.time_ms < "
	    "?1 AND e.seq <= ?2 AND "
	    "coalesce(e.site, 0) = ?3 AND " TEXT_KEPT
	    "AND NOT EXISTS (SELECT 1 FROM example n WHERE n.replaces = e.seq) ORDER BY seq LIMIT ?4";
	struct sql q;
	int rc = 0;

	*n = 0;
	sql_start(&q, st, text);
	sql_int(&q, before_ms);
	sql_int(&q, upto);
	sql_int(&q, site);
	sql_int(&q, (int64_t)max);
	while (*n < max && (rc = sql_next(&q, err)) == 1) {
		past[*n].seq = sql_get_int(&q);
		past[(*n)++].by = sql_get_int(&q);
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}
