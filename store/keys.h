#ifndef HAMLET_STORE_KEYS_H
#define HAMLET_STORE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/err.h"

/*
 * Private to store/: the file of the chain's keys, beside the database.  A line is "chain FROM HEX", the key
 * of the rows from the number FROM on, or "sign FROM HEX", the seed of the pair that signs checkpoints of
 * heads from FROM on; "#" begins a comment.  Old keys stay, for old rows.
 */
#define KEYS_MAX 4096 /* of each use */

struct key {
	int64_t from;
	struct digest secret;
};

struct keys {
	char *path;
	struct key *chain, *sign; /* FROM ascends */
	size_t nchain, nsign;
	struct stat seen; /* the file as it was read */
};

/* Make K name the keys of the database at DB; nothing is read.  -1 when memory ran out. */
int keys_init(struct keys *k, const char *db, struct err *err);
void keys_fini(struct keys *k);

/* Read the file.  ERR_DAMAGED when it isn't there or isn't one. */
int keys_read(struct keys *k, struct err *err);

/* Read the file again if it has changed since. */
int keys_refresh(struct keys *k, struct err *err);

/* Return whether the file is there. */
bool keys_there(const struct keys *k);

/* Add fresh keys for both uses, in force from FROM on, and write the file (mode 0600). */
int keys_add(struct keys *k, int64_t from, struct err *err);

/* Return the key of the chain's row SEQ, or the seed that signs checkpoints of it. */
const struct digest *keys_chain(const struct keys *k, int64_t seq);
const struct digest *keys_sign(const struct keys *k, int64_t seq);

#endif
