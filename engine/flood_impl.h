#ifndef HAMLET_ENGINE_FLOOD_IMPL_H
#define HAMLET_ENGINE_FLOOD_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/flood.h"

/* What flood.c and flood_file.c share. */

#define FLOOD_WAYS 4 /* slots that a key may be in */
#define FLOOD_LOCKS 64

/* Of each pair the first is of the window, the second of the one before. */
struct flood_slot {
	uint64_t key; /* 0: free */
	uint32_t window; /* number of the window, counted from 1970 */
	uint16_t all[2], suspect[2]; /* comments, and those that looked like spam; they stop at 65535 */
	uint32_t unused;
	uint64_t sites[2], others[2]; /* a bit for each, by its hash; hosts and addresses: of suspects only */
};

_Static_assert(sizeof(struct flood_slot) == 56, "flood_slot has no padding: it is written to a file");

struct flood {
	struct flood_slot *slots; /* buckets of FLOOD_WAYS */
	size_t buckets; /* a power of two */
	int64_t window_ms;
	pthread_mutex_t lock[FLOOD_LOCKS]; /* of the buckets whose number ends in it */
	atomic_ullong noted;
};

uint32_t flood_window(const struct flood *f, int64_t now_ms);

/* Return the bucket of KEY, and in *LOCK its lock. */
struct flood_slot *flood_bucket(struct flood *f, uint64_t key, pthread_mutex_t **lock);

/* Return the slot of KEY in BUCKET, in place of the one that is missed least if need be; under its lock. */
struct flood_slot *flood_take(struct flood_slot *bucket, uint64_t key, uint32_t now);

#endif
