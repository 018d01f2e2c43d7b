#include "config.h"

#include "base/timetext.h"
#include "store/chain.h"
#include "store/link.h"

static int
add(struct store *st, const char *kind, const char *who, const char *detail, struct err *err)
{
	static const char text[] = "INSERT INTO event (time_ms, kind, who, detail) VALUES (?1, ?2, ?3, ?4)";
	struct sql q;

	sql_start(&q, st, text);
	sql_record(&q, chain_record(st, RECORD_EVENT));
	sql_int(&q, time_now_ms());
	sql_str(&q, kind);
	sql_str(&q, who);
	sql_str(&q, detail == NULL ? "{}" : detail);
	if (sql_run(&q, err) == -1)
		return -1;
	return chain_append(st, sql_last_seq(st), err);
}

int
store_event_add(struct store *st, const char *kind, const char *who, const char *detail, struct err *err)
{
	bool own;

	if (chain_begin_own(st, &own, err) == -1)
		return -1;
	return chain_end_own(st, own, add(st, kind, who, detail, err), err);
}

int
store_event_json(
    struct store *st, const char *kind, const char *who, const struct buf *detail, struct err *err)
{
	if (!buf_ok(detail))
		return err_set(err, ERR_NOMEM, "out of memory for an event");
	return store_event_add(st, kind, who, buf_str(detail), err);
}

int
store_log_walk(struct store *st, int64_t since_ms, int (*each)(const struct event_row *row, void *arg),
    void *arg, struct err *err)
{
	static const char text[] =
	    "SELECT seq, time_ms, kind, who, detail FROM event WHERE time_ms >= ?1 ORDER BY seq";
	struct event_row row;
	struct sql q;
	int rc;

	sql_start(&q, st, text);
	sql_int(&q, since_ms == 0 ? INT64_MIN : since_ms);
	while ((rc = sql_next(&q, err)) == 1) {
		row.seq = sql_get_int(&q);
		row.time_ms = sql_get_int(&q);
		row.kind = sql_get_str(&q);
		row.who = sql_get_str(&q);
		row.detail = sql_get_str(&q);
		if (sql_row_ok(&q, err) == -1)
			return -1;
		if (each(&row, arg) != 0)
			break;
	}
	sql_end(&q);
	return rc == -1 ? -1 : 0;
}
