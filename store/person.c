#include "config.h"

#include "store/link.h"
#include "store/person.h"

void
sql_person(struct sql *q, const struct person *who)
{
	sql_opt(q, who->email);
	sql_opt(q, who->ip);
	sql_opt(q, who->author);
}

int
store_examples_lost(struct store *st, int64_t position, bool *lost, struct err *err)
{
	static const char text[] =
	    "SELECT 1 FROM example n JOIN example e ON e.seq = n.replaces "
	    "WHERE n.seq > ?1 AND e.seq <= ?1 AND e.label <> 2 AND length(e.content_seal) > 16 LIMIT 1";
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, position);
	rc = sql_next(&q, err);
	sql_end(&q);
	*lost = rc == 1;
	return rc == -1 ? -1 : 0;
}

int
store_vacuum(struct store *st, struct err *err)
{
	int rc;

	/* A copy of the whole database may be larger than memory. */
	rc = sql_exec(st, "PRAGMA temp_store = FILE; VACUUM", err);
	if (sql_exec(st, "PRAGMA temp_store = MEMORY", rc == 0 ? err : NULL) == -1)
		rc = -1;
	return rc;
}
