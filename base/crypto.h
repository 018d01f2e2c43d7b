#ifndef HAMLET_BASE_CRYPTO_H
#define HAMLET_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Digests and random numbers, by libsodium. */
#define DIGEST_BYTES 32
#define DIGEST_HEX (2 * DIGEST_BYTES + 1)

struct digest {
	unsigned char bytes[DIGEST_BYTES];
};

/* Make the library ready; call once before any thread starts. */
int crypto_init(struct err *err);

/* Fill *OUT with the BLAKE2b-256 digest of the N bytes at P, keyed with the KEY_BYTES at KEY (0: not keyed).
 */
void digest_bytes(struct digest *out, const void *p, size_t n, const void *key, size_t key_bytes);

/* Digest in pieces. */
struct digest_state;
struct digest_state *digest_begin(void); /* NULL when memory ran out */
void digest_add(struct digest_state *st, const void *p, size_t n);
void digest_end(struct digest_state *st, struct digest *out); /* frees ST */

/* Write the N bytes at P as lower-case hexadecimal with a NUL: OUT has room for 2 * N + 1. */
void hex_encode(char *out, const void *p, size_t n);

/* Read 2 * N hexadecimal digits at HEX, and nothing else up to its NUL, to the N bytes at OUT; 0, or -1. */
int hex_decode(void *out, size_t n, const char *hex);

/* Return whether the N bytes at A and B are equal, in a time that doesn't tell where they differ. */
bool crypto_equal(const void *a, const void *b, size_t n);

/* Fill P with N unpredictable bytes. */
void crypto_random(void *p, size_t n);

/* Overwrite the N bytes at P, which were secret. */
void crypto_wipe(void *p, size_t n);

#define SIGN_KEY_BYTES 32
#define SIGNATURE_BYTES 64

/* Fill PUBLIC_KEY with the public half of the Ed25519 pair that SEED makes. */
void sign_public_key(const struct digest *seed, unsigned char public_key[SIGN_KEY_BYTES]);

/* Sign the N bytes at P with the pair that SEED makes. */
void sign_bytes(const struct digest *seed, const void *p, size_t n, unsigned char signature[SIGNATURE_BYTES]);

/* Return whether SIGNATURE of the N bytes at P was made with the pair of PUBLIC_KEY. */
bool sign_holds(const unsigned char public_key[SIGN_KEY_BYTES], const void *p, size_t n,
    const unsigned char signature[SIGNATURE_BYTES]);

#endif
