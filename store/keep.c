#include "config.h"

#include <string.h>

#include "store/sql.h"

int
sql_keep_strings(struct arena *a, const char **const strings[], size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		*strings[i] = arena_copy(a, *strings[i], strlen(*strings[i]));
		if (*strings[i] == NULL)
			return err_set(err, ERR_NOMEM, "out of memory for a record");
	}
	return 0;
}

int
sql_keep_comment(struct arena *a, struct comment *c, struct err *err)
{
	for (int i = 0; i < COMMENT_FIELDS; i++) {
		if (arena_keep(a, &c->field[i]) == -1)
			return err_set(err, ERR_NOMEM, "out of memory for a record");
	}
	return 0;
}

int
sql_grow(struct arena *a, void **items, size_t n, size_t *cap, size_t size, struct err *err)
{
	size_t more = *cap == 0 ? 16 : *cap * 2;
	void *p;

	if (n < *cap)
		return 0;
	p = arena_alloc(a, more * size);
	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for a list of %zu records", more);
	if (n > 0)
		memcpy(p, *items, n * size);
	*items = p;
	*cap = more;
	return 0;
}

int
store_newest_id(struct store *st, char id[ULID_CHARS + 1], struct err *err)
{
	/* Several threads make ids: the last one recorded need not be the greatest. */
	static const char text[] = "SELECT max(id) FROM (SELECT max(id) AS id FROM verdict UNION ALL "
				   "SELECT max(id) FROM example)";
	struct sql q;
	int rc;

	id[0] = '\0';
	sql_start(&q, st, text);
	rc = sql_next(&q, err);
	if (rc == 1) {
		const char *newest = sql_get_str(&q);

		if (ulid_valid(newest, strlen(newest)))
			memcpy(id, newest, ULID_CHARS + 1);
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

int
store_ids_start(struct store *st, struct ulid_source *ids, struct err *err)
{
	char newest[ULID_CHARS + 1];

	if (store_newest_id(st, newest, err) == -1)
		return -1;
	ulid_start_after(ids, newest);
	return 0;
}
