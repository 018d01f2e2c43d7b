#include "config.h"

#include <string.h>

#include "store/sql.h"

#define COLUMNS                                                                                              \
	"id, name, url, key_digest, spam_threshold, rate_per_minute, spam_share, estimated_share, shares, "  \
	"created_ms, removed_ms"

int
store_site_add(struct store *st, const struct site_row *row, int64_t *id, struct err *err)
{
	static const char text[] =
	    "INSERT INTO site (name, url, key_digest, spam_threshold, rate_per_minute, spam_share, "
	    "estimated_share, shares, created_ms, removed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	struct sql q;

	sql_start(&q, st, text);
	sql_str(&q, row->name);
	sql_str(&q, row->url);
	sql_blob(&q, row->has_key ? row->key_digest : NULL, sizeof(row->key_digest));
	sql_real(&q, row->spam_threshold);
	sql_int(&q, row->rate_per_minute);
	sql_real(&q, row->spam_share);
	sql_real(&q, row->estimated_share);
	sql_int(&q, row->shares);
	sql_int(&q, row->created_ms);
	sql_int(&q, row->removed_ms);
	if (sql_run(&q, err) == -1)
		return -1;
	*id = sql_last_seq(st);
	return 0;
}

int
store_site_update(struct store *st, const struct site_row *row, struct err *err)
{
	static const char text[] = "UPDATE site SET name = ?, url = ?, key_digest = ?, spam_threshold = ?, "
				   "rate_per_minute = ?, spam_share = ?, estimated_share = ?, shares = ?, "
				   "removed_ms = ? WHERE id = ?";
	struct sql q;

	sql_start(&q, st, text);
	sql_str(&q, row->name);
	sql_str(&q, row->url);
	sql_blob(&q, row->has_key ? row->key_digest : NULL, sizeof(row->key_digest));
	sql_real(&q, row->spam_threshold);
	sql_int(&q, row->rate_per_minute);
	sql_real(&q, row->spam_share);
	sql_real(&q, row->estimated_share);
	sql_int(&q, row->shares);
	sql_int(&q, row->removed_ms);
	sql_int(&q, row->id);
	return sql_run_on(&q, "site", err);
}

int
store_site_estimate(struct store *st, int64_t id, double share, struct err *err)
{
	static const char text[] = "UPDATE site SET estimated_share = ? WHERE id = ?";
	struct sql q;

	sql_start(&q, st, text);
	sql_real(&q, share);
	sql_int(&q, id);
	return sql_run_on(&q, "site", err);
}

static int
read_site(struct sql *q, struct arena *a, struct site_row *row, struct err *err)
{
	const char **const strings[] = { &row->name, &row->url };
	struct slice digest;

	*row = (struct site_row){ 0 };
	row->id = sql_get_int(q);
	row->name = sql_get_str(q);
	row->url = sql_get_str(q);
	digest = sql_get_slice(q);
	row->spam_threshold = sql_get_real(q);
	row->rate_per_minute = sql_get_int(q);
	row->spam_share = sql_get_real(q);
	row->estimated_share = sql_get_real(q);
	row->shares = sql_get_int(q) != 0;
	row->created_ms = sql_get_int(q);
	row->removed_ms = sql_get_int(q);
	if (sql_row_ok(q, err) == -1)
		return -1;
	row->has_key = digest.n == sizeof(row->key_digest);
	if (row->has_key)
		memcpy(row->key_digest, digest.p, digest.n);
	return sql_keep_strings(a, strings, 2, err);
}

int
store_site_get(struct store *st, int64_t id, struct arena *a, struct site_row *row, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM site WHERE id = ?1";
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, id);
	rc = sql_next(&q, err);
	if (rc == 1 && read_site(&q, a, row, err) == -1)
		rc = -1;
	sql_end(&q);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no such site");
	return rc == 1 ? 0 : -1;
}

int
store_sites(struct store *st, bool all, struct arena *a, struct site_row **rows, size_t *n, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM site WHERE ?1 OR removed_ms = 0 ORDER BY id";
	void *list = NULL;
	size_t cap = 0;
	struct sql q;
	int rc;

	*n = 0;
	sql_start(&q, st, text);
	sql_int(&q, all);
	while ((rc = sql_next(&q, err)) == 1) {
		if (sql_grow(a, &list, *n, &cap, sizeof(**rows), err) == -1 ||
		    read_site(&q, a, (struct site_row *)list + *n, err) == -1) {
			rc = -1;
			break;
		}
		++*n;
	}
	sql_end(&q);
	*rows = list;
	return rc;
}
