#ifndef HAMLET_BASE_TREE_H
#define HAMLET_BASE_TREE_H

#include "base/crypto.h"

/*
 * The digest of many bytes, made by all cores at once: the BLAKE2b-256 of the BLAKE2b-256 of each
 * TREE_LEAF_BYTES of them (the last leaf may be shorter), one after the other.  No bytes: of nothing.
 */
#define TREE_LEAF_BYTES ((size_t)1 << 20)

/* Fill *OUT with the digest of the N bytes at P. */
int tree_digest(struct digest *out, const void *p, size_t n, struct err *err);

/* The same of N bytes that are read from FD, from AT on, to P meanwhile.  ERR_IO when there are fewer. */
int tree_digest_read(struct digest *out, int fd, uint64_t at, void *p, size_t n, struct err *err);

#endif
