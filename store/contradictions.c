#include "config.h"

#include "store/sql.h"

int
store_contradictions(struct store *st, int64_t since_ms,
    int (*each)(const struct contradiction *c, void *arg), void *arg, struct err *err)
{
	static const char text[] =
	    "SELECT e.site, e.time_ms, e.label, coalesce(v.verdict, -1), coalesce(v.probability, 0) "
	    "FROM example e LEFT JOIN verdict v ON v.id = e.verdict_id "
	    "WHERE e.seq > (SELECT max(seq) FROM example) - ?2 AND e.time_ms >= ?1 AND e.site IS NOT NULL "
	    "AND e.label <> 2 AND e.origin IN ('akismet', 'blogspam', 'native') "
	    "AND (v.verdict IS NULL OR (v.verdict = 2) <> (e.label = 1)) "
	    "AND NOT EXISTS (SELECT 1 FROM example n WHERE n.replaces = e.seq)";
	struct contradiction c;
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, since_ms);
	sql_int(&q, STORE_CONTRADICTIONS_MAX);
	while ((rc = sql_next(&q, err)) == 1) {
		c.site = sql_get_int(&q);
		c.time_ms = sql_get_int(&q);
		c.label = (enum label)sql_get_enum(&q, LABEL_NONE);
		c.verdict = (int)sql_get_int(&q);
		c.probability = sql_get_real(&q);
		if (sql_row_ok(&q, err) == -1)
			return -1;
		if (each(&c, arg) != 0)
			break;
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}
