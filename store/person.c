#include "config.h"

#include "store/link.h"
#include "store/person.h"

void
sql_person(struct sql *q, const struct person *who)
{
	sql_opt(q, who->email);
	sql_opt(q, who->ip);
	sql_opt(q, who->ip_as_well);
	sql_opt(q, who->author);
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
