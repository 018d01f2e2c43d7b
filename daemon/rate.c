#include "config.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/rate.h"

struct bucket {
	int64_t site;
	double level;
	int64_t at_ms;
};

struct rate {
	pthread_mutex_t lock;
	struct bucket *v; /* by site; as many as there are sites with a limit */
	size_t n, cap;
};

int
rate_new(struct rate **out, struct err *err)
{
	struct rate *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	pthread_mutex_init(&r->lock, NULL);
	*out = r;
	return 0;
}

void
rate_free(struct rate *r)
{
	if (r == NULL)
		return;
	pthread_mutex_destroy(&r->lock);
	free(r->v);
	free(r);
}

static size_t
place(const struct rate *r, int64_t site)
{
	size_t low = 0, high = r->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (r->v[middle].site < site)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Return the bucket of SITE, made full if it is new; NULL when memory ran out. */
static struct bucket *
bucket(struct rate *r, int64_t site, int64_t per_minute, int64_t now_ms)
{
	size_t i = place(r, site);
	struct bucket *v;

	if (i < r->n && r->v[i].site == site)
		return &r->v[i];
	if (r->n == r->cap) {
		v = realloc(r->v, (r->cap == 0 ? 16 : 2 * r->cap) * sizeof(*v));
		if (v == NULL)
			return NULL;
		r->v = v;
		r->cap = r->cap == 0 ? 16 : 2 * r->cap;
	}
	for (size_t k = r->n; k > i; k--)
		r->v[k] = r->v[k - 1];
	r->n++;
	r->v[i] = (struct bucket){ site, (double)per_minute, now_ms };
	return &r->v[i];
}

int
rate_take(struct rate *r, int64_t site, int64_t per_minute, int64_t n, int64_t now_ms)
{
	double full = (double)per_minute, want = n > per_minute ? full : (double)n, wait;
	struct bucket *b;
	int seconds = 0;

	pthread_mutex_lock(&r->lock);
	b = bucket(r, site, per_minute, now_ms);
	if (b != NULL) {
		if (now_ms > b->at_ms)
			b->level += full * (double)(now_ms - b->at_ms) / 60000;
		b->at_ms = now_ms;
		if (b->level > full)
			b->level = full;
		wait = (want - b->level) / full * 60;
		if (wait <= 0)
			b->level -= want;
		else
			seconds = 1 + (int)wait;
	}
	pthread_mutex_unlock(&r->lock);
	return seconds;
}
