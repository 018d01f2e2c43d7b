#ifndef HAMLET_STORE_DAILY_H
#define HAMLET_STORE_DAILY_H

#include "store/store.h"

/* What each site's days were like, summed up from its verdicts and corrections.  One row a site and day. */
#define DAY_MS INT64_C(86400000)

struct daily_row {
	int64_t site; /* site_row.id */
	const char *site_name; /* filled on reading */
	int64_t day; /* since 1970, UTC */
	int64_t verdicts, unsure, spam; /* without tests and without those that were forced */
	int64_t corrections; /* labels given that day */
	int64_t measured; /* verdicts of which it is known what share of their tokens the model knew */
	double unknown; /* the sum, over those, of the share it didn't know */
	int64_t sampled; /* verdicts whose evidence is in fields */
	const char *fields; /* JSON object: by field, the sum of its weights in those */
	const char *model; /* the one that judged last */
};

/* Set *ROW (in A) to the row of SITE and DAY; ERR_NOT_FOUND. */
int store_daily_get(
    struct store *st, int64_t site, int64_t day, struct arena *a, struct daily_row *row, struct err *err);

/* Put ROW in the place of the one of its site and day. */
int store_daily_put(struct store *st, const struct daily_row *row, struct err *err);

/* Call EACH for the rows of sites in use from SINCE_DAY on, by site, then by day; as store_verdict_walk(). */
int store_daily_walk(struct store *st, int64_t since_day, int (*each)(const struct daily_row *row, void *arg),
    void *arg, struct err *err);

/* Remove the rows of SITE but for the KEPT latest ones. */
int store_daily_prune(struct store *st, int64_t site, int64_t kept, struct err *err);

#endif
