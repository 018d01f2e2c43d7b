#include "config.h"

#include <stdlib.h>

#include "daemon/metrics.h"

/* The last one stands for any other. */
static const int statuses[METRICS_STATUSES] = { 200, 400, 401, 403, 404, 405, 408, 409, 413, 415, 417, 429,
	431, 500, 501, 503, 505, 0 };

void
metrics_init(struct metrics *m)
{
	pthread_mutex_init(&m->lock, NULL);
}

void
metrics_fini(struct metrics *m)
{
	pthread_mutex_destroy(&m->lock);
	free(m->notices);
}

void
metrics_set_notices(struct metrics *m, struct buf *b)
{
	char *lines = buf_ok(b) ? buf_detach(b) : NULL, *old;

	pthread_mutex_lock(&m->lock);
	old = m->notices;
	m->notices = lines;
	pthread_mutex_unlock(&m->lock);
	free(old);
}

void
metrics_notices_text(struct metrics *m, struct buf *b)
{
	pthread_mutex_lock(&m->lock);
	if (m->notices != NULL)
		buf_add_str(b, m->notices);
	pthread_mutex_unlock(&m->lock);
}

void
metrics_request(struct metrics *m, size_t route, int status)
{
	size_t i = 0;

	while (i + 1 < METRICS_STATUSES && statuses[i] != status)
		i++;
	if (route < METRICS_ROUTES)
		atomic_fetch_add_explicit(&m->requests[route][i], 1, memory_order_relaxed);
}

void
metrics_verdict(struct metrics *m, enum verdict v)
{
	atomic_fetch_add_explicit(&m->verdicts[v], 1, memory_order_relaxed);
}

static void
head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void
metrics_requests_text(struct metrics *m, const char *(*name)(size_t route), struct buf *b)
{
	unsigned long long count;

	head(b, "hamlet_requests_total", "counter", "Requests answered, by route and status.");
	for (size_t r = 0; r < METRICS_ROUTES; r++) {
		for (size_t s = 0; s < METRICS_STATUSES; s++) {
			count = atomic_load_explicit(&m->requests[r][s], memory_order_relaxed);
			if (count > 0)
				buf_addf(b, "hamlet_requests_total{route=\"%s\",status=\"%d\"} %llu\n",
				    name(r), statuses[s], count);
		}
	}
}

void
metrics_line(struct buf *b, const char *name, const char *type, const char *help, double value)
{
	head(b, name, type, help);
	buf_addf(b, "%s %.15g\n", name, value);
}
