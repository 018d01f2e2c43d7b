#include "config.h"

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
