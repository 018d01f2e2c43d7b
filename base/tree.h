#ifndef HAMLET_BASE_TREE_H
#define HAMLET_BASE_TREE_H

#include "base/crypto.h"

/*
 * The digest of many bytes, made by all cores at once: the BLAKE2b-256 of the BLAKE2b-256 of each
 * TREE_LEAF_BYTES of them (the last leaf may be shorter), one after the other.  No bytes: of nothing.
 */
#ifndef TREE_LEAF_BYTES /* fuzzing has small ones */
#define TREE_LEAF_BYTES ((size_t)64 << 10)
#endif

/* Fill *OUT with the digest of the N bytes at P. */
int tree_digest(struct digest *out, const void *p, size_t n, struct err *err);

/* The same of N bytes that are read from FD, from AT on, to P meanwhile.  ERR_IO when there are fewer. */
int tree_digest_read(struct digest *out, int fd, uint64_t at, void *p, size_t n, struct err *err);

/*
 * The same of bytes that come one after the other and needn't be anywhere whole; by this thread alone, in
 * a quarter of a megabyte.  That memory ran out is told at the end.
 */
struct tree_stream;
int tree_stream_new(struct tree_stream **out, struct err *err);
void tree_stream_add(struct tree_stream *s, const void *p, size_t n);
int tree_stream_end(struct tree_stream *s, struct digest *out, struct err *err);
void tree_stream_free(struct tree_stream *s); /* NULL is allowed */

/* The same of the N bytes at AT in FD, which go by. */
int tree_digest_file(struct digest *out, int fd, uint64_t at, uint64_t n, struct err *err);

#endif
