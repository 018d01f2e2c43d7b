#include "config.h"

#include <sys/stat.h>

#include "base/timetext.h"
#include "daemon/rewrite.h"
#include "engine/retention.h"
#include "store/person.h"

#define AGAIN_MS 3600000 /* after a failure */

static int64_t
file_bytes(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 ? (int64_t)sb.st_size : INT64_MAX;
}

/* Note whether comments come; return for how long none has. */
static int64_t
quiet_for(struct rewrite *r, struct hamletd *d, int64_t now_ms)
{
	unsigned long long n = 0;

	for (int v = VERDICT_HAM; v <= VERDICT_SPAM; v++)
		n += atomic_load_explicit(&d->metrics.verdicts[v], memory_order_relaxed);
	if (n != r->verdicts || r->quiet_ms == 0)
		r->quiet_ms = now_ms;
	r->verdicts = n;
	return now_ms - r->quiet_ms;
}

static int
rewrite(struct hamletd *d, struct engine *e, struct err *err)
{
	int rc;

	recorder_hold(d->recorder);
	rc = store_vacuum(e->store, err);
	if (rc == 0)
		rc = retention_rewritten(e->store, err);
	recorder_let_go(d->recorder);
	if (rc == -1)
		return -1;
	recorder_empty_log(d->recorder); /* which holds the pages as they were */
	atomic_store(&d->metrics.rewritten_ms, time_now_ms());
	hamletd_event(d, LOG_INFO, "database_rewritten", LOG_INT("bytes", file_bytes(d->paths.db)));
	return 0;
}

void
rewrite_soon(struct rewrite *r)
{
	r->soon = true;
}

int
rewrite_round(struct rewrite *r, struct hamletd *d, struct engine *e, struct err *err)
{
	int64_t now_ms = http_clock_ms(), quiet_ms = quiet_for(r, d, now_ms);
	bool untidy;

	if (quiet_ms < (r->soon ? REWRITE_SOON_MS : REWRITE_QUIET_MS) || (!r->soon && now_ms < r->next_ms))
		return 0;
	r->soon = false;
	if (retention_untidy(e->store, &untidy, err) == -1)
		return -1;
	if (!untidy || file_bytes(d->paths.db) > REWRITE_BYTES_MAX)
		return 0;
	if (rewrite(d, e, err) == -1) {
		r->next_ms = now_ms + AGAIN_MS;
		return -1;
	}
	r->next_ms = now_ms + REWRITE_EVERY_MS;
	return 0;
}
