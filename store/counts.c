#include "config.h"

#include "store/sql.h"

#define DAY_MS "86400000"

/* A verdict on a new comment: neither a test nor a comment that was seen before. */
#define NEW "v.test = 0 AND v.occasion IN ('', 'retry')"

#define VERDICTS                                                                                             \
	"total(v.verdict = 0), total(v.verdict = 1), total(v.verdict = 2) FROM verdict v "                   \
	"WHERE v.seq BETWEEN ?1 AND ?2 AND v.time_ms >= ?3 AND (?4 = 0 OR v.site = ?4) AND " NEW

/* Through the few corrections, not the many verdicts. */
#define CORRECTED                                                                                            \
	"count(DISTINCT CASE WHEN v.verdict <> 2 AND e.label = 1 THEN v.seq END), "                          \
	"count(DISTINCT CASE WHEN v.verdict = 2 AND e.label = 0 THEN v.seq END) "                            \
	"FROM example e INDEXED BY example_verdict CROSS JOIN verdict v ON v.id = e.verdict_id "             \
	"WHERE e.verdict_id IS NOT NULL AND e.label <> 2 AND "                                               \
	"NOT EXISTS (SELECT 1 FROM example n WHERE n.replaces = e.seq) AND "                                 \
	"v.time_ms >= ?1 AND (?2 = 0 OR v.site = ?2) AND v.test = 0"

static int
count_verdicts(struct store *st, int64_t site, int64_t since_ms, struct verdict_counts *out, struct err *err)
{
	static const char text[] = "SELECT " VERDICTS;
	struct sql_range r;
	struct sql q;
	int rc;

	if (sql_verdict_range(st, since_ms, 0, &r, err) == -1)
		return -1;
	sql_start(&q, st, text);
	sql_int(&q, r.first);
	sql_int(&q, r.last);
	sql_int(&q, since_ms);
	sql_int(&q, site);
	rc = sql_next(&q, err);
	if (rc == 1) {
		out->ham = sql_get_int(&q);
		out->unsure = sql_get_int(&q);
		out->spam = sql_get_int(&q);
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

static int
count_corrected(struct store *st, int64_t site, int64_t since_ms, struct verdict_counts *out, struct err *err)
{
	static const char text[] = "SELECT " CORRECTED;
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, since_ms);
	sql_int(&q, site);
	rc = sql_next(&q, err);
	if (rc == 1) {
		out->missed_spam = sql_get_int(&q);
		out->blocked_ham = sql_get_int(&q);
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

int
store_verdict_counts(
    struct store *st, int64_t site, int64_t since_ms, struct verdict_counts *out, struct err *err)
{
	*out = (struct verdict_counts){ 0 };
	if (count_verdicts(st, site, since_ms, out, err) == -1)
		return -1;
	return count_corrected(st, site, since_ms, out, err);
}

static int
days_of_verdicts(struct store *st, int64_t site, int64_t since_ms,
    void (*each)(int64_t day, const struct verdict_counts *counts, void *arg), void *arg, struct err *err)
{
	static const char text[] = "SELECT v.time_ms / " DAY_MS ", " VERDICTS " GROUP BY 1";
	struct verdict_counts counts = { 0 };
	struct sql_range r;
	int64_t day;
	struct sql q;
	int rc;

	if (sql_verdict_range(st, since_ms, 0, &r, err) == -1)
		return -1;
	sql_start(&q, st, text);
	sql_int(&q, r.first);
	sql_int(&q, r.last);
	sql_int(&q, since_ms);
	sql_int(&q, site);
	while ((rc = sql_next(&q, err)) == 1) {
		day = sql_get_int(&q);
		counts.ham = sql_get_int(&q);
		counts.unsure = sql_get_int(&q);
		counts.spam = sql_get_int(&q);
		each(day, &counts, arg);
	}
	return rc;
}

static int
days_of_corrections(struct store *st, int64_t site, int64_t since_ms,
    void (*each)(int64_t day, const struct verdict_counts *counts, void *arg), void *arg, struct err *err)
{
	static const char text[] = "SELECT v.time_ms / " DAY_MS ", " CORRECTED " GROUP BY 1";
	struct verdict_counts counts = { 0 };
	int64_t day;
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, since_ms);
	sql_int(&q, site);
	while ((rc = sql_next(&q, err)) == 1) {
		day = sql_get_int(&q);
		counts.missed_spam = sql_get_int(&q);
		counts.blocked_ham = sql_get_int(&q);
		each(day, &counts, arg);
	}
	return rc;
}

int
store_verdict_days(struct store *st, int64_t site, int64_t since_ms,
    void (*each)(int64_t day, const struct verdict_counts *counts, void *arg), void *arg, struct err *err)
{
	if (days_of_verdicts(st, site, since_ms, each, arg, err) == -1)
		return -1;
	return days_of_corrections(st, site, since_ms, each, arg, err);
}
