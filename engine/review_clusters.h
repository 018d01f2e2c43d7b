#ifndef HAMLET_ENGINE_REVIEW_CLUSTERS_H
#define HAMLET_ENGINE_REVIEW_CLUSTERS_H

#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Set CLUSTER[i] for each of the N texts to the least index of those it is alike to, by any number of steps
 * from near-duplicate to near-duplicate, as near_clusters() finds them.  ERR_NOMEM.
 */
int review_clusters(size_t *cluster, const struct slice *texts, size_t n, struct err *err);

#endif
