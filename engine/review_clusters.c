#include "config.h"

#include <stdlib.h>

#include "base/hash.h"
#include "corpus/clusters.h"
#include "corpus/near_duplicates.h"
#include "engine/review_clusters.h"

struct text {
	uint64_t hash;
	size_t at; /* among all texts */
};

static int
compare(const void *a, const void *b)
{
	const struct text *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Join the texts that are the same, byte for byte, and leave one of each in DIFFERENT. */
static void
join_same(size_t *cluster, const struct slice *texts, size_t n, struct text *different, size_t *ndifferent)
{
	*ndifferent = 0;
	for (size_t i = 0; i < n; i++)
		different[i] = (struct text){ hash_bytes(texts[i].p, texts[i].n, 0), i };
	if (n > 1)
		qsort(different, n, sizeof(*different), compare);
	for (size_t i = 0; i < n; i++) {
		const struct text *last = *ndifferent > 0 ? &different[*ndifferent - 1] : NULL;

		if (last != NULL && last->hash == different[i].hash &&
		    slice_equal(texts[last->at], texts[different[i].at]))
			clusters_join(cluster, last->at, different[i].at);
		else
			different[(*ndifferent)++] = different[i];
	}
}

/* Join what is alike of the N texts in DIFFERENT. */
static int
join_near(size_t *cluster, const struct slice *texts, const struct text *different, size_t n, struct err *err)
{
	struct corpus c = { .rows = calloc(n + 1, sizeof(*c.rows)), .n = n };
	size_t *near = calloc(n + 1, sizeof(*near));
	int rc = -1;

	if (c.rows == NULL || near == NULL) {
		err_set(err, ERR_NOMEM, "out of memory");
	} else {
		for (size_t i = 0; i < n; i++)
			c.rows[i].comment.field[COMMENT_CONTENT] = texts[different[i].at];
		rc = near_clusters(near, &c, err);
		for (size_t i = 0; rc == 0 && i < n; i++)
			clusters_join(cluster, different[near[i]].at, different[i].at);
	}
	free(c.rows);
	free(near);
	return rc;
}

int
review_clusters(size_t *cluster, const struct slice *texts, size_t n, struct err *err)
{
	struct text *different = calloc(n + 1, sizeof(*different));
	size_t ndifferent;
	int rc;

	if (different == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		cluster[i] = i;
	join_same(cluster, texts, n, different, &ndifferent);
	rc = join_near(cluster, texts, different, ndifferent, err);
	for (size_t i = 0; i < n; i++)
		cluster[i] = clusters_root(cluster, i);
	free(different);
	return rc;
}
