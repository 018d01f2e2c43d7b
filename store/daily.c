#include "config.h"

#include "store/daily.h"
#include "store/sql.h"

#define COLUMNS                                                                                              \
	"d.site, s.name, d.day, d.verdicts, d.unsure, d.spam, d.corrections, d.measured, d.unknown, "        \
	"d.sampled, d.fields, d.model"

static int
read_row(struct sql *q, struct daily_row *row, struct err *err)
{
	row->site = sql_get_int(q);
	row->site_name = sql_get_str(q);
	row->day = sql_get_int(q);
	row->verdicts = sql_get_int(q);
	row->unsure = sql_get_int(q);
	row->spam = sql_get_int(q);
	row->corrections = sql_get_int(q);
	row->measured = sql_get_int(q);
	row->unknown = sql_get_real(q);
	row->sampled = sql_get_int(q);
	row->fields = sql_get_str(q);
	row->model = sql_get_str(q);
	return sql_row_ok(q, err);
}

int
store_daily_get(
    struct store *st, int64_t site, int64_t day, struct arena *a, struct daily_row *row, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM daily d CROSS JOIN site s ON s.id = d.site "
				   "WHERE d.site = ?1 AND d.day = ?2";
	const char **const strings[] = { &row->site_name, &row->fields, &row->model };
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, site);
	sql_int(&q, day);
	rc = sql_next(&q, err);
	if (rc == 1 && (read_row(&q, row, err) == -1 || sql_keep_strings(a, strings, 3, err) == -1))
		rc = -1;
	sql_end(&q);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no figures of that day");
	return rc == 1 ? 0 : -1;
}

int
store_daily_put(struct store *st, const struct daily_row *row, struct err *err)
{
	static const char text[] =
	    "INSERT OR REPLACE INTO daily (site, day, verdicts, unsure, spam, corrections, "
	    "measured, unknown, sampled, fields, model) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, row->site);
	sql_int(&q, row->day);
	sql_int(&q, row->verdicts);
	sql_int(&q, row->unsure);
	sql_int(&q, row->spam);
	sql_int(&q, row->corrections);
	sql_int(&q, row->measured);
	sql_real(&q, row->unknown);
	sql_int(&q, row->sampled);
	sql_str(&q, row->fields);
	sql_str(&q, row->model);
	return sql_run(&q, err);
}

int
store_daily_walk(struct store *st, int64_t since_day, int (*each)(const struct daily_row *row, void *arg),
    void *arg, struct err *err)
{
	static const char text[] = "SELECT " COLUMNS " FROM daily d CROSS JOIN site s ON s.id = d.site "
				   "WHERE d.day >= ?1 AND s.removed_ms = 0 ORDER BY d.site, d.day";
	struct daily_row row;
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, since_day);
	while ((rc = sql_next(&q, err)) == 1) {
		if (read_row(&q, &row, err) == -1)
			return -1;
		if (each(&row, arg) != 0)
			break;
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}

int
store_daily_prune(struct store *st, int64_t site, int64_t kept, struct err *err)
{
	static const char text[] =
	    "DELETE FROM daily WHERE site = ?1 AND day < "
	    "(SELECT day FROM daily WHERE site = ?1 ORDER BY day DESC LIMIT 1 OFFSET ?2 - 1)";
	struct sql q;

	sql_start(&q, st, text);
	sql_int(&q, site);
	sql_int(&q, kept);
	return sql_run(&q, err);
}
