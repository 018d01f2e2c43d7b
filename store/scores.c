#include "config.h"

#include <math.h>

#include "store/sql.h"

int
store_verdict_scores(struct store *st, int64_t limit,
    int (*each)(const struct verdict_score *score, void *arg), void *arg, struct err *err)
{
	static const char text[] =
	    "SELECT v.site, v.probability, v.prior, coalesce((SELECT e.label FROM example e "
	    "WHERE e.verdict_id = v.id AND NOT EXISTS (SELECT 1 FROM example n WHERE n.replaces = e.seq) "
	    "ORDER BY e.seq DESC LIMIT 1), 2) FROM verdict v "
	    "WHERE v.seq > (SELECT max(seq) FROM verdict) - ?1 AND v.test = 0 AND v.forced = '' "
	    "AND v.occasion IN ('', 'retry') "
	    "ORDER BY v.seq DESC";
	struct verdict_score score;
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, limit);
	while ((rc = sql_next(&q, err)) == 1) {
		score.site = sql_get_int(&q);
		score.probability = sql_get_real(&q);
		score.prior = sql_get_real(&q);
		score.label = (enum label)sql_get_enum(&q, LABEL_NONE);
		if (sql_row_ok(&q, err) == -1)
			return -1;
		if (each(&score, arg) != 0)
			break;
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

int
store_verdict_outlines(struct store *st, int64_t after_seq, int64_t limit, int64_t every,
    int (*each)(const struct verdict_outline *v, void *arg), void *arg, struct err *err)
{
	static const char text[] =
	    "SELECT v.seq, v.time_ms, v.site, m.name, v.verdict, v.known, v.test = 0 AND v.forced = '', "
	    "CASE WHEN v.seq % ?3 = 0 THEN v.evidence END "
	    "FROM verdict v CROSS JOIN model_name m ON m.id = v.model WHERE v.seq > ?1 ORDER BY v.seq LIMIT "
	    "?2";
	struct verdict_outline v;
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, after_seq);
	sql_int(&q, limit);
	sql_int(&q, every);
	while ((rc = sql_next(&q, err)) == 1) {
		v.seq = sql_get_int(&q);
		v.time_ms = sql_get_int(&q);
		v.site = sql_get_int(&q);
		v.model = sql_get_str(&q);
		v.verdict = (enum verdict)sql_get_enum(&q, VERDICT_SPAM);
		v.known = sql_get_real_or(&q, NAN);
		v.counts = sql_get_enum(&q, 1) == 1;
		v.evidence = sql_get_slice(&q);
		if (sql_row_ok(&q, err) == -1)
			return -1;
		if (each(&v, arg) != 0)
			break;
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}
