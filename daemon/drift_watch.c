#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/timetext.h"
#include "daemon/drift_watch.h"
#include "engine/drift.h"
#include "engine/poison.h"

#define EVERY_MS 60000
#define TOLD_MAX 4096
#define ARENA_BYTES ((size_t)64 << 20)

void
drift_watch_fini(struct drift_watch *w)
{
	free(w->told);
	w->told = NULL;
	w->ntold = 0;
}

/* Return what stands for D among those told. */
static int64_t
key_of(const struct drift *d)
{
	uint64_t site = hash_bytes(d->site, strlen(d->site), 0);

	return (int64_t)(site ^ hash_bytes(&d->day, sizeof(d->day), (uint64_t)d->figure + 1));
}

/* Return whether the log is to be told of what KEY stands for: it hasn't been since the start. */
static bool
is_new(struct drift_watch *w, int64_t key)
{
	for (size_t i = 0; i < w->ntold; i++) {
		if (w->told[i] == key)
			return false;
	}
	if (w->told == NULL)
		w->told = calloc(TOLD_MAX, sizeof(*w->told));
	if (w->told == NULL)
		return false;
	if (w->ntold == TOLD_MAX)
		w->ntold = 0;
	w->told[w->ntold++] = key;
	return true;
}

static void
log_drift(struct hamletd *d, const struct drift *drift)
{
	struct buf text;

	buf_init(&text, BUF_NO_LIMIT);
	drift_text(drift, &text);
	if (buf_ok(&text))
		hamletd_event(d, LOG_WARN, "drift", LOG_STR("site", drift->site),
		    LOG_STR("figure", drift_figure_name(drift->figure)), LOG_STR("what", buf_str(&text)));
	buf_fini(&text);
}

/* Return whether the log is to be told of P: it hasn't been since these corrections began. */
static bool
is_new_poison(struct drift_watch *w, const struct poison *p)
{
	uint64_t site = hash_bytes(p->site, strlen(p->site), 1);

	return is_new(w, (int64_t)(site ^ hash_bytes(&p->since_ms, sizeof(p->since_ms), 0)));
}

/* Tell the log and the metrics of the sites whose corrections look poisoned. */
static int
tell_poison(struct drift_watch *w, struct hamletd *d, struct engine *e, struct arena *a, struct buf *lines,
    struct err *err)
{
	struct poison *found;
	struct buf text;
	size_t n;

	if (poison_find(e, time_now_ms(), a, &found, &n, err) == -1)
		return -1;
	buf_init(&text, BUF_NO_LIMIT);
	buf_add_str(lines,
	    "# HELP hamlet_suspicious_corrections Corrections of a site whose corrections look poisoned.\n"
	    "# TYPE hamlet_suspicious_corrections gauge\n");
	for (size_t i = 0; i < n; i++) {
		buf_clear(&text);
		poison_text(&found[i], &text);
		if (is_new_poison(w, &found[i]))
			hamletd_event(d, LOG_WARN, "corrections_suspicious", LOG_STR("site", found[i].site),
			    LOG_STR("what", buf_str(&text)));
		buf_addf(lines, "hamlet_suspicious_corrections{site=\"%s\"} %lld\n", found[i].site,
		    (long long)found[i].contrary);
	}
	buf_fini(&text);
	return 0;
}

static int
tell(struct drift_watch *w, struct hamletd *d, struct engine *e, struct arena *a, struct err *err)
{
	struct drift *found;
	struct buf lines;
	size_t n;
	int rc;

	if (drift_find(e, time_now_ms(), a, &found, &n, err) == -1)
		return -1;
	buf_init(&lines, BUF_NO_LIMIT);
	buf_add_str(&lines,
	    "# HELP hamlet_drift Daily figures out of their usual range, by how they stand now.\n"
	    "# TYPE hamlet_drift gauge\n");
	for (size_t i = 0; i < n; i++) {
		if (is_new(w, key_of(&found[i])))
			log_drift(d, &found[i]);
		buf_addf(&lines, "hamlet_drift{site=\"%s\",figure=\"%s\",field=\"%s\",today=\"%d\"} %.6g\n",
		    found[i].site, drift_figure_name(found[i].figure), found[i].field,
		    found[i].day == time_now_ms() / DAY_MS, found[i].value);
	}
	rc = tell_poison(w, d, e, a, &lines, err);
	metrics_set_notices(&d->metrics, &lines);
	buf_fini(&lines);
	return rc;
}

int
drift_watch_round(struct drift_watch *w, struct hamletd *d, struct engine *e, bool now, struct err *err)
{
	struct arena *a;
	int rc;

	if (!now && !w->more && http_clock_ms() - w->looked_ms < EVERY_MS)
		return 0;
	w->looked_ms = http_clock_ms();
	if (daily_update(e, &w->more, err) == -1)
		return -1;
	if (w->more)
		return 0;
	a = arena_new(ARENA_BYTES);
	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = tell(w, d, e, a, err);
	arena_free(a);
	return rc;
}
