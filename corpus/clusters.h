#ifndef HAMLET_CORPUS_CLUSTERS_H
#define HAMLET_CORPUS_CLUSTERS_H

#include <stddef.h>

/*
 * Clusters of things known by number: a list that has for each one of lesser number in its cluster, or itself
 * if it is the least.  It begins with each by itself.
 */

/* Return the least of I's cluster, and shorten the way there. */
static inline size_t
clusters_root(size_t *cluster, size_t i)
{
	while (cluster[i] != i) {
		cluster[i] = cluster[cluster[i]];
		i = cluster[i];
	}
	return i;
}

/* Make one cluster of those of A and of B. */
static inline void
clusters_join(size_t *cluster, size_t a, size_t b)
{
	a = clusters_root(cluster, a);
	b = clusters_root(cluster, b);
	if (a < b)
		cluster[b] = a;
	else
		cluster[a] = b;
}

#endif
